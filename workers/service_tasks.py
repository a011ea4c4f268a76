"""Tasks of the queue ``service``: signups decided, service mails sent, and the ticks."""

from __future__ import annotations

import structlog

from newsletter_app import ledger, subscriptions
from newsletter_app.mail import KeyRefused
from newsletter_app.planning import next_mail_at
from newsletter_app.service_mail import sending
from workers import ticks
from workers.base import process
from workers.celery_app import app
from workers.keeping import let_go_nightly
from workers.offices import open_office

BATCH = 200

_log = structlog.get_logger("service")


def decide_signups() -> None:
    """Decide the signups that wait."""
    ports, clock = process().ports, process().clock()
    subscriptions.decide_all(
        ports.unit_of_work,
        hash_key=ports.settings.hash_key,
        clock=clock,
        next_due_at=lambda session, subscriber_id: next_mail_at(session, subscriber_id, clock()),
        limit=BATCH,
    )


def send_service_mails() -> None:
    """Send the service mails that are due, or none while a DKIM key that is to sign them cannot."""
    here = process()
    try:
        composer = here.service_composer()
    except KeyRefused as refused:
        _log.error("dkim_key_refused", why=str(refused))
        return
    with open_office(here, "service") as office:
        sending.send_all(
            office=office,
            composer=composer,
            links=here.ports.links,
            bounce_domain=here.ports.settings.bounce_domain,
            stop=here.is_stopping,
        )


def service_tick() -> None:
    """Do what no ring asked for: rings may be lost, the database is the truth."""
    here = process()
    with here.ports.unit_of_work() as session:
        ledger.beat(session, "service_tick", here.clock()())
    decide_signups()
    here.tell_staff()
    send_service_mails()
    here.check_sender()
    here.fetch_feedback()
    let_go_nightly(here)


def bulk_tick() -> None:
    """Launch, ring, end and settle what is due; the bulk workers do the rest."""
    ticks.bulk_tick(process())


app.task(name="decide_signups")(decide_signups)
app.task(name="send_service_mails")(send_service_mails)
app.task(name="service_tick")(service_tick)
app.task(name="bulk_tick")(bulk_tick)
