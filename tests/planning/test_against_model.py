"""Planning and claiming against the brute-force model, over random histories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, CampaignNotice, EditionItem
from newsletter_app.delivery import DELIVERIES, SHARDS, Delivery, Place, claim_rows
from newsletter_app.ledger import NextState, Record, State, open_sender, raise_claim_no, record
from newsletter_app.notices import Notice, next_seq
from newsletter_app.planning import plan_slice
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Missed, Subscription, go_on, send_missed, set_cadences
from newsletter_app.tips import Publication, Tip
from tests.planning.model import TUESDAY, Model

NOTICES, READERS = 3, 3
BEGIN = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
# The last reader has a weekday of their own, the others have the organisation's.
FRIDAY = 4
DAYS = {TUESDAY: date(2026, 2, 3), FRIDAY: date(2026, 2, 6), None: date(2026, 2, 1)}

readers, notices = st.integers(0, READERS - 1), st.integers(0, NOTICES - 1)
cadences = st.sampled_from(["each", "weekly", "weekly", "monthly"])
steps = st.one_of(
    st.tuples(st.just("launch"), st.sets(notices, min_size=1)),
    st.tuples(st.just("launch"), st.sets(notices, min_size=1)),
    st.tuples(st.just("gather"), st.sampled_from([TUESDAY, TUESDAY, FRIDAY, None])),
    st.tuples(st.just("gather"), st.sampled_from([TUESDAY, TUESDAY, FRIDAY, None])),
    st.tuples(st.just("confirm"), readers, notices),
    st.tuples(st.just("turn"), readers, notices, cadences),
    st.tuples(st.just("turn"), readers, notices, cadences),
    st.tuples(st.just("ask"), readers),
    st.tuples(st.just("end"), readers, notices),
    st.tuples(st.just("pause"), readers),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.just("spread"), st.integers(0, 5), notices),
    st.tuples(st.just("claim"), st.sets(readers)),
    st.tuples(st.just("claim"), st.sets(readers)),
)
beginnings = st.lists(st.tuples(readers, notices), min_size=3, max_size=9)


class History:
    """One history, lived by the product and by the model at once."""

    def __init__(self, session: Session) -> None:
        """Begin with readers and notices, nobody subscribed."""
        self.session, self.now, self.model = session, BEGIN, Model(NOTICES, READERS)
        self.notices = [Notice(key=f"n{n}", created_at=BEGIN, last_seq=0, position=n) for n in range(NOTICES)]
        self.readers = [
            Subscriber(
                address=f"r{r}@example.ca",
                address_key=f"k{r}",
                domain="example.ca",
                language="fr" if r % 2 else "en",
                created_at=BEGIN,
            )
            for r in range(READERS)
        ]
        self.readers[-1].weekday = self.model.weekdays[READERS - 1] = FRIDAY
        session.add_all([*self.notices, *self.readers])
        session.flush()
        self.sender = open_sender(session, "bulk", "host", "boot", 1, BEGIN).id
        self.tips: list[Tip] = []

    def live(self, step: tuple[Any, ...]) -> None:
        """Take one step, a minute after the last."""
        self.now += timedelta(minutes=1)
        getattr(self, step[0])(*step[1:])
        self.session.flush()

    def launch(self, chosen: set[int]) -> None:
        """Put a new tip into notices, plan its campaign, and compare who gets what."""
        session = self.session
        tip = Tip(notice_id=self.notices[min(chosen)].id, state="published", created_at=self.now)
        session.add(tip)
        session.flush()
        self.tips.append(tip)
        for n in sorted(chosen):
            seq = next_seq(session, self.notices[n].id)
            place = Publication(tip_id=tip.id, notice_id=self.notices[n].id, seq=seq, created_at=self.now)
            session.add(place)
            session.flush()
            self.model.place(n, place.id, tip.id)
        self.plan(Campaign(occurrence=f"tip:id:{tip.id}", tip_id=tip.id, cadence="each"), chosen)

    def gather(self, weekday: int | None) -> None:
        """Plan a weekly campaign of that weekday, or a monthly one, and compare who gets what."""
        cadence = "monthly" if weekday is None else "weekly"
        name = f"{cadence}:{self.now.isoformat()}"
        day = DAYS[weekday]
        self.plan(Campaign(occurrence=name, cadence=cadence, day=day), set(range(NOTICES)), weekday)

    def plan(self, campaign: Campaign, chosen: set[int], weekday: int | None = None) -> None:
        """Plan a campaign to the readers of ``chosen`` notices, and compare who gets what."""
        session = self.session
        for name, value in self.beginning().items():
            setattr(campaign, name, value)
        session.add(campaign)
        session.flush()
        session.add_all(CampaignNotice(campaign_id=campaign.id, notice_id=self.notices[n].id) for n in chosen)
        session.flush()
        while plan_slice(session, campaign.id, 2, self.now):
            pass
        session.refresh(campaign)
        assert campaign.state == "sending"
        expected = self.model.plan(sorted(chosen), campaign.cadence, weekday)
        assert self.planned(campaign.id) == expected

    def beginning(self) -> dict[str, Any]:
        """Return what every campaign begins with."""
        return {
            "state": "planning",
            "due_at": self.now,
            "created_at": self.now,
            "started_at": self.now,
            "expires_at": self.now + timedelta(days=4),
            "planned_to": 0,
        }

    def planned(self, campaign_id: int) -> dict[int, set[int]]:
        """Return what each reader's delivery holds."""
        rows = self.session.execute(
            select(Delivery.subscriber_id, EditionItem.publication_id)
            .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
            .where(Delivery.campaign_id == campaign_id)
        )
        found: dict[int, set[int]] = {}
        for subscriber_id, publication_id in rows:
            found.setdefault(self.number(subscriber_id), set()).add(publication_id)
        return found

    def number(self, subscriber_id: int) -> int:
        """Return a reader's number in the model."""
        return next(r for r, reader in enumerate(self.readers) if reader.id == subscriber_id)

    def confirm(self, r: int, n: int) -> None:
        """Begin or renew a subscription at the head."""
        row = self.subscription(r, n)
        notice = self.notices[n]
        self.session.refresh(notice)
        row.state, row.cursor, row.confirmed_at = "active", notice.last_seq, self.now
        self.session.flush()
        self.session.execute(delete(Missed).where(Missed.subscription_id == row.id))
        self.model.confirm(r, n)

    def subscription(self, r: int, n: int) -> Subscription:
        """Return the row of a subscription, made if missing."""
        self.session.expire_all()
        key = (Subscription.subscriber_id == self.readers[r].id, Subscription.notice_id == self.notices[n].id)
        row = self.session.scalars(select(Subscription).where(*key)).one_or_none()
        if row is None:
            row = Subscription(
                subscriber_id=self.readers[r].id,
                notice_id=self.notices[n].id,
                state="pending",
                created_at=self.now,
            )
            self.session.add(row)
        return row

    def end(self, r: int, n: int) -> None:
        """End a subscription, if there is one."""
        if (r, n) in self.model.subscriptions:
            self.subscription(r, n).state = "ended"
            self.model.subscriptions[r, n].active = False

    def pause(self, r: int) -> None:
        """Pause a reader for long, or end the pause: what they missed is offered, and counted."""
        if r in self.model.paused:
            self.model.go_on(r)
            assert go_on(self.session, self.readers[r], self.now)
        else:
            self.model.paused.add(r)
            self.readers[r].paused_until = BEGIN + timedelta(days=365)

    def turn(self, r: int, n: int, cadence: str) -> None:
        """Change how often a reader gets a notice."""
        if (r, n) in self.model.subscriptions and self.model.subscriptions[r, n].active:
            set_cadences(self.session, self.readers[r].id, {self.notices[n].id: cadence})
            self.model.subscriptions[r, n].cadence = cadence

    def ask(self, r: int) -> None:
        """Have what was missed mailed after all."""
        send_missed(self.session, self.readers[r].id, self.now)
        self.model.ask(r)

    def withdraw(self, place: int) -> None:
        """Take a tip off the web: nobody is mailed it any more, whose mail is not planned yet."""
        if place < len(self.tips):
            self.tips[place].withdrawn_at = self.now
            self.model.withdrawn.add(self.tips[place].id)

    def spread(self, place: int, n: int) -> None:
        """Send a tip of before into one more notice; the next campaign there carries it along."""
        if place < len(self.tips) and self.tips[place].id not in self._standing_in(n):
            seq = next_seq(self.session, self.notices[n].id)
            row = Publication(
                tip_id=self.tips[place].id, notice_id=self.notices[n].id, seq=seq, created_at=self.now
            )
            self.session.add(row)
            self.session.flush()
            self.model.place(n, row.id, row.tip_id)

    def _standing_in(self, n: int) -> set[int]:
        return {self.model.tips[publication] for publication in self.model.placed.get(n, [])}

    def claim(self, unlucky: set[int]) -> None:
        """Claim all that waits; the unlucky readers' mails are refused through our own fault."""
        session = self.session
        waiting = self.session.scalars(
            select(Delivery.campaign_id).where(Delivery.state == State.queued).distinct()
        ).all()
        for campaign_id in waiting:
            holds = self.planned(campaign_id)
            open_rows = select(Delivery.subscriber_id).where(
                Delivery.campaign_id == campaign_id, Delivery.state == State.queued
            )
            cadence = session.get_one(Campaign, campaign_id).cadence
            expected = {
                r: self.model.look(r, holds[r], cadence)
                for r in map(self.number, session.scalars(open_rows).all())
            }
            claimed = {}
            for shard in range(SHARDS):
                number = raise_claim_no(session, self.sender, self.now)
                place = Place(campaign_id, shard, self.sender, number)
                for row in claim_rows(session, place, self.now, 200).rows:
                    claimed[self.number(row.subscriber_id)] = row
            assert set(claimed) == {r for r, verdict in expected.items() if verdict == "sendable"}
            for r, verdict in expected.items():
                if verdict != "sendable":
                    self.model.not_delivered(r, holds[r], given_back=verdict in ("paused", "changed"))
                    continue
                fault = NextState(State.refused, "sender-fault")
                following = fault if r in unlucky else NextState(State.accepted)
                row = claimed[r]
                made = Record(row.ids, row.claim_no, following, None, "")
                assert record(session, DELIVERIES, self.sender, [made], self.now)
                if r in unlucky:
                    self.model.not_delivered(r, holds[r], given_back=True)


# Each of these histories needs one rule that the others would not miss.
STOPPED_ONE_OF_TWO = [("launch", {0, 1}), ("end", 0, 1), ("claim", set())]
PAUSED_TOO_LATE = [("launch", {0}), ("pause", 0), ("claim", set()), ("pause", 0)]
CAME_BACK_AFTER_A_GIFT = [*PAUSED_TOO_LATE, ("end", 0, 0), ("confirm", 0, 0)]
REFUSED_BY_OUR_FAULT = [("launch", {0}), ("claim", {0})]
HAD_BY_ANOTHER_WAY = [("launch", {0}), ("claim", set()), ("spread", 0, 1)]
WITHDRAWN_BEFORE_ITS_TURN = [("pause", 0), ("launch", {0}), ("pause", 0), ("withdraw", 0)]
BEHIND = [("pause", 0), ("launch", {0}), ("launch", {0, 1}), ("pause", 0)]
TURNED_TOO_LATE = [("launch", {0}), ("turn", 0, 0, "weekly"), ("claim", set()), ("gather", TUESDAY)]
TURNED_IN_TIME = [("turn", 0, 0, "weekly"), ("launch", {0, 1}), ("gather", TUESDAY), ("claim", set())]
TURNED_BACK = [("turn", 2, 0, "weekly"), ("launch", {0}), ("gather", FRIDAY), ("turn", 2, 0, "each")]
OWN_DAY = [("turn", 2, 0, "weekly"), ("launch", {0}), ("gather", TUESDAY), ("gather", FRIDAY)]
ASKED_FOR_IT = [("pause", 0), ("launch", {0}), ("pause", 0), ("ask", 0), ("claim", set())]
LEFT = [("launch", {0}), ("end", 0, 0), ("claim", set()), ("confirm", 0, 0)]
IN_BOTH = [(0, 0), (0, 1), (1, 0)]


@example(IN_BOTH, STOPPED_ONE_OF_TWO)
@example(IN_BOTH, PAUSED_TOO_LATE)
@example(IN_BOTH, CAME_BACK_AFTER_A_GIFT)
@example(IN_BOTH, REFUSED_BY_OUR_FAULT)
@example(IN_BOTH, HAD_BY_ANOTHER_WAY)
@example(IN_BOTH, WITHDRAWN_BEFORE_ITS_TURN)
@example(IN_BOTH, BEHIND)
@example(IN_BOTH, LEFT)
@example(IN_BOTH, TURNED_TOO_LATE)
@example(IN_BOTH, TURNED_IN_TIME)
@example([*IN_BOTH, (2, 0)], TURNED_BACK)
@example([*IN_BOTH, (2, 0)], OWN_DAY)
@example(IN_BOTH, ASKED_FOR_IT)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(beginnings, st.lists(steps, min_size=2, max_size=9))
def test_everybody_gets_what_the_model_says(
    engine: Engine, begin: list[tuple[int, int]], history: list[tuple[Any, ...]]
) -> None:
    """Launches, stops, renewals, pauses, other rhythms, withdrawals and refusals in any order."""
    with Session(engine) as session:
        lived = History(session)
        for r, n in begin:
            lived.live(("confirm", r, n))
        for step in history:
            lived.live(step)
        for last in (("launch", {0, 1, 2}), ("gather", TUESDAY), ("gather", FRIDAY), ("gather", None)):
            lived.live(last)
        session.rollback()
