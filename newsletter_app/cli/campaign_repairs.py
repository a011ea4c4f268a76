"""``flask campaigns settle|reconcile|retire``: setting things right after an accident, and letting go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import click
from flask.cli import with_appcontext

from newsletter_app import audit, delivery, ledger, privacy
from newsletter_app.cli.terms import by_option, refusing, say
from newsletter_app.kernel import departures
from newsletter_app.service_mail import sending
from newsletter_app.web.ports import ports

LEDGERS = (delivery.DELIVERIES, sending.SERVICE_MAILS)
JOURNALS = "journals"
# Within two years complaints come in, and consent may have to be proven from what was sent (CASL, PIPEDA).
YOUNGEST: Final = timedelta(days=2 * 366)


@click.command("settle")
@by_option
@with_appcontext
@refusing
def settle(by: str) -> None:
    """Settle what dead processes of this machine left claimed, by their journals."""
    now, folder = ports().clock(), ports().settings.data_dir / JOURNALS
    done = ledger.settle_abandoned(ports().unit_of_work, folder, LEDGERS, now)
    with ports().unit_of_work() as session:
        details = {"journals": done.journals, "refused": done.refused, **done.states}
        audit.note(session, actor=by, action="campaigns.settled", details=details, now=now)
    click.echo(f"{done.journals} journals settled, {done.refused} left for `flask campaigns reconcile`.")
    say({f"  {state}": count for state, count in sorted(done.states.items())}, as_json=False)


@click.command("reconcile")
@click.option("--unlock", is_flag=True, help="Then allow sending again.")
@by_option
@with_appcontext
@refusing
def reconcile(unlock: bool, by: str) -> None:
    """Replay into a restored database what was sent, and who left, since its backup was made."""
    settings, now = ports().settings, ports().clock()
    found = ledger.reconcile(ports().unit_of_work, settings.data_dir / JOURNALS, LEDGERS, now)
    click.echo(f"The journals know {found.known} messages: {found.corrected} rows learned of theirs.")
    if found.missing:
        click.echo(f"{found.missing} were sent for rows this database does not hold: look before you launch.")
    gone = privacy.replay(
        ports().unit_of_work, departures.read(ports().departures.folder), hash_key=settings.hash_key, now=now
    )
    click.echo(
        f"The departures know {gone.known} addresses: {gone.ended} subscriptions ended, {gone.suppressed}"
        f" addresses suppressed, {gone.erased} people erased."
    )
    with ports().unit_of_work() as session:
        lifted = ledger.unlock(session) if unlock else 0
        standing = [lock.reason for lock in ledger.locks(session)]
        details = {
            "known": found.known,
            "corrected": found.corrected,
            "missing": found.missing,
            "ended": gone.ended,
            "suppressed": gone.suppressed,
            "erased": gone.erased,
            "lifted": lifted,
        }
        audit.note(session, actor=by, action="campaigns.reconciled", details=details, now=now)
    if unlock:
        ledger.forget_restored(settings.data_dir)
    click.echo(f"Sending is locked: {', '.join(standing)}." if standing else "Sending is not locked.")


@click.command("retire")
@click.option("--ended-before", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A day, in UTC.")
@by_option
@with_appcontext
@refusing
def retire(ended_before: datetime, by: str) -> None:
    """Delete who got what of campaigns that ended long ago; how many got it is kept."""
    now, day = ports().clock(), ended_before.replace(tzinfo=UTC)
    if day > now - YOUNGEST:
        raise click.ClickException("Campaigns of the last two years are kept: name an earlier day.")
    with ports().unit_of_work() as session:
        gone = delivery.retire(session, day)
        details = {"campaigns": len(gone), "ended_before": f"{day:%Y-%m-%d}"}
        audit.note(session, actor=by, action="campaigns.retired", details=details, now=now)
    click.echo(f"Campaigns retired: {len(gone)}. Their deliveries are gone, their counts stay.")
