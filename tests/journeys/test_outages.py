"""The broker killed, the broker held still, the database killed: nobody is lost, nobody is mailed twice."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.accounts import Taken, compare
from tests.journeys.conftest import in_trouble, in_trouble_on_each_set, on_the_larger_set
from tests.journeys.machine import SERVICE
from tests.journeys.outages import Standing
from tests.journeys.reader import Page
from tests.journeys.readers import add_readers
from tests.waiting import until

READERS = 300
DELAY_MS = 40
CONNECTIONS = 5
ANSWER_S = 2.0
LATER_S = 60
NOTICE = "outages"
CLAIMED = "SELECT id FROM service_mails WHERE address = :address AND state = 'claimed'"

pytestmark = [pytest.mark.journey]


@pytest.fixture
def standing(standing: Standing) -> Standing:
    """Give the machine with readers of a notice and an SMTP server that takes a hundred messages a second."""
    if NOTICE not in standing.house.notice_ids():
        standing.house.add_notice(NOTICE)
        add_readers(standing.house, READERS, NOTICE)
    standing.slow_down(DELAY_MS)
    return standing


@in_trouble_on_each_set
def test_the_broker_is_killed_in_mid_campaign(standing: Standing) -> None:
    """A sign-up is kept and answered at once; its mail and the rest of the campaign leave later."""
    number, answered = _in_mid_campaign(standing), "dead.broker@example.org"
    standing.signal_broker(signal.SIGKILL)
    assert _sign_up(standing, answered).title == "Now open your email"
    standing.bring_broker_back()
    _confirm_mail_leaves(standing, answered)
    _everybody_once(standing, number, [answered])


@in_trouble_on_each_set
def test_the_broker_hangs_in_mid_campaign(standing: Standing) -> None:
    """A broker that takes connections and never answers keeps no page waiting."""
    number, answered = _in_mid_campaign(standing), ["hung.1@example.org", "hung.2@example.org"]
    standing.signal_broker(signal.SIGSTOP)
    try:
        for address in answered:
            assert _sign_up(standing, address).title == "Now open your email"
    finally:
        standing.signal_broker(signal.SIGCONT)
    for address in answered:
        _confirm_mail_leaves(standing, address)
    _everybody_once(standing, number, answered)


@on_the_larger_set
def test_the_database_is_killed_in_mid_campaign_and_mid_sign_up(standing: Standing) -> None:
    """Who was told so is signed up; who was told otherwise finds the form filled in, and presses again."""
    number = _in_mid_campaign(standing)
    answers: dict[str, Page] = {}
    with ThreadPoolExecutor(1) as somebody:
        signing_up = somebody.submit(_sign_up_until_refused, standing, answers)
        until(lambda: len(answers) >= 5, "some sign-ups")
        standing.kill_database()
        refused = signing_up.result(30)
    page = answers[refused]
    assert (page.status, page.title) == (503, "We could not save this")
    assert f'value="{refused}"' in page.html
    standing.bring_database_back()
    assert "/sent/" in page.press("Try again", address=refused).url
    for address in answers:
        _confirm_mail_leaves(standing, address)
    _everybody_once(standing, number, list(answers), uncertain=CONNECTIONS)


@in_trouble
def test_the_tick_goes_on_while_a_server_is_silent_about_one_mail(standing: Standing) -> None:
    """Who verifies an address for minutes holds up one worker, not the campaigns (M16)."""
    house, slow = standing.house, "verified.for.minutes@example.org"
    house.server.obey({slow: {"rcpt": "hang"}})
    house.sign_up(slow)
    until(lambda: house.machine.rows(CLAIMED, address=slow), "its mail is on its way", LATER_S)
    for _ in range(3):
        _wait_for_a_tick(standing, _last_tick(standing))
    house.server.obey({})
    # The worker would wait for five minutes; another one finds the mail free again.
    house.machine.kill(SERVICE)
    _confirm_mail_leaves(standing, slow)


def _wait_for_a_tick(standing: Standing, seen: object) -> None:
    until(lambda: _last_tick(standing) != seen, "a later tick", 20)


def _last_tick(standing: Standing) -> object:
    return standing.house.machine.rows("SELECT at FROM heartbeats WHERE name = 'bulk_tick'")[0]["at"]


def _in_mid_campaign(standing: Standing) -> int:
    """Send the next tip; return its number when some of its mails are out and most are not."""
    house = standing.house
    house.form("/subscribe")
    number = house.next_tip(NOTICE)
    taken = Taken(house)
    before = taken()
    house.publish(number)
    until(lambda: taken() >= before + READERS // 10, f"some mails of tip {number}", LATER_S)
    return number


def _sign_up(standing: Standing, address: str) -> Page:
    began = time.monotonic()
    page = standing.house.sign_up(address)
    assert time.monotonic() - began < ANSWER_S
    return page


def _sign_up_until_refused(standing: Standing, answers: dict[str, Page]) -> str:
    """Sign up one address after the other; return the first that could not be kept."""
    form = standing.house.form("/subscribe")
    tips = str(standing.house.notice_ids()["tips"])
    for place in range(50):
        address = f"fifty.{place}@example.org"
        began = time.monotonic()
        answers[address] = form.press("Subscribe", address=address, notice=tips)
        assert time.monotonic() - began < ANSWER_S
        # Whoever was sent on to the next page was signed up, even if that page could not be shown any more.
        if "/sent/" not in answers[address].url:
            return address
    raise AssertionError("the database was up all the time")


def _confirm_mail_leaves(standing: Standing, address: str) -> None:
    """Wait for the one mail that asks to confirm."""
    mail = standing.house.next_mail(address, 0, LATER_S)
    assert mail["Subject"] == "Confirm your emails from Walk On"


def _everybody_once(standing: Standing, number: int, asked: list[str], uncertain: int = 0) -> None:
    """Hold the accounts against each other, of the campaign and of the mails that ask to confirm."""
    house = standing.house
    house.wait_until_finished(number, LATER_S)
    tally = compare(house, number)
    assert tally.faults == []  # M17, M18
    assert tally.accepted >= READERS - uncertain
    assert len(tally.uncertain) <= uncertain
    assert [len(house.mails_to(address)) for address in asked] == [1] * len(asked)
    assert house.server.violations() == []
