"""Confirming: one button, one press, and a page for every later state (S8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from newsletter_app import campaigns, notices, subscriptions
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscriptions import ConsentRecord, Signup
from tests.factories import content, people
from tests.web.conftest import Readers, World
from tests.web.dom import Page


def path_of(world: World, signup: Signup) -> str:
    """Return the confirm page's address."""
    return f"/confirm/{world.token(Purpose.CONFIRM, (signup.id,), signup.nonce)}"


def state_of(world: World, signup: Signup) -> set[str]:
    """Return the states of what the signup asked for."""
    with world.write() as session:
        found = subscriptions.find_signup(session, signup.id)
        assert found is not None
        assert found.subscriber_id is not None
        rows = subscriptions.of_subscriber(session, found.subscriber_id, signup.notice_ids)
        return {row.state for row in rows}


@pytest.mark.parametrize(
    ("lang", "heading", "button"),
    [
        ("en", "Press one more time", "Yes, subscribe me"),
        ("fr", "Appuyez une dernière fois", "Oui, abonnez-moi"),
    ],
)
def test_page_has_one_button_and_masks_the_address(
    world: World, readers: Readers, lang: str, heading: str, button: str
) -> None:
    page = world.page(f"{path_of(world, readers.pending)}?lang={lang}")
    main = page.one("main")
    buttons = [one for one in page.all("button") if main in one.ancestors]
    assert [one.text for one in buttons] == [button]
    assert page.one("h1").text == heading
    assert "p•••@example.ca" in main.text
    assert "penny" not in main.text
    assert state_of(world, readers.pending) == {"pending"}


def test_pressing_twice_confirms_once_and_shows_the_same_page(
    world: World, readers: Readers, tip_numbers: list[int]
) -> None:
    path = path_of(world, readers.pending)
    first, second = world.post(path), world.post(path)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text == second.text
    assert state_of(world, readers.pending) == {"active"}
    assert Page(first.text).one("div", role="status").text == "You are subscribed"  # A6
    assert "Read tip 3 now" in first.text
    assert "Add tips@example.org to your contacts." in first.text
    assert world.get(path).text == first.text
    with world.write() as session:
        assert people.kinds(session).count("welcome") == 3
        records = session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
    last = records[-1]
    assert (last.act, last.page_url) == ("confirmed", "https://news.example.org/confirm")
    assert "Yes, subscribe me" in last.wording


def test_success_tells_when_the_first_tip_comes(
    world: World, readers: Readers, tip_numbers: list[int]
) -> None:
    with world.write() as session:
        notice = people.notices.find(session, 1)
        assert notice is not None
        coming = content.make_tip(session, notice, 9, world.clock())
        due_at = world.clock().replace(day=3, hour=16)
        campaigns.schedule(session, coming, due_at=due_at, by="test", now=world.clock())
    answer = world.post(path_of(world, readers.pending))
    assert "Your first tip comes on Tuesday, March\u00a03, about 9\u00a0a.m.</p>" in answer.text


def test_too_old_link_offers_a_new_one_without_typing(world: World, readers: Readers) -> None:
    world.clock.forward(days=7, seconds=1)
    page = world.page(path_of(world, readers.pending))
    assert page.one("h1").text == "This link is too old"
    main = page.one("main")
    assert not [one for one in page.all("input") if main in one.ancestors]  # S8: no typing
    answer = world.post(path_of(world, readers.pending))
    assert "Now open your email" in answer.text
    assert "penny@example.ca" not in answer.text
    assert state_of(world, readers.pending) == {"pending"}
    with world.write() as session:
        assert (
            session.scalars(select(Signup).order_by(Signup.id.desc())).first().address == "penny@example.ca"
        )


def test_stopped_since_says_when_and_starts_again(world: World, readers: Readers) -> None:
    path = path_of(world, readers.stopped_signup)
    page = world.page(path)
    assert page.one("h1").text == "You stopped these emails on March 2, 2026"
    assert state_of(world, readers.stopped_signup) == {"ended"}
    assert "You are subscribed" in world.post(path).text
    assert state_of(world, readers.stopped_signup) == {"active"}


def test_what_joined_after_the_page_was_shown_is_not_confirmed_unseen(world: World, readers: Readers) -> None:
    path = path_of(world, readers.pending)
    shown = world.page(path).values("notice")
    assert shown == [str(notice_id) for notice_id in readers.notice_ids[:2]]
    with world.write() as session:  # somebody else types the same address
        people.sign_up(session, readers.notice_ids[2:], world.clock(), address="penny@example.ca")
    answer = world.post(path, {"notice": shown})
    assert state_of(world, readers.pending) == {"pending"}
    page = Page(answer.text)
    assert page.one("h1").text == "Press one more time"
    assert "Our news" in page.one("main").text  # L1: consent is for what was shown
    assert "You are subscribed" in world.post(path, {"notice": page.values("notice")}).text
    assert state_of(world, readers.pending) == {"active"}


def test_welcome_for_an_added_notice_promises_no_date_of_another(
    world: World, readers: Readers, now: datetime
) -> None:
    with world.write() as session:
        tips_notice = notices.by_ids(session, [readers.notice_ids[0]])[0]
        tip = content.make_tip(session, tips_notice, 24, now)
        campaigns.schedule(session, tip, due_at=now + timedelta(days=1), by="bo@example.org", now=now)
        signup = people.sign_up(
            session, (readers.notice_ids[0], readers.notice_ids[2]), now + timedelta(days=1)
        )
    world.clock.forward(hours=1)
    assert "You are subscribed" in world.post(path_of(world, signup)).text
    with world.write() as session:
        welcome = people.mails(session)[-1]
        assert (welcome.kind, welcome.facts["notice_ids"]) == ("welcome", [readers.notice_ids[2]])
        assert welcome.facts["first_at"] is None
