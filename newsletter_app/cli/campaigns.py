"""``flask campaigns``: who got what, pause, resume, cancel; what an accident asks for stands elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, delivery, ledger, organisation
from newsletter_app import campaigns as room
from newsletter_app.campaigns import Campaign
from newsletter_app.cli import breaker_words as breakers
from newsletter_app.cli import campaign_repairs as repairs
from newsletter_app.cli import edition_words as editions
from newsletter_app.cli import proof
from newsletter_app.cli.campaign_retry import arrived, retry
from newsletter_app.cli.campaign_words import facts, line, named
from newsletter_app.cli.explaining import explain
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.web.ports import ports

NEWEST = 10

campaigns = AppGroup("campaigns", help="See, pause and end launches; retry, settle, reconcile, retire.")
for command in (explain, retry, arrived, repairs.settle, repairs.reconcile, repairs.retire):
    campaigns.add_command(command)


@campaigns.command("status")
@click.argument("name", required=False, metavar="[ID|TIP]")
@click.option("--explain", "explained", is_flag=True, help="Also each edition, with its readers by state.")
@as_json_option
@refusing
def status(name: str | None, *, explained: bool, as_json: bool) -> None:
    """Tell who got what, of one campaign (its id, or tip:24) or of the newest ten."""
    with ports().unit_of_work() as session:
        chosen = [named(session, name)] if name else room.newest(session, NEWEST)
        told: dict[str, Any] = {campaign.occurrence: facts(session, campaign) for campaign in chosen}
        for campaign in chosen if explained else ():
            told[campaign.occurrence]["editions"] = editions.facts(session, campaign.id)
        zone = organisation.zone_of(session)
        out = [breakers.as_data(breaker) for breaker in ledger.open_breakers(session)]
        locked = [f"{lock.reason} ({lock.details})" for lock in ledger.locks(session)]
    if as_json:
        rows = told | ({"breakers": out} if out else {}) | ({"sending-locked": locked} if locked else {})
    else:
        rows = {key: line(campaign, zone) for key, campaign in told.items()}
        rows |= {f"{each['kind']} {each['name']}": breakers.line(each, zone) for each in out}
        rows |= {"sending-locked": f"{'; '.join(locked)} — see `flask campaigns reconcile`"} if locked else {}
    say(rows, as_json)
    for occurrence, campaign in told.items() if not as_json else ():
        for edition in campaign.get("editions", ()):
            click.echo(f"{occurrence} {editions.line(edition)}")


@campaigns.command("pause")
@click.argument("name", metavar="ID|TIP")
@by_option
@refusing
def pause(name: str, by: str) -> None:
    """Stop handing over at once; what is under way still arrives."""
    _act(name, by, "paused")


@campaigns.command("resume")
@click.argument("name", metavar="ID|TIP")
@proof.despite_option
@by_option
@refusing
def resume(name: str, why: str | None, by: str) -> None:
    """Go on; a launch that was held because it is late goes out now."""
    sender, now = proof.looked_up(), ports().clock()
    with ports().unit_of_work() as session:
        campaign = named(session, name)
        if why is not None and campaign.started_at is not None:
            raise click.UsageError("It has begun, and who sends is looked at no more: resume it without.")
        room.resume(session, campaign, by, now)
        is_held = campaign.state == "scheduled"
        told = proof.allow(session, campaign, sender, why=why, by=by, now=now) if is_held else []
        _note(session, campaign, "resumed", by, now)
        told.append(f"{campaign.occurrence}: {campaign.state}")
    click.echo("\n".join(told))


@campaigns.command("cancel")
@click.argument("name", metavar="ID|TIP")
@click.option(
    "--give-back/--drop",
    default=None,
    help="Whether its readers get it with a later mail (default: of weekly and monthly mails they do).",
)
@by_option
@refusing
def cancel(name: str, give_back: bool | None, by: str) -> None:
    """End a campaign; nobody else gets its tip, unless it is given back."""
    _act(name, by, "cancelled", give_back=give_back)


def _act(name: str, by: str, action: str, *, give_back: bool | None = None) -> None:
    now = ports().clock()
    with ports().unit_of_work() as session:
        campaign = named(session, name)
        if action == "paused":
            room.pause(session, campaign, by, now)
        else:
            room.cancel(session, campaign, by, now, give_back=give_back)
            delivery.drop_cancelled(session, campaign, now)
        _note(session, campaign, action, by, now)
        told = f"{campaign.occurrence}: {campaign.state}"
    click.echo(told)


def _note(session: Session, campaign: Campaign, action: str, by: str, now: datetime) -> None:
    subject = campaign.occurrence
    audit.note(session, actor=by, action=f"campaign.{action}", subject=subject, now=now)
