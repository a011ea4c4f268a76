"""Pace as decisions: which limits a claim meets, and what a warm-up allows on a day; no clock, no tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from newsletter_app.pace.port import Asked, Bucket, Quota

OVERALL: Final = "overall"
SERVER: Final = "server"
DOMAIN: Final = "domain"
SCOPES: Final = (OVERALL, SERVER, DOMAIN)
WARMED: Final = (OVERALL, SERVER)

SLOWEST: Final = Decimal("0.001")
FASTEST: Final = Decimal(1_000_000)
MOST_A_DAY: Final = 1_000_000_000
STEEPEST: Final = Decimal(100)
# By then the slowest growth has met the highest ceiling, and the steepest is a number that can be held.
LONGEST_DAYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Warming:
    """A warm-up: so many messages on the first day, ``growth`` times as many each day, up to a ceiling."""

    first_day: date
    messages: int
    growth: Decimal
    ceiling: int

    def cap(self, day: date) -> int:
        """Return how many messages may leave on ``day``; before the first day, as many as on it."""
        days = min(max(0, (day - self.first_day).days), LONGEST_DAYS)
        return int(min(self.messages * self.growth**days, Decimal(self.ceiling)))


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit that holds: rates per second overall, by server and by recipient domain; warm-ups."""

    overall: Decimal | None = None
    servers: Mapping[str, Decimal] = field(default_factory=dict)
    domains: Mapping[str, Decimal] = field(default_factory=dict)
    warm_ups: Mapping[tuple[str, str], Warming] = field(default_factory=dict)

    def with_servers(self, rates: Mapping[str, Decimal]) -> Limits:
        """Add the rates that SMTP_URL gives its servers; of two for the same one the lower holds."""
        servers = dict(self.servers)
        for name, rate in rates.items():
            servers[name] = min(rate, servers.get(name, rate))
        return replace(self, servers=servers)

    def asked(
        self, server: str, wanted: int, day: date, *, domains: Iterable[str] = (), others: bool = True
    ) -> Asked:
        """Return what a claim for ``server`` must ask for; ``domains`` are those it would take rows of.

        ``day`` is the day in the organisation's zone, which warm-ups go by.
        """
        shared = [Bucket(OVERALL, "", self.overall)] if self.overall is not None else []
        if server in self.servers:
            shared.append(Bucket(SERVER, server, self.servers[server]))
        quotas = [
            Quota(scope, name, day, self.warm_ups[scope, name].cap(day))
            for scope, name in ((OVERALL, ""), (SERVER, server))
            if (scope, name) in self.warm_ups
        ]
        limited = [Bucket(DOMAIN, name, self.domains[name]) for name in domains if name in self.domains]
        return Asked(wanted, tuple(shared), tuple(quotas), tuple(limited), others)


def day_of(now: datetime, zone: str) -> date:
    """Return the day it is in ``zone``, an IANA name."""
    return now.astimezone(ZoneInfo(zone)).date()


def begin_of(day: date, zone: str) -> datetime:
    """Return the moment, in UTC, at which ``day`` begins in ``zone``."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def is_rate(per_second: Decimal) -> bool:
    """Tell whether this is a rate that can be kept: above 0, with at most three decimal places."""
    return per_second.is_finite() and SLOWEST <= per_second <= FASTEST and _has_three_places(per_second)


def is_warming(warming: Warming) -> bool:
    """Tell whether this warm-up grows from at least one message to a ceiling that is no lower."""
    return (
        1 <= warming.messages <= warming.ceiling <= MOST_A_DAY
        and warming.growth.is_finite()
        and 1 <= warming.growth <= STEEPEST
        and _has_three_places(warming.growth)
    )


def _has_three_places(value: Decimal) -> bool:
    return value * 1000 == (value * 1000).to_integral_value()
