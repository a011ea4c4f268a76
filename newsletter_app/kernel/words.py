"""Dates, hours and numbers in words, in both languages; the patterns are our own and of no locale.

CLDR writes « 09 h 00 » and puts a narrow space before "a.m.", which old phones show as a box.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from newsletter_app.kernel.languages import Language

NO_BREAK: Final = "\u00a0"

DAYS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}


def day(at: datetime, zone: str, language: Language) -> str:
    """Return "Tuesday, March 3" or « mardi 3 mars » for the day it is in ``zone`` (an IANA name)."""
    local = _local(at, zone)
    weekday, month = DAYS[language][local.weekday()], MONTHS[language][local.month - 1]
    if language == "fr":
        return f"{weekday} {_french_day(local.day)} {month}"
    return f"{weekday}, {month} {local.day}"


def clock_time(at: datetime, zone: str, language: Language) -> str:
    """Return "9 a.m.", "2:30 p.m.", "noon" or « 9 h », « 14 h 30 », « midi »; its spaces do not break."""
    local = _local(at, zone)
    if local.minute == 0 and local.hour in (0, 12):
        return {"en": ("midnight", "noon"), "fr": ("minuit", "midi")}[language][local.hour // 12]
    if language == "fr":
        minutes = f"{NO_BREAK}{local.minute:02d}" if local.minute else ""
        return f"{local.hour}{NO_BREAK}h{minutes}"
    minutes = f":{local.minute:02d}" if local.minute else ""
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{(local.hour - 1) % 12 + 1}{minutes}{NO_BREAK}{half}"


def when(at: datetime, zone: str, language: Language) -> str:
    """Return "Tuesday, March 3, about 9 a.m." or « le mardi 3 mars, vers 9 h »; no number stands alone."""
    begun, _, last = day(at, zone, language).rpartition(" ")
    named, hour = f"{begun}{NO_BREAK}{last}", clock_time(at, zone, language)
    return f"le {named}, vers {hour}" if language == "fr" else f"{named}, about {hour}"


def full_date(at: datetime, zone: str, language: Language) -> str:
    """Return "March 3, 2026" or « 3 mars 2026 »."""
    local = _local(at, zone)
    month = MONTHS[language][local.month - 1]
    if language == "fr":
        return f"{_french_day(local.day)} {month} {local.year}"
    return f"{month} {local.day}, {local.year}"


def month(at: datetime, language: Language) -> str:
    """Return "November 2026" or « novembre 2026 » for the month of a date, wherever it is."""
    return f"{MONTHS[language][at.month - 1]} {at.year}"


def grouped(number: int, language: Language) -> str:
    """Return "12,345" or « 12 345 », whose space does not break."""
    return f"{number:,}".replace(",", NO_BREAK) if language == "fr" else f"{number:,}"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def sentence(text: str) -> str:
    """Return ``text`` with its full stop, which "9 a.m." at its end has brought along already."""
    return text if text.endswith(".") else text + "."


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(_zone(zone))


def _french_day(number: int) -> str:
    return "1er" if number == 1 else str(number)
