"""Stopping, starting again, choosing, and what staff records, on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import audit, notices, subscriptions, suppression
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.links import Purpose
from newsletter_app.notices import Notice
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscriptions import ConsentRecord, Stopped
from newsletter_app.subscriptions.stopping import StartSource, StopSource
from tests.factories.people import (
    EVIDENCE,
    HASH_KEY,
    ROSE,
    a_subscriber,
    an_active_reader,
    kinds,
    mails,
    sign_up,
    states,
)

DAY = timedelta(days=1)


def acts(session: Session) -> list[tuple[str, int, str]]:
    """Return act, notice and source of every consent record, oldest first."""
    rows = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id))
    return [(row.act, row.notice_id, row.source) for row in rows]


def test_one_press_ends_the_notices_of_the_mail(
    session: Session, now: datetime, chosen: list[int]
) -> None:  # L8
    reader = an_active_reader(session, chosen, now)
    stopped = subscriptions.stop(session, reader.id, chosen[:2], source="one-click", now=now + DAY)
    assert stopped == Stopped(tuple(chosen[:2]), {})
    assert states(session, reader) == {chosen[0]: "ended", chosen[1]: "ended", chosen[2]: "active"}
    row = subscriptions.of_subscriber(session, reader.id, chosen[:1])[0]
    assert (row.ended_at, row.end_reason) == (now + DAY, "one-click")


def test_all_at_once(session: Session, now: datetime, chosen: list[int]) -> None:  # L9
    reader = an_active_reader(session, chosen, now)
    sign_up(session, chosen, now + DAY)
    assert subscriptions.stop(session, reader.id, None, source="page", now=now).ended == tuple(chosen)
    assert set(states(session, reader).values()) == {"ended"}


def test_stopping_twice_tells_since_when(session: Session, now: datetime, chosen: list[int]) -> None:  # M28
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    again = subscriptions.stop(session, reader.id, chosen[:1], source="one-click", now=now + DAY)
    assert again == Stopped((), {chosen[0]: now})
    assert [act for act, _, _ in acts(session)].count("withdrawn") == 1


def test_stopping_works_when_the_reader_is_gone(
    session: Session, now: datetime, chosen: list[int]
) -> None:  # M30
    assert subscriptions.stop(session, 4711, chosen, source="one-click", now=now) == Stopped((), {})


def test_stopping_reaches_a_retired_notice(session: Session, now: datetime, chosen: list[int]) -> None:  # M30
    reader = an_active_reader(session, chosen[:1], now)
    session.get_one(Notice, chosen[0]).offered = False
    session.flush()
    assert subscriptions.stop(session, reader.id, chosen, source="one-click", now=now).ended == (chosen[0],)


def test_the_withdrawal_is_recorded(session: Session, now: datetime, chosen: list[int]) -> None:  # L1
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="page", evidence=EVIDENCE, now=now)
    assert acts(session)[-1] == ("withdrawn", chosen[0], "page")
    record = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()
    assert record is not None
    assert (record.ip, record.wording) == (EVIDENCE.ip, EVIDENCE.wording)


@pytest.mark.parametrize(
    ("source", "goodbyes"), [("page", 1), ("choices", 1), ("one-click", 0), ("mail", 0), ("staff", 0)]
)
def test_goodbye_only_after_a_page(
    session: Session, now: datetime, chosen: list[int], source: StopSource, goodbyes: int
) -> None:
    reader = an_active_reader(session, chosen[:2], now)
    subscriptions.stop(session, reader.id, chosen[:1], source=source, now=now)
    assert kinds(session).count("goodbye") == goodbyes
    if goodbyes:
        spec = LinkSpec.from_facts(mails(session)[-1].facts["link"])
        assert (spec.purpose, spec.ids, spec.nonce) == (Purpose.RESTART, (reader.id, chosen[0]), reader.nonce)


def test_pressing_to_and_fro_sends_one_goodbye_a_day(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    for _ in range(3):
        subscriptions.stop(session, reader.id, None, source="page", now=now)
        subscriptions.start_again(session, reader.id, chosen, source="undo", evidence=EVIDENCE, now=now)
    assert kinds(session).count("goodbye") == 1


@pytest.mark.parametrize(
    ("source", "after", "starts"),
    [
        ("undo", DAY, True),
        ("undo", DAY + timedelta(minutes=1), False),
        ("restart", 30 * DAY, True),
        ("restart", 30 * DAY + timedelta(minutes=1), False),
        ("choices", 300 * DAY, True),
        ("confirm-page", 2 * DAY, True),
    ],
)
def test_starting_again(
    session: Session, now: datetime, chosen: list[int], source: StartSource, after: timedelta, starts: bool
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    notices.next_seq(session, chosen[0])
    started = subscriptions.start_again(
        session, reader.id, chosen, source=source, evidence=EVIDENCE, now=now + after
    )
    assert started == (tuple(chosen[:1]) if starts else ())
    (row,) = subscriptions.of_subscriber(session, reader.id)
    at_head = 0 if source == "undo" else 1
    assert (row.state, row.cursor) == (("active", at_head) if starts else ("ended", 0))
    assert acts(session)[-1][0] == ("restarted" if starts else "withdrawn")


def test_starting_again_adds_no_notice_one_never_had(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    assert (
        subscriptions.start_again(session, reader.id, chosen, source="choices", evidence=EVIDENCE, now=now)
        == ()
    )
    assert states(session, reader) == {chosen[0]: "active"}
    assert subscriptions.start_again(session, 4711, chosen, source="undo", evidence=EVIDENCE, now=now) == ()


class TestChoosing:
    def test_adds_at_once_and_ends_the_rest(self, session: Session, now: datetime, chosen: list[int]) -> None:
        reader = an_active_reader(session, chosen[:1], now)
        notices.next_seq(session, chosen[1])
        done = subscriptions.choose(session, reader, chosen[1:], evidence=EVIDENCE, now=now + DAY)
        assert (done.added, done.ended) == (tuple(chosen[1:]), (chosen[0],))
        assert states(session, reader) == {chosen[0]: "ended", chosen[1]: "active", chosen[2]: "active"}
        assert subscriptions.of_subscriber(session, reader.id, [chosen[1]])[0].cursor == 1
        assert kinds(session)[-1] == "goodbye"
        recorded = acts(session)[-3:]
        assert recorded == [
            ("confirmed", chosen[1], "choices"),
            ("confirmed", chosen[2], "choices"),
            ("withdrawn", chosen[0], "choices"),
        ]

    def test_a_second_save_changes_nothing(self, session: Session, now: datetime, chosen: list[int]) -> None:
        reader = an_active_reader(session, chosen[:1], now)
        before = acts(session)
        done = subscriptions.choose(session, reader, chosen[:1], evidence=EVIDENCE, now=now)
        assert (done.added, done.ended, acts(session)) == ((), (), before)

    def test_what_was_had_before_is_restarted(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        reader = an_active_reader(session, chosen[:1], now)
        subscriptions.stop(session, reader.id, None, source="one-click", now=now)
        subscriptions.choose(session, reader, chosen[:1], evidence=EVIDENCE, now=now)
        assert acts(session)[-1] == ("restarted", chosen[0], "choices")

    def test_a_retired_or_unknown_notice_cannot_be_added(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        reader = an_active_reader(session, chosen[:2], now)
        session.get_one(Notice, chosen[2]).offered = False
        session.get_one(Notice, chosen[1]).offered = False
        session.flush()
        done = subscriptions.choose(session, reader, [*chosen, 4711], evidence=EVIDENCE, now=now)
        assert (done.added, done.ended) == ((), ())
        assert states(session, reader) == {chosen[0]: "active", chosen[1]: "active"}


class TestStaff:
    def add(self, session: Session, now: datetime, ids: list[int], by: str = "staff@example.org") -> str:
        return subscriptions.add_by_staff(
            session,
            parse_address(ROSE),
            ids,
            "fr",
            source="phone",
            by=by,
            wording="Envoyez-moi les Conseils santé",
            hash_key=HASH_KEY,
            now=now,
        ).code

    def test_active_at_once_with_proof_and_welcome(  # L1
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        notices.next_seq(session, chosen[0])
        assert self.add(session, now, chosen[:1]) == "added"
        reader = a_subscriber(session)
        (row,) = subscriptions.of_subscriber(session, reader.id)
        assert (row.state, row.cursor, reader.language) == ("active", 1, "fr")
        (record,) = session.scalars(select(ConsentRecord))
        assert (record.act, record.source, record.recorded_by) == ("added", "phone", "staff@example.org")
        assert (record.wording, record.consent) == ("Envoyez-moi les Conseils santé", "express")
        assert [(mail.kind, mail.language) for mail in mails(session)] == [("welcome", "fr")]
        (entry,) = audit.newest(session)
        assert (entry.actor, entry.action, entry.subject) == (
            "staff@example.org",
            "subscriber.added",
            f"subscriber:{reader.id}",
        )

    def test_a_pending_reader_becomes_active(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        sign_up(session, chosen[:1], now)
        assert self.add(session, now, chosen[:1]) == "added"
        assert self.add(session, now, chosen[:1]) == "nothing-new"
        assert kinds(session) == ["confirm", "welcome"]

    @pytest.mark.parametrize(
        ("scope", "reason", "code"),
        [("bulk", "complaint", "complained"), ("all", "legal", "suppressed"), ("bulk", "bounce", "added")],
    )
    def test_suppressed(
        self,
        session: Session,
        now: datetime,
        chosen: list[int],
        scope: suppression.Scope,
        reason: str,
        code: str,
    ) -> None:
        from_key = address_key(HASH_KEY, parse_address(ROSE))
        suppression.suppress(session, from_key, scope, reason, "a test", now)
        assert self.add(session, now, chosen[:1]) == code
        assert (suppression.is_suppressed(session, from_key, "bulk") is None) == (code == "added")

    def test_a_name_is_required_and_the_source_is_phone_or_paper(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        with pytest.raises(Breach, match="by-missing"):
            self.add(session, now, chosen, by=" ")
        with pytest.raises(Breach, match="source-unknown"):
            subscriptions.stop_by_staff(
                session, parse_address(ROSE), source="rumour", by="x@example.org", hash_key=HASH_KEY, now=now
            )

    def test_stopping_by_phone(self, session: Session, now: datetime, chosen: list[int]) -> None:
        reader = an_active_reader(session, chosen[:2], now)
        stopped = subscriptions.stop_by_staff(
            session,
            parse_address("Rose@EXAMPLE.ca"),
            source="phone",
            by="staff@example.org",
            hash_key=HASH_KEY,
            now=now,
        )
        assert stopped == Stopped(tuple(chosen[:2]), {})
        assert set(states(session, reader).values()) == {"ended"}
        assert acts(session)[-1] == ("withdrawn", chosen[1], "phone")
        assert "goodbye" not in kinds(session)

    def test_stopping_an_unknown_address(self, session: Session, now: datetime, chosen: list[int]) -> None:
        assert (
            subscriptions.stop_by_staff(
                session,
                parse_address(ROSE),
                source="paper",
                by="staff@example.org",
                hash_key=HASH_KEY,
                now=now,
            )
            is None
        )


def test_many_ways_of_choosing_make_few_goodbyes(session: Session, now: datetime, chosen: list[int]) -> None:
    reader = an_active_reader(session, chosen, now)
    for wanted in ([1, 2], [1, 3], [2, 3], [1], [2], [3]):
        subscriptions.choose(session, reader, chosen, evidence=EVIDENCE, now=now)
        subscriptions.choose(session, reader, wanted, evidence=EVIDENCE, now=now)
    assert kinds(session).count("goodbye") == 3  # S2: whoever was forwarded a mail holds its link
    subscriptions.choose(session, reader, chosen, evidence=EVIDENCE, now=now)
    subscriptions.stop(session, reader.id, None, source="page", now=now + DAY)
    assert kinds(session).count("goodbye") == 4
