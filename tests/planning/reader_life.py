"""The model: one reader at a time, with a tray for each notice; no cursors, no SQL, nothing of planning's.

A tip that is sent into a notice is laid into the tray of everybody who reads it. A mail empties the trays of
its cadence. What does not arrive is laid back or let go, and each of these rules stands here once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.planning.wall_clock import strikes_at, strikes_next

ORGANISATION_ZONE, ORGANISATION_HOUR, ORGANISATION_WEEKDAY, FIRST = "America/Edmonton", 9, 1, 1
# What brings a tip, as far as anybody can know.
ARRIVED = ("accepted", "uncertain")
# What lays a mail's tips back into the trays of those who still read their notices.
LAID_BACK = ("paused", "changed", "expired", "sender-fault", "given-back")
LET_GO = ("ended", "suppressed", "gone", "dropped")


@dataclass(frozen=True, slots=True)
class Place:
    """A tip's place in a notice; ``at`` is when it was sent into it."""

    id: int
    tip: int
    notice: int
    at: datetime


@dataclass(slots=True)
class Launch:
    """A campaign as its readers see it. ``day`` is None for each tip's, which goes out at ``at``."""

    id: int
    cadence: str
    notices: tuple[int, ...]
    at: datetime
    day: date | None
    expires_at: datetime


@dataclass(slots=True)
class Mail:
    """What one reader is to get of a campaign."""

    launch: Launch
    places: tuple[Place, ...]
    language: str
    layout: str
    due_at: datetime


@dataclass(slots=True)
class Reading:
    """A reader's subscription to a notice: place → since when it is to come, and what a pause let pass."""

    active: bool = False
    cadence: str = "each"
    tray: dict[Place, datetime] = field(default_factory=dict)
    missed: set[Place] = field(default_factory=set)


@dataclass(slots=True)
class ReaderLife:
    """One reader: what they chose, what lies in their trays, and the tips that came."""

    id: int
    language: str = "en"
    layout: str = "standard"
    zone: str | None = None
    weekday: int | None = None
    hour: int | None = None
    paused_until: datetime | None = None
    suppressed: bool = False
    notices: dict[int, Reading] = field(default_factory=dict)
    under_way: dict[int, Mail] = field(default_factory=dict)
    arrived: int = 0
    """The tips that came, a bit each: fifty thousand sets of a hundred would not fit into a small machine."""
    turned_away: int = 0
    """The tips whose mail was refused for good: they are spent, and no other notice brings them."""

    def reading(self, notice: int) -> Reading:
        """Return the subscription to a notice; one that never was is not active."""
        return self.notices.setdefault(notice, Reading())

    def active(self, cadence: str | None = None) -> list[int]:
        """Return the notices they read now, in this cadence or any."""
        return [
            notice for notice, each in self.notices.items() if each.active and cadence in (None, each.cadence)
        ]

    def weekday_or(self, theirs: int) -> int:
        """Return their own weekday, or the organisation's."""
        return theirs if self.weekday is None else self.weekday

    def lay(self, place: Place) -> None:
        """Lay what was sent into a notice into its tray, if they read it."""
        found = self.notices.get(place.notice)
        if found is not None and found.active:
            found.tray[place] = place.at

    def confirm(self, notice: int) -> None:
        """Begin, or begin anew: nothing of before is to come, and the address is right."""
        self.notices[notice] = Reading(active=True, cadence=self.reading(notice).cadence)
        self.suppressed = False

    def end(self, notice: int) -> None:
        """Stop reading a notice."""
        self.notices[notice] = Reading(cadence=self.reading(notice).cadence)

    def end_pause(self, now: datetime) -> None:
        """End a pause whose time is over: what lay in the trays before its end was missed."""
        until = self.paused_until
        if until is None or until > now:
            return
        self.paused_until = None
        for notice in self.active():
            found = self.notices[notice]
            passed = [place for place, since in found.tray.items() if since < until]
            for place in passed:
                del found.tray[place]
            found.missed |= set(passed)

    def go_on(self, now: datetime) -> None:
        """End the pause now, by their own word."""
        if self.paused_until is not None:
            self.paused_until = min(now, self.paused_until)
            self.end_pause(now)

    def answer_missed(self, now: datetime, *, wanted: bool) -> None:
        """Have what was missed with the next mail after all, or never."""
        for found in self.notices.values():
            if wanted and found.active:
                for place in found.missed:
                    found.tray.setdefault(place, now)
            found.missed = set()

    def is_met_by(self, launch: Launch) -> bool:
        """Tell whether a campaign goes to them: in this cadence, on their day, and they do not pause."""
        if self.paused_until is not None or not self._theirs(launch):
            return False
        if launch.day is None or launch.cadence != "weekly":
            return True
        return self.weekday_or(ORGANISATION_WEEKDAY) == launch.day.weekday()

    def take(self, launch: Launch, taken_back: Collection[int], dropped: Collection[int]) -> Mail | None:
        """Empty the trays that a campaign meets, and return the mail that comes of it, if any."""
        if not self.is_met_by(launch):
            return None
        places = []
        for notice in self._theirs(launch):
            tray, self.notices[notice].tray = self.notices[notice].tray, {}
            for place, since in tray.items():
                if place.tip in taken_back or place.tip in dropped:
                    continue
                if self._comes_otherwise(place.tip):
                    # Nobody knows yet whether it will: it is looked at again by the next mail.
                    self.notices[notice].tray[place] = since
                elif not self.has_had(place.tip):
                    places.append(place)
        if not places:
            return None
        mail = Mail(launch, tuple(places), self.language, self.layout, self.due_at(launch))
        self.under_way[launch.id] = mail
        return mail

    def due_at(self, launch: Launch) -> datetime:
        """Return when a campaign's mail is theirs: at their own hour, or the organisation's."""
        zone = self.zone or ORGANISATION_ZONE
        if launch.day is not None:
            return strikes_at(launch.day, ORGANISATION_HOUR if self.hour is None else self.hour, zone)
        return launch.at if self.hour is None else strikes_next(launch.at, self.hour, zone)

    def verdict(self, mail: Mail, now: datetime) -> str:
        """Say what becomes of a mail that is about to be handed over."""
        notices = {place.notice for place in mail.places}
        reading = [self.reading(notice) for notice in notices]
        if not any(each.active for each in reading):
            return "ended"
        if self.suppressed:
            return "suppressed"
        if self.paused_until is not None and self.paused_until > now:
            return "paused"
        if not all(each.active and each.cadence == mail.launch.cadence for each in reading):
            return "changed"
        return "expired" if mail.launch.expires_at <= now else "sendable"

    def settle(self, mail: Mail, fate: str, now: datetime) -> None:
        """Note how a mail ended. Raises AssertionError where a tip comes a second time."""
        del self.under_way[mail.launch.id]
        if fate in ARRIVED:
            for tip in {place.tip for place in mail.places}:
                assert not self.has_had(tip), f"reader {self.id} is mailed tip {tip} twice"
                self.arrived |= 1 << tip
        elif fate in LAID_BACK:
            for place in mail.places:
                self._lay_back(place, now)
        else:
            assert fate in LET_GO, fate
            if fate == "gone":
                self.suppressed = True
                for place in mail.places:
                    self.turned_away |= 1 << place.tip

    def awaited(self) -> set[int]:
        """Return the tips that lie in trays, and neither came nor are under way."""
        waiting = {place.tip for notice in self.active() for place in self.notices[notice].tray}
        return {tip for tip in waiting if not self.has_had(tip)}

    def has_had(self, tip: int) -> bool:
        """Tell whether a tip came, or may have, or would have but for an address that is gone."""
        return bool((self.arrived | self.turned_away) >> tip & 1)

    def _theirs(self, launch: Launch) -> list[int]:
        return [notice for notice in self.active(launch.cadence) if notice in launch.notices]

    def _comes_otherwise(self, tip: int) -> bool:
        return any(place.tip == tip for mail in self.under_way.values() for place in mail.places)

    def _lay_back(self, place: Place, now: datetime) -> None:
        if self.reading(place.notice).active:
            self.reading(place.notice).tray[place] = now


def wanted_on(day: date, lives: Collection[ReaderLife]) -> set[str]:
    """Return what is to be mailed to somebody for a day."""
    wanted, weekday = set(), day.weekday()
    if any(life.weekday_or(ORGANISATION_WEEKDAY) == weekday and life.active("weekly") for life in lives):
        wanted.add("weekly")
    if day.day == FIRST and any(life.active("monthly") for life in lives):
        wanted.add("monthly")
    return wanted
