"""After a restored backup: who left, complained or was erased since it was made is so again.

The files of departures know acts by keyed hash. What somebody gave since (a consent, a new address) is lost
with the database; what they took back is not. In doubt nobody is written to: a suppression that was lifted
by hand since has to be lifted once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast, get_args

from sqlalchemy.orm import Session

from newsletter_app import subscribers, subscriptions, suppression
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.kernel.departures import ERASED, SUPPRESSED, Act
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.privacy.erasing import erase
from newsletter_app.subscriptions import Evidence
from newsletter_app.suppression import LIFTED_BY_CONFIRMING, REASONS, Scope

AT_ONCE: Final = 200
BY: Final = "machine"
WITHDRAWN: Final = "withdrawn"
SOURCE: Final = "replayed after a restore"
WORDING: Final = "Withdrawn before a backup was restored that did not know it."


@dataclass(slots=True)
class Last:
    """The last word on one address: what is withdrawn since when, its suppressions, its erasure."""

    withdrawn: dict[int, datetime] = field(default_factory=dict)
    suppressed: dict[Scope, str] = field(default_factory=dict)
    erased_at: datetime | None = None

    def take(self, act: Act) -> None:
        """Let a later act have its say."""
        if act.act == ERASED:
            self.erased_at = act.at
        elif act.act == SUPPRESSED:
            self._suppress(*act.about.partition(",")[::2])
        else:
            self._choose(act)

    def _suppress(self, scope: str, reason: str) -> None:
        if scope in get_args(Scope) and reason in REASONS:
            self.suppressed[cast(Scope, scope)] = reason

    def _choose(self, act: Act) -> None:
        for notice_id in (int(word) for word in act.about.split(",") if word.isdecimal()):
            if act.act == WITHDRAWN:
                self.withdrawn[notice_id] = act.at
            else:
                self.withdrawn.pop(notice_id, None)
        if act.act != WITHDRAWN and self.suppressed.get("bulk") in LIFTED_BY_CONFIRMING:
            del self.suppressed["bulk"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many addresses the files know of, subscriptions that ended, suppressions made, people erased."""

    known: int
    ended: int
    suppressed: int
    erased: int


def last_words(acts: Iterable[Act]) -> dict[str, Last]:
    """Return the last word on each address, by its key; acts come in any order."""
    found: dict[str, Last] = {}
    for act in sorted(acts, key=lambda act: act.at):
        found.setdefault(act.address_key, Last()).take(act)
    return found


def replay(unit_of_work: UnitOfWork, acts: Iterable[Act], *, hash_key: bytes, now: datetime) -> Replayed:
    """Make it so again, some hundred addresses a transaction; repeatable, and changes nothing that is so."""
    words = last_words(acts)
    ended = suppressed = 0
    for keys in _parts(words):
        with unit_of_work() as session:
            ended += sum(_end(session, key, words[key], now) for key in keys)
            suppressed += _suppress(session, {key: words[key] for key in keys}, now)
    gone = {key: last.erased_at for key, last in words.items() if last.erased_at}
    with unit_of_work() as session:
        named = subscriptions.addresses_of(session, gone, hash_key) if gone else {}
    erased = 0
    for keys in _parts(gone):
        with unit_of_work() as session:
            erased += _erase(session, {key: gone[key] for key in keys}, named, hash_key, now)
    return Replayed(len(words), ended, suppressed, erased)


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    yield from (ordered[at : at + AT_ONCE] for at in range(0, len(ordered), AT_ONCE))


def _end(session: Session, key: str, last: Last, now: datetime) -> int:
    """End what was withdrawn, unless it was confirmed again later; a pending one is mailed nothing anyway."""
    reader = subscribers.find_by_key(session, key) if last.withdrawn else None
    if reader is None:
        return 0
    rows = subscriptions.of_subscriber(session, reader.id, last.withdrawn)
    late = [
        row.notice_id
        for row in rows
        if row.state == "active" and (row.confirmed_at or row.created_at) <= last.withdrawn[row.notice_id]
    ]
    evidence = Evidence(wording=WORDING)
    subscriptions.stop(session, reader.id, late, source="restored", evidence=evidence, now=now)
    return len(late)


def _suppress(session: Session, lasts: dict[str, Last], now: datetime) -> int:
    wanted = {
        (key, scope): reason for key, last in lasts.items() for scope, reason in last.suppressed.items()
    }
    if not wanted:
        return 0
    standing = suppression.standing(session, [key for key, _scope in wanted])
    missing = {place: reason for place, reason in wanted.items() if place not in standing}
    for (key, scope), reason in missing.items():
        suppression.suppress(session, key, scope, reason, SOURCE, now)
    return len(missing)


def _erase(
    session: Session, gone: dict[str, datetime], named: dict[str, set[str]], hash_key: bytes, now: datetime
) -> int:
    """Erase who came before their erasure; who signed up again after it is another story."""
    count = 0
    for whose in _subjects(session, gone, named, hash_key):
        erase(session, whose, by=BY, now=now)
        count += 1
    return count


def _subjects(
    session: Session, gone: dict[str, datetime], named: dict[str, set[str]], hash_key: bytes
) -> Iterator[DataSubject]:
    for key, at in gone.items():
        reader = subscribers.find_by_key(session, key)
        if reader is not None and reader.created_at <= at:
            yield subscribers.data_subject(session, reader, hash_key)
        elif reader is None and key in named:
            yield DataSubject.at([parse_address(text) for text in named[key]], hash_key)
