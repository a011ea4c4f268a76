"""The engine as doctor sees it: schema, keys, ticks, clocks, broker, pace, locks, identification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Settings
from newsletter_app import feedback, ledger, organisation, pace
from newsletter_app.adapters.vitals import LATE_AFTER, tick_ages
from newsletter_app.cli.lacks import lack
from newsletter_app.kernel.observations import Gravity, Observation

# DKIM gives a signature its time, and others refuse mail dated an hour ahead; two seconds upset nobody.
OFF: Final = timedelta(seconds=5)
FAR_OFF: Final = timedelta(minutes=5)


def look_at_schema(engine: Engine, migrations: str) -> Observation:
    """Return whether the database answers, and whether it has every table as this version wants them."""
    scripts = ScriptDirectory(migrations)
    if _is_missing(engine):
        return judge_schema(None, scripts)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as fault:
        return Observation(
            "database-silent", Gravity.fault, "database", {"said": " ".join(str(fault.orig).split())}
        )
    return judge_schema(current, scripts)


def _is_missing(engine: Engine) -> bool:
    """Tell whether there is no file yet; to connect would make an empty one."""
    path = engine.url.database
    return engine.dialect.name == "sqlite" and path is not None and not Path(path).exists()


def judge_schema(current: str | None, scripts: ScriptDirectory) -> Observation:
    """Say whether a database at revision ``current`` is up to date."""
    head = scripts.get_current_head() or ""
    facts = {"current": current or "none", "head": head}
    if current == head:
        return Observation("schema-ok", Gravity.ok, "database", facts)
    known = {script.revision for script in scripts.walk_revisions()}
    code = "schema-behind" if current is None or current in known else "schema-ahead"
    return Observation(code, Gravity.fault, "database", facts)


def look_at_engine(
    session: Session, settings: Settings, now: datetime, *, broker: bool
) -> Iterator[Observation]:
    """Yield what the database tells of the engine; ``broker`` is whether it answers."""
    yield from _keys(session, settings.key_fingerprints)
    ages = tick_ages(session, now)
    has_run = any(age is not None for age in ages.values())
    yield from judge_ticks(ages)
    yield judge_broker(broker, has_run=has_run)
    rates = {str(server): server.rate for server in settings.smtp if server.rate is not None}
    yield judge_pace(pace.limits(session).with_servers(rates), broker=broker, has_run=has_run)
    yield from _stops(session)
    yield from _identification(session)
    yield from _strangers(session, now)


def _strangers(session: Session, now: datetime) -> Iterator[Observation]:
    """Say whose mail found no room lately; as long as all finds room there is nothing to say."""
    away = feedback.turned_away(session, now)
    if away:
        facts = {"times": str(sum(one.times for one in away))}
        most = next((one.domain for one in away if one.domain), "various domains")
        yield Observation("strangers-turned-away", Gravity.warning, most, facts)


def _keys(session: Session, fingerprints: Mapping[str, str]) -> Iterator[Observation]:
    faults = ledger.foreign_keys(session, fingerprints)
    for fault in faults:
        yield Observation("keys-foreign", Gravity.fault, "keys", {"said": fault})
    if not faults:
        told = ", ".join(sorted(print_[:8] for print_ in fingerprints.values()))
        yield Observation("keys-ok", Gravity.ok, "keys", {"fingerprints": told})


def judge_ticks(ages: Mapping[str, float | None]) -> Iterator[Observation]:
    """Say of each tick whether it is late; ``ages`` in seconds, None for one that never came."""
    for name, age in ages.items():
        facts = {"age": f"{age:.0f}" if age is not None else ""}
        if age is None:
            yield Observation("tick-never", Gravity.warning, name, facts)
        elif age > LATE_AFTER.total_seconds():
            yield Observation("tick-late", Gravity.fault, name, facts)
        elif age < -OFF.total_seconds():
            yield Observation("clock-went-back", Gravity.warning, name, {"ahead": f"{-age:.0f}"})
        else:
            yield Observation("tick-ok", Gravity.ok, name, facts)


def judge_broker(answers: bool, *, has_run: bool) -> Observation:
    """Say whether rings can be heard; before the first start nobody answers, and that is no fault."""
    if answers:
        return Observation("broker-ok", Gravity.ok, "broker")
    return Observation("broker-silent", Gravity.fault if has_run else Gravity.warning, "broker")


def judge_pace(limits: pace.Limits, *, broker: bool, has_run: bool) -> Observation:
    """Say whether the rates that are set can be kept: they live in the broker."""
    count = len(limits.servers) + len(limits.domains) + len(limits.warm_ups) + (limits.overall is not None)
    facts = {"count": str(count)}
    if not count:
        return Observation("pace-free", Gravity.ok, "pace", facts)
    if not broker:
        return Observation("pace-silent", Gravity.fault if has_run else Gravity.warning, "pace", facts)
    return Observation("pace-ok", Gravity.ok, "pace", facts)


def judge_clock(ahead: timedelta) -> Observation:
    """Say whether this machine's clock and the database's agree; ``ahead`` is how far the database's is."""
    facts = {"seconds": f"{abs(ahead.total_seconds()):.0f}"}
    if abs(ahead) > FAR_OFF:
        return Observation("clock-far-off", Gravity.fault, "clock", facts)
    if abs(ahead) > OFF:
        return Observation("clock-off", Gravity.warning, "clock", facts)
    return Observation("clock-ok", Gravity.ok, "clock", facts)


def _stops(session: Session) -> Iterator[Observation]:
    for lock in ledger.locks(session):
        yield Observation("sending-locked", Gravity.fault, lock.reason, {"details": lock.details})
    for breaker in ledger.open_breakers(session):
        facts = {"said": str(ledger.why(breaker)), "kind": breaker.kind}
        yield Observation("breaker-open", Gravity.warning, breaker.name, facts)


def _identification(session: Session) -> Iterator[Observation]:
    """Say what the law asks of every newsletter and the organisation has not got (CASL s. 6(2))."""
    missing = organisation.missing_identification(organisation.find(session))
    for code in missing:
        yield Observation("organisation-lacks", Gravity.fault, "organisation", {"lack": lack(code)})
    if not missing:
        yield Observation("organisation-ok", Gravity.ok, "organisation")
