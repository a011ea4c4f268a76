"""Trying many links politely: a few servers at a time, none of them asked twice at once or in one second."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Final
from urllib.parse import urlsplit

from newsletter_app.adapters.fetching import SECONDS, Fetcher, FetchRefused
from newsletter_app.tips import Link

AT_ONCE: Final = 4
PAUSE_S: Final = 1.0
SILENT_SERVERS: Final = 3


class Offline(Exception):
    """Not one server answered, so that it is this machine that cannot be reached, and nothing was learnt."""


def try_links(
    links: Sequence[Link], fetcher: Fetcher, *, wait: Callable[[float], None] = time.sleep
) -> Iterator[tuple[Link, str]]:
    """Give each link with the status or the code of the refusal, as they come in.

    They go in rounds of one link for each server, with a second between two rounds.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for at, links_of_round in enumerate(_rounds(links)):
            if at:
                wait(PAUSE_S)
            found = pool.map(lambda link: _look(link, fetcher), links_of_round)
            yield from zip(links_of_round, found, strict=True)
    finally:
        # Whoever breaks it off does not wait for the servers that were still to be asked.
        pool.shutdown(wait=False, cancel_futures=True)


def try_within(
    links: Sequence[Link],
    fetcher: Fetcher,
    seconds: float,
    *,
    each: float = SECONDS,
    wait: Callable[[float], None] = time.sleep,
) -> list[tuple[Link, str]]:
    """Return what was found within ``seconds``, in rounds as above, for somebody who waits for the answer.

    No link is begun that might not get the seconds that are ``each`` one's; what is left was not tried.
    """
    until, found, pool = time.monotonic() + seconds, list[tuple[Link, str]](), ThreadPoolExecutor(AT_ONCE)

    def look(link: Link) -> str:
        return _look(link, fetcher) if time.monotonic() <= until - each else ""

    try:
        for at, links_of_round in enumerate(_rounds(links)):
            if at:
                wait(PAUSE_S)
            asked = {pool.submit(look, link): link for link in links_of_round}
            done, late = wait_for(asked, timeout=until - time.monotonic())
            found += [(asked[one], seen) for one in done if (seen := one.result())]
            found += [(asked[one], "too-slow") for one in late if one.running()]
            if time.monotonic() > until - each:
                break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return found


def while_online(tried: Iterable[tuple[Link, str]]) -> Iterator[tuple[Link, str]]:
    """Hold results back until a server has answered; three servers in silence and nobody else: Offline.

    A machine whose network is down would find every name unknown, and call every source dead.
    """
    held: list[tuple[Link, str]] = []
    online = False
    for one in tried:
        held.append(one)
        online = online or one[1].isdecimal()
        if online:
            yield from held
            held.clear()
    if len({_host(link.address) for link, _found in held}) >= SILENT_SERVERS:
        raise Offline
    yield from held


def _rounds(links: Sequence[Link]) -> Iterator[list[Link]]:
    queues: dict[str, deque[Link]] = defaultdict(deque)
    for link in links:
        queues[_host(link.address)].append(link)
    while queues:
        yield [queue.popleft() for queue in queues.values()]
        queues = defaultdict(deque, {host: queue for host, queue in queues.items() if queue})


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _look(link: Link, fetcher: Fetcher) -> str:
    try:
        return str(fetcher.look(link.address, follow=link.follow))
    except FetchRefused as refused:
        return refused.code
