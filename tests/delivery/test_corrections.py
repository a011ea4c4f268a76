"""Corrections by mail: to exactly those who were mailed the tip as it was, once, with their next mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest
from sqlalchemy import Connection, Engine, event, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from newsletter_app import campaigns, organisation, outbox, subscribers, suppression, tips
from newsletter_app.campaigns import Campaign, Wish, launch_due, schedule_digests
from newsletter_app.delivery import Delivery, ShardLease, drop_cancelled, lately_sent
from newsletter_app.ledger import Office, State
from newsletter_app.notices import Notice
from newsletter_app.planning import gather, reach
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription, Untold, end_pauses, missed_by, set_cadences
from newsletter_app.tips import Correction, Tip
from tests.delivery.conftest import World
from tests.factories.content import make_draft, make_notice, make_organisation, make_tip
from tests.factories.engine import make_campaign, make_reader

NOTE_EN, NOTE_FR = "Ten minutes, not an hour.", "Dix minutes, pas une heure."
TITLE_EN, TITLE_FR = "A correction to Tip 24: ", "Correction au conseil 24\u00a0: "
TUESDAY = timedelta(days=8)  # From the Monday of the tests to the next week's mail, sent at 9 o'clock.


@dataclass
class Desk:
    """A newsletter from day to day: tips go out, a tick does what is due, and the mails are read."""

    world: World
    office: Office
    read: int = 0

    def tick(self, **later: float) -> dict[int, EmailMessage]:
        """Do what beat asks for, so much later; return the new mail of each reader, one at most."""
        self.world.clock.move(**later)
        now = self.world.clock()
        with self.world.unit_of_work() as session:
            end_pauses(session, now)
            while gather(session, now):
                continue
            schedule_digests(session, now)
            begun = launch_due(session, now)
        for self.world.campaign_id in begun:
            self.world.plan()
        with self.world.unit_of_work() as session:
            open_ = session.scalars(select(ShardLease.campaign_id).distinct()).all()
        for self.world.campaign_id in open_:
            self.world.send(self.office)
        return self._new()

    def _new(self) -> dict[int, EmailMessage]:
        with self.world.unit_of_work() as session:
            mails = sorted(outbox.newest(session, 1000), key=lambda mail: mail.id)[self.read :]
        self.read += len(mails)
        found = {}
        for mail in mails:
            number = int(mail.recipient.partition("@")[0].removeprefix("reader"))
            assert number not in found
            found[number] = message_from_bytes(mail.message, policy=policy.default)
        return found

    def publish(self, number: int) -> None:
        """Let a new tip go to the readers of health tips now."""
        now = self.world.clock()
        with self.world.unit_of_work() as session:
            notice = session.get_one(Notice, 1)
            make_campaign(session, make_tip(session, notice, number, now), [notice], now)

    def rewrite(self, language: str = "en") -> None:
        """Save another text of one side of tip 24, as an import does."""
        with self.world.unit_of_work() as session:
            draft = make_draft(24, language, lead="Ten minutes may help.")
            tips.save_draft(session, draft, notice=session.get_one(Notice, 1), now=self.world.clock())

    def correct(self, note_en: str = NOTE_EN, note_fr: str = NOTE_FR, **how: bool) -> int:
        """Correct tip 24."""
        with self.world.unit_of_work() as session:
            told = campaigns.correct(
                session, tip_24(session), note_en, note_fr, by="bo", now=self.world.clock(), **how
            )
            return told.id

    def reader(self, number: int, **wishes: object) -> None:
        """Add a reader of health tips."""
        with self.world.unit_of_work() as session:
            notice = session.get_one(Notice, 1)
            make_reader(session, number, [notice], self.world.clock(), **wishes)

    def pause(self, number: int, **long: float) -> None:
        with self.world.unit_of_work() as session:
            until = self.world.clock() + timedelta(**long)
            subscribers.pause(session, session.get_one(Subscriber, number), until)

    def stop(self, number: int) -> None:
        with self.world.unit_of_work() as session:
            end(session, number)

    def untold(self) -> set[int]:
        """Return who is down as still to be told."""
        with self.world.unit_of_work() as session:
            return set(session.scalars(select(Untold.subscriber_id)))


def tip_24(session: Session) -> Tip:
    tip = tips.find_by_number(session, 24)
    assert tip is not None
    return tip


def end(session: Session, number: int) -> None:
    session.execute(update(Subscription).where(Subscription.subscriber_id == number).values(state="ended"))


def told(mails: dict[int, EmailMessage]) -> set[int]:
    """Return whose mail tells of the correction, in both of its parts."""
    found = set()
    for number, mail in mails.items():
        parts = [mail.get_body([kind]) for kind in ("html", "plain")]
        holds = {
            TITLE_EN in text or TITLE_FR in text
            for text in (unescape(str(part.get_content())) for part in parts if part)
        }
        assert len(holds) == 1
        found |= {number} if holds == {True} else set()
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(["plain"])
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """Give a Monday with readers 1 (each tip), 2 (French, large print), 3 (weekly) and 4 (text only)."""
    with world.unit_of_work() as session:
        make_organisation(session)
        organisation.set_facts(session, time_zone="America/Edmonton")
        notice = make_notice(session, world.clock())
        make_notice(session, world.clock(), "events")
        make_reader(session, 1, [notice], world.clock())
        make_reader(session, 2, [notice], world.clock(), language="fr", layout="large")
        make_reader(session, 3, [notice], world.clock(), cadence="weekly")
        make_reader(session, 4, [notice], world.clock(), layout="text")
    office = world.office()
    with closing(office.journal):
        yield Desk(world, office)


def test_who_was_mailed_it_is_told_once_with_the_next_mail(desk: Desk) -> None:
    """Who was not has the corrected tip itself, or nothing; an edition for each content and no more."""
    desk.publish(24)
    assert set(desk.tick()) == {1, 2, 4}
    desk.reader(5)
    with desk.world.unit_of_work() as session:
        session.execute(
            update(Delivery).where(Delivery.subscriber_id == 4).values(state=State.refused, reason="hard")
        )
    desk.rewrite()
    desk.rewrite("fr")
    desk.correct()
    assert desk.tick() == {}
    desk.publish(25)
    mails = desk.tick()
    assert set(mails) == {1, 2, 4, 5}
    assert told(mails) == {1, 2}
    assert str(mails[1]["Subject"]) == "Tip 25: Walk a little 25"
    assert f"Corrected on March 2, 2026: {NOTE_EN}" in text_of(mails[1])
    assert "https://news.example.org/tips/24-walk-a-little-24" in text_of(mails[1])
    assert f"Corrigé le 2 mars 2026\u00a0: {NOTE_FR}" in text_of(mails[2])
    with desk.world.unit_of_work() as session:
        editions = session.scalars(
            select(campaigns.Edition.key).where(campaigns.Edition.campaign_id == desk.world.campaign_id)
        ).all()
    assert len(editions) == 4  # English with the note, French large with it, English without, text without
    weekly = desk.tick(days=8)
    assert set(weekly) == {3}
    assert "Ten minutes may help." in text_of(weekly[3])
    assert told(weekly) == set()
    desk.publish(26)
    assert told(desk.tick()) == set()
    assert desk.untold() == {4}  # whose mail was refused: asked anew if it is ever sent again


def test_a_weekly_reader_is_told_with_the_weekly_mail(desk: Desk) -> None:
    desk.publish(24)
    desk.tick()
    assert set(desk.tick(days=8)) == {3}
    desk.rewrite()
    desk.correct(note_fr="")
    desk.publish(25)
    assert told(desk.tick(hours=1)) == {1, 4}
    assert told(desk.tick(days=7)) == {3}
    desk.publish(26)
    desk.tick()
    assert told(desk.tick(days=7)) == set()


def test_an_urgent_one_comes_at_once_to_whoever_may_be_written_to(desk: Desk, hash_key: bytes) -> None:
    """Not to who stopped, nor to whom nothing may be sent; a pause is kept, and they are told after it."""
    for number in (5, 6, 7):
        desk.reader(number)
    desk.publish(24)
    desk.tick()
    desk.tick(days=8)
    desk.rewrite()
    desk.rewrite("fr")
    desk.stop(5)
    with desk.world.unit_of_work() as session:
        suppression.suppress(session, "key-6", "bulk", "bounce", "test", desk.world.clock())
    desk.pause(7, days=2)
    desk.correct(urgent=True)
    mails = desk.tick(minutes=1)
    assert set(mails) == told(mails) == {1, 2, 3, 4}
    assert str(mails[1]["Subject"]) == f"{TITLE_EN}Walk a little 24"
    assert str(mails[2]["Subject"]) == f"{TITLE_FR}Marchez un peu 24"
    for mail in mails.values():  # L9, M25: like any newsletter
        assert mail["List-Unsubscribe"]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "Calgary AB" in text_of(mail)
        assert "We can't do it alone" not in text_of(mail)
    with desk.world.unit_of_work() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.kind == "correction")).one()
        assert (campaign.state, campaign.occurrence) == ("finished", "correction:1")
    assert desk.tick(days=3) == {}
    desk.publish(25)
    assert told(desk.tick()) == {7}
    desk.publish(26)
    assert told(desk.tick()) == set()


def test_a_mail_that_is_compiled_already_is_told_of_when_it_came(desk: Desk) -> None:
    """Reader 5 has their mail at an hour of their own: it left with the old text, after the correction."""
    desk.reader(5, wish=Wish(hour=18))
    desk.publish(24)
    assert 5 not in desk.tick()
    desk.rewrite()
    desk.correct()
    evening = desk.tick(hours=10)
    assert "A short walk may help." in text_of(evening[5])
    desk.publish(25)
    assert told(desk.tick()) == {1, 4}  # the French side has not changed
    assert told(desk.tick(days=1)) == {5}


def test_a_mail_that_is_not_compiled_yet_holds_the_corrected_text(desk: Desk) -> None:
    desk.publish(24)
    with desk.world.unit_of_work() as session:
        [desk.world.campaign_id] = launch_due(session, desk.world.clock())
    desk.world.plan()
    desk.rewrite()
    desk.correct()
    assert "Ten minutes may help." in text_of(desk.tick()[1])
    desk.publish(25)
    assert told(desk.tick()) == set()


def test_a_note_in_one_language_is_for_readers_of_that_side(desk: Desk) -> None:
    desk.publish(24)
    desk.tick()
    desk.rewrite("fr")
    desk.correct(note_en="")
    desk.publish(25)
    assert told(desk.tick()) == {2}


def test_the_side_that_came_decides_and_not_the_language(desk: Desk) -> None:
    """A French reader who had the English side, the French being unwritten, is told in English."""
    now = desk.world.clock()
    with desk.world.unit_of_work() as session:
        notice = session.get_one(Notice, 1)
        tip = tips.save_draft(session, make_draft(24), notice=notice, now=now).tip
        make_campaign(session, tip, [notice], now)
    assert 2 in desk.tick()
    desk.rewrite("fr")
    desk.rewrite()
    desk.correct(note_fr="")
    desk.publish(25)
    mails = desk.tick()
    assert told(mails) == {1, 2, 4}
    html = mails[2].get_body(["html"])
    assert html is not None
    assert f'<span lang="en-CA">{NOTE_EN}</span>' in html.get_content()  # A2


def test_todays_text_may_be_the_wrong_one(desk: Desk) -> None:
    """A note without another text tells who was mailed it so far; else nobody is, and staff hear it."""
    desk.publish(24)
    desk.tick()
    first = desk.correct()
    with desk.world.unit_of_work() as session:
        assert reach(session, session.get_one(Correction, first)) == (0, 3)
    second = desk.correct(text_unchanged=True)
    with desk.world.unit_of_work() as session:
        assert reach(session, session.get_one(Correction, second)) == (3, 0)
    desk.publish(25)
    mails = desk.tick()
    assert told(mails) == {1, 2, 4}
    assert text_of(mails[1]).count(NOTE_EN) == 1


def test_no_note_is_lost_with_its_mail(desk: Desk) -> None:
    """Skipped for another rhythm, or dropped by staff: it comes with the next one."""
    desk.reader(5, wish=Wish(hour=10))
    desk.publish(24)
    desk.tick(hours=2)
    desk.rewrite()
    desk.correct(note_fr="")
    desk.publish(25)
    assert told(desk.tick()) == {1, 4}
    assert desk.untold() == set()
    with desk.world.unit_of_work() as session:
        set_cadences(session, 5, {1: "weekly"})
    assert 5 not in desk.tick(days=1)
    assert desk.untold() == {5}
    weekly = desk.tick(days=7)
    assert told(weekly) == {5}
    assert desk.untold() == set()
    desk.correct(text_unchanged=True, note_fr="")
    with desk.world.unit_of_work() as session:
        set_cadences(session, 5, {1: "each"})
    desk.publish(26)
    now = desk.world.clock()
    with desk.world.unit_of_work() as session:
        while gather(session, now):
            continue
        [desk.world.campaign_id] = launch_due(session, now)
    desk.world.plan()
    with desk.world.unit_of_work() as session:
        campaign = session.get_one(Campaign, desk.world.campaign_id)
        campaigns.cancel(session, campaign, "bo", now, give_back=False)
        drop_cancelled(session, campaign, now)
    desk.publish(27)
    assert told(desk.tick()) == {1, 4}
    assert told(desk.tick(days=1)) == {5}


def test_who_reads_another_notice_only_is_told_nothing(desk: Desk) -> None:
    """They ended what the correction is about."""
    with desk.world.unit_of_work() as session:
        events = session.get_one(Notice, 2)
        make_reader(session, 5, [session.get_one(Notice, 1), events], desk.world.clock())
    desk.publish(24)
    assert 5 in desk.tick()
    desk.rewrite()
    desk.correct(note_fr="")
    with desk.world.unit_of_work() as session:
        stopped = Subscription.subscriber_id == 5, Subscription.notice_id == 1
        session.execute(update(Subscription).where(*stopped).values(state="ended"))
        now = desk.world.clock()
        walk = make_tip(session, session.get_one(Notice, 2), None, now, title="A walk")
        make_campaign(session, walk, [session.get_one(Notice, 2)], now)
    mails = desk.tick()
    assert set(mails) == {5}
    assert told(mails) == set()


def test_a_break_that_begins_before_the_claim_is_kept(desk: Desk) -> None:
    """The urgent mail is skipped; its note comes afterwards, and not the tip once more."""
    desk.publish(24)
    desk.tick()
    desk.rewrite()
    desk.correct(note_fr="", urgent=True)
    now = desk.world.clock()
    with desk.world.unit_of_work() as session:
        [desk.world.campaign_id] = launch_due(session, now)
    desk.world.plan()
    desk.pause(1, days=2)
    assert set(desk.tick()) == {4}
    assert desk.untold() == {1}
    assert desk.tick(days=3) == {}
    with desk.world.unit_of_work() as session:
        assert missed_by(session, 1) == []
    desk.publish(25)
    mails = desk.tick()
    assert told(mails) == {1}
    assert str(mails[1]["Subject"]) == "Tip 25: Walk a little 25"


def test_the_page_of_what_was_sent_does_not_tell_a_tip_anew(desk: Desk) -> None:
    """A note brings no tip: what was sent, and when, stays what it was."""
    desk.publish(24)
    desk.tick()
    first = desk.world.clock()
    desk.tick(days=1)
    desk.rewrite()
    desk.correct(urgent=True)
    assert 1 in desk.tick()
    with desk.world.unit_of_work() as session:
        assert lately_sent(session, 1, 10) == [(tip_24(session).id, first)]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_no_revision_is_saved_while_an_edition_is_compiled(desk: Desk, engine: Engine) -> None:
    """Else its readers had the earlier text, and nobody knew. SQLite has one writer anyway."""
    desk.publish(24)
    refused = []

    def meanwhile(_c: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE editions") and not refused:
            refused.append(statement)
            with desk.world.unit_of_work() as other, pytest.raises(OperationalError, match="lock timeout"):
                other.execute(text("SET LOCAL lock_timeout = '50ms'"))
                tip_24(other).sides[0].revision += 1
                other.flush()
            other.rollback()

    event.listen(engine, "before_cursor_execute", meanwhile)
    try:
        desk.tick()
    finally:
        event.remove(engine, "before_cursor_execute", meanwhile)
    assert refused
