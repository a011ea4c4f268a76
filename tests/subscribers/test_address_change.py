"""Changing the address: two mails, two ways out, nobody taken over, nobody told who is known here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from newsletter_app import notices, subscribers, suppression
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.links import Purpose
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers import Subscriber
from tests.factories.people import HASH_KEY, a_subscriber, an_active_reader, mails, three_notices

DAY = timedelta(days=1)
NEW = "nora@example.org"


@pytest.fixture
def rose(session: Session, now: datetime) -> Subscriber:
    """Give an active reader."""
    return an_active_reader(session, [three_notices(session, now)[0].id], now)


def ask(session: Session, reader: Subscriber, now: datetime, new: str = NEW) -> subscribers.AddressAsked:
    """Ask for a change."""
    return subscribers.ask_address_change(session, reader, parse_address(new), hash_key=HASH_KEY, now=now)


def asked(session: Session, reader: Subscriber, now: datetime, new: str = NEW) -> int:
    """Ask for a change and return its id."""
    answer = ask(session, reader, now, new)
    assert answer.code == "asked"
    assert answer.change_id is not None
    return answer.change_id


def confirm(session: Session, change_id: int, now: datetime) -> str:
    """Press the button in the mail to the new address."""
    return subscribers.confirm_address_change(session, change_id, hash_key=HASH_KEY, now=now)


def keep(session: Session, change_id: int, now: datetime) -> str:
    """Press the button in a mail to the old address."""
    return subscribers.keep_address(session, change_id, hash_key=HASH_KEY, now=now)


def sent(session: Session) -> list[tuple[str, str]]:
    """Return address and variant of every mail about addresses."""
    return [(mail.address, mail.facts["variant"]) for mail in mails(session) if mail.kind == "address"]


def spec(session: Session, variant: str) -> dict[str, Any]:
    """Return the link of the newest mail of this variant."""
    facts: dict[str, Any] = next(
        mail.facts for mail in reversed(mails(session)) if mail.facts.get("variant") == variant
    )
    return facts


def test_asking_writes_to_both_and_moves_nothing(  # S9
    session: Session, rose: Subscriber, now: datetime
) -> None:
    change_id = asked(session, rose, now)
    assert sent(session) == [(NEW, "new"), ("rose@example.ca", "old-before")]
    assert rose.address == "rose@example.ca"
    to_new = LinkSpec.from_facts(spec(session, "new")["link"])
    to_old = LinkSpec.from_facts(spec(session, "old-before")["link"])
    assert (to_new.purpose, to_new.ids) == (Purpose.ADDRESS_CONFIRM, (change_id,))
    assert (to_old.purpose, to_old.ids) == (Purpose.ADDRESS_KEEP, (change_id,))
    assert spec(session, "old-before")["masked"] == "n•••@example.org"
    assert "masked" not in spec(session, "new")


def test_confirming_moves_the_reader_and_revokes_old_links(
    session: Session, rose: Subscriber, now: datetime
) -> None:
    nonce, key = rose.nonce, rose.address_key
    change_id = asked(session, rose, now)
    assert confirm(session, change_id, now + 7 * DAY) == "done"
    assert (rose.address, rose.domain) == (NEW, "example.org")
    assert rose.nonce != nonce
    assert rose.address_key != key
    assert a_subscriber(session, NEW) is rose
    assert sent(session)[-1] == ("rose@example.ca", "old-after")
    assert confirm(session, change_id, now + 7 * DAY) == "done"
    assert len(sent(session)) == 3


def test_too_old(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    assert confirm(session, change_id, now + 7 * DAY + timedelta(seconds=1)) == "too-old"
    assert rose.address == "rose@example.ca"


def test_refusing_from_the_old_address(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    assert keep(session, change_id, now) == "refused"
    assert keep(session, change_id, now) == "refused"
    assert confirm(session, change_id, now) == "ended"
    assert rose.address == "rose@example.ca"


def test_undoing_within_thirty_days(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    confirm(session, change_id, now)
    nonce = rose.nonce
    assert keep(session, change_id, now + 30 * DAY) == "undone"
    assert rose.address == "rose@example.ca"
    assert rose.nonce != nonce
    assert keep(session, change_id, now + 30 * DAY) == "undone"
    assert confirm(session, change_id, now) == "ended"


def test_undoing_is_over_after_thirty_days(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    confirm(session, change_id, now)
    assert keep(session, change_id, now + 30 * DAY + timedelta(seconds=1)) == "too-old"
    assert rose.address == NEW


def test_moving_on_does_not_escape_the_undo(session: Session, rose: Subscriber, now: datetime) -> None:
    first = asked(session, rose, now)
    confirm(session, first, now)
    second = asked(session, rose, now + DAY, "thief@example.net")
    confirm(session, second, now + DAY)
    waiting = asked(session, rose, now + 2 * DAY, "another@example.net")
    assert keep(session, first, now + 3 * DAY) == "undone"
    assert rose.address == "rose@example.ca"
    assert keep(session, second, now + 3 * DAY) == "undone"
    assert confirm(session, waiting, now + 3 * DAY) == "ended"
    assert rose.address == "rose@example.ca"


def test_a_newer_wish_replaces_one_that_waits(session: Session, rose: Subscriber, now: datetime) -> None:
    first = asked(session, rose, now)
    second = asked(session, rose, now, "n@example.org")
    assert confirm(session, first, now) == "ended"
    assert confirm(session, second, now) == "done"


def test_a_known_address_is_not_taken_over_nor_told(  # S9
    session: Session, rose: Subscriber, now: datetime
) -> None:
    nora = an_active_reader(session, [1], now, address=NEW)
    answer = ask(session, rose, now, "NORA@example.org")
    assert answer.code == "asked"
    assert sent(session) == [("NORA@example.org", "taken"), ("rose@example.ca", "old-before")]
    assert "link" not in spec(session, "taken")
    assert answer.change_id is not None
    assert confirm(session, answer.change_id, now) == "taken"
    assert (nora.address, rose.address) == (NEW, "rose@example.ca")


def test_an_address_taken_in_the_meantime(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    subscribers.create(session, parse_address(NEW), "en", HASH_KEY, now)
    assert confirm(session, change_id, now) == "taken"
    assert rose.address == "rose@example.ca"


def test_an_undo_whose_old_address_is_taken(session: Session, rose: Subscriber, now: datetime) -> None:
    change_id = asked(session, rose, now)
    confirm(session, change_id, now)
    subscribers.create(session, parse_address("rose@example.ca"), "en", HASH_KEY, now)
    assert keep(session, change_id, now) == "taken"
    assert rose.address == NEW


def test_the_same_address_is_no_change(session: Session, rose: Subscriber, now: datetime) -> None:
    assert ask(session, rose, now, "ROSE@example.ca").code == "same"
    assert sent(session) == []


def test_three_a_day_are_enough(session: Session, rose: Subscriber, now: datetime) -> None:  # S2
    for number in range(3):
        asked(session, rose, now, f"n{number}@example.org")
    assert ask(session, rose, now, "n4@example.org").code == "too-many"
    assert len(sent(session)) == 6
    assert ask(session, rose, now + DAY, "n4@example.org").code == "asked"


def test_suppressions_stay_with_their_address(session: Session, rose: Subscriber, now: datetime) -> None:
    old_key = rose.address_key
    suppression.suppress(session, old_key, "bulk", "complaint", "a test", now)
    confirm(session, asked(session, rose, now), now)
    assert suppression.is_suppressed(session, rose.address_key, "bulk") is None
    assert suppression.is_suppressed(session, old_key, "bulk") is not None


def test_unknown_changes(session: Session, rose: Subscriber, now: datetime) -> None:
    assert (confirm(session, 4711, now), keep(session, 4711, now)) == ("unknown", "unknown")
    assert subscribers.find_change(session, 4711) is None


def test_many_readers_do_not_flood_one_address(session: Session, rose: Subscriber, now: datetime) -> None:
    notice_ids = [notice.id for notice in notices.offered(session)]
    for number in range(5):
        reader = an_active_reader(session, notice_ids, now, address=f"mallory{number}@example.net")
        assert ask(session, reader, now, "victim@example.ca").code == "asked"
    assert [to for to, _ in sent(session)].count("victim@example.ca") == 3  # S2
    assert ask(session, rose, now + DAY, "victim@example.ca").code == "asked"
    assert [to for to, _ in sent(session)].count("victim@example.ca") == 4
