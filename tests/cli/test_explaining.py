"""``flask campaigns explain``, ``status --explain`` ``subscribers show``: did this reader get a tip?"""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from newsletter_app import campaigns, notices, planning, suppression, tips
from newsletter_app.cli.explaining import SENTENCES, sentence
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.planning import Code
from newsletter_app.subscribers import Subscriber
from tests.cli.conftest import Shell
from tests.factories.content import make_tip
from tests.factories.engine import make_reader

ROSE, ANN = "rose@example.ca", "ann@example.ca"


@pytest.fixture
def shell(shell: Shell, now: datetime) -> Shell:
    """Give an installation whose tip 24 is planned for Rose, who has each tip, and waits for Ann's week."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        for number, (address, cadence) in enumerate(((ROSE, "each"), (ANN, "weekly")), 1):
            reader = make_reader(session, number, [notice], now, cadence=cadence)
            reader.address = address
            reader.address_key = address_key(shell.ports.settings.hash_key, parse_address(address))
        campaigns.schedule(session, make_tip(session, notice, 24, now), due_at=now, by="bo", now=now)
        [campaign_id] = campaigns.launch_due(session, now)
        while planning.plan_slice(session, campaign_id, 100, now):
            continue
    return shell


def settle(shell: Shell, **values: object) -> None:
    with shell.look() as session:
        session.execute(update(Delivery).values(**values))


def test_the_answer_is_a_sentence_or_data_without_an_address(shell: Shell) -> None:
    told = shell.told("campaigns", "explain", "24", ROSE)
    assert told == "It is planned for Monday, March 2, 2026, 9 a.m. (America/Edmonton, UTC-07:00) (tip:24).\n"
    weekly = shell.told("campaigns", "explain", "tip:24", ANN)
    assert weekly.startswith("Not yet: it comes with their next mail (weekly), Tuesday, March 10, 2026")
    data = shell.data("campaigns", "explain", "24", ROSE)
    assert (data["tip"], data["subscriber"], data["code"], data["campaign"]) == (24, 1, "queued", "tip:24")
    assert "@" not in str(data)


def test_either_side_gives_the_same_answer(shell: Shell, now: datetime) -> None:
    settle(shell, state="refused", reason="hard", settled_at=now, reply_code=550, reply_text="No such user")
    told = shell.told("campaigns", "explain", "24", ROSE)
    assert told.startswith("No: it was refused on Monday, March 2, 2026, 9 a.m.")
    assert told.endswith("(tip:24): 550 No such user\n")
    assert shell.told("subscribers", "show", ROSE, "--tip", "24") == told
    assert shell.data("subscribers", "show", ROSE, "--tip", "24")["code"] == "refused"


def test_what_cannot_be_asked_is_refused(shell: Shell) -> None:
    assert "Nobody with this address" in shell.refusal("campaigns", "explain", "24", "eve@example.ca")
    assert "Nobody with this address" in shell.refusal("subscribers", "show", "eve@example.ca", "--tip", "24")
    assert "There is no tip 99" in shell.refusal("campaigns", "explain", "99", ROSE)


def test_a_campaign_tells_its_editions(shell: Shell) -> None:
    assert "tip:24 edition 1: tips 24, en, standard: 1 queued\n" in shell.told(
        "campaigns", "status", "tip:24", "--explain"
    )
    [edition] = shell.data("campaigns", "status", "tip:24", "--explain")["tip:24"]["editions"]
    assert edition["states"] == {"queued": 1}
    assert "editions" not in shell.data("campaigns", "status", "tip:24")["tip:24"]


def test_a_note_stands_in_its_edition(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        _sent(session)
        campaigns.correct(
            session, _tip(session), "A.", "B.", by="bo", now=now, text_unchanged=True, urgent=True
        )
        [campaign_id] = campaigns.launch_due(session, now)
        while planning.plan_slice(session, campaign_id, 100, now):
            continue
    told = shell.told("campaigns", "status", "correction:1", "--explain")
    assert "edition 2: corrections of 24, en, standard: 1 queued\n" in told


def test_what_is_known_of_a_reader(shell: Shell, now: datetime) -> None:
    with shell.look() as session:
        _sent(session)
        campaigns.correct(session, _tip(session), "A.", "B.", by="bo", now=now, text_unchanged=True)
        assert planning.gather(session, now)
        key = session.get_one(Subscriber, 1).address_key
        suppression.suppress(session, key, "bulk", "bounce", "campaign 1", now)
    settle(shell, feedback="bounced", settled_at=now, reply_code=250)
    shown = shell.data("subscribers", "show", ROSE)
    assert shown["last mails"] == ["2026-03-02T16:00:00+00:00 tip:24 accepted bounced"]
    assert shown["reserved up to"] == {"tips": "1 of 1"}
    assert shown["untold corrections of"] == ["24"]
    assert shown["suppressions"] == ["bulk: bounce (2026-03-02, campaign 1)"]
    assert shell.data("subscribers", "show", ANN)["last mails"] == []


@pytest.mark.parametrize("code", Code)
def test_every_code_has_its_words(code: Code, now: datetime) -> None:
    told = {"code": code, "at": now, "campaign": "tip:24", "notice": "tips", "why": "550 Why"}
    assert sentence(told, "America/Edmonton").endswith((".", ")", "Why"))
    assert SENTENCES.keys() == set(Code)


def _tip(session: Session) -> tips.Tip:
    tip = tips.find_by_number(session, 24)
    assert tip is not None
    return tip


def _sent(session: Session) -> None:
    """Let the mail be taken, and say what it showed, as its compiling does."""
    session.execute(update(Delivery).values(state="accepted"))
    session.execute(update(campaigns.EditionItem).values(side="en", revision=1))
