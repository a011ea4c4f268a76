"""A founded organisation on a machine, its SMTP server, and what a reader or an editor does there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select

from config import Settings
from newsletter_app import notices, organisation
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.delivery import SHARDS
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import read_token
from newsletter_app.notices import Words, find_by_key
from newsletter_app.ports import Ports, open_ports
from newsletter_app.subscribers import Subscriber
from tests.factories.engine import make_reader
from tests.fakes.smtp_server import SmtpServerProcess
from tests.journeys.machine import Machine, ring_nobody
from tests.journeys.reader import Page, fetch, read_mail
from tests.waiting import until

# The form takes whoever filled it in within two seconds for a machine (S4).
PERSONS_PACE_S = 2.1
PAIRS = "pairs.json"
PERSONAL = (
    ("signups", "address"),
    ("service_mails", "address"),
    ("subscribers", "address"),
    ("subscribers", "name"),
    ("address_changes", "old_address"),
    ("address_changes", "new_address"),
)
TOKEN = re.compile(r"[A-Za-z0-9_-]{26,}")
ORGANISATION: tuple[tuple[Language, str, str], ...] = (
    ("en", "Walk On", "Box 1, Calgary AB T2V 5H9"),
    ("fr", "En marche", "C. P. 1, Calgary AB T2V 5H9"),
)
NOTICES: dict[str, dict[Language, Words]] = {
    "tips": {
        "en": Words("Health tips", "Plain words.", "Once a week"),
        "fr": Words("Conseils santé", "Des mots simples.", "Une fois par semaine"),
    },
    "news": {
        "en": Words("Our news", "Now and then.", "Four times a year"),
        "fr": Words("Nos nouvelles", "De temps en temps.", "Quatre fois par année"),
    },
}
TITLES = {"en": "Walk after meals {number}", "fr": "Marchez après les repas {number}"}
TIP = """---
number: {number}
language: {language}
title: {title}
lead: A short walk after a meal may help. Begin with five minutes.
disclaimer: Ask your doctor before you begin.
references:
  - "Roy R. Steps after meals. J Walk 2020;5(1):1-9. doi:10.1000/steps.2020"
---
## Begin slowly

Five minutes are enough to begin with.[^1] Take a friend along.
"""


@dataclass
class Organised:
    """A machine with an organisation and two notices, "tips" and "news"."""

    machine: Machine
    _forms: dict[str, tuple[Page, float]] = field(default_factory=dict)

    def found(self) -> None:
        """Set an organisation that may lawfully write, and two notices."""
        with self.ports() as ports, ports.unit_of_work() as session:
            organisation.set_facts(
                session, phone="403-555-0100", email="help@example.org", time_zone="America/Edmonton"
            )
            for language, name, postal_address in ORGANISATION:
                organisation.set_words(session, language, name=name, postal_address=postal_address)
            for key, names in NOTICES.items():
                notices.add(session, key=key, words=names, numbered=key == "tips", now=ports.clock())

    def add_notice(self, key: str) -> None:
        """Add a notice for readers of one's own, where many tests share the machine."""
        names: dict[Language, Words] = {
            "en": Words(f"Notice of the {key}", "Plain words.", "Once"),
            "fr": Words(f"Avis des {key}", "Des mots simples.", "Une fois"),
        }
        with self.ports() as ports, ports.unit_of_work() as session:
            notices.add(session, key=key, words=names, numbered=True, now=ports.clock())
        # A form that does not show it would be shown anew instead of being taken.
        shown = f"Notice of the {key}"
        until(lambda: shown in fetch(self.machine.url + "/subscribe").html, f"{shown} is offered")
        self.forget_forms()

    def forget_forms(self) -> None:
        """Open the forms anew, as somebody does who has heard of another notice."""
        self._forms.clear()

    def next_tip(self, notice: str = "tips") -> int:
        """Import the tip that follows the newest, of whatever notice; return its number."""
        newest = self.machine.rows("SELECT coalesce(max(number), 0) AS number FROM tips")[0]["number"]
        self.write_tip(newest + 1, notice)
        return int(newest) + 1

    def write_tip(self, number: int, notice: str = "tips") -> None:
        """Import both sides of a tip, as an editor would."""
        paths = []
        for language, title in TITLES.items():
            path = self.machine.folder / f"{number}.{language}.md"
            words = title.format(number=number)
            path.write_text(TIP.format(number=number, language=language, title=words))
            paths.append(str(path))
        self.machine.flask("tips", "import", *paths, "--notice", notice)

    def publish(self, number: int, due_at: datetime | None = None) -> None:
        """Send a tip to the readers of its notice, now or at a moment."""
        at = ["--at", due_at.strftime("%Y-%m-%d %H:%M:%S"), "--zone", "UTC"] if due_at else []
        self.machine.flask("tips", "publish", str(number), *at, "--by", "eve@example.org")

    def state_of(self, number: int) -> str:
        """Return the state of a tip's campaign, or nothing while there is none."""
        asked = "SELECT state FROM campaigns WHERE occurrence = :occurrence"
        rows = self.machine.rows(asked, occurrence=f"tip:{number}")
        return str(rows[0]["state"]) if rows else ""

    def campaign_id(self, number: int) -> int:
        """Return the id of a tip's campaign."""
        asked = "SELECT id FROM campaigns WHERE occurrence = :occurrence"
        return int(self.machine.rows(asked, occurrence=f"tip:{number}")[0]["id"])

    def wait_until_finished(self, number: int, within: float = 60) -> None:
        """Wait until a tip's campaign has nothing left to send."""
        until(
            lambda: self.state_of(number) == "finished", f"the campaign of tip {number} is finished", within
        )

    @contextmanager
    def ports(self, *, ringing: bool = False) -> Iterator[Ports]:
        """Open the machine's database and links for the test itself; its rings go nowhere unless wished."""
        settings = Settings.from_env(self.machine.environment, read_dotenv=False)
        opened = open_ports(settings, CeleryRinger(settings.broker_url) if ringing else ring_nobody)
        yield opened
        opened.engine.dispose()

    def add_readers_of_one_shard(self, count: int, notice: str = "tips") -> list[str]:
        """Add ``count`` readers of a notice whom one worker serves in one go; return their addresses.

        They are written into the tables, so that no welcome mail uses up what a server's script holds.
        """
        with self.ports() as ports, ports.unit_of_work() as session:
            found = find_by_key(session, notice)
            assert found is not None
            last = session.scalar(select(func.coalesce(func.max(Subscriber.id), 0)))
            assert last is not None
            # Readers of a shard have the same remainder; those between get no notice.
            everybody = [
                make_reader(session, number, [found] if number % SHARDS == 1 else [], ports.clock())
                for number in range(last + 1, last + 1 + count * SHARDS)
            ]
            assert everybody[0].id == last + 1
            return [reader.address for reader in everybody if reader.id % SHARDS == 1]

    def add_reader(self, address: str, notice: str = "tips") -> None:
        """Write an active reader of a notice into the tables, under an address of the test's own."""
        with self.ports() as ports, ports.unit_of_work() as session:
            found = find_by_key(session, notice)
            assert found is not None
            reader = make_reader(session, 0, [found], ports.clock())
            reader.address, reader.domain = address, address.partition("@")[2]
            reader.address_key = address_key(ports.settings.hash_key, parse_address(address))

    def senders(self, number: int) -> dict[str, str]:
        """Return address → envelope sender for everybody, in the campaign of a tip that is scheduled."""
        campaign_id = self.campaign_id(number)
        with self.ports() as ports, ports.unit_of_work() as session:
            return {
                reader.address: sender_of(ports, campaign_id, reader.id)
                for reader in session.query(Subscriber)
            }

    def deliveries(self, number: int) -> dict[str, dict[str, Any]]:
        """Return address → the delivery's row, for the campaign of a tip."""
        rows = self.machine.rows(
            "SELECT s.address, d.* FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id"
            " JOIN campaigns c ON c.id = d.campaign_id WHERE c.occurrence = :occurrence",
            occurrence=f"tip:{number}",
        )
        return {row["address"]: row for row in rows}

    def form(self, path: str) -> Page:
        """Return the form at ``path`` that lay open for as long as a person needs to fill it in."""
        if path not in self._forms:
            self._forms[path] = fetch(self.machine.url + path), time.monotonic() + PERSONS_PACE_S
        page, filled_in_at = self._forms[path]
        until(lambda: time.monotonic() >= filled_in_at, "the form is filled in", PERSONS_PACE_S + 5)
        return page

    def sign_up(self, address: str, path: str = "/subscribe", *, keys: tuple[str, ...] = ("tips",)) -> Page:
        """Fill in the form for these notices and press its button; return the page that follows."""
        ids = [str(self.notice_ids()[key]) for key in keys]
        button = "M'abonner" if path.startswith("/fr/") else "Subscribe"
        return self.form(path).press(button, address=address, notice=ids)

    def ask_for_link(self, address: str) -> Page:
        """Ask for the link to one's choices."""
        return self.form("/change").press("Send me my link", address=address)

    def notice_ids(self) -> dict[str, int]:
        """Return key → id of every notice."""
        return {row["key"]: row["id"] for row in self.machine.rows("SELECT id, key FROM notices")}

    def states(self, address: str) -> dict[str, str]:
        """Return notice → state of this address's subscriptions."""
        rows = self.machine.rows(
            "SELECT n.key, t.state FROM subscriptions t JOIN notices n ON n.id = t.notice_id"
            " JOIN subscribers s ON s.id = t.subscriber_id WHERE s.address = :address",
            address=address,
        )
        return {row["key"]: row["state"] for row in rows}

    def secrets_in_log(self) -> list[str]:
        """Return every address, name and token that stands in the machine's log (S28)."""
        log = self.machine.log.read_text(errors="replace")
        known = {
            str(row["word"]).casefold()
            for table, column in PERSONAL
            for row in self.machine.rows(f"SELECT {column} AS word FROM {table}")
        }
        found = [word for word in known - {"", "none"} if word in log.casefold()]
        return found + [text for text in TOKEN.findall(log) if read_token(text)]


@dataclass
class House(Organised):
    """An organised machine and the SMTP server it writes to."""

    server: SmtpServerProcess = field(kw_only=True)
    mails: Path = field(kw_only=True)

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Return the mails the server accepted for ``address``, in order."""
        return [read_mail(octets) for octets in self.octets_to(address)]

    def octets_to(self, address: str) -> list[bytes]:
        """Return the mails to ``address`` as they came over the wire."""
        lines = [line for line in self.server.account() if line["recipient"] == address]
        return [(self.mails / f"{line['sha256']}.eml").read_bytes() for line in lines]

    def next_mail(self, address: str, after: int, within: float = 30) -> EmailMessage:
        """Wait for the mail to ``address`` that follows the first ``after`` ones."""
        found = until(
            lambda: self.mails_to(address)[after:],
            f"mail {after + 1} for a reader; see {self.machine.log}",
            within,
        )
        return found[0]

    def expect_senders(self, number: int) -> None:
        """Have the server look, at every RCPT, whether the sender is this very reader's."""
        fresh = self.machine.folder / "pairs.new"
        fresh.write_text(json.dumps(self.senders(number)))
        fresh.replace(self.machine.folder / PAIRS)


def open_house(
    stack: ExitStack,
    folder: Path,
    script: dict[str, dict[str, Any]] | None = None,
    server_options: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    bulk: int = 1,
    is_founded: bool = True,
    **environment: str,
) -> House:
    """Start an SMTP server and a machine (or some parts) that writes to it, and found the organisation.

    ``bulk`` is the number of processes that send tips; without ``is_founded`` a person is to found it. When
    the stack closes, the log is searched for what must not stand there.
    """
    mails = folder / "mails"
    mails.mkdir()
    options = ("--keep", str(mails), "--pairs", str(folder / PAIRS), *server_options)
    server = stack.enter_context(SmtpServerProcess(folder, script, *options))
    environment["SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?starttls=off"
    house = House(Machine(folder, **environment), server=server, mails=mails)
    run(stack, house, only, bulk, is_founded=is_founded)
    return house


def run(
    stack: ExitStack,
    house: Organised,
    only: tuple[str, ...] = (),
    bulk: int = 1,
    *,
    is_founded: bool = True,
) -> None:
    """Start the machine and found the organisation; the log is looked at once everything has ended."""
    stack.callback(check_log, house)
    stack.callback(house.machine.stop)
    house.machine.start(*only, bulk=bulk)
    if is_founded:
        house.found()


def check_log(house: Organised) -> None:
    """Fail if the log names a reader or shows a token; a machine that never started says so itself."""
    if not inspect(house.machine.engine).has_table("signups"):
        return
    found = house.secrets_in_log()
    assert not found, f"{house.machine.log} tells {found}"  # S28


def sender_of(ports: Ports, campaign_id: int, subscriber_id: int) -> str:
    """Return the envelope sender that this reader's mail of a campaign must bear."""
    return f"{ports.links.bounce_local((campaign_id, subscriber_id))}@{ports.settings.bounce_domain}"
