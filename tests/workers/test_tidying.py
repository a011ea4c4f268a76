"""What came back is let go of on behalf of the tick, once an hour."""

from __future__ import annotations

from newsletter_app import feedback
from newsletter_app.feedback.forgetting import KEPT_FOR
from tests.delivery.conftest import World
from workers.base import TIDY_S, Process


def test_the_tick_lets_go_of_what_is_old(process: Process, world: World) -> None:
    # L14: at once, and again an hour later; between them it does not ask.
    seconds = [0.0]
    process.elapsed = lambda: seconds[0]

    def kept_after(passed: float) -> int:
        seconds[0] += passed
        process.tidy_feedback()
        with world.unit_of_work() as session:
            return sum(bool(event.raw) for event in feedback.newest(session))

    def receive(words: bytes) -> None:
        with world.unit_of_work() as session:
            came = {"source": "test", "links": world.links, "now": world.clock()}
            feedback.receive(session, b"Auto-Submitted: auto-replied\n\n" + words, **came)

    receive(b"old")
    world.clock.move(seconds=KEPT_FOR.total_seconds() + 1)
    receive(b"new")
    assert kept_after(0) == 1
    world.clock.move(seconds=KEPT_FOR.total_seconds() + 1)
    assert kept_after(TIDY_S - 1) == 1
    assert kept_after(1) == 0
