"""A machine with a real SMTP server, on the embedded set or on PostgreSQL with redis-server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.clusters import postgres_cluster
from tests.fakes.smtp_server import SmtpServerProcess
from tests.journeys.machine import Machine, redis_server
from tests.journeys.reader import read_mail
from tests.waiting import until

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
class House:
    """A machine and the SMTP server it writes to."""

    machine: Machine
    server: SmtpServerProcess
    mails: Path

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Return the mails the server accepted for ``address``, in order."""
        lines = [line for line in self.server.account() if line["recipient"] == address]
        return [read_mail((self.mails / f"{line['sha256']}.eml").read_bytes()) for line in lines]

    def next_mail(self, address: str, after: int, within: float = 30) -> EmailMessage:
        """Wait for the mail to ``address`` that follows the first ``after`` ones."""
        found = until(
            lambda: self.mails_to(address)[after:],
            f"mail {after + 1} for a reader; see {self.machine.log}",
            within,
        )
        return found[0]

    def write_tip(self, number: int) -> None:
        """Import both sides of a tip, as an editor would."""
        for language, title in (
            ("en", f"Walk after meals {number}"),
            ("fr", f"Marchez après les repas {number}"),
        ):
            path = self.machine.folder / f"{number}.{language}.md"
            path.write_text(TIP.format(number=number, language=language, title=title))
            self.machine.flask("tips", "import", str(path))

    def found(self) -> None:
        """Set the organisation and two notices, on the command line."""
        self.machine.flask(
            *(
                "organisation",
                "set",
                "--name-en",
                "Walk On",
                "--name-fr",
                "En marche",
                "--phone",
                "403-555-0100",
            ),
            *("--email", "help@example.org", "--postal-address-en", "Box 1, Calgary AB T2V 5H9"),
            *("--postal-address-fr", "C. P. 1, Calgary AB T2V 5H9", "--time-zone", "America/Edmonton"),
        )
        self._add_notice("tips", "Health tips", "Conseils santé", "--numbered")
        self._add_notice("news", "Our news", "Nos nouvelles", "--unnumbered")

    def _add_notice(self, key: str, name_en: str, name_fr: str, *options: str) -> None:
        self.machine.flask(
            *("notices", "add", key, "--name-en", name_en, "--name-fr", name_fr, *options),
            *("--sentence-en", "Plain words.", "--sentence-fr", "Des mots simples."),
            *("--how-often-en", "Once a week", "--how-often-fr", "Une fois par semaine"),
        )


@pytest.fixture(params=["embedded", pytest.param("postgres and redis", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Give a running machine with an organisation and two notices, on each set in turn."""
    with ExitStack() as stack:
        environment = {}
        if request.param != "embedded":
            environment["DATABASE_URL"] = stack.enter_context(postgres_cluster(durable=True))
            environment["REDIS_URL"] = stack.enter_context(redis_server(tmp_path))
        yield open_house(stack, tmp_path, **environment)


def open_house(
    stack: ExitStack, folder: Path, script: dict[str, dict[str, object]] | None = None, **environment: str
) -> House:
    """Start an SMTP server and a machine that writes to it, and found the organisation."""
    mails = folder / "mails"
    mails.mkdir()
    server = stack.enter_context(SmtpServerProcess(folder, script, "--keep", str(mails)))
    environment["SMTP_URL"] = f"smtp://127.0.0.1:{server.port}?starttls=off"
    house = House(stack.enter_context(Machine(folder, **environment)), server, mails)
    house.found()
    return house
