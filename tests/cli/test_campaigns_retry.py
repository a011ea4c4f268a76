"""``flask campaigns retry|settle``: a person's word, recorded under their name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from newsletter_app import audit
from newsletter_app.delivery import Delivery
from tests.cli.conftest import Shell
from tests.delivery.conftest import World
from tests.factories.engine import Hands, make_composer
from tests.fakes.transports import BUSY, POLICY, ScriptedTransport

EVE = "eve@example.org"


@pytest.fixture
def sent(empty: Shell, now: datetime, translations: Path) -> Shell:
    """Give an installation that sent tip 24 to four: accepted, refused by our fault, uncertain, put off."""
    ports = empty.ports
    folder = ports.settings.data_dir / "journals"
    composer = make_composer(translations)
    world = World(ports.unit_of_work, Hands(now), folder, ports.links, composer)
    world.launched(readers=4)
    answers = {"reader2@example.ca": [POLICY], "reader3@example.ca": [None], "reader4@example.ca": [BUSY]}
    office = world.office(ScriptedTransport(world.clock, answers))
    world.send(office)
    office.journal.close()
    return empty


def states(shell: Shell) -> list[str]:
    with shell.look() as session:
        return [session.get_one(Delivery, (1, reader)).state for reader in (1, 2, 3, 4)]


def last_entry(shell: Shell) -> tuple[str, str, str, dict[str, int]]:
    with shell.look() as session:
        entry = audit.newest(session, 1)[0]
        return entry.actor, entry.action, entry.subject, dict(entry.details)


def test_what_was_our_fault_is_queued_and_written_down(sent: Shell) -> None:
    told = sent.told("campaigns", "retry", "tip:24", "--refused", "--deferred", "--by", EVE)
    assert told == "tip:24: tried again: 1 put off by its server, 1 refused by our fault.\n"
    assert states(sent) == ["accepted", "queued", "uncertain", "deferred"]
    details = {"deferred": 1, "refused": 1, "left": 0}
    assert last_entry(sent) == (EVE, "campaign.retried", "tip:24", details)
    assert ("plan_campaign", (1,)) in [(ring.job, ring.ids) for ring in sent.rung]


def test_a_second_copy_wants_a_second_word(sent: Shell) -> None:
    """It says how many may get one, and changes nothing, of the other kinds neither."""
    told = sent.refusal("campaigns", "retry", "tip:24", "--uncertain", "--refused", "--by", EVE)
    assert "up to 1 second copies" in told
    assert states(sent) == ["accepted", "refused", "uncertain", "deferred"]
    sent.told("campaigns", "retry", "tip:24", "--uncertain", "--yes", "--by", EVE)
    assert states(sent) == ["accepted", "refused", "queued", "deferred"]


def test_without_a_kind_it_says_what_there_is(sent: Shell) -> None:
    told = sent.refusal("campaigns", "retry", "tip:24")
    assert "1 put off by its server, 1 refused by our fault, 0 expired, 1 uncertain" in told.replace(
        "\n", " "
    )


def test_a_cancelled_campaign_is_not_tried_again(sent: Shell) -> None:
    sent.told("campaigns", "cancel", "tip:24", "--by", EVE)
    told = sent.refusal("campaigns", "retry", "tip:24", "--refused")
    assert "Campaign 1 is cancelled" in told
    assert "Nothing was changed" in told


def test_settling_is_written_down(sent: Shell) -> None:
    """The journal of the office that is closed by now is settled."""
    assert sent.told("campaigns", "settle", "--by", EVE).startswith("1 journals settled, 0 left")
    assert last_entry(sent) == (EVE, "campaigns.settled", "", {"journals": 1, "refused": 0})
