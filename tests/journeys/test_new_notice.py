"""docs/how-to/add-a-notice.md, typed as it stands there: its readers get the mail that it promises."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import CALM
from tests.journeys.house import House
from tests.journeys.machine import ROOT
from tests.journeys.reader import fetch, mail_links, mail_text
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.parametrize("shared", [CALM], indirect=True)]

PAGE = (ROOT / "docs/how-to/add-a-notice.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
OWN_TEMPLATES = ROOT / "templates/email/digest/walks"
ANNE, LUC = "anne@example.org", "luc@example.org"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give the folder of the newsletter as a volunteer sees it; what is written beside it goes with the test.

    The templates are those that the running machine reads, so the notice's own are taken away again.
    """
    assert not OWN_TEMPLATES.exists(), "somebody's own templates would be lost"
    for name in (".venv", ".flaskenv", "newsletter_app", "config.py", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    yield tmp_path
    shutil.rmtree(OWN_TEMPLATES, ignore_errors=True)


def test_what_the_page_says_is_what_happens(house: House, folder: Path) -> None:
    offer, write, own_subject, send = COMMANDS
    assert "The notice walks is offered now." in _type(house, folder, offer)
    _subscribe(house, ANNE, "/subscribe", "Yes, subscribe me", "Walks together")
    _subscribe(house, LUC, "/fr/abonnement", "Oui, abonnez-moi", "Marches entre amis")
    told = _type(house, folder, write)
    assert "Every other line was understood." in told
    assert "Before it can be published" not in told
    _type(house, folder, own_subject)
    told = _type(house, folder, send)
    assert "The tip is on its way" in told
    assert "tip:" in told
    english, french = house.next_mail(ANNE, 2), house.next_mail(LUC, 2)
    assert english["Subject"] == "Walks together – Along the river"
    assert french["Subject"] == "Marches entre amis – Le long de la rivière"
    assert "shoes that close well" in mail_text(english)
    assert "une bouteille d'eau" in mail_text(french)
    assert "Along the river" in fetch(f"{house.machine.url}/tips/along-the-river").html


def _subscribe(house: House, address: str, path: str, button: str, name: str) -> None:
    """Choose the notice in the form, which shows it, and confirm."""
    until(lambda: name in fetch(house.machine.url + path).html, f"{name} is offered")
    house.forget_forms()
    house.sign_up(address, path, keys=("walks",))
    fetch(mail_links(house.next_mail(address, 0), "/confirm/")[0]).press(button)
    house.next_mail(address, 1)


def _type(house: House, folder: Path, commands: str) -> str:
    """Type one box of the page into a terminal in the folder of the newsletter."""
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", commands],
        cwd=folder,
        env=house.machine.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
