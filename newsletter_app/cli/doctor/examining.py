"""The whole examination: this machine, the database, the engine, mail servers, the DNS; it mends nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import current_app

from config import ROOT
from newsletter_app import authentication, ledger
from newsletter_app.adapters.sender_check import check_sender, checked_sender, is_known_outside, sender_of
from newsletter_app.adapters.vitals import broker_answers
from newsletter_app.authentication import Resolver
from newsletter_app.cli.doctor import engine, machine, servers
from newsletter_app.cli.doctor.ways_in import look_at_ways_in
from newsletter_app.kernel.observations import Gravity, Observation
from newsletter_app.ports import Ports


def examine(ports: Ports, resolver: Callable[[], Resolver]) -> list[Observation]:
    """Return everything that was found; what the DNS said is kept, and a launch goes by it."""
    settings = ports.settings
    schema = engine.look_at_schema(ports.engine, current_app.extensions["migrate"].directory)
    is_prepared = schema.gravity is Gravity.ok
    found = [*machine.look_at_machine(settings, ROOT), schema]
    if is_prepared:
        found += _engine(ports)
    if settings.uses_outbox:
        found.append(Observation("outbox", Gravity.ok, "mail"))
    for server in settings.smtp:
        found += servers.look_at_server(server, settings.ehlo_name, ports.clock())
    found += look_at_ways_in(settings)
    return [*found, *_dns(ports, resolver, is_prepared=is_prepared)]


def _engine(ports: Ports) -> list[Observation]:
    now, settings = ports.clock(), ports.settings
    ahead = ledger.database_clock(ports.engine, ports.clock)() - now
    broker = broker_answers(settings.redis_client_url)
    with ports.unit_of_work() as session:
        told = list(engine.look_at_engine(session, settings, now, broker=broker))
    # To ask took a moment, in which no clock stood still.
    return [*told, engine.judge_clock(timedelta(seconds=round(ahead.total_seconds())))]


def _dns(ports: Ports, resolver: Callable[[], Resolver], *, is_prepared: bool) -> list[Observation]:
    settings = ports.settings
    if not is_known_outside(settings):
        return [Observation("dns-not-asked", Gravity.ok, "DNS")]
    sender = checked_sender(settings)
    if sender is None or not is_prepared:
        return authentication.judge(sender_of(settings), resolver())
    return check_sender(ports.unit_of_work, sender, resolver, ports.clock(), anew=True) or []
