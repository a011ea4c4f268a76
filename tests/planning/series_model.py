"""A brute-force model of series: plain sets per reader, no cursors and no SQL; tips are known by number."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ModelReader:
    """What is still to come to one reader of one numbered notice, and by which way."""

    active: bool = True
    paused: bool = False
    series: str = "none"
    live: bool = True
    coming: set[int] = field(default_factory=set)
    ahead: set[int] = field(default_factory=set)
    archive: set[int] = field(default_factory=set)
    had: set[int] = field(default_factory=set)

    def begin(self, known: set[int], *, live: bool) -> None:
        """Owe everything but what they had, and what comes live anyway."""
        self.ahead = known - self.had - self.coming
        self.archive = set(self.ahead)
        self.series = "running"
        self.turn(live=live)

    def turn(self, *, live: bool) -> None:
        """Have live tips meanwhile, or let them wait for their turn."""
        if not live:
            self.ahead |= self.coming
            self.coming = set()
        self.live = live

    def stop(self) -> None:
        """Drop the archive; what has come due since is still to come."""
        if self.series != "none":
            self.coming |= self.ahead - self.archive
            self.ahead, self.series, self.live = set(), "none", True

    def came_out(self, number: int) -> None:
        """Note a tip that was put into the stream."""
        if number in self.had or not self.active:
            return
        if self.live:
            self.ahead.discard(number)
            self.coming.add(number)
        elif number not in self.ahead:
            self.ahead.add(number)

    def next_live(self, withdrawn: set[int]) -> set[int]:
        """Return what a launch mails them now, and reserve it."""
        if not self.active or not self.live or self.paused:
            return set()
        mailed, self.coming = self.coming - withdrawn, set()
        self.had |= mailed
        return mailed

    def next_turn(self, withdrawn: set[int]) -> set[int]:
        """Return what a series day mails them, and reserve it; with nothing ahead they go live."""
        if not self.active or self.paused or self.series != "running":
            return set()
        mailed = set(sorted(self.ahead - withdrawn)[:1])
        if not mailed:
            self.series, self.live, self.ahead = "finished", True, set()
        self.ahead -= mailed
        self.archive -= mailed
        self.had |= mailed
        return mailed

    def may_get(self, *, of_series: bool) -> str:
        """Say what a claim says of a mail that was planned for them."""
        if not self.active:
            return "ended"
        if self.paused:
            return "paused"
        kept = self.series != "none" if of_series else self.live
        return "sendable" if kept else "changed"

    def not_delivered(self, numbers: set[int], *, of_series: bool, given_back: bool) -> None:
        """Note that a mail will not come; what is given back goes where it is to come from."""
        self.had -= numbers
        if not given_back or not self.active or (of_series and self.series == "none"):
            return
        if self.series == "running" and (of_series or not self.live):
            self.ahead |= numbers
        else:
            self.coming |= numbers

    def go_on(self) -> None:
        """End a pause: what came live meanwhile is only offered now."""
        self.paused, self.coming = False, set()
