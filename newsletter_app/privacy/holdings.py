"""What is held about one person, as tables with documented columns; no key, nonce, hash or staff address.

One table for each kind of thing, in the order in which a person would ask. What is nobody's (answers to "Was
this tip useful?", counts) is not tied to anybody and so is in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, cast, false, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.feedback import FeedbackEvent
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.notices import Notice
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import ConsentRecord, Missed, Owed, Series, Signup, Subscription, Untold
from newsletter_app.suppression import Suppression
from newsletter_app.tips import Correction, Publication, Tip

Question = Select[*tuple[Any, ...]]

AT_ONCE: Final = 500
# Whoever read by phone or from paper what a person said is of the staff, and not theirs to be given.
STAFF_COLUMN: Final = "recorded_by_staff"
NOTICES: Final = "notices"


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: its name in the copy, and the question that its rows answer."""

    name: str
    question: Question

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.question.selected_columns]

    def rows(self, session: Session) -> Iterator[dict[str, Any]]:
        """Yield the rows by the names of their columns; times are ISO 8601 in UTC."""
        keys = {notice.id: notice.key for notice in session.scalars(select(Notice))}
        for row in session.execute(self.question.execution_options(yield_per=AT_ONCE)):
            yield {name: _told(name, value, keys) for name, value in row._mapping.items()}


def holdings(whose: DataSubject) -> list[Holding]:
    """Return every table about this person, those without a row as well: that is an answer too."""
    return [
        Holding("profile", _profile(whose)),
        Holding("address_changes", _address_changes(whose)),
        Holding("notices", _notices(whose)),
        Holding("consent", _consent(whose)),
        Holding("signups", _signups(whose)),
        Holding("emails", _emails(whose)),
        Holding("tips_to_come", _to_come(whose)),
        Holding("service_emails", _service_emails(whose)),
        Holding("came_back", _came_back(whose)),
        Holding("not_mailed", _not_mailed(whose)),
    ]


def _told(name: str, value: Any, keys: Mapping[int, str]) -> Any:
    if name == STAFF_COLUMN:
        return value is not None
    if name == NOTICES:
        return [keys[id_] for id_ in value if id_ in keys]
    return value.isoformat() if isinstance(value, datetime) else value


def _profile(whose: DataSubject) -> Question:
    person = Subscriber
    return select(
        *(person.address, person.name, person.language, person.layout, person.weekday, person.hour),
        *(person.time_zone, person.paused_until, person.returned_at, person.created_at),
    ).where(person.id == whose.subscriber_id)


def _address_changes(whose: DataSubject) -> Question:
    change = AddressChange
    columns = (change.old_address, change.new_address, change.state, change.created_at, change.confirmed_at)
    return select(*columns, change.ended_at).where(change.subscriber_id == whose.subscriber_id)


def _notices(whose: DataSubject) -> Question:
    row = Subscription
    chosen = select(
        *(Notice.key.label("notice"), row.state, row.cadence, row.created_at, row.confirmed_at),
        *(row.ended_at, row.end_reason, row.end_why),
        *(Series.pace.label("from_tip_1"), Series.position.label("up_to_tip"), Series.finished_at),
    )
    named = chosen.join(Notice, Notice.id == row.notice_id)
    reading = named.outerjoin(Series, Series.subscription_id == row.id)
    mine = reading.where(row.subscriber_id == whose.subscriber_id)
    return mine.order_by(Notice.position, Notice.id)


def _consent(whose: DataSubject) -> Question:
    record = ConsentRecord
    theirs = [record.address_key.in_(whose.keys), _is(record.subscriber_id, whose)]
    return (
        select(
            *(record.at, record.act, Notice.key.label("notice"), record.consent, record.source),
            *(record.wording, record.language, record.page_url, record.ip, record.user_agent),
            record.recorded_by.label(STAFF_COLUMN),
        )
        .join(Notice, Notice.id == record.notice_id)
        .where(or_(*theirs))
        .order_by(record.id)
    )


def _signups(whose: DataSubject) -> Question:
    form = Signup
    theirs = or_(whose.lives_at(form.address), _is(form.subscriber_id, whose))
    return (
        select(
            *(
                form.created_at,
                form.kind,
                form.address,
                form.notice_ids.label(NOTICES),
                form.language,
                form.wording,
            ),
            *(form.page_url, form.ip, form.user_agent, form.time_zone, form.outcome, form.confirmed_at),
        )
        .where(theirs)
        .order_by(form.id)
    )


def _emails(whose: DataSubject) -> Question:
    """Each tip of each mail is a row; a mail whose content is known no more is one without a tip."""
    row = Delivery
    return (
        select(
            *(Campaign.occurrence.label("email"), Tip.number.label("tip"), row.state, row.reason),
            *(row.due_at, row.first_attempt_at, row.settled_at, row.reply_code, row.reply_text),
            row.feedback.label("came_back"),
        )
        .join(Campaign, Campaign.id == row.campaign_id)
        .outerjoin(EditionItem, EditionItem.edition_id == row.edition_id)
        .outerjoin(Publication, Publication.id == EditionItem.publication_id)
        .outerjoin(Tip, Tip.id == Publication.tip_id)
        .where(row.subscriber_id == whose.subscriber_id)
        .order_by(row.due_at, row.campaign_id, EditionItem.position)
    )


def _to_come(whose: DataSubject) -> Question:
    """What is owed comes by itself, what was missed in a pause only if they ask; a correction is told of."""
    parts: list[Question] = [
        select(Tip.number.label("tip"), Notice.key.label("notice"), literal(why).label("why"))
        .select_from(held)
        .join(Subscription, Subscription.id == held.subscription_id)
        .join(Publication, Publication.id == held.publication_id)
        .join(Tip, Tip.id == Publication.tip_id)
        .join(Notice, Notice.id == Publication.notice_id)
        .where(Subscription.subscriber_id == whose.subscriber_id)
        for held, why in ((Owed, "owed"), (Missed, "missed"))
    ]
    corrections = (
        select(
            Tip.number.label("tip"), cast(null(), String).label("notice"), literal("correction").label("why")
        )
        .select_from(Untold)
        .join(Correction, Correction.id == Untold.correction_id)
        .join(Tip, Tip.id == Correction.tip_id)
        .where(Untold.subscriber_id == whose.subscriber_id)
    )
    every = union_all(*parts, corrections).subquery()
    return select(every.c.tip, every.c.notice, every.c.why)


def _service_emails(whose: DataSubject) -> Question:
    mail = ServiceMail
    theirs = or_(
        mail.address_key.in_(whose.keys), whose.lives_at(mail.address), _is(mail.subscriber_id, whose)
    )
    columns = (mail.created_at, mail.kind, mail.address, mail.language, mail.state, mail.settled_at)
    return select(*columns, mail.reply_code, mail.reply_text).where(theirs).order_by(mail.id)


def _came_back(whose: DataSubject) -> Question:
    event = FeedbackEvent
    columns = (event.received_at, event.shape.label("what"), event.kind, event.reason, event.code)
    return (
        select(*columns, event.said, event.effect).where(_is(event.subscriber_id, whose)).order_by(event.id)
    )


def _not_mailed(whose: DataSubject) -> Question:
    row = Suppression
    return select(row.scope, row.reason, row.created_at).where(row.address_key.in_(whose.keys))


def _is(column: Any, whose: DataSubject) -> ColumnElement[bool]:
    """Compare a column that may be empty: nobody's rows are not those of somebody without a row."""
    compared: ColumnElement[bool] = column == whose.subscriber_id
    return compared if whose.subscriber_id is not None else false()
