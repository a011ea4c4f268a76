"""``flask tips check`` and ``waive``: everything preflight finds, in words that say how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import audit, organisation, preflight
from newsletter_app.adapters.link_checking import Offline, try_links, while_online
from newsletter_app.cli.lacks import lack_of
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.cli.tip_care import named
from newsletter_app.digests import Composer, Folders
from newsletter_app.kernel.clock import local_day
from newsletter_app.kernel.languages import Language
from newsletter_app.preflight import BLOCKS, Finding, SpamScore, Waiver
from newsletter_app.tips import Tip, link_to
from newsletter_app.web.ports import fetcher, ports, spam_assassin

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = Folders(ROOT / "templates", ROOT / "newsletter_app" / "translations")


class Seen(NamedTuple):
    """What others told of a tip's mails: a spam filter its scores, the shelf each picture's octets."""

    spam: Mapping[Language, SpamScore]
    octets: Mapping[str, int]


def seen_outside(name: str, *, tries_links: bool = False) -> Seen:
    """Return what a spam filter on this machine, if there is one, and the shelf make of the tip's mails.

    With ``tries_links`` their links are tried, and what was found is kept. No transaction is open while all
    these take their time: pictures may lie in a bucket. Raises ClickException when there is no such tip, or
    no web.
    """
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        mails = preflight.specimens(session, tip, composer(now), now)
    if tries_links:
        _try(frozenset[str]().union(*(mail.links for mail in mails.values())))
    scores = ((language, spam_assassin().score(mail.octets)) for language, mail in mails.items())
    pictures = frozenset[str]().union(*(mail.pictures for mail in mails.values()))
    return Seen(
        {language: score for language, score in scores if score is not None},
        {picture: len(ports().shelf.read(picture) or b"") for picture in pictures},
    )


def _try(addresses: frozenset[str]) -> None:
    """Try addresses by the public internet alone (S16), and keep what is found, each at once."""
    links = [link_to(address) for address in sorted(addresses)]
    try:
        for link, found in while_online(try_links(links, fetcher())):
            with ports().unit_of_work() as session:
                preflight.keep_try(session, link.address, found, ports().clock())
    except Offline as offline:
        raise click.ClickException("Not one server answered. Is this machine on the internet?") from offline


def look_at(
    session: Session, tip: Tip, now: datetime, due_at: datetime, seen: Seen, *, tells_untried: bool = False
) -> list[Finding]:
    """Return all that preflight finds in ``tip`` and its mails, for a launch at ``due_at``.

    ``tells_untried``: also that nobody has tried some of their links lately.
    """
    owner = organisation.find(session)
    day = local_day(due_at, owner.time_zone if owner else "UTC")

    def weigh(picture: str) -> int:
        return seen.octets.get(picture, 0)

    mails = composer(due_at)
    return preflight.check(
        session, tip, mails, now=now, day=day, weigh=weigh, spam=seen.spam, tells_untried=tells_untried
    )


def composer(now: datetime) -> Composer:
    """Return what composes a tip's mails as they would be made at ``now``."""
    settings = ports().settings
    where = settings.public_url, settings.mail_from
    return Composer(FOLDERS, *where, now, stop_domain=settings.stop_domain)


@click.command("check")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.option(
    "--links", "tries_links", is_flag=True, help="Try the links of its mails, too, and keep what is found."
)
@as_json_option
@refusing
def check(name: str, tries_links: bool, as_json: bool) -> None:
    """Say what stops a tip's mail and what could be better, as publishing does; status 1 if it is stopped."""
    seen = seen_outside(name, tries_links=tries_links)
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        found = look_at(session, tip, now, now, seen, tells_untried=True)
        rows = [_as_row(finding) for finding in found]
        rows += [_as_waived(waiver) for waiver in preflight.waivers_of(session, [tip.id])]
    say_rows(rows, as_json, line=_line, none="Nothing speaks against mailing it.")
    if any(finding.level == BLOCKS for finding in found):
        raise SystemExit(1)


@click.command("waive")
@with_appcontext
@click.argument("name", metavar="NUMBER|SLUG")
@click.argument("code")
@click.option("--reason", required=True, help="Why it may go out as it is; this is kept with your name.")
@by_option
@refusing
def waive(name: str, code: str, reason: str, by: str) -> None:
    """Let what `flask tips check` calls CODE stop a tip no more. The law cannot be waived."""
    seen = seen_outside(name)
    with ports().unit_of_work() as session:
        tip, now = named(session, name), ports().clock()
        found = [finding for finding in look_at(session, tip, now, now, seen) if finding.code == code]
        if not found:
            raise click.ClickException(
                f"Nothing called {code} stands against it; see flask tips check {name}."
            )
        for finding in found:
            preflight.waive(session, tip, finding, by=by, reason=reason, now=now)
        details = {"code": code, "reason": reason}
        audit.note(session, actor=by, action="tip.waived", subject=f"tip:{tip.id}", details=details, now=now)
    click.echo(f"{code} stops it no more.")


def _as_row(finding: Finding) -> dict[str, str]:
    return {"level": finding.level, "code": finding.code, "where": finding.where, "words": lack_of(finding)}


def _as_waived(waiver: Waiver) -> dict[str, str]:
    words = f"waived by {waiver.waived_by} on {waiver.waived_at:%Y-%m-%d}: {waiver.reason}"
    return {"level": "waived", "code": waiver.code, "where": waiver.place, "words": words}


def _line(row: dict[str, str]) -> str:
    begun = {"blocks": "Stops it", "warns": "Hint"}.get(row["level"], "Waived")
    return f"{begun}  {row['code']}: {row['words']}"
