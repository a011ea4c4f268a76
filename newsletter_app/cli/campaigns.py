"""``flask campaigns``: who got what, pause, resume, cancel, and setting things right after an accident."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, delivery, ledger, organisation
from newsletter_app import campaigns as room
from newsletter_app.campaigns import Campaign
from newsletter_app.cli.moments import in_words
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say
from newsletter_app.service_mail import sending
from newsletter_app.web.ports import ports

LEDGERS = (delivery.DELIVERIES, sending.SERVICE_MAILS)
NEWEST = 10
JOURNALS = "journals"

campaigns = AppGroup("campaigns", help="See, pause and end launches; settle and reconcile.")


@campaigns.command("status")
@click.argument("name", required=False, metavar="[ID|TIP]")
@as_json_option
@refusing
def status(name: str | None, as_json: bool) -> None:
    """Tell who got what, of one campaign (its id, or tip:24) or of the newest ten."""
    with ports().unit_of_work() as session:
        chosen = [_named(session, name)] if name else room.newest(session, NEWEST)
        rows: dict[str, Any] = {campaign.occurrence: _facts(session, campaign) for campaign in chosen}
        zone = _zone(session)
        locked = [f"{lock.reason} ({lock.details})" for lock in ledger.locks(session)]
    if locked:
        rows["sending-locked"] = locked
    say(rows if as_json else {key: _line(facts, zone) for key, facts in rows.items()}, as_json)


@campaigns.command("pause")
@click.argument("name", metavar="ID|TIP")
@by_option
@refusing
def pause(name: str, by: str) -> None:
    """Stop handing over at once; what is under way still arrives."""
    _act(name, by, "paused")


@campaigns.command("resume")
@click.argument("name", metavar="ID|TIP")
@by_option
@refusing
def resume(name: str, by: str) -> None:
    """Go on; a launch that was held because it is late goes out now."""
    _act(name, by, "resumed")


@campaigns.command("cancel")
@click.argument("name", metavar="ID|TIP")
@click.option("--give-back", is_flag=True, help="Its readers get the tip with a later mail after all.")
@by_option
@refusing
def cancel(name: str, give_back: bool, by: str) -> None:
    """End a campaign; without --give-back nobody else gets its tip."""
    _act(name, by, "cancelled", give_back=give_back)


@campaigns.command("settle")
@refusing
def settle() -> None:
    """Settle what dead processes of this machine left claimed, by their journals."""
    clock = ports().clock
    folder = ports().settings.data_dir / JOURNALS
    done = ledger.settle_abandoned(ports().unit_of_work, folder, LEDGERS, clock())
    click.echo(f"{done.journals} journals settled, {done.refused} left for `flask campaigns reconcile`.")
    say({f"  {state}": count for state, count in sorted(done.states.items())}, as_json=False)


@campaigns.command("reconcile")
@click.option("--unlock", is_flag=True, help="Then allow sending again.")
@by_option
@refusing
def reconcile(unlock: bool, by: str) -> None:
    """Replay the journals into a restored database, so that nobody is mailed twice."""
    settings, now = ports().settings, ports().clock()
    found = ledger.reconcile(ports().unit_of_work, settings.data_dir / JOURNALS, LEDGERS, now)
    click.echo(f"The journals know {found.known} messages: {found.corrected} rows learned of theirs.")
    if found.missing:
        click.echo(f"{found.missing} were sent for rows this database does not hold: look before you launch.")
    with ports().unit_of_work() as session:
        lifted = ledger.unlock(session) if unlock else 0
        standing = [lock.reason for lock in ledger.locks(session)]
        details = {
            "known": found.known,
            "corrected": found.corrected,
            "missing": found.missing,
            "lifted": lifted,
        }
        audit.note(session, actor=by, action="campaigns.reconciled", details=details, now=now)
    if unlock:
        ledger.forget_restored(settings.data_dir)
    click.echo(f"Sending is locked: {', '.join(standing)}." if standing else "Sending is not locked.")


def _act(name: str, by: str, action: str, *, give_back: bool = False) -> None:
    now = ports().clock()
    with ports().unit_of_work() as session:
        campaign = _named(session, name)
        if action == "paused":
            room.pause(session, campaign, by, now)
        elif action == "resumed":
            room.resume(session, campaign, by, now)
        else:
            room.cancel(session, campaign, by, now, give_back=give_back)
            delivery.drop_cancelled(session, campaign, now)
        subject = campaign.occurrence
        audit.note(session, actor=by, action=f"campaign.{action}", subject=subject, now=now)
        state = campaign.state
    click.echo(f"{subject}: {state}")


def _named(session: Session, name: str) -> Campaign:
    found = room.find_by_occurrence(session, name)
    if found is None and name.isdecimal():
        found = room.find(session, int(name))
    if found is None:
        raise click.ClickException(f"There is no campaign {name}; `flask campaigns status` lists the newest.")
    return found


def _facts(session: Session, campaign: Campaign) -> dict[str, Any]:
    counts = delivery.status(session, campaign)
    return {
        "id": campaign.id,
        "state": campaign.state,
        "paused_by": campaign.paused_by,
        "reason": campaign.pause_reason,
        "due_at": campaign.due_at,
        "finished_at": campaign.finished_at,
        "planned": counts.total,
        "states": counts.states,
        "reasons": {f"{state}: {reason}": count for (state, reason), count in counts.reasons.items()},
        "notices": counts.notices,
        "uncertain": list(counts.uncertain),
    }


def _zone(session: Session) -> str:
    found = organisation.find(session)
    return found.time_zone if found else "UTC"


def _line(facts: dict[str, Any] | list[str], zone: str) -> str:
    """Return one campaign on one line: what a person at a terminal wants to know first."""
    if isinstance(facts, list):
        return "; ".join(facts) + " — see `flask campaigns reconcile`"
    words = [f"campaign {facts['id']} {facts['state']}"]
    if facts["paused_by"] == "question":
        words.append(f"held: {facts['reason']} — `resume` sends it, `cancel` drops it")
    words.append(f"due {in_words(facts['due_at'], zone)}")
    words.append(f"{facts['planned']} planned")
    words += [f"{count} {state}" for state, count in sorted(facts["states"].items())]
    words += [f"{count} {reason}" for reason, count in sorted(facts["reasons"].items())]
    if facts["uncertain"]:
        words.append(f"uncertain subscribers: {', '.join(map(str, facts['uncertain']))}")
    return ", ".join(words)
