"""Editions as they are planned: one for each content, made by whoever comes first; nothing is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign, Edition, EditionItem, EditionNote
from newsletter_app.delivery import open_shards
from newsletter_app.kernel.rings import ring
from newsletter_app.kernel.upserts import insert


class Kind(NamedTuple):
    """What distinguishes editions that hold the same; ``pace`` is that of a series that goes on after it."""

    language: str
    layout: str
    pace: str = ""


class Content(NamedTuple):
    """What an edition holds, in reading order: publications, and the corrections that it tells of.

    ``by_note``: the publications only say whose readers it goes to; their tips are not in it.
    """

    publications: Sequence[int]
    notes: Sequence[int] = ()
    by_note: bool = False


def make_edition(
    session: Session, campaign_id: int, key: str, kind: Kind, content: Content, now: datetime
) -> int:
    """Return the id of the edition with this key, made now if it is the first of its kind."""
    row = {"campaign_id": campaign_id, "key": key, **kind._asdict()}
    fresh = insert(session, Edition).values(row | {"created_at": now}).on_conflict_do_nothing()
    made: int | None = session.scalar(fresh.returning(Edition.id))
    if made is None:
        mine = select(Edition.id).where(Edition.campaign_id == campaign_id, Edition.key == key)
        return session.scalars(mine).one()
    items = [
        {"edition_id": made, "publication_id": id_, "position": position, "by_note": content.by_note}
        for position, id_ in enumerate(content.publications)
    ]
    session.execute(plain_insert(EditionItem), items)
    notes = [
        {"edition_id": made, "correction_id": id_, "position": position}
        for position, id_ in enumerate(content.notes)
    ]
    if notes:
        session.execute(plain_insert(EditionNote), notes)
    return made


def begin_sending(session: Session, campaign: Campaign, now: datetime) -> None:
    """Let a campaign be sent, all of whose readers are planned."""
    campaign.state = "sending"
    open_shards(session, campaign.id, now)
    ring(session, "bulk_tick")
    session.flush()
