"""Hands over without a wire: claims what is due, gives each mail a fate, records it; the model must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app.delivery import (
    DELIVERIES,
    ClaimedDelivery,
    Delivery,
    Place,
    ShardLease,
    claim_rows,
    rest_shard,
    take_shard,
)
from newsletter_app.ledger import NextState, Record, State, raise_claim_no, record
from newsletter_app.mail.replies import Reply
from tests.planning.reader_life import ARRIVED, Mail, ReaderLife

if TYPE_CHECKING:
    from tests.planning.world import World

PUT_OFF, CRASH = "deferred", "crash"
LATER, AN_HOUR = timedelta(minutes=20), timedelta(hours=1)
FATES = {
    "accepted": NextState(State.accepted),
    "uncertain": NextState(State.uncertain, "no-reply"),
    "gone": NextState(State.refused, "hard"),
    "sender-fault": NextState(State.refused, "sender-fault"),
    "expired": NextState(State.expired, "too-late"),
}
GONE = Reply(550, "5.1.1", "no such user")
AT_ONCE = 1000
Fate = Callable[[int, int], str]


class Postman:
    """Works on the shards that were rung for; ``fate`` says what becomes of (campaign, reader)'s mail."""

    def __init__(self, world: World) -> None:
        """Let everything arrive, until told otherwise."""
        self._world = world
        self.fate: Fate = lambda _campaign, _reader: "accepted"
        self.fates: dict[str, int] = {}
        self.last: dict[int, datetime] = {}
        """Reader → when the last mail handed over to them had been due."""

    def send(self, campaign_id: int, shards: Sequence[int]) -> None:
        """Walk through the shards with anything due by the model; leave the rest alone.

        A row that is due by itself alone stays where it is, and is met when the day is looked through.
        """
        house, due = self._world.house, self._world.due
        busy = sorted({shard for campaign, shard in due.overdue(house.now) if campaign == campaign_id})
        walked = [shard for shard in busy if shard in shards]
        with house.unit_of_work() as session:
            if walked:
                self._walk(session, campaign_id, walked)
            self._rest(session, campaign_id, [shard for shard in shards if shard not in walked])

    def _rest(self, session: Session, campaign_id: int, idle: Sequence[int]) -> None:
        """Write what ``rest_shard`` writes, for all idle shards at once: they are looked at very often.

        They are looked at again when the first of them has something due.
        """
        now, due = self._world.now, self._world.due.next_of(campaign_id)
        waiting = [shard for shard in idle if shard in due]
        first = min((due[shard] for shard in waiting), default=None)
        done = [shard for shard in idle if shard not in due]
        for alike, next_at in ((waiting, first), (done, None)):
            if alike:
                mine = ShardLease.campaign_id == campaign_id, ShardLease.shard.in_(alike)
                resting = update(ShardLease).where(*mine).values(until_at=now, looked_at=now, next_at=next_at)
                session.execute(resting, execution_options={"synchronize_session": False})

    def _walk(self, session: Session, campaign_id: int, shards: Sequence[int]) -> None:
        """Claim and hand over what is due in these shards, as a bulk worker does, but all at once."""
        house = self._world.house
        claim_no = raise_claim_no(session, house.sender, house.now)
        claimed: list[ClaimedDelivery] = []
        mails: list[tuple[ReaderLife, Mail]] = []
        for shard in shards:
            place = Place(campaign_id, shard, house.sender, claim_no)
            assert take_shard(session, campaign_id, shard, house.sender, house.now)
            taken, settled = self._claim(session, place)
            theirs = list(self._world.due_mails(campaign_id, shard))
            self._agree(settled | dict.fromkeys((row.subscriber_id for row in taken), "sendable"), theirs)
            claimed += taken
            mails += theirs
        self._hand_over(session, claimed, {life.id: (life, mail) for life, mail in mails})
        for shard in shards:
            rest_shard(session, campaign_id, shard, house.sender, house.now)

    def _claim(self, session: Session, place: Place) -> tuple[list[ClaimedDelivery], dict[int, str]]:
        """Return what was claimed of a shard, and what the claims settled on their way: reader → why."""
        claimed: list[ClaimedDelivery] = []
        after, looked_at, met = 0, AT_ONCE, 0
        while looked_at >= AT_ONCE:
            taken = claim_rows(session, place, self._world.now, AT_ONCE, after)
            after, looked_at, met = taken.walked_to, taken.looked_at, met + taken.looked_at
            claimed += taken.rows
        return claimed, self._settled(session, place) if met > len(claimed) else {}

    def _settled(self, session: Session, place: Place) -> dict[int, str]:
        """Return what the claim settled on its way: reader → why."""
        rows = select(Delivery.subscriber_id, Delivery.state, Delivery.reason).where(
            Delivery.campaign_id == place.campaign_id,
            Delivery.shard == place.shard,
            Delivery.claim_sender == place.sender_id,
            Delivery.claim_no == place.claim_no,
            Delivery.state != State.claimed,
        )
        return {
            row.subscriber_id: "expired" if row.state == State.expired else row.reason
            for row in session.execute(rows)
        }

    def _agree(self, found: dict[int, str], mails: list[tuple[ReaderLife, Mail]]) -> None:
        now = self._world.now
        expected = {life.id: life.verdict(mail, now) for life, mail in mails}
        assert found == expected, f"claimed at {now}: {found}, by their own lives {expected}"
        for life, mail in mails:
            if expected[life.id] != "sendable":
                self._end(life, mail, expected[life.id])

    def _hand_over(
        self, session: Session, claimed: list[ClaimedDelivery], mails: dict[int, tuple[ReaderLife, Mail]]
    ) -> None:
        house, records, later = self._world.house, [], _later(self._world.now)
        for row in claimed:
            life, mail = mails[row.subscriber_id]
            fate = self.fate(*row.ids)
            if fate == CRASH:
                # Handed over, and nobody is left to say so.
                self._end(life, mail, "uncertain")
                continue
            records.append(_record(row, fate, later))
            if fate == PUT_OFF:
                mail.due_at = later
                self._world.await_mail(life.id, mail)
            else:
                self._end(life, mail, fate)
        written = record(session, DELIVERIES, house.sender, records, house.now)
        assert len(written) == len(records), "an outcome was not recorded"

    def _end(self, life: ReaderLife, mail: Mail, fate: str) -> None:
        life.settle(mail, fate, self._world.now)
        self.fates[fate] = self.fates.get(fate, 0) + 1
        if fate in ARRIVED:
            self.last[life.id] = mail.due_at


def _later(now: datetime) -> datetime:
    """Return when something put off is tried again: with others', at a full hour."""
    return (now + LATER).replace(minute=0, second=0, microsecond=0) + AN_HOUR


def _record(row: ClaimedDelivery, fate: str, later: datetime) -> Record:
    following = NextState(State.deferred, due_at=later) if fate == PUT_OFF else FATES[fate]
    return Record(row.ids, row.claim_no, following, GONE if fate == "gone" else None, "")
