"""Telling staff what happened, each person each thing once; derived from facts, so that nothing is forgotten.

The unique key of what was told decides, whoever looks and however often.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import identity, organisation, service_mail
from newsletter_app.identity import Staff
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.upserts import insert
from newsletter_app.staff_mail import about_launches, about_months, about_tips, about_trouble
from newsletter_app.staff_mail.events import Event
from newsletter_app.staff_mail.models import StaffSilence, StaffTelling
from newsletter_app.staff_mail.rules import can_silence, concerns


def tell(session: Session, now: datetime) -> int:
    """Queue a mail for everybody about everything they were not told of yet; return how many.

    What a person switched off counts as told: switched on again, it brings no old news. Who joined later
    is told nothing of before.
    """
    if organisation.find(session) is None:
        return 0
    people = [person for person in identity.everyone(session) if person.state == "active"]
    rows = session.execute(select(StaffSilence.staff_id, StaffSilence.kind))
    silences = {(staff_id, kind) for staff_id, kind in rows}
    told = 0
    for event in events(session, now):
        for person in _to_tell(session, event, people):
            is_silent = (person.id, event.kind) in silences and can_silence(event.kind, person.role)
            if _is_first(session, event, person, now) and not is_silent:
                _queue(session, event, person, now)
                told += 1
    return told


def events(session: Session, now: datetime) -> Iterator[Event]:
    """Return whatever somebody may have to be told of now."""
    return chain(
        about_trouble.stopped(session, now),
        about_tips.waiting(session, now),
        about_tips.decided(session, now),
        about_launches.tomorrow(session, now),
        about_launches.went(session, now),
        about_launches.gap(session, now),
        about_months.over(session, now),
    )


def _to_tell(session: Session, event: Event, people: list[Staff]) -> list[Staff]:
    concerned = [
        person
        for person in people
        if concerns(event.kind, person.role)
        and event.is_for(person.address)
        and person.created_at <= event.at
    ]
    if not concerned:
        return []
    mine = (StaffTelling.kind == event.kind, StaffTelling.about == event.about)
    told = set(session.scalars(select(StaffTelling.staff_id).where(*mine)))
    return [person for person in concerned if person.id not in told]


def _is_first(session: Session, event: Event, person: Staff, now: datetime) -> bool:
    """Write down that this person is told; False if somebody else does so at this moment."""
    row = insert(session, StaffTelling).values(
        kind=event.kind, about=event.about, staff_id=person.id, told_at=now
    )
    first = row.on_conflict_do_nothing().returning(StaffTelling.staff_id)
    return session.scalar(first) is not None


def _queue(session: Session, event: Event, person: Staff, now: datetime) -> None:
    language = as_language(person.language)
    facts = cast(dict[str, Any], {"page": event.page, "staff": dict(event.facts(language))})
    service_mail.queue(
        session, f"staff-{event.kind}", address=person.address, address_key=person.address_key,
        language=language, facts=facts, now=now,
    )  # fmt: skip
