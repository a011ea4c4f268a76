"""The main job over whole processes: sign up, confirm, get the tip on schedule, change, stop, get no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.journeys.conftest import House
from tests.journeys.reader import Page, fetch, mail_links, mail_text
from tests.waiting import until

pytestmark = [pytest.mark.journey]
FILLING = timedelta(seconds=2.2)
ROSE, OTHER = "Rose.Roy@example.org", "paul@example.org"


def test_from_the_form_to_the_last_mail(house: House) -> None:
    """A reader gets what was asked for, on time, in their language, and nothing after the stop."""
    _sign_up(house, ROSE, "/fr/abonnement", "M’abonner|M'abonner")
    confirm = house.next_mail(ROSE, 0)
    assert "Confirmez votre abonnement" in confirm["Subject"]
    assert not [name for name in confirm if name.startswith("List-")]  # M25
    page = fetch(mail_links(confirm, "/confirm/")[0])
    assert house.machine.rows("SELECT state FROM subscriptions") == [{"state": "pending"}]
    done = page.press("Oui, abonnez-moi")
    assert done.title == "Votre abonnement est confirmé"
    house.next_mail(ROSE, 1)

    house.write_tip(1)
    due_at = datetime.now(UTC) + timedelta(seconds=8)
    _publish(house, 1, due_at)
    tip = house.next_mail(ROSE, 2)
    assert datetime.now(UTC) >= due_at
    assert tip["Subject"] == "Conseil 1 : Marchez après les repas 1"
    assert "Five minutes" in mail_text(tip)
    assert "En marche" in str(tip["From"])

    choices = fetch(mail_links(tip, "/choices/")[0])
    assert choices.title == "Vos choix"
    one_click = str(tip["List-Unsubscribe"]).strip("<>")
    assert fetch(one_click).status == 200
    assert _states(house) == ["active"]  # M29
    stopped = fetch(one_click, [("List-Unsubscribe", "One-Click")])
    assert stopped.status == 200
    assert _states(house) == ["ended"]  # M28

    _sign_up(house, OTHER, "/subscribe", "Subscribe")
    fetch(mail_links(house.next_mail(OTHER, 0), "/confirm/")[0]).press("Yes, subscribe me")
    house.write_tip(2)
    _publish(house, 2, None)
    second = house.next_mail(OTHER, 2)
    assert second["Subject"] == "Tip 2: Walk after meals 2"
    until(lambda: _finished(house), "the second campaign is finished")
    assert len(house.mails_to(ROSE)) == 3
    assert house.server.violations() == []


def _sign_up(house: House, address: str, path: str, buttons: str) -> Page:
    """Fill in the form; whoever is quicker than a person is asked to press once more (S4)."""
    page = fetch(house.machine.url + path)
    for _ in range(2):
        form = next(form for form in page.forms if form.choices)
        button = next(words for words in form.buttons if words in buttons.split("|"))
        name, value = form.choices[0]
        page = page.press(button, email=address, **{name: value})
        if "/sent/" in page.url or "/envoi/" in page.url:
            return page
        pressed_at = datetime.now(UTC)
        until(partial(_has_passed, pressed_at + FILLING), "a person's pace")
    raise AssertionError(page.html)


def _has_passed(moment: datetime) -> bool:
    return datetime.now(UTC) > moment


def _publish(house: House, number: int, due_at: datetime | None) -> None:
    at = ["--at", due_at.strftime("%Y-%m-%d %H:%M:%S"), "--zone", "UTC"] if due_at else []
    house.machine.flask("tips", "publish", str(number), *at, "--by", "eve@example.org")


def _states(house: House) -> list[str]:
    return [row["state"] for row in house.machine.rows("SELECT state FROM subscriptions ORDER BY id")]


def _finished(house: House) -> bool:
    rows = house.machine.rows("SELECT state FROM campaigns WHERE occurrence = 'tip:2'")
    return [row["state"] for row in rows] == ["finished"]
