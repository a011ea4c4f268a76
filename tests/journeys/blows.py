"""The blows of chaos rounds: who is killed, held still or told to leave, and what a kill found."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TypeVar

from tests.journeys import chaos_plan as plans
from tests.journeys.arena import LATE_S, Arena
from tests.journeys.chaos_plan import Blow
from tests.journeys.hosts import BROKER, Host, Process, send_signal
from tests.journeys.machine import BEAT, BULK, SERVICE
from tests.journeys.windows import OWN_ROWS, Moment

Found = TypeVar("Found")
OFTEN_S = 0.004
PATIENCE_S = 1.0
CLAIMING = (
    "SELECT DISTINCT s.pid FROM deliveries d JOIN senders s ON s.id = d.claim_sender"
    " WHERE d.state = 'claimed' AND s.id > :after"
)


def deal(arena: Arena, blow: Blow, moment: Moment, number: int) -> None:
    """Deal a blow to the campaign of tip ``number``; what it finds goes into ``moment``."""
    _BLOWS[blow.kind](arena, blow, moment, number)


def strike(arena: Arena, victims: Sequence[Process], moment: Moment) -> None:
    """Kill processes with SIGKILL, all at once, and read what they leave before anybody settles it."""
    closed, dotted = arena.closed(), moment.dotted
    with ExitStack() as stack:
        for host in arena.hosts:
            stack.enter_context(host.machine.unattended())
        send_signal(victims, signal.SIGKILL)
        moment.killed += len(victims)
        left = stack.enter_context(arena.journals.held(process.id for process in victims))
        for sender, journal in left:
            moment.look(journal, arena.rows(OWN_ROWS, sender=sender))
    for process in victims:
        process.host.lost(process.name)
    # What ends without QUIT was open when its owner died; the server knows of each.
    dots = moment.dotted - dotted
    arena.until(lambda: arena.closed() - closed >= dots, f"{dots} connections lost", every=0.01)
    moment.connections += arena.closed() - closed


def _one_bulk(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    """Kill one bulk worker, who has claimed if the campaign has come so far."""
    strike(arena, [_one_sending(arena, blow) if blow.share else _one_of(arena, BULK, blow)], moment)


def _all_bulk(arena: Arena, _blow: Blow, moment: Moment, _number: int) -> None:
    strike(arena, _living(arena, BULK), moment)


def _newborn(arena: Arena, blow: Blow, moment: Moment, number: int) -> None:
    """Kill a bulk worker, and the next one as soon as it has claimed, before much of it was handed over."""
    dead = arena.newest_sender()
    strike(arena, [_one_of(arena, BULK, blow)], moment)
    found: list[Process] = []

    def claims_anew() -> bool:
        found[:] = _sending(arena, after=dead)
        return bool(found) or arena.is_finished(number)

    arena.until(claims_anew, "the next worker claims", every=OFTEN_S)
    strike(arena, found, moment)


def _leave(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    _signal_one(arena, BULK, blow, moment, signal.SIGTERM)


def _service(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    _signal_one(arena, SERVICE, blow, moment, signal.SIGKILL)


def _beat(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    _signal_one(arena, BEAT, blow, moment, signal.SIGKILL)


def _broker(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    """Kill the broker; the embedded one is its supervisor's to start again."""
    arena.bring_all_back()
    if arena.is_embedded:
        _spare(arena, [(arena.hosts[0], BROKER)])
        arena.hosts[0].lost(BROKER)
    arena.standing.signal_broker(signal.SIGKILL)
    moment.killed += 1
    arena.later(blow.pause, arena.standing.bring_broker_back)


def _broker_still(arena: Arena, blow: Blow, _moment: Moment, _number: int) -> None:
    arena.bring_all_back()
    arena.standing.signal_broker(signal.SIGSTOP)
    arena.later(blow.pause, lambda: arena.standing.signal_broker(signal.SIGCONT))


def _database(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    arena.standing.kill_database()
    moment.killed += 1
    arena.ports.engine.dispose()
    try:
        arena.pass_time(blow.pause)
    finally:
        arena.standing.bring_database_back()


def _launcher(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    """Kill a host's launcher; its lifeline tells the others to leave, and another launcher begins."""
    arena.bring_all_back()
    host = _one(arena.hosts, blow)
    host.machine.kill_launchers()
    moment.killed += 1
    _start_again(arena, host)


def _everything(arena: Arena, blow: Blow, moment: Moment, _number: int) -> None:
    """Kill a launcher, its lifeline and all they have started, as a machine without memory may."""
    arena.bring_all_back()
    host = _one(arena.hosts, blow)
    with host.machine.unattended():
        victims = host.processes("")
        if arena.is_embedded:
            arena.standing.signal_broker(signal.SIGKILL)
        strike(arena, victims, moment)
        host.machine.kill_launchers()
    _start_again(arena, host)


def _start_again(arena: Arena, host: Host) -> None:
    arena.until(lambda: not host.machine.process_ids(""), "everything of the host has ended")
    host.start()


def _signal_one(arena: Arena, mark: str, blow: Blow, moment: Moment, number: signal.Signals) -> None:
    victim = _one_of(arena, mark, blow)
    send_signal([victim], number)
    victim.host.lost(victim.name)
    moment.killed += 1


def _one_of(arena: Arena, mark: str, blow: Blow) -> Process:
    """Choose among those whose supervisor bears another death; wait until there is one."""
    able: list[Process] = []

    def look() -> bool:
        able[:] = [process for process in arena.processes(mark) if process.host.may_lose(process.name)]
        return bool(able)

    arena.until(look, f"somebody to kill with {mark}")
    return _one(able, blow)


def _one_sending(arena: Arena, blow: Blow) -> Process:
    """Choose among those who have claimed something; after a second without any, among all."""
    able: list[Process] = []
    patience = time.monotonic() + PATIENCE_S

    def look() -> bool:
        able[:] = [process for process in _sending(arena) if process.host.may_lose(process.name)]
        return bool(able) or time.monotonic() > patience

    arena.until(look, "somebody who sends", every=OFTEN_S)
    return _one(able, blow) if able else _one_of(arena, BULK, blow)


def _sending(arena: Arena, after: int = 0) -> list[Process]:
    """Return the bulk workers that hold claimed rows, as senders younger than ``after``."""
    ids = {row["pid"] for row in arena.rows(CLAIMING, after=after)}
    return [process for process in arena.processes(BULK) if process.id in ids] if ids else []


def _living(arena: Arena, mark: str) -> list[Process]:
    """Return all of a kind that live, as soon as their supervisors bear another death of each."""
    arena.until(lambda: arena.processes(mark), f"somebody to kill with {mark}")
    processes = arena.processes(mark)
    _spare(arena, [(process.host, process.name) for process in processes])
    return processes


def _spare(arena: Arena, names: Iterable[tuple[Host, str]]) -> None:
    for host, name in names:
        arena.until(lambda host=host, name=name: host.may_lose(name), f"{name} may die again", LATE_S)


def _one(among: Sequence[Found], blow: Blow) -> Found:
    return among[int(blow.dice * len(among))]


_BLOWS: dict[str, Callable[[Arena, Blow, Moment, int], None]] = {
    plans.BULK: _one_bulk,
    plans.ALL_BULK: _all_bulk,
    plans.NEWBORN: _newborn,
    plans.LEAVE: _leave,
    plans.SERVICE: _service,
    plans.BEAT: _beat,
    plans.BROKER: _broker,
    plans.BROKER_STILL: _broker_still,
    plans.DATABASE: _database,
    plans.LAUNCHER: _launcher,
    plans.EVERYTHING: _everything,
}
