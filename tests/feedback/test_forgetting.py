"""What came back is let go of in its time, and with it whatever a stranger wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter_app import feedback
from newsletter_app.feedback import forgetting
from newsletter_app.feedback.forgetting import KEPT_FOR, WAITS_FOR
from newsletter_app.feedback.models import Strangers
from tests.delivery.conftest import World
from tests.feedback.conftest import Receive, verp
from tests.feedback.letters import DSN

UNKNOWN = DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550 5.1.1 no such user")
ANSWER = "From: reader1@example.ca\nSubject: Re: Tip 24\n\nThank you!\n"


def test_what_a_person_has_read_waits_no_more(sent: World, receive: Receive) -> None:
    """And is let go of in its time, like everything else."""
    answer = receive("From: reader1@example.ca\nSubject: Re: Tip 24\n\nThank you!\n")
    with sent.unit_of_work() as session:
        assert feedback.done(session, answer.event_id)
        assert not feedback.done(session, answer.event_id)
        assert feedback.waiting(session) == []
    sent.clock.move(days=1)
    with sent.unit_of_work() as session:
        assert feedback.forget(session, sent.clock()) == 1


def test_old_mails_are_let_go_of(sent: World, receive: Receive) -> None:
    """Their octets and words; the digest still knows a copy, and what waits for a person stays whole."""
    receive(UNKNOWN, to=verp(sent))
    receive("From: reader1@example.ca\nSubject: Re: Tip 24\n\nThank you!\n")
    with sent.unit_of_work() as session:
        assert feedback.forget(session, sent.clock()) == 0
    sent.clock.move(days=1)
    for gone in (1, 0):
        with sent.unit_of_work() as session:
            assert feedback.forget(session, sent.clock()) == gone
    assert receive(UNKNOWN, to=verp(sent)).is_new is False
    with sent.unit_of_work() as session:
        answer, bounce = feedback.newest(session)
        assert (bounce.raw, bounce.said, bounce.reason) == (b"", "", "user-unknown")
        assert answer.raw.endswith(b"Thank you!\n")


def test_what_is_too_old_goes_by_itself(
    sent: World, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps, until nothing is left; what waits goes later, and then, too."""  # L14
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for number in range(5):
        receive(f"{UNKNOWN}\n{number}", to=verp(sent))
    receive(ANSWER)

    def left_after(days: timedelta) -> tuple[int, int]:
        sent.clock.move(seconds=days.total_seconds())
        gone = feedback.tidy(sent.unit_of_work, sent.clock(), lambda: False)
        with sent.unit_of_work() as session:
            return gone, len(feedback.waiting(session))

    assert left_after(KEPT_FOR) == (0, 1)
    assert left_after(timedelta(seconds=1)) == (5, 1)
    assert left_after(WAITS_FOR - KEPT_FOR) == (1, 0)
    with sent.unit_of_work() as session:
        assert {event.raw for event in feedback.newest(session)} == {b""}
        assert session.query(Strangers).count() == 0


def test_tidying_ends_when_it_is_to_leave(sent: World, receive: Receive) -> None:
    """A worker that is told to leave does not go on for the last of a million."""
    receive(UNKNOWN, to=verp(sent))
    sent.clock.move(days=400)
    assert feedback.tidy(sent.unit_of_work, sent.clock(), lambda: True) == 0
