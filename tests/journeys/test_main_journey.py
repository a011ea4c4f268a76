"""The main job over whole processes: sign up, confirm, get the tip on schedule, change, stop, get no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.conftest import on_each_set
from tests.journeys.house import House
from tests.journeys.reader import Page, fetch, mail_links, mail_text, one_click
from tests.waiting import until

pytestmark = [pytest.mark.journey, on_each_set]
ROSE, PAUL, ADA = "Rose.Roy@example.org", "paul@example.org", "ada@example.org"
SCHEDULED_AHEAD = timedelta(seconds=3)


def test_from_the_form_to_the_last_mail(house: House) -> None:
    """A reader gets what was asked for, on time, in their language, and nothing after the stop."""
    _sign_up_in_french(house)
    _sign_up_in_english(house)
    house.sign_up(ADA)

    number = house.next_tip()
    due_at = datetime.now(UTC).replace(microsecond=0) + SCHEDULED_AHEAD
    house.publish(number, due_at)
    assert house.state_of(number) == "scheduled"
    tip = house.next_mail(ROSE, 2)
    assert datetime.now(UTC) >= due_at
    assert tip["Subject"] == f"Conseil {number}\u00a0: Marchez après les repas {number}"
    assert "En marche" in str(tip["From"])
    assert house.next_mail(PAUL, 2)["Subject"] == f"Tip {number}: Walk after meals {number}"
    _look_at_headers(house.octets_to(ROSE)[2])

    _look_at_choices(house, mail_links(tip, "/choices/")[0])
    _stop(house, str(tip["List-Unsubscribe"]).strip("<>"))

    number = house.next_tip()
    house.machine.type("tips", "publish", str(number))
    assert house.next_mail(PAUL, 3)["Subject"] == f"Tip {number}: Walk after meals {number}"
    house.wait_until_finished(number)
    assert len(house.mails_to(ROSE)) == 3
    # Who never confirmed has the one mail that asks for it, and nothing else ever.
    assert [mail["Subject"] for mail in house.mails_to(ADA)] == ["Confirm your emails from Walk On"]
    assert house.server.violations() == []


def _sign_up_in_french(house: House) -> None:
    page = house.sign_up(ROSE, "/fr/abonnement")
    assert page.title == "Ouvrez maintenant vos courriels"
    confirm = house.next_mail(ROSE, 0)
    assert confirm["Subject"] == "Confirmez votre abonnement à En marche"
    assert not [name for name in confirm if name.startswith("List-")]  # M25
    page = fetch(mail_links(confirm, "/confirm/")[0])
    assert page.title == "Appuyez une dernière fois"
    assert house.states(ROSE) == {"tips": "pending"}  # S7
    assert page.press("Oui, abonnez-moi").title == "Votre abonnement est confirmé"
    assert house.states(ROSE) == {"tips": "active"}
    assert "Bienvenue" in str(house.next_mail(ROSE, 1)["Subject"])


def _sign_up_in_english(house: House) -> None:
    assert house.sign_up(PAUL).title == "Now open your email"
    page = fetch(mail_links(house.next_mail(PAUL, 0), "/confirm/")[0])
    assert page.press("Yes, subscribe me").title == "You are subscribed"
    assert "Welcome" in str(house.next_mail(PAUL, 1)["Subject"])


def _look_at_headers(octets: bytes) -> None:
    lines = octets.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines  # M26
    assert [line for line in lines if line.startswith(b"List-Unsubscribe: <http://127.0.0.1:")]  # M26
    assert [line for line in lines if line.startswith(b"List-Id: <n1.list.")]  # M25


def _look_at_choices(house: House, link: str) -> None:
    page = fetch(link)
    assert page.title == "Vos choix"
    page = page.press("Enregistrer ce que vous recevez", notice=[str(each) for each in _both(house)])
    assert page.status == 200
    assert house.states(ROSE) == {"tips": "active", "news": "active"}


def _both(house: House) -> list[int]:
    return [house.notice_ids()[key] for key in ("tips", "news")]


def _stop(house: House, link: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert fetch(link, method=method).status == 200
    assert house.states(ROSE)["tips"] == "active"  # M29
    stopped = one_click(link)
    assert (stopped.status, stopped.url) == (200, link)  # M28: no redirect was followed.
    assert house.states(ROSE) == {"tips": "ended", "news": "active"}  # M28
    assert one_click(link, multipart=True).status == 200  # M28
    page: Page = fetch(link)
    assert page.title == "C'est arrêté"
    until(lambda: house.states(ROSE)["tips"] == "ended", "it stays ended", 1)
    assert "Conseils santé" in page.html
    assert "Marchez" in mail_text(house.mails_to(ROSE)[2])
