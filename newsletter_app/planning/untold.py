"""Who is still to be told of a correction: asked of the deliveries, so that nobody is told twice.

Told is who was mailed the tip in a revision before the correction (accepted, or uncertain), is still active
in a notice that the tip stands in, and was not told yet, nor is about to be.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from newsletter_app.campaigns import Edition, EditionItem, EditionNote
from newsletter_app.delivery import Delivery, counts_as_delivered
from newsletter_app.kernel.upserts import insert
from newsletter_app.ledger import State
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription, Untold
from newsletter_app.tips import Correction, Publication

# So many numbers of readers are looked through in one transaction.
STRETCH: Final = 20_000
BROUGHT: Final = (State.accepted, State.uncertain)


def is_to_be_told() -> ColumnElement[bool]:
    """Whether a row of ``Untold``, joined with its ``Correction``, is to be told now."""
    return and_(_had_it_as_it_was(), _reads_its_notice(), ~_is_told())


def gather(session: Session, now: datetime, stretch: int = STRETCH) -> bool:
    """Note for one correction and one stretch of readers who may have to be told; False with none to gather.

    Also those whose mail is compiled and still to go: whether it arrived is asked when they are told.
    """
    waiting = (
        select(Correction)
        .where(
            Correction.gathered_at.is_(None),
            or_(Correction.revision_en.is_not(None), Correction.revision_fr.is_not(None)),
        )
        .order_by(Correction.id)
        .limit(1)
    )
    correction = session.scalars(waiting.with_for_update()).one_or_none()
    if correction is None:
        return False
    last = session.scalar(select(func.max(Subscriber.id))) or 0
    after, up_to = correction.gathered_to, correction.gathered_to + stretch
    for campaign_id in session.scalars(_campaigns_of(correction)).all():
        _gather(session, correction, campaign_id, after, up_to)
    correction.gathered_to = up_to
    if up_to >= last:
        correction.gathered_at = now
    session.flush()
    return True


def untold_of(session: Session, subscriber_id: int) -> list[int]:
    """Return the tips of which a reader is to be told a correction with their next mail."""
    theirs = (
        select(Correction.tip_id)
        .join(Untold, Untold.correction_id == Correction.id)
        .where(Untold.subscriber_id == subscriber_id, is_to_be_told())
        .order_by(Correction.id)
    )
    return list(dict.fromkeys(session.scalars(theirs)))


class Reach(NamedTuple):
    """How many readers a correction is for: mailed the tip as it was; mailed it in today's revision only."""

    earlier: int
    todays: int


def reach(session: Session, correction: Correction) -> Reach:
    """Count whom a correction is for, among those whose deliveries are kept; some may have stopped since."""
    earlier = _readers_of(_editions_of(correction))
    mailed = (
        select(EditionItem.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Publication.tip_id == correction.tip_id, EditionItem.revision.is_not(None), ~EditionItem.by_note
        )
        .where(EditionItem.side.in_([side for side in ("en", "fr") if correction.note_in(side)]))
    )
    todays = _readers_of(mailed).where(Delivery.subscriber_id.not_in(earlier))
    counts = [
        session.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in (earlier, todays)
    ]
    return Reach(*counts)


def hold(session: Session, subscriber_ids: ColumnElement[bool]) -> None:
    """Hold the untold of these readers: two planners at once must not both tell them."""
    held = select(Untold.correction_id).where(subscriber_ids)
    session.execute(held.order_by(Untold.subscriber_id, Untold.correction_id).with_for_update()).all()


def let_go(session: Session, campaign_id: int, after: int, up_to: int) -> None:
    """Count readers in (after, up_to] as told of what the mail holds that this campaign planned for them."""
    told = (
        select(Delivery.subscriber_id)
        .join(EditionNote, EditionNote.edition_id == Delivery.edition_id)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.subscriber_id == Untold.subscriber_id,
            EditionNote.correction_id == Untold.correction_id,
        )
        .correlate(Untold)
        .exists()
    )
    theirs = delete(Untold).where(Untold.subscriber_id > after, Untold.subscriber_id <= up_to, told)
    session.execute(theirs, execution_options={"synchronize_session": False})


def shows_it_as_it_was() -> ColumnElement[bool]:
    """Whether an edition's item shows the tip in a revision from before the correction."""
    sides = (("en", Correction.revision_en), ("fr", Correction.revision_fr))
    earlier = [and_(EditionItem.side == side, EditionItem.revision < first) for side, first in sides]
    return and_(~EditionItem.by_note, or_(*earlier))


def _campaigns_of(correction: Correction) -> Select[int]:
    """Select the campaigns that mailed, or are about to mail, the tip as it was."""
    return _editions_of(correction).with_only_columns(Edition.campaign_id).distinct()


def _editions_of(correction: Correction) -> Select[int]:
    return (
        select(Edition.id)
        .join(EditionItem, EditionItem.edition_id == Edition.id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Correction, Correction.tip_id == Publication.tip_id)
        .where(Correction.id == correction.id, shows_it_as_it_was())
    )


def _readers_of(edition_ids: Select[int]) -> Select[int]:
    """Select whom these editions came to, or may have."""
    campaigns = select(Edition.campaign_id).where(Edition.id.in_(edition_ids))
    came = Delivery.campaign_id.in_(campaigns), Delivery.edition_id.in_(edition_ids)
    return select(Delivery.subscriber_id).where(*came, Delivery.state.in_(BROUGHT)).distinct()


def _gather(session: Session, correction: Correction, campaign_id: int, after: int, up_to: int) -> None:
    mailed = (
        select(Subscriber.id, literal(correction.id))
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.subscriber_id > after,
            Delivery.subscriber_id <= up_to,
            Delivery.state != State.skipped,
            Delivery.edition_id.in_(_editions_of(correction)),
        )
    )
    names = ["subscriber_id", "correction_id"]
    session.execute(insert(session, Untold).from_select(names, mailed).on_conflict_do_nothing())


def _had_it_as_it_was() -> ColumnElement[bool]:
    return (
        select(Delivery.campaign_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(
            Delivery.subscriber_id == Untold.subscriber_id,
            Delivery.state.in_(BROUGHT),
            Publication.tip_id == Correction.tip_id,
            shows_it_as_it_was(),
        )
        .correlate(Untold, Correction)
        .exists()
    )


def _reads_its_notice() -> ColumnElement[bool]:
    theirs, place = aliased(Subscription), aliased(Publication)
    return (
        select(theirs.id)
        .join(place, place.notice_id == theirs.notice_id)
        .where(
            theirs.subscriber_id == Untold.subscriber_id,
            theirs.state == "active",
            place.tip_id == Correction.tip_id,
        )
        .correlate(Untold, Correction)
        .exists()
    )


def _is_told() -> ColumnElement[bool]:
    """Whether a mail told them, or is about to: one that is tried again on a person's word counts, too."""
    return (
        select(Delivery.campaign_id)
        .join(EditionNote, EditionNote.edition_id == Delivery.edition_id)
        .where(
            Delivery.subscriber_id == Untold.subscriber_id,
            EditionNote.correction_id == Correction.id,
            counts_as_delivered(),
        )
        .correlate(Untold, Correction)
        .exists()
    )
