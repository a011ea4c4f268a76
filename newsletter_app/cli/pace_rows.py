"""What ``flask pace list`` tells: every rate, and every warm-up with what today has used of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from newsletter_app import delivery
from newsletter_app.pace import DOMAIN, OVERALL, SERVER, Limits, begin_of


def rates(limits: Limits) -> list[dict[str, Any]]:
    """Return a row for each rate: overall, servers, domains."""
    overall = [(OVERALL, "", limits.overall)] if limits.overall is not None else []
    servers = [(SERVER, name, rate) for name, rate in sorted(limits.servers.items())]
    domains = [(DOMAIN, name, rate) for name, rate in sorted(limits.domains.items())]
    return [
        {"what": "rate", "scope": scope, "name": name, "per_second": float(rate)}
        for scope, name, rate in [*overall, *servers, *domains]
    ]


def warm_ups(session: Session, limits: Limits, today: date, zone: str) -> list[dict[str, Any]]:
    """Return a row for each warm-up; today's messages are counted from the ledger."""
    begins_at = begin_of(today, zone)
    return [
        {
            "what": "warm-up",
            "scope": scope,
            "name": name,
            "from": warming.first_day,
            "messages": warming.messages,
            "growth": float(warming.growth),
            "ceiling": warming.ceiling,
            "today": today,
            "cap": warming.cap(today),
            "handed_over": delivery.handed_over_since(session, begins_at, name),
        }
        for (scope, name), warming in sorted(limits.warm_ups.items())
    ]


def line(row: dict[str, Any]) -> str:
    """Return a row in words."""
    name = called(row["scope"], row["name"])
    if row["what"] == "rate":
        return f"{name}: {row['per_second']:g} a second"
    return (
        f"{name}: {row['handed_over']} of {row['cap']} messages handed over today, {row['today']}"
        f" (warm-up: {row['messages']} on {row['from']}, {row['growth']:g} times as many each day,"
        f" up to {row['ceiling']})"
    )


def called(scope: str, name: str) -> str:
    """Return what a limit is called: "overall", "server mx:25"."""
    return f"{scope} {name}".rstrip()
