"""The product and the model live side by side: what each does is held against the other at every step.

``World`` moves the clock to whatever the model says must happen next, lets the tick pass, does what was
rung for, and compares: who is planned what for when, who is mailed, who is not and why. It raises
AssertionError at the first difference.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path

from sqlalchemy import Engine, select

from newsletter_app.campaigns import Campaign, notice_ids_of
from newsletter_app.delivery import Delivery, make_partition
from newsletter_app.kernel.rings import Ring
from newsletter_app.ledger import State
from newsletter_app.planning import SLICE, plan_slice
from newsletter_app.tips import Publication
from tests.planning.checkpoint import Checkpoint
from tests.planning.due_mails import DueMails
from tests.planning.house import House
from tests.planning.planned import Content, PlannedRows, difference
from tests.planning.postman import Postman
from tests.planning.reader_life import Launch, Mail, Place, ReaderLife, wanted_on
from tests.planning.wall_clock import begins_at, day_begun

A_MINUTE, A_DAY, A_MONTH = timedelta(minutes=1), timedelta(days=1), timedelta(days=30)


class World:
    """Everybody's lives, the campaigns that run, and what staff scheduled."""

    def __init__(self, engine: Engine, folder: Path, begin: datetime, notices: int) -> None:
        """Begin at ``begin`` with notices that nobody reads."""
        self.house = House(engine, folder, begin, notices)
        self.postman = Postman(self)
        self.lives: dict[int, ReaderLife] = {}
        self._order: list[int] = []
        self.launches: dict[int, Launch] = {}
        self._last_place = 0
        self.scheduled: dict[int, tuple[datetime, frozenset[int]]] = {}
        self.taken_back: set[int] = set()
        self.dropped: set[int] = set()
        self.slice = SLICE
        self.planned, self.ticks = 0, 0
        self.falls_in: int | None = None
        """After how many slices more the machine falls, if it does."""
        self.due = DueMails()
        self._plan_rows = PlannedRows()
        self.checkpoint, self._compared_at = Checkpoint(), begin
        self._paused: list[tuple[datetime, int]] = []
        self._ticked_at = begin
        self._was_away = self._fell = False

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.house.now

    def move_to(self, until: datetime) -> None:
        """Live on until then, ticking whenever something is to happen."""
        while (at := self._next_event()) <= until:
            self.house.clock.now = max(at, self.now)
            self.tick()
        self.house.clock.now = max(until, self.now)

    def be_away_until(self, until: datetime) -> None:
        """Let the machine stand still until then; what was rung for is lost with it."""
        self.house.rung.clear()
        self._was_away = True
        self.house.clock.now = max(until, self.now)

    def life_of(self, reader: int) -> ReaderLife:
        """Return the life of a reader, begun if they are new."""
        if reader not in self.lives:
            self.lives[reader] = ReaderLife(reader)
            insort(self._order, reader)
        return self.lives[reader]

    def pause_ends(self, reader: int, until: datetime) -> None:
        """Keep in mind when a pause ends."""
        heappush(self._paused, (until, reader))

    def await_mail(self, reader: int, mail: Mail) -> None:
        """Keep in mind when a mail is due."""
        self.due.put(mail.launch.id, reader, mail.due_at)

    def due_mails(self, campaign_id: int, shard: int) -> Iterator[tuple[ReaderLife, Mail]]:
        """Yield the mails of a shard that are due by the model, and forget their due times."""
        for reader in self.due.take(campaign_id, shard, self.now):
            life = self.lives[reader]
            mail = life.under_way.get(campaign_id)
            if mail is not None and mail.due_at <= self.now:
                yield life, mail

    def tick(self) -> None:
        """Let the product tick and do all that was rung for; then what was to happen must have happened."""
        self._pass_a_tick()
        if self._fell:
            # It is up again within a minute, when the leases of what it was rung for are over.
            self._fell = False
            self.house.clock.now += A_MINUTE
            self._pass_a_tick()
        self._check_tick()
        self._ticked_at, self._was_away = self.now, False

    def _pass_a_tick(self) -> None:
        self._end_pauses()
        self._product_tick()
        self._work()

    def state_of(self, campaign_id: int) -> str:
        """Return a campaign's state."""
        with self.house.unit_of_work() as session:
            return session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()

    def _work(self) -> None:
        rung = self.house.rung
        while rung:
            ring = rung.popleft()
            if ring.job == "plan_campaign":
                self._plan(ring.ids[0])
            elif ring.job == "send_shard":
                self._send_shards(ring)
            elif ring.job == "bulk_tick" and ring not in rung:
                self._product_tick()

    def _send_shards(self, ring: Ring) -> None:
        """Work on the shards that were rung for in a row, all in one transaction: nobody else looks."""
        rung, shards = self.house.rung, [ring.ids]
        while rung and rung[0].job == "send_shard":
            shards.append(rung.popleft().ids)
        with self.house.at_once():
            for campaign_id in dict.fromkeys(campaign_id for campaign_id, _ in shards):
                mine = [shard for campaign, shard in shards if campaign == campaign_id]
                if self.state_of(campaign_id) == "sending":
                    self.postman.send(campaign_id, mine)

    def _plan(self, campaign_id: int) -> None:
        while self.plan_slice(campaign_id, self.slice):
            if self.falls_in is not None:
                self.falls_in -= 1
                if self.falls_in < 0:
                    # The machine falls while it plans; what was rung for is lost.
                    self.falls_in, self._fell = None, True
                    self.house.rung.clear()
                    return

    def _product_tick(self) -> None:
        self.ticks += 1
        self.house.tick()
        self._note_launches()
        self._expire_late()

    def plan_slice(self, campaign_id: int, limit: int) -> bool:
        """Plan a slice, and hold what each reader got of it against their own life."""
        self._end_pauses()
        with self.house.unit_of_work() as session:
            make_partition(session, campaign_id)
        with self.house.unit_of_work() as session:
            campaign = session.get_one(Campaign, campaign_id)
            before, was_planning = campaign.planned_to, campaign.state == "planning"
            more = plan_slice(session, campaign_id, limit, self.now)
            up_to, state = campaign.planned_to, campaign.state
            found = self._plan_rows.of(session, campaign_id, before, up_to)
        if was_planning:
            last = up_to if more else max(self._order, default=0)
            expected = self._take(self.launches[campaign_id], before, last)
            assert found == expected, difference(found, expected)
            assert more or state == "sending"
        return more

    def _take(self, launch: Launch, after: int, up_to: int) -> dict[int, Content]:
        mails = {}
        for reader in self._order[bisect_right(self._order, after) : bisect_right(self._order, up_to)]:
            mail = self.lives[reader].take(launch, self.taken_back, self.dropped)
            if mail is not None:
                self.await_mail(reader, mail)
                places = frozenset(place.id for place in mail.places)
                mails[reader] = (places, mail.language, mail.layout, mail.due_at)
        self.planned += len(mails)
        return mails

    def _end_pauses(self) -> None:
        while self._paused and self._paused[0][0] <= self.now:
            self.lives[heappop(self._paused)[1]].end_pause(self.now)

    def _note_launches(self) -> None:
        """Learn which campaigns began, and lay what was sent into its notices into the trays."""
        laid = set()
        with self.house.unit_of_work() as session:
            begun = select(Campaign).where(Campaign.started_at == self.now).order_by(Campaign.id)
            for campaign in session.scalars(begun).all():
                if campaign.id not in self.launches:
                    notices = tuple(notice_ids_of(session, campaign.id))
                    due_at, day, expires_at = campaign.due_at, campaign.day, campaign.expires_at
                    self.launches[campaign.id] = Launch(
                        campaign.id, campaign.cadence, notices, due_at, day, expires_at
                    )
            fresh = select(Publication).where(Publication.id > self._last_place)
            for row in session.scalars(fresh.order_by(Publication.id)).all():
                self._lay(Place(row.id, row.tip_id, row.notice_id, row.created_at))
                laid.add(row.tip_id)
        for tip in laid:
            del self.scheduled[tip]

    def _lay(self, place: Place) -> None:
        due_at, notices = self.scheduled[place.tip]
        assert place.notice in notices, f"tip {place.tip} is sent into another notice"
        assert due_at <= self.now, f"tip {place.tip} is sent early"
        self._last_place = place.id
        for life in self.lives.values():
            life.lay(place)

    def _expire_late(self) -> None:
        over = [launch.id for launch in self.launches.values() if launch.expires_at <= self.now]
        for campaign_id in over:
            if self.state_of(campaign_id) == "sending":
                self.settle_waiting(campaign_id, "expired")
            if self.state_of(campaign_id) in ("finished", "cancelled"):
                self._forget(campaign_id)

    def _forget(self, campaign_id: int) -> None:
        """Forget a campaign that is over, once its rows say the same as the lives it went to."""
        assert not self.waiting(campaign_id)
        with self.house.unit_of_work() as session:
            self.checkpoint.close(session, campaign_id)
        del self.launches[campaign_id]
        self._plan_rows.forget(campaign_id)
        self.due.forget(campaign_id)

    def compare(self) -> None:
        """Hold every life against the ledger's rows."""
        with self.house.unit_of_work() as session:
            self.checkpoint.compare(session, self.lives.values(), self.launches)
        self._compared_at = self.now

    def waiting(self, campaign_id: int) -> list[tuple[ReaderLife, Mail]]:
        """Return the mails of a campaign that are still to be handed over."""
        return [
            (life, life.under_way[campaign_id])
            for life in self.lives.values()
            if campaign_id in life.under_way
        ]

    def settle_waiting(self, campaign_id: int, fate: str) -> None:
        """End all that waits of a campaign in the same way."""
        for life, mail in self.waiting(campaign_id):
            life.settle(mail, fate, self.now)

    def _next_event(self) -> datetime:
        """Return when, by the model, something is to happen next."""
        moments = [begins_at(day_begun(self._ticked_at) + A_DAY)]
        moments += [at for at in (self.due.next_after(self._ticked_at),) if at is not None]
        moments += [due_at for due_at, _ in self.scheduled.values()]
        moments += [until for until, _ in self._paused[:1]]
        return min(at for at in moments if at > self._ticked_at)

    def _check_tick(self) -> None:
        """Whatever was due is done, unless its campaign stands still by somebody's will."""
        overdue = self.due.overdue(self.now)
        states = {campaign_id: self.state_of(campaign_id) for campaign_id in {each for each, _ in overdue}}
        for campaign_id, shard in sorted(overdue):
            if states[campaign_id] in ("sending", "finished"):
                late = [life.id for life, _ in self.due_mails(campaign_id, shard)]
                assert not late, f"at {self.now} campaign {campaign_id} is late for readers {late[:5]}"
        today = day_begun(self.now)
        if self._ticked_at < begins_at(today):
            self._check_day(today)
        if self.now - self._compared_at >= A_MONTH:
            self.compare()

    def _check_day(self, today: date) -> None:
        """The day's mails began, and no row lies about that was due, whatever the model thinks of it."""
        with self.house.unit_of_work() as session:
            if not self._was_away:
                made = select(Campaign.cadence).where(Campaign.day == today, Campaign.state != "scheduled")
                found = set(session.scalars(made))
                missing = wanted_on(today, self.lives.values()) - found
                assert not missing, f"no {missing} mail for {today}"
            left = (
                select(Delivery.campaign_id, Delivery.subscriber_id)
                .join(Campaign, Campaign.id == Delivery.campaign_id)
                .where(Delivery.campaign_id.in_(self.launches), Campaign.state.in_(["sending", "finished"]))
                .where(Delivery.state.in_([State.queued, State.deferred]), Delivery.due_at <= self.now)
            )
            lying = session.execute(left.limit(5)).all()
        assert not lying, f"at {self.now} rows that are due lie about: {lying}"
