"""The try-out in a real browser, by keyboard alone: from the home page to the mail that does not come."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.journeys.browser import Hands, chromium
from tests.journeys.house import Organised, check_log
from tests.journeys.machine import Machine
from tests.journeys.reader import one_click, read_mail
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.browser]
ROSE = "rose@gmail.com"
SLIP = "rose@gmial.com"
SENT_FROM_THE_OUTBOX = 2
OUTBOX, FRENCH_OUTBOX = "Emails on this machine", "Courriels sur cet appareil"


def test_a_reader_who_has_only_a_keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every step of a subscription can be gone by Tab, Space, Enter and typing (A3)."""
    house = Organised(Machine(tmp_path))
    with house.machine, chromium() as browser:
        hands = Hands(browser.new_page())
        began = time.monotonic()
        hands.page.goto(house.machine.url)
        _subscribe(hands)
        _confirm(hands)
        tip = _get_the_next_tip(house, hands)
        took = time.monotonic() - began
        _change_language(hands)
        _stop_and_undo(house, hands, str(tip["Subject"]))
        assert one_click(str(tip["List-Unsubscribe"]).strip("<>")).status == 200
        assert house.states(ROSE) == {"tips": "ended"}  # M28
        _miss_the_next_tip(house, hands)
    check_log(house)
    with capsys.disabled():
        print(f"\nby keyboard, from the first page to the tip: {took:.1f} s")


def _subscribe(hands: Hands) -> None:
    hands.press("Subscribe", "Subscribe to our newsletter")
    hands.reach("Your email address", "email")
    hands.type(SLIP)
    hands.reach("Health tips", "checkbox")
    hands.page.keyboard.press("Space")
    hands.reach("Subscribe", "button")
    hands.page.keyboard.press("Enter")
    hands.wait_for("Is this right?")
    hands.press(f"Use {ROSE}", "Now open your email")
    hands.press("See the emails", OUTBOX)


def _confirm(hands: Hands) -> None:
    _open_mail(hands, "Confirm your emails from")
    hands.press("Confirm", "Press one more time")
    hands.press("Yes, subscribe me", "You are subscribed")
    hands.press("See the emails", OUTBOX)
    _open_mail(hands, "Welcome.")
    hands.press("All emails on this machine", OUTBOX)


def _open_mail(hands: Hands, subject: str) -> None:
    """Look again until the mail is there, and open it."""
    until(lambda: _looks_again(hands, subject), f"the mail {subject!r} in the outbox")
    hands.press(subject, subject)


def _looks_again(hands: Hands, subject: str) -> bool:
    if hands.page.get_by_role("link", name=subject).count():
        return True
    hands.press("Look again", OUTBOX)
    return False


def _get_the_next_tip(house: Organised, hands: Hands) -> EmailMessage:
    hands.press("Send the next tip now", OUTBOX)
    tip = until(lambda: _tips(house), "the tip")[0]
    _open_mail(hands, str(tip["Subject"]))
    return tip


def _change_language(hands: Hands) -> None:
    hands.press("Change my choices", "Your choices")
    hands.reach("English", "radio")
    hands.page.keyboard.press("ArrowDown")
    hands.reach("Save the language")
    hands.page.keyboard.press("Enter")
    hands.wait_for("Vos choix")
    assert hands.page.get_by_role("status").inner_text() == "Enregistré"  # A6
    hands.press("Voir les courriels", FRENCH_OUTBOX)


def _stop_and_undo(house: Organised, hands: Hands, subject: str) -> None:
    hands.press(subject, subject)
    hands.press("Stop these emails", "Arrêter ces courriels?")
    hands.press("Arrêter « Conseils santé »", "C'est arrêté")
    assert house.states(ROSE) == {"tips": "ended"}
    hands.press("Annuler", "Vous recevez de nouveau ces courriels")
    assert house.states(ROSE) == {"tips": "active"}


def _miss_the_next_tip(house: Organised, hands: Hands) -> None:
    before = len(_tips(house))
    hands.press("Voir les courriels", FRENCH_OUTBOX)
    hands.press("Envoyer le prochain conseil maintenant", FRENCH_OUTBOX)
    until(lambda: _finished(house) == SENT_FROM_THE_OUTBOX, "the following campaign is finished")
    assert len(_tips(house)) == before


def _tips(house: Organised) -> list[EmailMessage]:
    """Return the newsletters that came to this reader; no other mail has a List-Unsubscribe field."""
    asked = "SELECT message FROM outbox_messages WHERE recipient = :address ORDER BY id"
    mails = [read_mail(row["message"]) for row in house.machine.rows(asked, address=ROSE)]
    return [mail for mail in mails if "List-Unsubscribe" in mail]


def _finished(house: Organised) -> int:
    rows = house.machine.rows("SELECT COUNT(*) AS finished FROM campaigns WHERE state = 'finished'")
    return int(rows[0]["finished"])
