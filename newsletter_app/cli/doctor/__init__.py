"""``flask doctor``: is everything as it must be for mail to leave and to arrive, and if not, what to do."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import click
from flask.cli import AppGroup, with_appcontext

from newsletter_app.cli.doctor import words
from newsletter_app.cli.doctor.examining import examine
from newsletter_app.cli.doctor.records import records
from newsletter_app.cli.terms import as_json_option, refusing, say_rows
from newsletter_app.kernel.observations import Gravity, Observation
from newsletter_app.web.ports import ports, resolver

LABELS: Final = {
    Gravity.ok: "ok",
    Gravity.warning: "warning",
    Gravity.fault: "FAULT",
    Gravity.unasked: "unknown",
}
COUNTED: Final = {
    Gravity.fault: "faults",
    Gravity.warning: "warnings",
    Gravity.unasked: "unknown",
    Gravity.ok: "ok",
}


@click.group("doctor", cls=AppGroup, invoke_without_command=True)
@as_json_option
@click.pass_context
@with_appcontext
@refusing
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at everything mail needs: DNS, mail servers, keys, journals, disk, clock, ticks, broker.

    It sends no mail and mends nothing. The exit status is 1 when there is a fault.
    """
    if context.invoked_subcommand is not None:
        return
    found = examine(ports(), resolver())
    rows = [_row(one) for one in found]
    say_rows(rows, as_json, line=_line, none="")
    if not as_json:
        click.echo(_sum(found))
    if any(one.gravity is Gravity.fault for one in found):
        context.exit(1)


doctor.add_command(records)


def _row(one: Observation) -> dict[str, Any]:
    return {
        "level": one.gravity.value,
        "code": one.code,
        "looked_at": one.subject,
        "found": words.found(one),
        "to_do": words.to_do(one),
    }


def _line(row: dict[str, Any]) -> str:
    label = LABELS[Gravity(row["level"])]
    advice = f"\n         Do: {row['to_do']}." if row["to_do"] else ""
    return f"{label:8} {row['found']}.{advice}"


def _sum(found: list[Observation]) -> str:
    counts = Counter(one.gravity for one in found)
    return ", ".join(f"{what}: {counts[gravity]}" for gravity, what in COUNTED.items())
