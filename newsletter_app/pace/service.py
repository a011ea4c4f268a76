"""Pace verbs: set and drop limits and warm-ups; a name is kept in the one spelling that sending compares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.upserts import insert
from newsletter_app.pace.models import PaceLimit, WarmUp
from newsletter_app.pace.rules import DOMAIN, OVERALL, SCOPES, SERVER, WARMED, Warming, is_rate, is_warming


def set_limit(session: Session, scope: str, name: str, per_second: Decimal) -> str:
    """Let at most ``per_second`` messages leave; return the name as it is kept.

    Raises Breach ``pace-scope-unknown``, ``pace-name-unreadable`` or ``pace-rate-unreadable``.
    """
    kept = _kept_name(scope, name, SCOPES)
    if not is_rate(per_second):
        raise Breach("pace-rate-unreadable", rate=per_second)
    _put(session, PaceLimit, {"scope": scope, "name": kept, "per_second": per_second})
    return kept


def set_warm_up(session: Session, scope: str, name: str, warming: Warming) -> str:
    """Cap the messages of each day by a warm-up; return the name as it is kept.

    Raises Breach as ``set_limit`` does, or ``pace-warm-up-unreadable``.
    """
    kept = _kept_name(scope, name, WARMED)
    if not is_warming(warming):
        raise Breach("pace-warm-up-unreadable")
    row = {
        "first_day": warming.first_day,
        "messages": warming.messages,
        "growth": warming.growth,
        "ceiling": warming.ceiling,
    }
    _put(session, WarmUp, {"scope": scope, "name": kept, **row})
    return kept


def drop_limit(session: Session, scope: str, name: str) -> str:
    """Lift a limit; return its name as it was kept. Raises Breach, ``pace-unknown`` where there was none."""
    return _drop(session, PaceLimit, scope, _kept_name(scope, name, SCOPES))


def drop_warm_up(session: Session, scope: str, name: str) -> str:
    """End a warm-up; return its name as it was kept. Raises Breach, ``pace-unknown`` where there was none."""
    return _drop(session, WarmUp, scope, _kept_name(scope, name, WARMED))


def _put(session: Session, table: type[PaceLimit | WarmUp], row: dict[str, Any]) -> None:
    changed = {name: value for name, value in row.items() if name not in ("scope", "name")}
    statement = insert(session, table).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["scope", "name"], set_=changed))


def _drop(session: Session, table: type[PaceLimit | WarmUp], scope: str, name: str) -> str:
    mine = delete(table).where(table.scope == scope, table.name == name).returning(table.name)
    if session.scalar(mine) is None:
        raise Breach("pace-unknown", scope=scope, name=name)
    return name


def _kept_name(scope: str, name: str, scopes: tuple[str, ...]) -> str:
    if scope not in scopes:
        raise Breach("pace-scope-unknown", scope=scope, scopes=", ".join(scopes))
    kept = {OVERALL: _no_name, SERVER: _server_name, DOMAIN: _domain_name}[scope](name.strip())
    if kept is None:
        raise Breach("pace-name-unreadable", scope=scope, name=name)
    return kept


def _no_name(name: str) -> str | None:
    return None if name else ""


def _server_name(name: str) -> str | None:
    """Return "host:port" as outcomes name a server."""
    host, _, port = name.rpartition(":")
    host = host.removeprefix("[").removesuffix("]").lower()
    is_port = port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535
    return f"{host}:{int(port)}" if host and is_port and not host.split()[1:] else None


def _domain_name(name: str) -> str | None:
    """Return the domain as deliveries carry it, in lower case and A-labels."""
    try:
        return parse_address(f"somebody@{name}").domain
    except AddressFault:
        return None
