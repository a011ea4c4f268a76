"""Editions compiled on first use and stored: two processes, and every retry, fill the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter_app import notices, preflight, tips
from newsletter_app.campaigns import Campaign, Edition, EditionItem, EditionNote, hold, next_due_for
from newsletter_app.delivery.filling import Filling
from newsletter_app.delivery.fitness import unfit_tip
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.clock import Clock
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail import (
    Compiled,
    HeaderRefused,
    KeyRefused,
    Keyring,
    MarkCollision,
    Signing,
    compile_message,
)
from newsletter_app.tips import Publication, TipSide

UNSYNCED = {"synchronize_session": False}


def prepare(
    unit_of_work: UnitOfWork,
    composer: Composer,
    keyring: Keyring,
    campaign_id: int,
    clock: Clock,
    stop: Callable[[], bool],
) -> bool:
    """Compile what of the campaign's editions is not compiled; False when it must not be sent, and is held.

    It runs before anything is claimed, so that an edition nobody can compile or sign leaves no claimed rows.
    """
    with unit_of_work() as session:
        mine = select(Edition.id).where(Edition.campaign_id == campaign_id, Edition.compiled.is_(None))
        waiting = session.scalars(mine.order_by(Edition.id)).all()
    for edition_id in waiting:
        if stop():
            return False
        with unit_of_work() as session:
            fault = _compile(session, composer, keyring, edition_id, clock())
            if fault is not None:
                hold(session, campaign_id, fault)
                return False
    with unit_of_work() as session:
        fault = _unsignable(session, keyring, campaign_id)
        if fault is not None:
            hold(session, campaign_id, fault)
    return fault is None


def load(session: Session, edition_id: int, keyring: Keyring) -> Filling:
    """Return an edition ready to be filled. Raises Breach if uncompiled, KeyRefused if a key is gone."""
    edition = session.get(Edition, edition_id, populate_existing=True)
    if edition is None or edition.compiled is None:
        raise Breach("edition-not-compiled", edition=edition_id)
    compiled = Compiled.from_bytes(edition.compiled)
    keys = [keyring.find(selector) for selector in _selectors(edition.signed_by)]
    return Filling(
        edition_id,
        compiled,
        _notice_ids(session, edition_id),
        as_language(edition.language),
        edition.created_at,
        Signing(compiled, keys) if keys else None,
        edition.next_at,
    )


def _unsignable(session: Session, keyring: Keyring, campaign_id: int) -> str | None:
    """Return why mails of the campaign could not be signed as those before them were, or None."""
    mine = Edition.campaign_id == campaign_id, Edition.compiled.is_not(None)
    signed = session.scalars(select(Edition.signed_by).where(*mine).distinct()).all()
    for selector in {selector for signed_by in signed for selector in _selectors(signed_by)}:
        try:
            keyring.find(selector)
        except KeyRefused:
            return f"dkim-key-refused:{selector}"
    return None


def _selectors(signed_by: str) -> list[str]:
    return signed_by.split(",") if signed_by else []


def _compile(
    session: Session, composer: Composer, keyring: Keyring, edition_id: int, now: datetime
) -> str | None:
    """Store the compiled edition unless somebody else did; return why it must not be sent, or None."""
    edition = session.get_one(Edition, edition_id)
    notice_ids = _notice_ids(session, edition_id)
    language = as_language(edition.language)
    places = _places(session, edition_id)
    sides = _hold_sides(session, places, language)
    campaign = session.get_one(Campaign, edition.campaign_id)
    if unfit := unfit_tip(session, campaign, places, now):
        return unfit
    next_at = next_due_for(session, notice_ids, now) if campaign.cadence == "each" else None
    digest = DigestOf(
        tuple(places),
        tuple(notices.by_ids(session, notice_ids)),
        language,
        edition.layout,
        next_at=next_at,
        cadence=campaign.cadence,
        notice_ids=tuple(places.values()),
        campaign_id=edition.campaign_id,
        pace=edition.pace,
        note_ids=_note_ids(session, edition_id),
    )
    try:
        content = composer.compose(session, digest)
        compiled = compile_message(content, boundary_seed=f"edition:{edition_id}").to_bytes()
        signed_by = ",".join(key.selector for key in keyring.in_use())
    except Breach as breach:
        return _reason(breach)
    except (HeaderRefused, MarkCollision) as fault:
        return f"compile-{type(fault).__name__}"
    except KeyRefused:
        return "dkim-key-refused"
    if blocking := preflight.blocking_content(session, content, language, digest.tip_ids):
        return f"{blocking[0].code}:{language}"
    first_wins = update(Edition).where(Edition.id == edition_id, Edition.compiled.is_(None))
    made = first_wins.values(compiled=compiled, signed_by=signed_by, next_at=next_at).returning(Edition.id)
    if session.scalar(made, execution_options=UNSYNCED) is not None:
        _write_what_is_shown(session, edition_id, sides)
    return None


def _hold_sides(session: Session, tip_ids: Iterable[int], language: Language) -> list[TipSide]:
    """Return the sides that are shown of these tips, held: nobody saves another revision until it is written
    which one was shown. A correction finds by that who had the earlier one.
    """
    rows = select(TipSide).where(TipSide.tip_id.in_(list(tip_ids))).order_by(TipSide.id)
    held = rows.with_for_update(read=True).execution_options(populate_existing=True)
    session.scalars(held).all()
    found = [tips.find(session, tip_id) for tip_id in tip_ids]
    return [tips.shown_side(tip, language) for tip in found if tip is not None]


def _write_what_is_shown(session: Session, edition_id: int, sides: Iterable[TipSide]) -> None:
    for side in sides:
        places = select(Publication.id).where(Publication.tip_id == side.tip_id)
        items = EditionItem.edition_id == edition_id, EditionItem.publication_id.in_(places)
        shown = update(EditionItem).where(*items).values(side=side.language, revision=side.revision)
        session.execute(shown, execution_options=UNSYNCED)


def _reason(breach: Breach) -> str:
    """Return why nothing may be sent; a template's fault is told by its file and line."""
    if breach.code != "template-faulty":
        return breach.code
    return "{template}, line {line}: {reason}".format_map(breach.facts)


def _places(session: Session, edition_id: int) -> dict[int, int]:
    """Return the edition's tips in reading order, each with a notice; one that stands in two is read once."""
    statement = (
        select(Publication.tip_id, Publication.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(EditionItem.edition_id == edition_id, ~EditionItem.by_note)
        .order_by(EditionItem.position)
    )
    places: dict[int, int] = {}
    for tip_id, notice_id in session.execute(statement):
        places.setdefault(tip_id, notice_id)
    return places


def _notice_ids(session: Session, edition_id: int) -> tuple[int, ...]:
    statement = (
        select(Publication.notice_id)
        .join(EditionItem, EditionItem.publication_id == Publication.id)
        .where(EditionItem.edition_id == edition_id)
        .distinct()
        .order_by(Publication.notice_id)
    )
    return tuple(session.scalars(statement))


def _note_ids(session: Session, edition_id: int) -> tuple[int, ...]:
    mine = select(EditionNote.correction_id).where(EditionNote.edition_id == edition_id)
    return tuple(session.scalars(mine.order_by(EditionNote.position)))
