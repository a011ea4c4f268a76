"""Breakers as decisions: what counts as refusing everything, and where a breaker goes, by tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.ledger.breaker_rules import (
    CLOSED,
    DOMAINS,
    PROBE_LEASE,
    PROBE_PAUSES,
    REFUSALS,
    Circuit,
    Event,
    Sign,
    Streak,
    Turn,
    is_our_fault,
    is_the_domains_verdict,
    next_turn,
    probe_pause,
    sign_of,
    told,
)
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.transport import Outcome, Result

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUSY, POLICY, UNKNOWN = Reply(451, "4.3.0", "busy"), Reply(550, "5.7.1", "no"), Reply(550, "5.1.1", "who")


def outcome(result: Result, reply: Reply | None = None) -> Outcome:
    return Outcome("d:1:1", 1, result, reply, "mx:25", NOW)


@pytest.mark.parametrize(
    ("result", "reply", "sign", "ours"),
    [
        (Result.accepted, Reply(250, None, "ok"), Sign.accepted, False),
        (Result.refused, POLICY, Sign.refused, True),  # M40
        (Result.refused, UNKNOWN, Sign.refused, False),
        (Result.refused, None, Sign.none, False),
        (Result.deferred, BUSY, Sign.refused, False),
        (Result.deferred, None, Sign.none, False),
        (Result.uncertain, None, Sign.silent, False),
        (Result.unsent, Reply(421, None, "bye"), Sign.none, False),
    ],
)
def test_what_an_outcome_says_of_the_server(
    result: Result, reply: Reply | None, sign: Sign, ours: bool
) -> None:
    assert sign_of(outcome(result, reply)) is sign
    assert is_our_fault(outcome(result, reply)) is ours


@pytest.mark.parametrize(
    ("refusals", "silent", "domains", "everything"),
    [
        (REFUSALS, 0, DOMAINS, True),
        (REFUSALS - 1, 0, DOMAINS, False),
        (REFUSALS, 0, DOMAINS - 1, False),
        (REFUSALS * 10, 0, 1, False),
        (REFUSALS, REFUSALS, 1, True),
        (REFUSALS, REFUSALS - 1, 1, False),
    ],
)
def test_what_refusing_everything_is(refusals: int, silent: int, domains: int, everything: bool) -> None:
    """One domain's refusals are its own affair; final dots without a word are the server's."""
    streak = Streak(refusals, silent, frozenset(f"{number}.example" for number in range(domains)))
    assert streak.is_everything is everything


@given(
    st.lists(st.tuples(st.sampled_from([Sign.refused, Sign.silent]), st.sampled_from("abcde")), max_size=40)
)
def test_streaks_add_up_however_they_were_met(refusals: list[tuple[Sign, str]]) -> None:
    """By one process or by two: the counts are the same, and no more names are kept than are needed."""
    whole, parts = Streak(), [Streak(), Streak()]
    for place, (sign, domain) in enumerate(refusals):
        whole = whole.longer(sign, domain)
        parts[place % 2] = parts[place % 2].longer(sign, domain)
    both = parts[0].with_(parts[1])
    assert (both.refusals, both.silent) == (whole.refusals, whole.silent)
    assert both.is_everything == whole.is_everything
    assert len(both.domains) == min(DOMAINS, len({domain for _, domain in refusals}))


@pytest.mark.parametrize(
    ("faults", "others_accept", "verdict"),
    [(5, True, True), (4, True, False), (19, False, False), (20, False, True)],
)
def test_a_domains_verdict(faults: int, others_accept: bool, verdict: bool) -> None:
    assert is_the_domains_verdict(faults, others_accept=others_accept) is verdict


OPEN = Turn(Circuit.open, 2, NOW)
HALF = Turn(Circuit.half_open, 2, NOW)


@pytest.mark.parametrize(
    ("turn", "event", "following"),
    [
        (CLOSED, Event.tripped, Turn(Circuit.open, 0, NOW + MINUTE)),
        (OPEN, Event.probe_begun, Turn(Circuit.half_open, 2, NOW + PROBE_LEASE)),
        (Turn(Circuit.open, 2, NOW + MINUTE), Event.probe_begun, Turn(Circuit.open, 2, NOW + MINUTE)),
        (HALF, Event.probe_begun, Turn(Circuit.half_open, 2, NOW + PROBE_LEASE)),
        (HALF, Event.probe_accepted, CLOSED),
        (HALF, Event.probe_refused, Turn(Circuit.open, 3, NOW + 10 * MINUTE)),
        (OPEN, Event.tripped, OPEN),
        (HALF, Event.tripped, HALF),
        (OPEN, Event.probe_accepted, OPEN),
        (OPEN, Event.probe_refused, OPEN),
        (CLOSED, Event.probe_begun, CLOSED),
        (CLOSED, Event.probe_accepted, CLOSED),
        (CLOSED, Event.probe_refused, CLOSED),
    ],
)
def test_where_a_breaker_goes(turn: Turn, event: Event, following: Turn) -> None:
    """Every pair of a place and an event; what does not belong there changes nothing."""
    assert next_turn(turn, event, NOW) == following


@given(st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 60)), max_size=60))
def test_only_a_probe_closes_and_somebody_always_tries_again(history: list[tuple[Event, int]]) -> None:
    """In whatever order: what is not closed has a time for its next probe, within half an hour."""
    turn, now = CLOSED, NOW
    for event, minutes in history:
        now += minutes * MINUTE
        before, turn = turn, next_turn(turn, event, now)
        assert (turn.circuit is Circuit.closed) == (turn.probe_at is None)
        if before.circuit is not Circuit.closed and turn == CLOSED:
            assert (before.circuit, event) == (Circuit.half_open, Event.probe_accepted)
        if turn.probe_at:
            assert turn.probe_at <= now + PROBE_PAUSES[-1]
            assert turn.probes >= before.probes


def test_probes_come_less_and_less_often() -> None:
    assert [probe_pause(probes) / MINUTE for probes in range(7)] == [1, 2, 5, 10, 30, 30, 30]


@pytest.mark.parametrize(
    ("trouble", "reply", "words"),
    [
        (None, POLICY, "550 5.7.1 no"),
        (None, Reply(550, None, "no"), "550 no"),
        ("login-refused", Reply(535, "5.7.8", "bad"), "login-refused: 535 5.7.8 bad"),
        ("unreachable", None, "unreachable"),
        (None, None, "no-reply"),
    ],
)
def test_what_is_told(trouble: str | None, reply: Reply | None, words: str) -> None:
    assert told(trouble, reply) == words
