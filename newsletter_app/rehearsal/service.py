"""Rehearsal verbs: send one of the staff a tip's mail, and say which sides nobody has seen as they are now.

The mail goes by the service queue, a copy of its edition. Its links are signed for nobody: whoever presses
one, or whatever opens it, stops and changes nothing of any reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import organisation, service_mail, tips
from newsletter_app.digests import Composer
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import Purpose
from newsletter_app.mail import HeaderRefused, MarkCollision
from newsletter_app.rehearsal.composing import Seat, compiled, digest_of
from newsletter_app.rehearsal.models import Rehearsal
from newsletter_app.service_mail import LinkSpec
from newsletter_app.tips import Tip

# No row has this id, so that a link with it leads to nobody.
NOBODY: Final = 0
# As long as a reader's own, so that the address is as long as theirs.
NO_NONCE: Final = bytes(16)


def rehearse(
    session: Session,
    tip: Tip,
    seat: Seat,
    *,
    to: str,
    by: str,
    composer: Composer,
    hash_key: bytes,
    now: datetime,
) -> Rehearsal:
    """Queue the tip's mail for ``to``, as whoever sits in ``seat`` would get it; return the fact of it.

    Raises Breach ``reader-not-subscribed``, ``address-suppressed``, ``mail-refused`` (nothing lawful can be
    made of its words), and what composing raises.
    """
    digest = digest_of(session, tip, seat, now)
    wording = tips.wording_of(session, tip)
    made = Rehearsal(
        tip_id=tip.id, wording=wording, language=seat.language, layout=seat.layout, sent_by=by, sent_at=now
    )
    seed = f"rehearsal:{tip.id}:{wording}:{seat.language}:{seat.layout}:{now.isoformat()}"
    try:
        octets = compiled(session, tip, digest, composer, boundary_seed=seed).to_bytes()
    except (HeaderRefused, MarkCollision) as fault:
        raise Breach("mail-refused", tip=tip.id) from fault
    zone = organisation.zone_of(session)
    queued = service_mail.queue(
        session, "test", address=to, address_key=address_key(hash_key, parse_address(to)),
        language=seat.language, now=now, compiled=octets,
        facts=_facts(digest.notice_ids, words.full_date(seat.asked_at, zone, seat.language)),
    )  # fmt: skip
    if queued is None:
        raise Breach("address-suppressed")
    session.add(made)
    session.flush()
    return made


def rehearsals_of(session: Session, tip: Tip, limit: int = 10) -> list[Rehearsal]:
    """Return the newest rehearsals of a tip, whatever was changed since."""
    mine = select(Rehearsal).where(Rehearsal.tip_id == tip.id)
    return list(session.scalars(mine.order_by(Rehearsal.id.desc()).limit(limit)))


def unrehearsed(session: Session, tip: Tip) -> list[Language]:
    """Return the languages of the tip that were sent to nobody as they are now (S24)."""
    seen = select(Rehearsal.language).where(
        Rehearsal.tip_id == tip.id, Rehearsal.wording == tips.wording_of(session, tip)
    )
    seen_in = set(session.scalars(seen.distinct()))
    return [language for language in tips.languages_of(session, tip) if language not in seen_in]


def _facts(notice_ids: tuple[int, ...], asked_on: str) -> dict[str, Any]:
    """Return what fills the copy's slots: ``delivery.fill`` gives a reader's mail the same ones."""
    stops = (NOBODY, *sorted(set(notice_ids)))
    stop = LinkSpec(Purpose.STOP, stops)
    choices = LinkSpec(Purpose.CHOICES, (NOBODY,), NO_NONCE)
    return {
        "slots": {"asked_on": asked_on},
        "stops": list(stops),
        "slot_links": {"choices_url": choices.to_facts(), "stop_url": stop.to_facts()},
    }
