"""What a person asked for and agreed to, at their erasure: signups go, the proof stays without the person."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from newsletter_app.kernel.addresses import AddressFault, address_key, parse_address
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.subscriptions.models import ConsentRecord, Signup


def addresses_of(session: Session, keys: Collection[str], hash_key: bytes) -> dict[str, set[str]]:
    """Return, for each of these keys, how signups spell its address; every signup is read for that."""
    found: dict[str, set[str]] = {}
    for text in session.scalars(select(Signup.address).distinct().execution_options(yield_per=1000)):
        with suppress(AddressFault):
            key = address_key(hash_key, parse_address(text))
            if key in keys:
                found.setdefault(key, set()).add(text)
    return found


def erase(session: Session, whose: DataSubject) -> int:
    """Delete this person's signups and return how many; their consent records keep no more than a key.

    That consent was asked for in these words, and given or withdrawn, stays provable to whoever knows
    the address (CASL s. 13); the triggers of the table let these columns alone be emptied.
    """
    theirs = [whose.lives_at(Signup.address)]
    proofs: list[ColumnElement[bool]] = [ConsentRecord.address_key.in_(whose.keys)]
    if whose.subscriber_id is not None:
        theirs.append(Signup.subscriber_id == whose.subscriber_id)
        proofs.append(ConsentRecord.subscriber_id == whose.subscriber_id)
    nobody = {"subscriber_id": None, "ip": None, "user_agent": None}
    session.execute(update(ConsentRecord).where(or_(*proofs)).values(nobody))
    gone = session.scalars(delete(Signup).where(or_(*theirs)).returning(Signup.id))
    return len(gone.all())
