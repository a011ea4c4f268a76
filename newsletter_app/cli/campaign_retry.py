"""``flask campaigns retry|arrived``: a person's word about what did not arrive, or may have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from newsletter_app import audit, delivery
from newsletter_app.campaigns import Campaign
from newsletter_app.cli.campaign_words import named
from newsletter_app.cli.terms import by_option, refusing
from newsletter_app.delivery import Kind, Retried
from newsletter_app.web.ports import ports

WORDS: Final[Mapping[Kind, str]] = {
    Kind.deferred: "put off by its server",
    Kind.refused: "refused by our fault",
    Kind.expired: "expired",
    Kind.uncertain: "uncertain",
}


@click.command("retry")
@click.argument("name", metavar="ID|TIP")
@click.option("--deferred", is_flag=True, help="What servers put off is due now.")
@click.option("--refused", is_flag=True, help="What was refused by our fault (policy, DKIM, login).")
@click.option("--expired", is_flag=True, help="What waited too long for its next try.")
@click.option("--uncertain", is_flag=True, help="What may have arrived already: wants --yes.")
@click.option("--yes", is_flag=True, help="Some may get a second copy, and that is right.")
@by_option
@with_appcontext
@refusing
def retry(name: str, by: str, yes: bool, **chosen: bool) -> None:
    """Try again what did not arrive, with the same octets; a finished campaign goes on."""
    kinds = [kind for kind in Kind if chosen[kind.value]]
    now = ports().clock()
    with ports().unit_of_work() as session:
        campaign = named(session, name)
        _ask(session, campaign, kinds, yes=yes)
        done = delivery.retry(session, campaign, kinds, now)
        subject, state = campaign.occurrence, campaign.state
        details = {**{kind.value: count for kind, count in done.rows.items()}, "left": done.left}
        audit.note(session, actor=by, action="campaign.retried", subject=subject, details=details, now=now)
    _tell(subject, state, done)


@click.command("arrived")
@click.argument("name", metavar="ID|TIP")
@by_option
@with_appcontext
@refusing
def arrived(name: str, by: str) -> None:
    """Let what is uncertain count as arrived, since somebody knows; nobody is mailed."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        campaign = named(session, name)
        rows, subject = delivery.count_as_arrived(session, campaign, now), campaign.occurrence
        details = {"rows": rows}
        audit.note(session, actor=by, action="campaign.decided", subject=subject, details=details, now=now)
    click.echo(f"{subject}: {rows} count as arrived.")


def _ask(session: Session, campaign: Campaign, kinds: Collection[Kind], *, yes: bool) -> None:
    """Refuse what was not said clearly. Raises UsageError and ClickException."""
    counts = delivery.retryable(session, campaign.id)
    if not kinds:
        there_is = ", ".join(f"{count} {WORDS[kind]}" for kind, count in counts.items())
        raise click.UsageError(
            f"Say what to try again: --deferred, --refused, --expired, --uncertain. There is: {there_is}."
        )
    doubtful = counts[Kind.uncertain] if Kind.uncertain in kinds else 0
    if doubtful and not yes:
        raise click.ClickException(
            f"{doubtful} mails of {campaign.occurrence} left and nobody said whether they arrived: up to"
            f" {doubtful} second copies. Add --yes if that is right. Nothing was changed."
        )


def _tell(subject: str, state: str, done: Retried) -> None:
    told = ", ".join(f"{count} {WORDS[kind]}" for kind, count in done.rows.items())
    click.echo(f"{subject}: tried again: {told}.")
    if done.left:
        click.echo(f"{done.left} are left: these readers stopped, or have the tip with another mail.")
    if state == "paused":
        click.echo("The campaign is paused: they wait until `flask campaigns resume`.")
