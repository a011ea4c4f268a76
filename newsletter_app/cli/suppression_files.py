"""``flask suppressions import`` and ``export``: from another program's list of addresses, or from our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast, get_args

import click
from flask.cli import with_appcontext

from newsletter_app import audit, suppression
from newsletter_app.cli.csv_files import read_rows
from newsletter_app.cli.progress import progress
from newsletter_app.cli.subscribers import who_option
from newsletter_app.cli.terms import refusing
from newsletter_app.kernel.addresses import Address, AddressFault, address_key, parse_address
from newsletter_app.kernel.csv_writing import written
from newsletter_app.kernel.keys import HASH
from newsletter_app.suppression import REASONS, Scope
from newsletter_app.web.ports import ports

AT_ONCE: Final = 500
MOST_TOLD: Final = 20
HEADER: Final = ("address_key", "scope", "reason", "source", "created_at", "hash_key")
ADDRESS_NAMES: Final = (
    *("address", "email", "e-mail", "email address", "e-mail address", "recipient", "courriel", "adresse"),
    *("adresse courriel", "adresse e-mail"),
)
_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a file that can be taken."""

    key: str
    scope: Scope
    reason: str
    source: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What holds where a line does not say; ``fingerprint`` is that of our own HASH_KEY."""

    scope: str
    reason: str
    source: str
    now: datetime
    hash_key: bytes
    fingerprint: str


@click.command("export")
@with_appcontext
@refusing
def export() -> None:
    """Print every suppression as CSV; an address stands in it as its keyed hash only."""
    fingerprint = ports().settings.key_fingerprints[HASH]
    with ports().unit_of_work() as session:
        rows = [
            (row.address_key, row.scope, row.reason, row.source, row.created_at.isoformat(), fingerprint)
            for row in suppression.everything(session)
        ]
    click.echo(written(HEADER, rows), nl=False)


@click.command("import")
@with_appcontext
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--scope", type=click.Choice(get_args(Scope)), default="bulk", show_default=True)
@click.option("--reason", type=click.Choice(REASONS), default="bounce", show_default=True)
@click.option("--dry-run", is_flag=True, help="Tell what would be done; change nothing.")
@who_option
@refusing
def import_file(file: Path, scope: str, reason: str, dry_run: bool, by: Address) -> None:
    """Write no more to the addresses in FILE: one a line, or CSV with a column "address" or "email".

    Columns "scope" and "reason" hold for their line. An export of this installation is taken as well. What
    stands already stays; broken off and begun again, it goes on. Lines that are no address are told.
    """
    settings, now = ports().settings, ports().clock()
    usual = Usual(
        scope=scope,
        reason=reason,
        source=f"import of {file.name} by {by}",
        now=now,
        hash_key=settings.hash_key,
        fingerprint=settings.key_fingerprints[HASH],
    )
    wanted: list[Wanted] = []
    faults: list[str] = []
    for number, cells in _table(read_rows(file)):
        found = _wanted(cells, usual)
        if isinstance(found, Wanted):
            wanted.append(found)
        else:
            faults.append(f"line {number}: {found}")
    if not dry_run:
        _suppress_all(wanted, file, by, now)
    _tell(len(wanted), faults, dry_run=dry_run)


def _table(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the lines with their columns' names; without a header the first column is the address."""
    names: Sequence[str] = ()
    for number, cells in rows:
        if not names:
            named = [cell.casefold() for cell in cells]
            is_header = not any("@" in cell or _KEY.fullmatch(cell) for cell in cells)
            names = named if is_header else ["address"]
            if is_header:
                continue
        yield number, dict(zip(names, cells, strict=False))


def _wanted(cells: Mapping[str, str], usual: Usual) -> Wanted | str:
    """Return what a line asks for, or what is wrong with it."""
    scope, reason = cells.get("scope") or usual.scope, cells.get("reason") or usual.reason
    if scope not in get_args(Scope):
        return f"{scope!r} is no scope; take {' or '.join(get_args(Scope))}."
    if reason not in REASONS and not cells.get("address_key"):
        # Other programs write there what a server said.
        reason = usual.reason
    if reason not in REASONS:
        return f"{reason!r} is no reason; take one of {', '.join(REASONS)}."
    if key := cells.get("address_key"):
        return _from_export(key, cast(Scope, scope), reason, cells, usual)
    written_address = next((cells[name] for name in ADDRESS_NAMES if cells.get(name)), "")
    try:
        address = parse_address(written_address)
    except AddressFault:
        return "there is no address." if not written_address else "this is no address."
    return Wanted(address_key(usual.hash_key, address), cast(Scope, scope), reason, usual.source, usual.now)


def _from_export(key: str, scope: Scope, reason: str, cells: Mapping[str, str], usual: Usual) -> Wanted | str:
    if not _KEY.fullmatch(key):
        return "the address_key is none."
    if cells.get("hash_key") != usual.fingerprint:
        return "it was exported with another HASH_KEY, so nobody knows whose it is."
    try:
        since = datetime.fromisoformat(cells.get("created_at", ""))
    except ValueError:
        return "its created_at is no moment."
    if since.tzinfo is None:
        return "its created_at has no zone."
    return Wanted(key, scope, reason, cells.get("source", "") or usual.source, min(since, usual.now))


def _suppress_all(wanted: Sequence[Wanted], file: Path, by: Address, now: datetime) -> None:
    parts = [wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE)]
    with progress(parts, "Suppressing") as counted:
        for part in counted:
            with ports().unit_of_work() as session:
                for one in part:
                    suppression.suppress(session, one.key, one.scope, one.reason, one.source, one.since)
    with ports().unit_of_work() as session:
        details = {"count": len(wanted)}
        audit.note(
            session,
            actor=str(by),
            action="suppressions.imported",
            subject=file.name[:120],
            details=details,
            now=now,
        )


def _tell(count: int, faults: Sequence[str], *, dry_run: bool) -> None:
    click.echo(f"{count} addresses {'would be' if dry_run else 'are'} suppressed.")
    for fault in faults[:MOST_TOLD]:
        click.echo(f"Left out, {fault}", err=True)
    if len(faults) > MOST_TOLD:
        click.echo(f"Left out, and {len(faults) - MOST_TOLD} more lines.", err=True)
    if faults:
        raise SystemExit(1)
