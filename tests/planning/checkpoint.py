"""What the ledger says came, reader by reader, held against each life; what was compared is forgotten.

This looks at rows alone: neither at what was planned nor at what was handed over. A campaign's rows are read
when it is over, and those of the campaigns that still run whenever all lives are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Edition, EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.ledger import State
from newsletter_app.tips import Publication
from tests.planning.reader_life import ReaderLife

# A row that is claimed while nobody works on it was handed over by a machine that fell.
CAME = (State.accepted, State.uncertain, State.claimed)


class Checkpoint:
    """The tips that came to each reader by the rows of campaigns that are over, a bit each."""

    def __init__(self) -> None:
        """Begin before anything came."""
        self._came: defaultdict[int, int] = defaultdict(int)

    def close(self, session: Session, campaign_id: int) -> None:
        """Read the rows of a campaign that is over. Raises AssertionError where a tip came twice."""
        _add(session, campaign_id, self._came, {})

    def compare(self, session: Session, lives: Iterable[ReaderLife], running: Collection[int]) -> None:
        """Hold all lives against the rows. Raises AssertionError where they differ."""
        lately: defaultdict[int, int] = defaultdict(int)
        for campaign_id in running:
            _add(session, campaign_id, lately, self._came)
        for life in lives:
            came = self._came.get(life.id, 0) | lately.get(life.id, 0)
            assert came == life.arrived, (
                f"reader {life.id}: by the ledger's rows tips {_tips(came & ~life.arrived)} came that should"
                f" not have, and {_tips(life.arrived & ~came)} did not"
            )


def _add(session: Session, campaign_id: int, came: defaultdict[int, int], before: Mapping[int, int]) -> None:
    tips = _tips_of_editions(session, campaign_id)
    rows = select(Delivery.subscriber_id, Delivery.edition_id).where(
        Delivery.campaign_id == campaign_id, Delivery.state.in_(CAME)
    )
    for reader, edition in session.execute(rows):
        twice = (came[reader] | before.get(reader, 0)) & tips[edition]
        assert not twice, f"reader {reader}: tips {_tips(twice)} came once more in campaign {campaign_id}"
        came[reader] |= tips[edition]


def _tips_of_editions(session: Session, campaign_id: int) -> dict[int, int]:
    held = (
        select(EditionItem.edition_id, Publication.tip_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .join(Edition, Edition.id == EditionItem.edition_id)
        .where(Edition.campaign_id == campaign_id)
    )
    found: defaultdict[int, int] = defaultdict(int)
    for edition, tip in session.execute(held):
        found[edition] |= 1 << tip
    return found


def _tips(bits: int) -> list[int]:
    return [tip for tip in range(bits.bit_length()) if bits >> tip & 1]
