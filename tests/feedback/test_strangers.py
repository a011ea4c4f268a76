"""Mail that proves nothing fills no disk: a day has room for so much of it, and then only counts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from newsletter_app import feedback
from newsletter_app.feedback import FeedbackEvent, State, TurnedAway, strangers
from newsletter_app.feedback.models import Strangers
from newsletter_app.feedback.service import MAX_KEPT
from tests.delivery.conftest import World
from tests.feedback.conftest import Receive, verp
from tests.feedback.letters import DSN

UNKNOWN = DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550 5.1.1 no such user")


def said_by(domain: str, words: object = "x") -> str:
    return f"From: max@{domain}\nSubject: hello\n\n{words}\n"


def test_of_each_mail_the_beginning_is_kept(world: World, receive: Receive) -> None:
    """All of it is read; what a person is shown has its head and what was written first."""  # S35
    receive(said_by("example.ca", "a" * 2 * MAX_KEPT))
    with world.unit_of_work() as session:
        (event,) = feedback.newest(session)
        assert (len(event.raw), event.raw[:10]) == (MAX_KEPT, b"From: max@")


def test_beyond_a_days_room_only_domains_are_counted(
    sent: World, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever proves something, and whatever is known, is taken; with the day the room comes back."""  # S35
    monkeypatch.setattr(strangers, "MOST_A_DAY", 2)
    first = [receive(said_by("evil.example", number)).state for number in range(5)]
    assert first == [State.waiting] * 2 + [State.turned_away] * 3
    assert not receive(said_by("evil.example", 0)).is_new
    assert receive(f"{UNKNOWN}\nfrom nobody").state is State.turned_away
    assert receive(UNKNOWN, to=verp(sent)).state is State.applied
    with sent.unit_of_work() as session:
        assert session.scalar(select(func.count(FeedbackEvent.id))) == 3
        away = feedback.turned_away(session, sent.clock())
    assert away == [TurnedAway("evil.example", 3), TurnedAway("mx.example.ca", 1)]
    sent.clock.move(days=1)
    assert receive(said_by("evil.example", "a day later")).state is State.waiting
    sent.clock.move(days=1)
    with sent.unit_of_work() as session:
        assert feedback.turned_away(session, sent.clock()) == []


def test_octets_are_bounded_as_well(world: World, receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few large mails fill a disk as many small ones do; a small one may still find room."""  # S35
    monkeypatch.setattr(strangers, "MOST_OCTETS_A_DAY", 2 * MAX_KEPT)
    mails = [
        said_by("example.ca", str(number) * size) for number, size in enumerate((MAX_KEPT, 900, MAX_KEPT, 10))
    ]
    states = [receive(mail).state for mail in mails]
    assert states == [State.waiting, State.waiting, State.turned_away, State.waiting]


def test_made_up_domains_are_bounded(world: World, receive: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may write any sender, and what is no domain's name at all."""  # S35
    monkeypatch.setattr(strangers, "MOST_DOMAINS", 2)
    monkeypatch.setattr(strangers, "MOST_A_DAY", 0)
    for domain in ("a.example", "b.example", "c.example", "d.example", "a.example", "x\0.example", "y" * 250):
        assert receive(said_by(domain, domain)).state is State.turned_away
    with world.unit_of_work() as session:
        counted = {row.domain: row.turned_away for row in session.scalars(select(Strangers))}
    assert counted == {"a.example": 2, "b.example": 1, "": 4}
