"""Why a reader did or did not get a tip, by a table: what is known on the left, the code on the right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter_app.planning import Code, Explanation, Known, Launch, Mailed, Place, explain

NOW = datetime(2026, 3, 2, 16, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)
MAIL = Mailed("tip:24", "sending", "", "queued", None, AFTER, BEFORE, "550 5.1.1 No such user")
PLACE = Place("tips", 24, BEFORE, "active", "each", 24, BEFORE, BEFORE - timedelta(days=9))
BEHIND = replace(PLACE, cursor=23)


def mail(state: str, reason: str | None = None, **more: object) -> Known:
    return Known((replace(MAIL, state=state, reason=reason, **more),), (PLACE,))


def place(**facts: object) -> Known:
    return Known((), (replace(PLACE, **facts),))


ANSWERS = [
    (mail("accepted"), Code.received, BEFORE, ""),
    (mail("accepted", feedback="complained"), Code.received, BEFORE, ""),
    (mail("accepted", feedback="bounced"), Code.came_back, BEFORE, MAIL.reply),
    (mail("uncertain", "no-reply"), Code.uncertain, BEFORE, ""),
    (mail("claimed"), Code.under_way, BEFORE, ""),
    (mail("queued"), Code.queued, AFTER, ""),
    (mail("deferred"), Code.put_off, AFTER, MAIL.reply),
    (mail("queued", campaign_state="paused", held_for="staff: by bo"), Code.held, AFTER, "staff: by bo"),
    (replace(mail("queued"), suppressed_for="bounce"), Code.suppressed, None, "bounce"),
    (replace(mail("queued"), paused_until=AFTER + timedelta(days=1)), Code.paused, None, ""),
    (
        replace(mail("queued"), places=(replace(PLACE, state="ended", ended_at=BEFORE),)),
        Code.ended,
        BEFORE,
        "",
    ),
    (mail("refused", "hard"), Code.refused, BEFORE, MAIL.reply),
    (mail("refused", "unsendable", reply=""), Code.refused, BEFORE, "unsendable"),
    (mail("skipped", "ended"), Code.ended, BEFORE, ""),
    (replace(mail("skipped", "suppressed"), suppressed_for="bounce"), Code.suppressed, BEFORE, "bounce"),
    (mail("skipped", "cancelled"), Code.dropped, BEFORE, ""),
    (
        Known((), (replace(PLACE, is_owed=True),), next_at=AFTER),
        Code.comes_again,
        AFTER,
        "each",
    ),
    (Known((), (replace(BEHIND, cadence="weekly"),), next_at=AFTER), Code.waits, AFTER, "weekly"),
    (Known((), (BEHIND,), suppressed_for="complaint"), Code.suppressed, None, "complaint"),
    (Known((), (BEHIND,), paused_until=AFTER), Code.paused, AFTER, ""),
    (Known((), (BEHIND,), withdrawn_at=BEFORE), Code.withdrawn, BEFORE, ""),
    (Known((), (PLACE,), launch=Launch("cancelled", "dropped", BEFORE)), Code.dropped, None, ""),
    (place(is_missed=True), Code.offered, None, ""),
    (place(confirmed_at=NOW), Code.confirmed_after, NOW, ""),
    (place(), Code.not_kept, BEFORE, ""),
    (place(state="pending", created_at=NOW), Code.unconfirmed, NOW, ""),
    (place(state="ended", ended_at=NOW), Code.ended, NOW, ""),
    (place(state=""), Code.not_subscribed, None, ""),
    (Known(), Code.not_sent, None, ""),
    (Known(launch=Launch("scheduled", "", AFTER)), Code.scheduled, AFTER, ""),
    (Known(launch=Launch("cancelled", "given-back", AFTER)), Code.not_sent, None, ""),
    (Known(withdrawn_at=BEFORE), Code.withdrawn, BEFORE, ""),
    (place(cursor=23, read_up_to=7), Code.ahead, None, "7"),
    (Known((), (replace(PLACE, read_up_to=7),), paused_until=AFTER), Code.paused, AFTER, ""),
    (place(seq=10**9, is_of_archive=True), Code.not_sent, None, ""),
]


@pytest.mark.parametrize(("known", "code", "at", "why"), ANSWERS)
def test_each_answer(known: Known, code: Code, at: datetime | None, why: str) -> None:
    answer = explain(known, NOW)
    assert (answer.code, answer.why) == (code, why)
    assert at is None or answer.at == at


@pytest.mark.parametrize(
    ("state", "reason"),
    [("skipped", "changed"), ("skipped", "paused"), ("expired", "too-late"), ("refused", "sender-fault")],
)
def test_what_was_given_back_comes_again(state: str, reason: str) -> None:
    """And once it came with another mail, that one is the answer."""
    first = replace(MAIL, state=state, reason=reason)
    owed = Known((first,), (replace(PLACE, is_owed=True),), next_at=AFTER)
    assert explain(owed, NOW).code == Code.comes_again
    second = replace(MAIL, campaign="weekly:2026-W10-2", state="accepted")
    assert explain(replace(owed, mailed=(second, first)), NOW) == Explanation(
        Code.received, BEFORE, "weekly:2026-W10-2"
    )


def test_the_better_of_two_notices_counts() -> None:
    """Who ended one and waits in the other still gets it."""
    ended, waiting = replace(PLACE, state="ended"), replace(BEHIND, notice="events")
    assert explain(Known((), (ended, waiting)), NOW).notice == "events"


def test_every_code_has_its_row() -> None:
    assert {row[1] for row in ANSWERS} == set(Code)
