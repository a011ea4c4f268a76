"""What became of a campaign, in numbers and in ids; no address stands here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Edition, EditionItem, EditionNote
from newsletter_app.delivery.models import Delivery, DeliveryCount
from newsletter_app.ledger import State
from newsletter_app.tips import Publication


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of one campaign: by state, by (state, reason), by notice and state; and who is uncertain."""

    states: dict[str, int]
    reasons: dict[tuple[str, str], int]
    notices: dict[int, dict[str, int]]
    uncertain: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many readers were planned."""
        return sum(self.states.values())


def status(session: Session, campaign: Campaign) -> Status:
    """Return the counts as they are now; a mail of two notices counts under both."""
    mine = Delivery.campaign_id == campaign.id
    states: dict[str, int] = {}
    reasons: dict[tuple[str, str], int] = {}
    for state, reason, count in _counts(session, campaign.id):
        states[state] = states.get(state, 0) + count
        if reason:
            reasons[state, reason] = count
    uncertain = select(Delivery.subscriber_id).where(mine, Delivery.state == State.uncertain)
    ids = tuple(session.scalars(uncertain.order_by(Delivery.subscriber_id).limit(100)))
    return Status(states, reasons, _by_notice(session, campaign.id), ids)


def _counts(session: Session, campaign_id: int) -> list[tuple[str, str | None, int]]:
    """Count the rows by state and reason; once they were retired, what was counted at the end stands in."""
    counted = (
        select(Delivery.state, Delivery.reason, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.state, Delivery.reason)
    )
    kept = select(DeliveryCount.state, DeliveryCount.reason, DeliveryCount.readers)
    rows = session.execute(counted).all() or session.execute(
        kept.where(DeliveryCount.campaign_id == campaign_id)
    )
    return [(state, reason, count) for state, reason, count in rows]


def _by_notice(session: Session, campaign_id: int) -> dict[int, dict[str, int]]:
    counted = (
        select(Publication.notice_id, Delivery.state, func.count(Delivery.subscriber_id.distinct()))
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Publication.notice_id, Delivery.state)
    )
    found: dict[int, dict[str, int]] = {}
    for notice_id, state, count in session.execute(counted):
        found.setdefault(notice_id, {})[state] = count
    return found


@dataclass(frozen=True, slots=True)
class EditionStatus:
    """One edition: its tips in reading order, the corrections it tells of, and its readers by state."""

    id: int
    language: str
    layout: str
    tip_ids: tuple[int, ...]
    correction_ids: tuple[int, ...]
    states: dict[str, int]


def by_edition(session: Session, campaign_id: int) -> list[EditionStatus]:
    """Return a campaign's editions, the largest first; readers whose rows were retired are not counted."""
    counted = (
        select(Delivery.edition_id, Delivery.state, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.edition_id, Delivery.state)
    )
    states: dict[int, dict[str, int]] = {}
    for edition_id, state, count in session.execute(counted):
        states.setdefault(edition_id, {})[state] = count
    editions = session.scalars(select(Edition).where(Edition.campaign_id == campaign_id).order_by(Edition.id))
    held, told = _held(session, campaign_id), _told(session, campaign_id)
    found = [
        EditionStatus(
            *(one.id, one.language, one.layout, tuple(held.get(one.id, {})), tuple(told.get(one.id, ()))),
            states.get(one.id, {}),
        )
        for one in editions
    ]
    return sorted(found, key=lambda one: -sum(one.states.values()))


def _held(session: Session, campaign_id: int) -> dict[int, dict[int, None]]:
    """Return the tips of each edition in order, each once."""
    items = (
        select(EditionItem.edition_id, Publication.tip_id)
        .join(Edition, Edition.id == EditionItem.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Edition.campaign_id == campaign_id, ~EditionItem.by_note)
        .order_by(EditionItem.edition_id, EditionItem.position)
    )
    found: dict[int, dict[int, None]] = {}
    for edition_id, tip_id in session.execute(items):
        found.setdefault(edition_id, {})[tip_id] = None
    return found


def _told(session: Session, campaign_id: int) -> dict[int, list[int]]:
    notes = (
        select(EditionNote.edition_id, EditionNote.correction_id)
        .join(Edition, Edition.id == EditionNote.edition_id)
        .where(Edition.campaign_id == campaign_id)
        .order_by(EditionNote.edition_id, EditionNote.position)
    )
    found: dict[int, list[int]] = {}
    for edition_id, correction_id in session.execute(notes):
        found.setdefault(edition_id, []).append(correction_id)
    return found
