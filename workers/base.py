"""A worker process: its ports, its office, its stop flag; opened on first need, closed when it leaves."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from config import ROOT, Settings
from newsletter_app import delivery, digests, ledger, staff_mail
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.adapters.gathering import GatheringRinger
from newsletter_app.adapters.imap_mailbox import MailboxFailed
from newsletter_app.adapters.redis_pace import RedisPace
from newsletter_app.adapters.sender_check import check_sender, checked_sender, system_resolver
from newsletter_app.authentication import Identity, Resolver, refusals
from newsletter_app.kernel.clock import Clock
from newsletter_app.ledger import Ledger, Office
from newsletter_app.mail import Keyring
from newsletter_app.mail.accounts import sweep
from newsletter_app.mail.journal import Journal, check_room, current_boot_id
from newsletter_app.ports import Ports, open_ports
from newsletter_app.service_mail import composing, sending
from workers import ways
from workers.fetching import fetch_feedback

LEDGERS: Final[Sequence[Ledger]] = (delivery.DELIVERIES, sending.SERVICE_MAILS)
TEMPLATES: Final = ROOT / "templates"
TRANSLATIONS: Final = ROOT / "newsletter_app" / "translations"
JOURNALS: Final = "journals"
TELL_S: Final = 10.0
FETCH_S: Final = 60.0
# A server that does not answer holds this process up for ten seconds each time.
FETCH_AGAIN_S: Final = 300.0
FETCH_SLICE_S: Final = 10.0

_log = structlog.get_logger("worker")


class Process:
    """What the tasks of one process share. A fault in sending closes the office; the next opens another."""

    def __init__(
        self, ports: Ports, hostname: str, resolver: Callable[[], Resolver] = system_resolver
    ) -> None:
        """Keep the ports; an office is opened when something is to be sent."""
        self.ports = ports
        self._resolver = resolver
        self.stopping = False
        self._fetch_at = 0.0
        self._tell_at = 0.0
        # Seconds of a clock that nobody sets.
        self.elapsed: Callable[[], float] = time.monotonic
        self._host = re.sub(r"[^A-Za-z0-9._-]", "-", hostname)[:100] or "localhost"
        self._office: Office | None = None
        self._shown: Clock = ports.clock
        rates = {str(server): server.rate for server in ports.settings.smtp if server.rate is not None}
        self._tempo = delivery.Tempo(RedisPace(ports.settings.redis_client_url), rates, time.sleep)

    @property
    def journals(self) -> Path:
        """The folder of this machine's journals."""
        return self.ports.settings.data_dir / JOURNALS

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the mail servers; none in a try-out."""
        return ways.servers(self.ports.settings)

    @property
    def sender(self) -> Identity | None:
        """Who other machines are to believe our mail comes from, as settings and keys are now."""
        return checked_sender(self.ports.settings)

    def check_sender(self) -> None:
        """Ask the DNS about the sender, once a day while it is well and once an hour while it is not."""
        sender = self.sender
        if sender is None:
            return
        found = check_sender(self.ports.unit_of_work, sender, self._resolver, self.clock()())
        faults = refusals(found or ())
        if faults:
            _log.error("authentication_fails", faults=[fault.code for fault in faults])

    def fetch_feedback(self) -> None:
        """Take what came back into the mailbox of the settings, once a minute; after a fault less often."""
        url = self.ports.settings.feedback_imap
        if url is None or self.elapsed() < self._fetch_at:
            return
        self._fetch_at = self.elapsed() + FETCH_AGAIN_S
        until = self.elapsed() + FETCH_SLICE_S
        try:
            counts = fetch_feedback(self.ports, url, lambda: self.stopping or self.elapsed() > until)
        except MailboxFailed as fault:
            _log.error("feedback_mailbox_fails", why=fault.code)
            return
        self._fetch_at = self.elapsed() + FETCH_S
        if counts:
            _log.info("feedback_fetched", **{name.replace(", ", "_"): n for name, n in counts.items()})

    def tell_staff(self) -> None:
        """Queue what staff are to be told of, some times a minute."""
        if self.elapsed() < self._tell_at:
            return
        self._tell_at = self.elapsed() + TELL_S
        with self.ports.unit_of_work() as session:
            if told := staff_mail.tell(session, self.clock()()):
                _log.info("staff_told", mails=told)

    def is_stopping(self) -> bool:
        """Tell whether the process was asked to leave."""
        return self.stopping

    def clock(self) -> Clock:
        """Return the database's clock, measured now."""
        return ledger.database_clock(self.ports.engine, self.ports.clock)

    def settle(self) -> None:
        """Settle what dead processes of this machine left behind; a restored database locks sending first."""
        now = self.clock()()
        with self.ports.unit_of_work() as session:
            ledger.note_restored(session, self.ports.settings.data_dir, now)
        settlement = ledger.settle_abandoned(self.ports.unit_of_work, self.journals, LEDGERS, now)
        if settlement.senders:
            with self.ports.unit_of_work() as session:
                for sender_id in settlement.senders:
                    delivery.leave_all(session, sender_id, now)
        if settlement.states or settlement.refused:
            refused, rows = settlement.refused, dict(settlement.states)
            _log.warning("journals_settled", journals=settlement.journals, refused=refused, rows=rows)
        sweep(self.journals, now)

    def office(self, kind: str) -> Office:
        """Return the open office of this process, after settling what others left. Raises JournalFull.

        A database that knows less than the kept journals locks sending before anything is claimed. Between
        two tasks every claim is recorded, so that a journal that has grown long is settled here like a dead
        process's, and another sender begins another: never do two journals of one sender await settling,
        where the silence of one would free what the other handed over. The office's clock is set anew.
        """
        self._shown = self.clock()
        if self._office is not None and self._office.journal.is_grown:
            self.close_office()
        if self._office is None:
            self.settle()
            with self.ports.unit_of_work() as session:
                if ledger.look_back(session, self.journals, self.clock()()):
                    _log.error("database_went_back")
            self._office = self._open_office(kind)
        return self._office

    def close_office(self) -> None:
        """Close transport and journal; rows still claimed are settled from the journal."""
        office, self._office = self._office, None
        if office is not None:
            office.transport.close()
            office.journal.close()

    def leave(self) -> None:
        """Close the office in good order: what it left is settled, its sender has ended."""
        office = self._office
        self.close_office()
        if office is not None:
            self.settle()
        self.ports.engine.dispose()

    def service_composer(self) -> composing.Composer:
        """Return a composer of service mails. Raises KeyRefused when a key that is to sign cannot."""
        settings = self.ports.settings
        return composing.Composer(
            template_folder=TEMPLATES,
            translations_folder=TRANSLATIONS,
            links=self.ports.links,
            mail_from=settings.mail_from,
            keys=self._keyring().in_use(),
        )

    def outfit(self) -> delivery.Outfit:
        """Return what a slice of deliveries needs; its composer remembers fragments for one task only."""
        settings = self.ports.settings
        folders = digests.Folders(TEMPLATES, TRANSLATIONS)
        composer = digests.Composer(
            folders,
            settings.public_url,
            settings.mail_from,
            self._time(),
            stop_domain=settings.stop_domain,
            tells_postmark=settings.tells_postmark,
        )
        return delivery.Outfit(
            composer, self.ports.links, settings.bounce_domain, self._keyring(), self._tempo
        )

    def _keyring(self) -> Keyring:
        return Keyring(self.ports.settings.dkim_dir)

    def _open_office(self, kind: str) -> Office:
        settings, unit_of_work = self.ports.settings, self.ports.unit_of_work
        now = self._time()
        # First, so that a full disk does not leave another sender behind at every try.
        check_room(self.journals)
        with unit_of_work() as session:
            sender = ledger.open_sender(session, kind, self._host, current_boot_id(), os.getpid(), now)
        journal = Journal.open(self.journals, sender.id, self._host, now)
        watch = ways.watch(settings, kind)
        way = ways.way_out(settings, kind, watch, self._time, unit_of_work)
        return Office(sender.id, journal, way, unit_of_work, self._time, watch)

    def _time(self) -> datetime:
        """Return the database's time, as measured for the present task: this machine's may have been set."""
        return self._shown()


@cache
def process() -> Process:
    """Return this process's one ``Process``, opened at the first call."""
    settings = Settings.from_env()
    ringer = GatheringRinger(CeleryRinger(settings.broker_url))
    return Process(open_ports(settings, ringer), socket.gethostname())


def begin() -> None:
    """Open the process and settle what its predecessor left."""
    process().settle()


def ask_to_stop() -> None:
    """Make every loop end soon; called from the signal handler of SIGTERM."""
    process().stopping = True


def end() -> None:
    """Leave in good order."""
    process().leave()
