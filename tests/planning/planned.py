"""What planning wrote down for a slice's readers, as far as a model can say the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Edition, EditionItem
from newsletter_app.delivery import Delivery

# The places of a mail's tips in their notices, its language and layout, and when it is due.
Content = tuple[frozenset[int], str, str, datetime]


class PlannedRows:
    """Reads planned rows; of campaigns that run it remembers what their editions hold."""

    def __init__(self) -> None:
        """Begin with no campaign."""
        self._editions: dict[int, dict[int, tuple[frozenset[int], str, str]]] = {}

    def of(self, session: Session, campaign_id: int, after: int, up_to: int) -> dict[int, Content]:
        """Return what a campaign brings each reader with an id in (after, up_to]."""
        rows = session.execute(
            select(Delivery.subscriber_id, Delivery.edition_id, Delivery.due_at).where(
                Delivery.campaign_id == campaign_id,
                Delivery.subscriber_id > after,
                Delivery.subscriber_id <= up_to,
            )
        ).all()
        known = self._editions.setdefault(campaign_id, {})
        for edition_id in {row.edition_id for row in rows} - known.keys():
            edition = session.get_one(Edition, edition_id)
            held = select(EditionItem.publication_id).where(EditionItem.edition_id == edition_id)
            known[edition_id] = (frozenset(session.scalars(held)), edition.language, edition.layout)
        return {row.subscriber_id: (*known[row.edition_id], row.due_at) for row in rows}

    def forget(self, campaign_id: int) -> None:
        """Forget a campaign that is over."""
        self._editions.pop(campaign_id, None)


def difference(found: dict[int, Content], expected: dict[int, Content]) -> str:
    """Say how two plans differ: for how many readers, and how for the first of them."""
    readers = found.keys() | expected.keys()
    differing = [reader for reader in readers if found.get(reader) != expected.get(reader)]
    first = min(differing, default=0)
    return (
        f"{len(differing)} readers are planned otherwise; reader {first}: {found.get(first)},"
        f" by their own life {expected.get(first)}"
    )
