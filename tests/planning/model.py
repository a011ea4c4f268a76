"""A brute-force model of reservation: plain sets per reader, no cursors and no SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class ModelSubscription:
    """What one reader's subscription to one notice says."""

    active: bool = True
    reserved: set[int] = field(default_factory=set)


@dataclass
class Model:
    """Everybody's subscriptions, what stands in which notice, and what each reader had."""

    notices: int
    readers: int
    placed: dict[int, list[int]] = field(default_factory=dict)
    tips: dict[int, int] = field(default_factory=dict)
    subscriptions: dict[tuple[int, int], ModelSubscription] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
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
        """Begin or renew a subscription: everything up to now counts as had."""
        self.subscriptions[reader, notice] = ModelSubscription(reserved=set(self.placed.get(notice, [])))

    def plan(self, notices: Iterable[int]) -> dict[int, set[int]]:
        """Return what each reader of ``notices`` is mailed now, and reserve it."""
        mailed: dict[int, set[int]] = {}
        for reader in range(self.readers):
            theirs = [n for n in notices if self._is_active(reader, n)]
            if reader in self.paused or not theirs:
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

    def look(self, reader: int, publications: set[int]) -> str:
        """Say what a claim says about a mail of ``publications``."""
        active = {self._is_active(reader, self.notice_of(publication)) for publication in publications}
        if active == {False}:
            return "ended"
        if reader in self.paused:
            return "paused"
        return "changed" if False in active else "sendable"

    def not_delivered(self, reader: int, publications: set[int], *, given_back: bool) -> None:
        """Note that a mail will not come; what is given back is unseen again where still subscribed."""
        self.had -= {(reader, self.tips[publication]) for publication in publications}
        for publication in publications if given_back else ():
            notice = self.notice_of(publication)
            if self._is_active(reader, notice):
                self.subscriptions[reader, notice].reserved.discard(publication)

    def _is_active(self, reader: int, notice: int) -> bool:
        found = self.subscriptions.get((reader, notice))
        return found is not None and found.active
