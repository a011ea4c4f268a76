"""What readers and staff do, in the product and in the model at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from newsletter_app import campaigns, subscribers, subscriptions, tips
from newsletter_app.campaigns import Campaign
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Evidence, SignupForm, WelcomeFacts
from newsletter_app.tips import Tip
from tests.factories.content import make_tip
from tests.factories.engine import make_reader
from tests.factories.people import HASH_KEY, no_date
from tests.planning.reader_life import ReaderLife
from tests.planning.world import World

BY = "editor@example.org"


class Acts:
    """The verbs of a world; each is one transaction, as a request or a command is."""

    def __init__(self, world: World) -> None:
        """Act in this world."""
        self.world, self.house = world, world.house
        self.campaigns: dict[int, int] = {}

    def begin_with(self, number: int, notices: Iterable[int], language: str) -> ReaderLife:
        """Add a reader who has read these notices since before anything is looked at."""
        with self.house.unit_of_work() as session:
            chosen = [session.get_one(Notice, notice) for notice in notices]
            reader = make_reader(session, number, chosen, self.house.now, language=language)
            session.flush()
            life = self.world.life_of(reader.id)
            life.language = language
            self._agree_on_states(session, life)
        return life

    def sign_up(self, address: str, notices: Iterable[int], language: str = "en") -> int:
        """Post the form and let the worker decide; return the signup."""
        form = SignupForm(parse_address(address), tuple(notices), language)
        now = self.house.now
        with self.house.unit_of_work() as session:
            signup = subscriptions.receive(session, form, now)
            subscriptions.decide(session, signup, hash_key=HASH_KEY, now=now, next_due_at=no_date)
        return signup.id

    def confirm(self, signup_id: int) -> ReaderLife | None:
        """Press the button of the confirm page; return who did, if the link was theirs to press."""
        with self.house.unit_of_work() as session:
            signup = subscriptions.find_signup(session, signup_id)
            view = subscriptions.confirm(
                session, signup, welcome=WelcomeFacts(), evidence=Evidence(), now=self.house.now
            )
            if view.subscriber_id is None:
                return None
            reader = session.get_one(Subscriber, view.subscriber_id)
            life = self.world.life_of(reader.id)
            life.language = reader.language
            self._agree_on_states(session, life)
        return life

    def start_again(self, life: ReaderLife, notices: Iterable[int]) -> None:
        """Start again by the goodbye mail's link."""
        with self.house.unit_of_work() as session:
            subscriptions.start_again(
                session, life.id, notices, source="restart", evidence=Evidence(), now=self.house.now
            )
            was_suppressed = life.suppressed
            self._agree_on_states(session, life)
            # That link proves nothing of the address: what stands against it stays.
            life.suppressed = was_suppressed

    def choose(self, life: ReaderLife, notices: Iterable[int]) -> None:
        """Make exactly these notices the reader's own, on the choices page."""
        with self.house.unit_of_work() as session:
            reader = session.get_one(Subscriber, life.id)
            subscriptions.choose(session, reader, notices, evidence=Evidence(), now=self.house.now)
            self._agree_on_states(session, life)

    def stop(self, life: ReaderLife, notices: Iterable[int] | None = None) -> None:
        """Stop in the mail program."""
        with self.house.unit_of_work() as session:
            subscriptions.stop(session, life.id, notices, source="one-click", now=self.house.now)
            self._agree_on_states(session, life)

    def turn(self, life: ReaderLife, notice: int, cadence: str) -> None:
        """Change how often a notice comes."""
        with self.house.unit_of_work() as session:
            subscriptions.set_cadences(session, life.id, {notice: cadence})
        if life.reading(notice).active:
            life.reading(notice).cadence = cadence

    def wish(self, life: ReaderLife, weekday: int | None, hour: int | None, zone: str | None) -> None:
        """Choose weekday, hour and zone."""
        with self.house.unit_of_work() as session:
            reader = session.get_one(Subscriber, life.id)
            subscribers.set_wish(session, reader, weekday=weekday, hour=hour, time_zone=zone)
        life.weekday, life.hour, life.zone = weekday, hour, zone

    def look(self, life: ReaderLife, language: str, layout: str) -> None:
        """Choose language and layout."""
        with self.house.unit_of_work() as session:
            reader = session.get_one(Subscriber, life.id)
            subscribers.set_language(session, reader, language)
            subscribers.set_layout(session, reader, layout)
        life.language, life.layout = language, layout

    def pause(self, life: ReaderLife, until: datetime) -> None:
        """Pause until then."""
        with self.house.unit_of_work() as session:
            subscribers.pause(session, session.get_one(Subscriber, life.id), until)
        life.paused_until = until
        self.world.pause_ends(life.id, until)

    def go_on(self, life: ReaderLife) -> None:
        """End the pause."""
        with self.house.unit_of_work() as session:
            subscriptions.go_on(session, session.get_one(Subscriber, life.id), self.house.now)
        life.go_on(self.house.now)

    def answer_missed(self, life: ReaderLife, *, wanted: bool) -> None:
        """Take what was missed, or decline it."""
        with self.house.unit_of_work() as session:
            if wanted:
                subscriptions.send_missed(session, life.id, self.house.now)
            else:
                subscriptions.forget_missed(session, life.id)
        life.answer_missed(self.house.now, wanted=wanted)

    def schedule(self, notices: Iterable[int], due_at: datetime) -> int:
        """Write a tip and schedule it into notices; return its id."""
        chosen, world = sorted(notices), self.world
        with self.house.unit_of_work() as session:
            home = session.get_one(Notice, chosen[0])
            number = 1 + len(self.campaigns)
            tip = make_tip(session, home, number, self.house.now)
            campaign = campaigns.schedule(
                session, tip, due_at=due_at, by=BY, now=self.house.now, notice_ids=chosen
            )
        self.campaigns[tip.id] = campaign.id
        world.scheduled[tip.id] = (due_at, frozenset(chosen))
        return tip.id

    def take_back(self, tip_id: int) -> None:
        """Take a tip off the web, and have what mails it stand still."""
        with self.house.unit_of_work() as session:
            tip = session.get_one(Tip, tip_id)
            tips.withdraw(session, tip, "a wrong dose", self.house.now)
            campaigns.recall(session, tip, BY)
        self.world.taken_back.add(tip_id)

    def put_back(self, tip_id: int) -> None:
        """Put a tip that was taken back on the web again; that mails nobody."""
        with self.house.unit_of_work() as session:
            tips.publish(session, session.get_one(Tip, tip_id), self.house.now)
        self.world.taken_back.discard(tip_id)

    def hold(self, campaign_id: int) -> None:
        """Pause a campaign, if it can be."""
        self._try(campaigns.pause, campaign_id)

    def resume(self, campaign_id: int) -> None:
        """Let a campaign go on, if it can."""
        self._try(campaigns.resume, campaign_id)

    def resume_all(self) -> None:
        """Let everything go on that stands still and may."""
        for campaign_id in self.held():
            self.resume(campaign_id)

    def held(self) -> list[int]:
        """Return the campaigns that stand still."""
        with self.house.unit_of_work() as session:
            return list(session.scalars(select(Campaign.id).where(Campaign.state == "paused")))

    def cancel(self, campaign_id: int, *, give_back: bool) -> None:
        """Cancel a campaign; what waits is given back or dropped with the next tick."""
        with self.house.unit_of_work() as session:
            campaign = session.get_one(Campaign, campaign_id)
            if campaign.state in ("cancelled", "finished"):
                return
            campaigns.cancel(session, campaign, BY, self.house.now, give_back=give_back)
            tip_id = campaign.tip_id
        if tip_id is not None:
            self.world.scheduled.pop(tip_id, None)
            if not give_back:
                self.world.dropped.add(tip_id)
        self.world.settle_waiting(campaign_id, "given-back" if give_back else "dropped")
        self.world.tick()

    def _try(self, verb, campaign_id: int) -> None:
        with self.house.unit_of_work() as session:
            try:
                verb(session, session.get_one(Campaign, campaign_id), BY, self.house.now)
            except Breach:
                return

    def _agree_on_states(self, session, life: ReaderLife) -> None:
        """Learn from the rows which subscriptions began or ended: that is not planning's to say."""
        for row in subscriptions.of_subscriber(session, life.id):
            found = life.reading(row.notice_id)
            if row.state == "active" and not found.active:
                found.cadence = row.cadence
                life.confirm(row.notice_id)
            elif row.state != "active" and found.active:
                life.end(row.notice_id)
