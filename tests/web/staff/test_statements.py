"""What the console's pages ask the database: nothing twice, and no more for many rows than for a few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, notices
from newsletter_app.delivery import DeliveryCount
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.tips import Tip, writing
from newsletter_app.web.known import EXTENSION, Memory
from tests.factories.content import make_tip
from tests.factories.engine import make_reader
from tests.factories.staff import make_staff
from tests.web.conftest import World
from tests.web.staff.conftest import Desk, Desks

FEW, MANY = 2, 9
# Tips of which each list shows some: scheduled, held, sent, on the web alone, a draft.
KINDS = ("scheduled", "held", "sent", "shown", "draft")
# By id; what is written of the first one differs from what readers see.
ON_THE_WEB, A_DRAFT = 1, 5
LISTS = (
    "/console",
    "/console/account",
    "/console/campaigns",
    "/console/log",
    "/console/staff",
    "/console/tips",
    "/console/tips/{tip}/revisions",
)
PAGES = (
    *LISTS,
    "/console/board/2026-03",
    "/console/campaigns/{campaign}",
    "/console/campaigns/{campaign}/progress",
    "/console/tips/{draft}",
    "/console/tips/{tip}",
    "/console/tips/{draft}/checks",
    "/console/tips/{draft}/preview",
    "/console/tips/{draft}/preview/mail?side=en",
    "/console/tips/{draft}/preview/page?side=fr",
    "/console/tips/{tip}/reader",
    "/console/tips/{tip}/references?source=walk",
    "/console/tips/{draft}/send",
    "/console/tips/{draft}/send/check?when=now&notice=1",
)


@pytest.fixture
def owner(world: World, desk: Desks) -> Desk:
    """Give an owner at the console, before whom lies a few of everything."""
    # What is known is read anew each second, which on a busy machine passes between two answers.
    world.app.extensions[EXTENSION] = Memory(monotonic=lambda: 0.0)
    add(world, 1, FEW)
    return desk("owner")


def add(world: World, first: int, last: int) -> None:
    """Add of each kind the numbers from ``first`` to ``last``: tips, campaigns, acts, people, revisions."""
    with world.write() as session:
        for number in range(first, last + 1):
            for place, kind in enumerate(KINDS):
                _add_tip(session, world, 100 * place + number, kind)
            audit.note(
                session, actor="eve@example.org", action="tip.saved", subject="tip:1", now=world.clock()
            )
            make_staff(session, "editor", world.clock(), address=f"editor{number}@example.org")
        _revise(session, world, last)


def _add_tip(session: Session, world: World, number: int, kind: str) -> None:
    now = world.clock()
    tip = make_tip(session, notices.offered(session)[0], number, now)
    if kind == "draft":
        tip.state = tip.stage = "draft"
    if kind in ("draft", "shown"):
        return
    campaign = campaigns.schedule(session, tip, due_at=now + timedelta(days=number), by="eve", now=now)
    if kind == "held":
        campaign.state, campaign.paused_by, campaign.pause_reason = "paused", "question", "overdue"
    if kind == "sent":
        campaign.state, campaign.started_at, campaign.finished_at = "finished", now, now
        session.add(DeliveryCount(campaign_id=campaign.id, state="accepted", reason="", readers=5))


def _revise(session: Session, world: World, until: int) -> None:
    tip = session.get_one(Tip, ON_THE_WEB)
    while (before := writing.written(session, tip, "en")).revision < until:
        text = writing.SideText(title="Walk", lead="Walk.", body=f"Walk {before.revision} times.")
        by = f"editor{before.revision}@example.org"
        writing.write(session, tip, "en", text, base=before.revision, by=by, now=world.clock())


@contextmanager
def asked(world: World) -> Iterator[list[str]]:
    """Collect the statements, each with its values."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append(f"{statement} {values}")

    event.listen(world.ports.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(world.ports.engine, "before_cursor_execute", note)


def questions(world: World, desk: Desk, path: str) -> list[str]:
    """Return what a look at a page asks, a second time: the first one may read what is kept for a while."""
    path = path.format(tip=ON_THE_WEB, draft=A_DRAFT, campaign=1)
    for _ in range(2):
        with asked(world) as seen:
            answer = desk.get(path)
    assert answer.status_code == 200, path
    return seen


def test_more_rows_bring_no_more_questions(world: World, owner: Desk) -> None:
    few = {path: len(questions(world, owner, path)) for path in LISTS}
    add(world, FEW + 1, MANY)
    assert {path: len(questions(world, owner, path)) for path in LISTS} == few


def test_lists_read_titles_and_no_texts(world: World, owner: Desk) -> None:
    for path in ("/console/tips", "/console/campaigns"):
        seen = questions(world, owner, path)
        assert [one for one in seen if "tip_sides.title" in one], path
        assert not [one for one in seen if "tip_sides.body" in one or "tip_references" in one], path


def test_nothing_is_asked_twice(world: World, owner: Desk) -> None:
    for path in PAGES:
        seen = questions(world, owner, path)
        assert len(seen) > 1, path
        assert sorted({one for one in seen if seen.count(one) > 1}) == [], path


def test_nothing_is_asked_twice_about_a_reader(world: World, owner: Desk) -> None:
    """The address is posted so that no log keeps it; nothing can be written on the way."""
    with world.write() as session:
        rose = make_reader(session, 1, notices.offered(session), world.clock(), cadence="weekly")
        rose.address_key = address_key(world.ports.settings.hash_key, parse_address(rose.address))
    for _ in range(2):
        with asked(world) as seen:
            answer = owner.post(f"/console/tips/{ON_THE_WEB}/reader", {"address": "reader1@example.ca"})
    assert "They do not read its notice" not in answer.text
    assert answer.status_code == 200
    assert "PRAGMA query_only=ON ()" in seen
    assert sorted({one for one in seen if seen.count(one) > 1}) == []


def test_earlier_texts_come_fifty_on_a_page_without_what_they_say(world: World, owner: Desk) -> None:
    with world.write() as session:
        _revise(session, world, until=60)
    path = f"/console/tips/{ON_THE_WEB}/revisions"
    with asked(world) as seen:
        first = hrefs(owner, path)
    assert not [one for one in seen if "tip_revisions.content" in one]
    second = hrefs(owner, f"{path}?page=2")
    of_english = [[href for href in page if "/en/revisions/" in href] for page in (first, second)]
    assert [len(each) for each in of_english] == [50, 10]
    assert not set(first) & set(of_english[1])
    assert (f"{path}?page=2" in first, f"{path}?page=1" in second, f"{path}?page=3" in second) == (
        True,
        True,
        False,
    )
    for page in ("0", "-3", "x", "99999999999999999999"):
        assert hrefs(owner, f"{path}?page={page}") == first


def hrefs(desk: Desk, path: str) -> list[str]:
    """Return where the links of a page lead, those around it left out."""
    page = desk.page(path)
    main = page.one("main")
    return [link["href"] for link in page.all("a") if main in link.ancestors]
