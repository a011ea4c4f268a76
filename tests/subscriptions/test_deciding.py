"""Signups decided on a real database: who is mailed what, at most once a day, and what stays untouched."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import subscriptions, suppression
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.links import Purpose
from newsletter_app.kernel.rings import Ring
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.notices import Notice
from newsletter_app.service_mail import LinkSpec
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import ConsentRecord, Signup, Subscription
from tests.factories.people import (
    FORM_WORDING,
    HASH_KEY,
    ROSE,
    a_form,
    a_subscriber,
    an_active_reader,
    confirm,
    decide,
    kinds,
    mails,
    no_date,
    sign_up,
    states,
)

DAY = timedelta(days=1)


def test_a_new_address_is_pending_and_gets_the_confirm_mail(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:2], now)
    assert signup.outcome == "new"
    assert states(session, a_subscriber(session)) == {chosen[0]: "pending", chosen[1]: "pending"}
    (mail,) = mails(session)
    assert (mail.kind, mail.address, mail.language) == ("confirm", ROSE, "en")
    assert mail.facts["notice_ids"] == chosen[:2]
    spec = LinkSpec.from_facts(mail.facts["link"])
    assert (spec.purpose, spec.ids, spec.nonce) == (Purpose.CONFIRM, (signup.id,), signup.nonce)


def test_the_form_itself_looks_nothing_up(session: Session, now: datetime, chosen: list[int]) -> None:  # S1
    signup = subscriptions.receive(session, a_form(chosen), now)
    assert (signup.outcome, signup.subscriber_id, signup.decided_at) == (None, None, None)
    assert session.scalars(select(Subscriber)).all() == []
    assert kinds(session) == []


def test_the_worker_is_rung_once_the_form_is_kept(
    session: Session, now: datetime, chosen: list[int], rung: list[Ring]
) -> None:
    subscriptions.receive(session, a_form(chosen), now)
    assert rung == []
    session.commit()
    assert rung == [Ring("decide_signups")]


def test_consent_keeps_the_exact_wording_page_and_place(  # L1
    session: Session, now: datetime, chosen: list[int]
) -> None:
    signup = sign_up(session, chosen[:2], now)
    records = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
    assert [(record.act, record.notice_id) for record in records] == [
        ("asked", chosen[0]),
        ("asked", chosen[1]),
    ]
    record = records[0]
    assert (record.consent, record.source, record.signup_id) == ("express", "web", signup.id)
    assert (record.wording, record.language) == (FORM_WORDING, "en")
    assert (record.page_url, record.ip) == ("https://news.example.org/subscribe", "203.0.113.7")
    assert (record.user_agent, record.at) == ("a phone", now)


def test_one_mail_a_day_whatever_the_notices(  # S2, L10
    session: Session, now: datetime, chosen: list[int]
) -> None:
    for notice_id in chosen:
        sign_up(session, [notice_id], now)
    assert kinds(session) == ["confirm"]
    # 9 a.m. plus 14 hours is still Monday in Edmonton, plus 15 hours is Tuesday.
    sign_up(session, chosen[:1], now + timedelta(hours=14))
    assert len(kinds(session)) == 1
    sign_up(session, chosen[:1], now + timedelta(hours=15))
    assert kinds(session) == ["confirm", "confirm"]


def test_case_makes_no_second_address_but_a_tag_does(  # S6
    session: Session, now: datetime, chosen: list[int]
) -> None:
    sign_up(session, chosen[:1], now, address="Rose@Example.ca")
    sign_up(session, chosen[:1], now, address="rose@example.CA")
    assert [mail.address for mail in mails(session)] == ["Rose@example.ca"]
    sign_up(session, chosen[:1], now, address="rose+tips@example.ca")
    assert len(mails(session)) == 2


def test_a_later_signup_of_the_day_joins_the_mailed_one(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    first = sign_up(session, chosen[:1], now)
    second = sign_up(session, chosen[1:2], now + timedelta(minutes=5))
    assert second.outcome == "pending"
    assert first.notice_ids == chosen[:2]
    confirm(session, first, now + timedelta(hours=1))
    assert states(session, a_subscriber(session)) == {chosen[0]: "active", chosen[1]: "active"}
    assert second.confirmed_at is not None
    asked = select(ConsentRecord.signup_id).where(ConsentRecord.act == "asked").order_by(ConsentRecord.id)
    assert session.scalars(asked).all() == [first.id, second.id]


def test_a_signup_of_the_next_day_confirms_what_it_asked_and_no_more(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    sign_up(session, chosen[:1], now)
    second = sign_up(session, chosen[1:2], now + DAY)
    confirm(session, second, now + DAY)
    assert states(session, a_subscriber(session)) == {chosen[0]: "pending", chosen[1]: "active"}


def test_a_repeated_signup_undoes_nothing_for_an_active_reader(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    before = subscriptions.of_subscriber(session, reader.id)[0]
    kept = (before.state, before.confirmed_at, before.cursor)
    signup = sign_up(session, chosen[:2], now + DAY)
    session.refresh(before)
    assert signup.outcome == "active"
    assert (before.state, before.confirmed_at, before.cursor) == kept
    assert states(session, reader) == {chosen[0]: "active", chosen[1]: "pending"}
    already = mails(session)[-1]
    assert already.kind == "already"
    assert (already.facts["notice_ids"], already.facts["new_notice_ids"]) == (chosen[:1], chosen[1:2])
    assert LinkSpec.from_facts(already.facts["add"]).ids == (signup.id,)
    assert LinkSpec.from_facts(already.facts["choices"]).purpose is Purpose.CHOICES


def test_already_without_new_notices_offers_nothing_to_add(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    an_active_reader(session, chosen[:1], now)
    sign_up(session, chosen[:1], now + DAY)
    assert "add" not in mails(session)[-1].facts


def test_already_says_when_the_next_one_comes(session: Session, now: datetime, chosen: list[int]) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    signup = subscriptions.receive(session, a_form(chosen), now + DAY)
    due_at = now + timedelta(days=3)
    subscriptions.decide(
        session,
        signup,
        hash_key=HASH_KEY,
        now=now + DAY,
        next_due_at=lambda _, subscriber_id: due_at if subscriber_id == reader.id else None,
    )
    assert mails(session)[-1].facts["next_at"] == due_at.isoformat()


def test_already_is_written_in_the_readers_language(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    signup = subscriptions.receive(session, a_form(chosen, language="fr"), now + DAY)
    decide(session, signup, now + DAY)
    assert (mails(session)[-1].language, reader.language) == ("en", "en")


def test_who_left_can_come_back(session: Session, now: datetime, chosen: list[int]) -> None:
    reader = an_active_reader(session, chosen[:1], now)
    subscriptions.stop(session, reader.id, None, source="one-click", now=now)
    signup = sign_up(session, chosen[:1], now + DAY)
    assert (signup.outcome, kinds(session)[-1]) == ("ended", "confirm")
    assert states(session, reader)[chosen[0]] == "pending"
    assert confirm(session, signup, now + DAY).state == "done"
    assert states(session, reader)[chosen[0]] == "active"


@pytest.mark.parametrize(
    ("scope", "reason", "outcome", "sent"),
    [
        ("bulk", "bounce", "new", ["confirm"]),  # M42
        ("bulk", "erased", "new", ["confirm"]),
        ("bulk", "complaint", "complained", []),
        ("all", "by-hand", "suppressed", []),
        ("all", "legal", "suppressed", []),
    ],
)
def test_suppressed_addresses(
    session: Session,
    now: datetime,
    chosen: list[int],
    scope: suppression.Scope,
    reason: str,
    outcome: str,
    sent: list[str],
) -> None:
    key = address_key(HASH_KEY, parse_address(ROSE))
    suppression.suppress(session, key, scope, reason, "a test", now)
    signup = sign_up(session, chosen[:1], now)
    assert (signup.outcome, kinds(session)) == (outcome, sent)
    if sent:
        confirm(session, signup, now)
        assert suppression.is_suppressed(session, key, "bulk") is None
    else:
        assert session.scalars(select(Subscriber)).all() == []


def test_a_retired_notice_is_left_out_and_the_rest_kept(
    session: Session, now: datetime, chosen: list[int]
) -> None:
    session.get_one(Notice, chosen[0]).offered = False
    session.flush()
    sign_up(session, chosen[:2], now)
    assert states(session, a_subscriber(session)) == {chosen[1]: "pending"}
    assert sign_up(session, chosen[:1], now, address="ann@example.ca").outcome == "gone"
    assert len(mails(session)) == 1


class TestAskingForTheLink:
    def ask(self, session: Session, now: datetime, address: str = ROSE) -> Signup:
        signup = subscriptions.ask_for_link(session, a_form((), address=address), now)
        decide(session, signup, now)
        return signup

    def test_a_reader_gets_a_fresh_link(self, session: Session, now: datetime, chosen: list[int]) -> None:
        an_active_reader(session, chosen[:1], now)
        signup = self.ask(session, now)
        assert (signup.outcome, kinds(session)[-1]) == ("link", "link")
        spec = LinkSpec.from_facts(mails(session)[-1].facts["link"])
        assert (spec.purpose, spec.ids) == (Purpose.MANAGE, (signup.id,))

    def test_the_link_too_is_sent_again_once(  # S2
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        an_active_reader(session, chosen[:1], now)
        signup = self.ask(session, now)
        self.ask(session, now + timedelta(minutes=1))
        assert kinds(session).count("link") == 1
        subscriptions.ask_again(session, signup, now + timedelta(minutes=10))
        (again,) = subscriptions.undecided_ids(session, 10)
        decide(session, session.get_one(Signup, again), now + timedelta(minutes=10))
        first, second = (mail for mail in mails(session) if mail.kind == "link")
        assert first.facts == second.facts

    def test_who_left_still_has_data_here(self, session: Session, now: datetime, chosen: list[int]) -> None:
        reader = an_active_reader(session, chosen[:1], now)
        subscriptions.stop(session, reader.id, None, source="one-click", now=now)
        assert self.ask(session, now).outcome == "link"

    def test_an_unknown_address_is_told_once_a_day(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        assert self.ask(session, now).outcome == "unknown"
        self.ask(session, now + timedelta(hours=1))
        assert kinds(session) == ["unknown"]
        assert session.scalars(select(Subscriber)).all() == []

    def test_a_pending_reader_is_mailed_nothing_but_confirm(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        signup = sign_up(session, chosen[:1], now)
        self.ask(session, now)
        assert kinds(session) == ["confirm"]
        self.ask(session, now + DAY)
        assert kinds(session) == ["confirm", "confirm"]
        assert LinkSpec.from_facts(mails(session)[-1].facts["link"]).ids == (signup.id,)


class TestAskingAgain:
    def test_too_early_says_when(self, session: Session, now: datetime, chosen: list[int]) -> None:
        signup = sign_up(session, chosen[:1], now)
        result = subscriptions.ask_again(session, signup, now + timedelta(minutes=9))
        assert (result.code, result.not_before) == ("too-early", now + timedelta(minutes=10))

    def test_one_resend_a_day_with_the_same_link(  # S2
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        signup = sign_up(session, chosen[:1], now)
        later = now + timedelta(minutes=10)
        assert subscriptions.ask_again(session, signup, later).code == "sent"
        assert subscriptions.ask_again(session, signup, later).code == "used"
        other = sign_up(session, chosen[1:2], later)
        assert subscriptions.ask_again(session, other, later + timedelta(minutes=10)).code == "sent"
        for signup_id in subscriptions.undecided_ids(session, 10):
            decide(session, session.get_one(Signup, signup_id), later)
        first, second = mails(session)
        assert (first.kind, second.kind) == ("confirm", "confirm")
        assert first.facts["link"] == second.facts["link"]

    def test_the_resend_of_a_joined_signup_leads_to_its_host(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        host = sign_up(session, chosen[:1], now)
        joined = sign_up(session, chosen[1:2], now)
        subscriptions.ask_again(session, joined, now + timedelta(minutes=10))
        (again,) = subscriptions.undecided_ids(session, 10)
        decide(session, session.get_one(Signup, again), now + timedelta(minutes=10))
        mail = mails(session)[-1]
        assert LinkSpec.from_facts(mail.facts["link"]).ids == (host.id,)
        assert mail.facts["notice_ids"] == chosen[:2]

    def test_a_signup_after_confirming_the_same_day_is_reached_by_the_resend(
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        reader = an_active_reader(session, chosen[:1], now)
        more = sign_up(session, chosen[1:2], now + timedelta(hours=1))
        assert kinds(session) == ["confirm", "welcome"]
        subscriptions.ask_again(session, more, now + timedelta(hours=2))
        (again,) = subscriptions.undecided_ids(session, 10)
        decide(session, session.get_one(Signup, again), now + timedelta(hours=2))
        assert LinkSpec.from_facts(mails(session)[-1].facts["add"]).ids == (more.id,)
        confirm(session, more, now + timedelta(hours=3))
        assert states(session, reader) == {chosen[0]: "active", chosen[1]: "active"}

    def test_asking_again_reads_no_other_signup(  # S1
        self, session: Session, now: datetime, chosen: list[int]
    ) -> None:
        known = sign_up(session, chosen[:1], now)
        later = now + timedelta(minutes=10)
        subscriptions.ask_again(session, known, later)
        stranger = subscriptions.receive(session, a_form(chosen), now)
        assert subscriptions.ask_again(session, stranger, later).code == "sent"


def in_two_threads(work: Callable[[int], object]) -> list[object]:
    """Run ``work`` twice at the same moment."""
    barrier = Barrier(2)

    def begin(number: int) -> object:
        barrier.wait(timeout=10)
        return work(number)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(begin, range(2)))


def test_two_workers_at_one_signup_make_one_mail(
    session: Session, sessions: sessionmaker[Session], now: datetime, chosen: list[int]
) -> None:
    signup_id = subscriptions.receive(session, a_form(chosen), now).id
    session.commit()

    def work(_: int) -> object:
        with sessions.begin() as own:
            return decide(own, own.get_one(Signup, signup_id), now)

    assert in_two_threads(work) == ["new", "new"]
    assert kinds(session) == ["confirm"]


def test_two_signups_of_one_address_at_once_make_one_mail_for_both(  # S2
    session: Session, sessions: sessionmaker[Session], now: datetime, chosen: list[int]
) -> None:
    ids = [subscriptions.receive(session, a_form([notice]), now).id for notice in chosen[:2]]
    session.commit()

    def work(number: int) -> object:
        with sessions.begin() as own:
            return decide(own, own.get_one(Signup, ids[number]), now)

    assert sorted(map(str, in_two_threads(work))) == ["new", "pending"]
    (mail,) = mails(session)
    host = session.get_one(Signup, LinkSpec.from_facts(mail.facts["link"]).ids[0], populate_existing=True)
    assert host.notice_ids == chosen[:2]
    confirm(session, host, now)
    assert states(session, a_subscriber(session)) == {chosen[0]: "active", chosen[1]: "active"}


def test_decide_all_decides_each_in_its_own_transaction(
    session: Session, unit_of_work: UnitOfWork, now: datetime, chosen: list[int]
) -> None:
    for name in ("ann", "bob", "cleo"):
        subscriptions.receive(session, a_form(chosen, address=f"{name}@example.ca"), now)
    session.commit()
    done = subscriptions.decide_all(
        unit_of_work, hash_key=HASH_KEY, clock=lambda: now, next_due_at=no_date, limit=2
    )
    assert done == 2
    assert len(subscriptions.undecided_ids(session, 10)) == 1
    assert kinds(session) == ["confirm", "confirm"]
    assert {row.state for row in session.scalars(select(Subscription))} == {"pending"}


def test_a_burst_behind_one_ring_is_decided_round_after_round(
    session: Session, unit_of_work: UnitOfWork, now: datetime, chosen: list[int], rung: list[Ring]
) -> None:
    """Each round that was full asks for another; one that was not does not."""
    for name in ("ann", "bob", "cleo"):
        subscriptions.receive(session, a_form(chosen, address=f"{name}@example.ca"), now)
    session.commit()
    rounds = []
    while Ring("decide_signups") in rung:
        rung.clear()
        done = subscriptions.decide_all(
            unit_of_work, hash_key=HASH_KEY, clock=lambda: now, next_due_at=no_date, limit=2
        )
        rounds.append(done)
    assert rounds == [2, 1]
