"""What the choices page shows of a reader's rhythm: the lists to choose from, a pause, what was missed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from newsletter_app import campaigns, delivery, subscribers, subscriptions, tips
from newsletter_app.kernel import words
from newsletter_app.kernel.languages import Language
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Subscription
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.public.acts import zone_of
from newsletter_app.web.public.cards import tip_url
from newsletter_app.web.public.cards import title as title_of
from newsletter_app.web.public.rhythm_sections import HOURS, WEEKDAYS
from newsletter_app.web.shell import time_zone

# Most readers live in one of these, each known by its largest city.
CANADA: Final = (
    *("America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Regina"),
    *("America/Edmonton", "America/Vancouver", "America/Whitehorse"),
)


LATELY: Final = 10


class Choice(NamedTuple):
    """A line of a list to choose from."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TipRow:
    """A tip in a row of links, and when it was sent, in words."""

    title: str
    url: str
    sent_on: str = ""


def rhythm(subscriber: Subscriber, rows: Iterable[Subscription], paces: Collection[str]) -> dict[str, Any]:
    """Return what the template needs, from the reader's subscriptions and the paces of their series."""
    cadences = {row.notice_id: row.cadence for row in rows if row.state == "active"}
    paused = subscriber.paused_until
    language, chosen = current_language(), zone_of(subscriber)
    told = _proposed(subscriber)
    near = [name for name in CANADA if name not in (told, time_zone())]
    return {
        "cadences": cadences,
        "often": _often(),
        "weekdays": _weekdays(subscriber, language) if _of_a_day(cadences.values(), paces) else [],
        "hours": _hours(subscriber, language),
        "proposed_city": _city(told),
        "near_zones": [
            *_zones(told, [told] if told else []),
            Choice("", _city(time_zone()), not told and chosen == time_zone()),
            *_zones(chosen, near),
        ],
        "far_zones": _zones(
            chosen, (name for name in _everywhere() if name not in {told, time_zone(), *CANADA})
        ),
        "paused_until": words.day(paused, chosen, language) if paused else "",
        "pauses": subscribers.PAUSES,
        "missed": _tips((id_, None) for id_ in subscriptions.missed_by(session(), subscriber.id)),
        "lately": _tips(delivery.lately_sent(session(), subscriber.id, LATELY)),
        "layouts": _layouts(subscriber),
    }


def _proposed(subscriber: Subscriber) -> str:
    """Return the zone of the reader's browser, where they chose none and it is not ours; "" otherwise."""
    if subscriber.time_zone is not None:
        return ""
    told = subscriptions.proposed_zone(session(), subscriber.id)
    return told if told != time_zone() else ""


def _often() -> dict[str, str]:
    """Return what each cadence is called, in the order of how often."""
    return {"each": _("Each one, when it is ready"), "weekly": _("Once a week"), "monthly": _("Once a month")}


def _of_a_day(cadences: Iterable[str], paces: Iterable[str]) -> bool:
    """Whether anything comes on the reader's weekday: a weekly mail, or a series but one of every day."""
    return "weekly" in cadences or not {"twice", "weekly"}.isdisjoint(paces)


def _weekdays(subscriber: Subscriber, language: Language) -> list[Choice]:
    ours = words.DAYS[language][campaigns.slot_of(session(), "weekly").weekday]
    first = Choice("", _("Our day: %(day)s", day=ours), subscriber.weekday is None)
    days = [Choice(str(n), words.DAYS[language][n].capitalize(), n == subscriber.weekday) for n in WEEKDAYS]
    return [first, *days]


def _hours(subscriber: Subscriber, language: Language) -> list[Choice]:
    first = Choice("", _("When we send it"), subscriber.hour is None)
    moments = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in HOURS)
    told = [words.clock_time(moment, "UTC", language) for moment in moments]
    return [first, *(Choice(str(n), _("About %(hour)s", hour=told[n]), n == subscriber.hour) for n in HOURS)]


def _zones(chosen: str, names: Iterable[str]) -> list[Choice]:
    return [Choice(name, _city(name), name == chosen) for name in names]


def _city(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ").replace("St Johns", "St. John's")


@cache
def _everywhere() -> tuple[str, ...]:
    """Return the cities that stand for the world's time zones, in order, without the zones' former names."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return tuple(sorted((row[2] for row in rows), key=_city))


def _tips(listed: Iterable[tuple[int, datetime | None]]) -> list[TipRow]:
    """Return these tips as rows, without those that were taken back since."""
    language, rows, sent = current_language(), [], dict(listed)
    found = tips.by_ids(session(), sent)
    for tip in (found[id_] for id_ in sent if id_ in found):
        if tip.withdrawn_at is None:
            side, sent_at = tips.shown_side(tip, language), sent[tip.id]
            sent_on = words.full_date(sent_at, time_zone(), language) if sent_at else ""
            rows.append(TipRow(title_of(tip, side), tip_url(tip, side, language), sent_on))
    return rows


def _layouts(subscriber: Subscriber) -> list[tuple[Choice, str]]:
    names = {
        "standard": (_("As usual"), ""),
        "large": (_("Large print"), _("Larger letters, and more room between the lines.")),
        "text": (_("Text only"), _("Without pictures.")),
    }
    return [(Choice(key, label, key == subscriber.layout), hint) for key, (label, hint) in names.items()]
