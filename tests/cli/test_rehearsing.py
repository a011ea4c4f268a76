"""``flask tips rehearse`` and ``campaigns arrived``: the desk's verbs at the terminal."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from newsletter_app import campaigns, delivery, notices, rehearsal
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.ledger import State
from newsletter_app.planning import plan_slice
from newsletter_app.service_mail import ServiceMail
from newsletter_app.tips import Tip
from tests.cli.conftest import Shell
from tests.factories import content
from tests.factories.engine import make_reader

EVE = "eve@example.org"
READER = "reader1@example.ca"


@pytest.fixture
def tip_id(shell: Shell, now: datetime) -> int:
    """Give a tip on the web, and one reader of its notice, who reads French in large type."""
    with shell.look() as session:
        notice = notices.find_by_key(session, "tips")
        assert notice is not None
        reader = make_reader(session, 1, [notice], now, language="fr", layout="large")
        reader.address_key = address_key(shell.ports.settings.hash_key, parse_address(READER))
        return content.make_tip(session, notice, 24, now).id


def waiting(shell: Shell) -> list[tuple[str, str, str]]:
    with shell.look() as session:
        mails = session.scalars(select(ServiceMail).order_by(ServiceMail.id))
        return [(mail.kind, mail.address, mail.language) for mail in mails]


def test_both_sides_or_as_one_reader(shell: Shell, tip_id: int) -> None:
    told = shell.told("tips", "rehearse", "24", "--to", EVE)
    assert told == "On its way: en, standard, fr, standard.\n"
    shell.told("tips", "rehearse", "24", "--to", EVE, "--as-reader", READER)
    assert waiting(shell) == [("test", EVE, "en"), ("test", EVE, "fr"), ("test", EVE, "fr")]
    with shell.look() as session:
        tip = session.get_one(Tip, tip_id)
        assert rehearsal.unrehearsed(session, tip) == []
        assert rehearsal.rehearsals_of(session, tip)[0].layout == "large"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--to", "eve"), "'eve' is no e-mail address."),
        (("--to", EVE, "--as-reader", "nobody@example.ca"), "Nobody with this address"),
    ],
)
def test_what_cannot_be_rehearsed(shell: Shell, tip_id: int, words: tuple[str, ...], why: str) -> None:
    assert why in shell.refusal("tips", "rehearse", "24", *words)
    assert waiting(shell) == []


def test_somebody_knows_that_it_arrived(shell: Shell, tip_id: int, now: datetime) -> None:
    with shell.look() as session:
        tip = session.get_one(Tip, tip_id)
        campaign = campaigns.schedule(session, tip, due_at=now, by=EVE, now=now)
        campaigns.launch_due(session, now)
        while plan_slice(session, campaign.id, 10, now):
            continue
        row = session.scalars(select(Delivery)).one()
        row.state, row.reason = State.uncertain, "no-reply"
        campaign.state, campaign.finished_at = "finished", now
    assert shell.told("campaigns", "arrived", "tip:24", "--by", EVE) == "tip:24: 1 count as arrived.\n"
    assert shell.told("campaigns", "arrived", "tip:24", "--by", EVE) == "tip:24: 0 count as arrived.\n"
    with shell.look() as session:
        assert delivery.ended_counts(session, [campaign.id]) == {campaign.id: {"accepted": 1}}
