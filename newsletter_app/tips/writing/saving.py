"""Saving what is written: every text is kept, and one that was typed upon an older revision never replaces
the newer one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app.kernel.languages import as_language, other
from newsletter_app.tips.models import Tip
from newsletter_app.tips.standing import put_up
from newsletter_app.tips.writing import stages
from newsletter_app.tips.writing.models import TipRevision
from newsletter_app.tips.writing.parts import ABOUT, Content, Part, as_facts, tidied
from newsletter_app.tips.writing.releasing import is_held_back, release
from newsletter_app.tips.writing.standing import Written, find_revision, newest, written

# Whoever types is saved every few seconds; within one sitting of this length that is one revision.
SITTING: Final = timedelta(minutes=10)


class Outcome(NamedTuple):
    """What became of a text: saved, the same as before, or kept *aside* of a newer one; and the newest.

    ``aside_id`` is the id of the revision kept aside, or None.
    """

    what: Literal["saved", "same", "aside"]
    newest: Written
    aside_id: int | None = None


def write(
    session: Session,
    tip: Tip,
    part: Part,
    content: Content,
    *,
    base: int,
    by: str,
    now: datetime,
    aside_id: int | None = None,
) -> Outcome:
    """Save what ``by`` wrote of a part upon its revision ``base``.

    Where the part has a newer revision already, the text is kept aside and nothing else changes; ``aside_id``
    names what the same writer kept aside before, to go on with it. Otherwise it
    is the newest, and an asked or approved tip is a draft again. Readers of a published tip see nothing of it
    before it is released. Raises Breach as ``tidied`` does.
    """
    text = tidied(content)
    # Two saves at once: the second one waits here, and then finds the newer revision.
    session.execute(select(Tip.id).where(Tip.id == tip.id).with_for_update())
    before = written(session, tip, part)
    if text == before.content:
        return Outcome("same", before)
    if base != before.revision:
        return Outcome("aside", before, _keep_aside(session, tip, before, text, base, by, now, aside_id).id)
    _keep_first(session, tip, before)
    row = _revise(session, tip, before, text, by, now)
    session.flush()
    stages.changed(session, tip, by=by, now=now)
    if not is_held_back(tip) and release(session, tip, now):
        put_up(session, tip, now)
    session.flush()
    return Outcome("saved", Written(part, text, row.revision, by, now, row.follows))


def note_imported(session: Session, tip: Tip, part: Part, content: Content, now: datetime) -> int:
    """Keep what a file brought as the newest revision of a part; return its number."""
    before = written(session, tip, part)
    if content == before.content and before.revision and newest(session, tip, part) is not None:
        return before.revision
    row = _row(tip, part, content, before.revision + 1, "", now)
    session.add(row)
    return row.revision


def say_the_same(session: Session, tip: Tip, *, by: str, now: datetime) -> None:
    """Note that both sides say the same now: what changes from here on is told to the other side."""
    english, french = written(session, tip, "en"), written(session, tip, "fr")
    for mine, its_other in ((english, french), (french, english)):
        _keep_first(session, tip, mine)
        row = newest(session, tip, mine.part)
        if row is not None:
            row.follows = its_other.revision
    session.flush()


def _keep_first(session: Session, tip: Tip, before: Written) -> None:
    """Keep what stood there before any desk saw the tip, so that it can be compared and brought back."""
    if before.revision and newest(session, tip, before.part) is None:
        since = before.saved_at or tip.created_at
        session.add(_row(tip, before.part, before.content, before.revision, "", since))
        session.flush()


def _revise(
    session: Session, tip: Tip, before: Written, text: Content, by: str, now: datetime
) -> TipRevision:
    row = newest(session, tip, before.part)
    if row is not None and _is_same_sitting(session, tip, row, by, now):
        row.content, row.revision, row.saved_at = as_facts(text), before.revision + 1, now
        return row
    made = _row(tip, before.part, text, before.revision + 1, by, now)
    made.follows = before.follows if row is not None else _begun_from(session, tip, before.part)
    session.add(made)
    return made


def _is_same_sitting(session: Session, tip: Tip, row: TipRevision, by: str, now: datetime) -> bool:
    if row.saved_by != by or now - row.begun_at > SITTING or tip.stage != "draft":
        return False
    if row.part == ABOUT:
        return True
    its_other = newest(session, tip, other(as_language(row.part)))
    # What the other side follows must stay as it was, to tell what has changed since.
    return its_other is None or its_other.follows != row.revision


def _begun_from(session: Session, tip: Tip, part: Part) -> int | None:
    """The second side is begun from the first as it stands."""
    return (written(session, tip, other(as_language(part))).revision or None) if part != ABOUT else None


def _keep_aside(
    session: Session,
    tip: Tip,
    before: Written,
    text: Content,
    base: int,
    by: str,
    now: datetime,
    aside_id: int | None,
) -> TipRevision:
    row = find_revision(session, tip, before.part, aside_id) if aside_id is not None else None
    if row is None or not row.is_aside or row.saved_by != by:
        row = _row(tip, before.part, text, base, by, now)
        row.is_aside = True
        session.add(row)
    row.content, row.saved_at = as_facts(text), now
    session.flush()
    return row


def _row(tip: Tip, part: Part, content: Content, revision: int, by: str, at: datetime) -> TipRevision:
    return TipRevision(
        tip_id=tip.id,
        part=part,
        revision=revision,
        content=as_facts(content),
        saved_by=by,
        begun_at=at,
        saved_at=at,
        is_aside=False,
    )
