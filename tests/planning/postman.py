"""Hands over without a wire: claims what is due, gives each mail a fate, records it; the model must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from newsletter_app.delivery import (
    DELIVERIES,
    ClaimedDelivery,
    Delivery,
    Place,
    ShardLease,
    claim_rows,
    take_shard,
)
from newsletter_app.ledger import NextState, Record, State, raise_claim_no, record
from newsletter_app.mail.replies import Reply
from tests.planning.reader_life import ARRIVED, Mail, ReaderLife

if TYPE_CHECKING:
    from tests.planning.world import World

PUT_OFF, CRASH = "deferred", "crash"
LATER = timedelta(minutes=30)
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
        """Walk through the shards with anything due, by the rows or by the model; leave the rest alone."""
        house = self._world.house
        with house.unit_of_work() as session:
            due = self._next_due(session, campaign_id)
            busy = {shard for shard, due_at in due.items() if due_at <= house.now}
            overdue = self._world.due.overdue(house.now)
            busy |= {shard for campaign, shard in overdue if campaign == campaign_id}
            for shard in busy.intersection(shards):
                self._walk(campaign_id, shard)
            due = self._next_due(session, campaign_id) if busy else due
            self._rest(session, campaign_id, [(shard, due.get(shard)) for shard in shards])

    def _next_due(self, session: Session, campaign_id: int) -> dict[int, datetime]:
        waiting = Delivery.campaign_id == campaign_id, Delivery.state.in_([State.queued, State.deferred])
        first = select(Delivery.shard, func.min(Delivery.due_at)).where(*waiting).group_by(Delivery.shard)
        return dict(session.execute(first).all())

    def _rest(
        self, session: Session, campaign_id: int, shards: Sequence[tuple[int, datetime | None]]
    ) -> None:
        """Write what ``rest_shard`` writes, for all shards in one statement: they are rested very often."""
        now = self._world.now
        for next_at in {next_at for _, next_at in shards}:
            alike = [shard for shard, theirs in shards if theirs == next_at]
            mine = ShardLease.campaign_id == campaign_id, ShardLease.shard.in_(alike)
            resting = update(ShardLease).where(*mine).values(until_at=now, looked_at=now, next_at=next_at)
            session.execute(resting, execution_options={"synchronize_session": False})

    def _walk(self, campaign_id: int, shard: int) -> None:
        """Claim and hand over what is due in a shard, as a bulk worker does."""
        house = self._world.house
        with house.unit_of_work() as session:
            assert take_shard(session, campaign_id, shard, house.sender, house.now)
        after, looked_at = 0, AT_ONCE
        found: dict[int, str] = {}
        claimed: list[ClaimedDelivery] = []
        while looked_at >= AT_ONCE:
            with house.unit_of_work() as session:
                claim_no = raise_claim_no(session, house.sender, house.now)
                place = Place(campaign_id, shard, house.sender, claim_no)
                taken = claim_rows(session, place, house.now, AT_ONCE, after)
                after, looked_at = taken.walked_to, taken.looked_at
                claimed += taken.rows
                if looked_at > len(taken.rows):
                    found |= self._settled(session, place)
        found |= dict.fromkeys((row.subscriber_id for row in claimed), "sendable")
        mails = list(self._world.due_mails(campaign_id, shard))
        self._agree(found, mails)
        self._hand_over(claimed, {life.id: (life, mail) for life, mail in mails})

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

    def _hand_over(self, claimed: list[ClaimedDelivery], mails: dict[int, tuple[ReaderLife, Mail]]) -> None:
        house, records = self._world.house, []
        for row in claimed:
            life, mail = mails[row.subscriber_id]
            fate = self.fate(*row.ids)
            if fate == CRASH:
                # Handed over, and nobody is left to say so.
                self._end(life, mail, "uncertain")
                continue
            records.append(self._record(row, fate))
            if fate == PUT_OFF:
                mail.due_at = house.now + LATER
                self._world.await_mail(life.id, mail)
            else:
                self._end(life, mail, fate)
        with house.unit_of_work() as session:
            written = record(session, DELIVERIES, house.sender, records, house.now)
        assert len(written) == len(records), "an outcome was not recorded"

    def _record(self, row: ClaimedDelivery, fate: str) -> Record:
        now = self._world.now
        following = {
            "accepted": NextState(State.accepted),
            "uncertain": NextState(State.uncertain, "no-reply"),
            "gone": NextState(State.refused, "hard"),
            "sender-fault": NextState(State.refused, "sender-fault"),
            "expired": NextState(State.expired, "too-late"),
            PUT_OFF: NextState(State.deferred, due_at=now + LATER),
        }[fate]
        return Record(row.ids, row.claim_no, following, GONE if fate == "gone" else None, "")

    def _end(self, life: ReaderLife, mail: Mail, fate: str) -> None:
        life.settle(mail, fate, self._world.now)
        self.fates[fate] = self.fates.get(fate, 0) + 1
        if fate in ARRIVED:
            self.last[life.id] = mail.due_at
