"""A brute-force model of reservation: plain sets per reader, no cursors and no SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

TUESDAY = 1


@dataclass
class ModelSubscription:
    """What one reader's subscription to one notice says."""

    active: bool = True
    cadence: str = "each"
    reserved: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)


@dataclass
class Model:
    """Everybody's subscriptions, what stands in which notice, and what each reader had."""

    notices: int
    readers: int
    placed: dict[int, list[int]] = field(default_factory=dict)
    tips: dict[int, int] = field(default_factory=dict)
    subscriptions: dict[tuple[int, int], ModelSubscription] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    weekdays: dict[int, int] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    had: set[tuple[int, int]] = field(default_factory=set)

    def place(self, notice: int, publication: int, tip: int) -> None:
        """Put a tip's publication at the end of a notice's stream."""
        self.placed.setdefault(notice, []).append(publication)
        self.tips[publication] = tip

    def notice_of(self, publication: int) -> int:
        """Return where a publication stands."""
        return next(notice for notice, placed in self.placed.items() if publication in placed)

    def confirm(self, reader: int, notice: int) -> None:
        """Begin or renew a subscription in the cadence it had: everything up to now counts as had."""
        former = self.subscriptions.get((reader, notice), ModelSubscription())
        placed = set(self.placed.get(notice, []))
        self.subscriptions[reader, notice] = ModelSubscription(cadence=former.cadence, reserved=placed)

    def go_on(self, reader: int) -> None:
        """End a pause: what has come meanwhile counts as had, and is offered."""
        self.paused.discard(reader)
        for notice in range(self.notices):
            if self._is_active(reader, notice):
                found, placed = self.subscriptions[reader, notice], set(self.placed.get(notice, []))
                found.missed |= placed - found.reserved
                found.reserved |= placed

    def ask(self, reader: int) -> None:
        """Let a reader have what they missed after all."""
        for notice in range(self.notices):
            found = self.subscriptions.get((reader, notice), ModelSubscription())
            found.reserved -= found.missed if found.active else set()
            found.missed = set()

    def plan(self, notices: Iterable[int], cadence: str, weekday: int | None) -> dict[int, set[int]]:
        """Return what each reader of ``notices`` in ``cadence`` is mailed now, and reserve it."""
        mailed: dict[int, set[int]] = {}
        for reader in range(self.readers):
            theirs = [n for n in notices if self._reads(reader, n, cadence)]
            is_their_day = weekday is None or self.weekdays.get(reader, TUESDAY) == weekday
            if reader in self.paused or not theirs or not is_their_day:
                continue
            unseen = {
                publication
                for notice in theirs
                for publication in self.placed.get(notice, [])
                if publication not in self.subscriptions[reader, notice].reserved
                and self.tips[publication] not in self.withdrawn
                and (reader, self.tips[publication]) not in self.had
            }
            for notice in theirs:
                self.subscriptions[reader, notice].reserved |= set(self.placed.get(notice, []))
            if unseen:
                mailed[reader] = unseen
                self.had |= {(reader, self.tips[publication]) for publication in unseen}
        return mailed

    def look(self, reader: int, publications: set[int], cadence: str) -> str:
        """Say what a claim says about a mail of ``publications`` that was planned in ``cadence``."""
        active = {self._is_active(reader, self.notice_of(publication)) for publication in publications}
        if active == {False}:
            return "ended"
        if reader in self.paused:
            return "paused"
        kept = {self._reads(reader, self.notice_of(publication), cadence) for publication in publications}
        return "changed" if False in kept else "sendable"

    def not_delivered(self, reader: int, publications: set[int], *, given_back: bool) -> None:
        """Note that a mail will not come; what is given back is unseen again where still subscribed."""
        self.had -= {(reader, self.tips[publication]) for publication in publications}
        for publication in publications if given_back else ():
            notice = self.notice_of(publication)
            if self._is_active(reader, notice):
                self.subscriptions[reader, notice].reserved.discard(publication)

    def _reads(self, reader: int, notice: int, cadence: str) -> bool:
        return self._is_active(reader, notice) and self.subscriptions[reader, notice].cadence == cadence

    def _is_active(self, reader: int, notice: int) -> bool:
        found = self.subscriptions.get((reader, notice))
        return found is not None and found.active
