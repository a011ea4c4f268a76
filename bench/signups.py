"""Sign-ups and confirmations through gunicorn, as visitors make them, with the service worker at work.

Every visitor fetches the form, takes the two seconds a person needs at least, posts it from an address of
their own, and presses the button behind the link that was mailed. The limits of the form hold: not more than
6,000 sign-ups an hour are taken, so no more than that are made.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import quantiles
from typing import Final
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select, text

from bench import http_load
from bench.http_load import Answer, Request
from bench.installation import Installation
from bench.readings import Meter, Reading
from newsletter_app.kernel.links import Purpose
from newsletter_app.notices import find_by_key
from newsletter_app.subscriptions import Signup, Subscription
from tests.waiting import until

CONNECTIONS: Final = 20
MOST: Final = 5_900
FILLING_IN_S: Final = 2.5
MAILED_S: Final = 600.0
PER_NETWORK: Final = 100
FORM_TOKEN: Final = re.compile(rb'name="token" value="([^"]+)"')
UNDONE: Final = text(
    "SELECT (SELECT count(*) FROM signups WHERE decided_at IS NULL)"
    " + (SELECT count(*) FROM service_mails WHERE state IN ('queued', 'claimed', 'deferred'))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step reached; CPU times are milliseconds per request."""

    name: str
    requests: int
    per_second: float
    p50_ms: float | None
    p99_ms: float | None
    web_ms: float
    service_ms: float
    database_ms: float
    generator_ms: float
    void: str = ""


def measure(installation: Installation, count: int) -> list[Step]:
    """Sign up ``count`` visitors and confirm them; return the steps in their order."""
    return _Visit(installation, min(count, MOST)).steps()


class _Visit:
    """The visitors and their steps."""

    def __init__(self, installation: Installation, count: int) -> None:
        self._installation, self._count = installation, count
        self._meter = Meter(installation)
        with installation.ports.unit_of_work() as session:
            notice = find_by_key(session, "tips")
            assert notice is not None
            self._notice_id = notice.id

    def steps(self) -> list[Step]:
        """Walk through everything."""
        forms, answers = self._step("form fetched", self._gets(["/subscribe"] * self._count), 200)
        time.sleep(FILLING_IN_S)
        tokens = [FORM_TOKEN.search(answer.octets) for answer in answers]
        posted = [self._filled_in(place, found[1]) for place, found in enumerate(tokens) if found]
        signups, mailed = self._posts("sign-up posted", posted, 303, "decided and mailed")
        links = self._links()
        pages, _ = self._step("confirm page fetched", self._gets(links), 200)
        pressed = urlencode({"notice": self._notice_id}).encode()
        presses = [Request(path, visitor(place), pressed) for place, path in enumerate(links)]
        confirms, welcomed = self._posts("confirmation posted", presses, 200, "welcomed by mail")
        return [forms, signups, mailed, pages, self._vouched_for(confirms), welcomed]

    def _gets(self, paths: Sequence[str]) -> list[Request]:
        return [Request(path, visitor(place)) for place, path in enumerate(paths)]

    def _filled_in(self, place: int, token: bytes) -> Request:
        fields = {
            "token": token.decode(),
            "address": f"visitor-{place}@mail{place % 40}.example.ca",
            "notice": str(self._notice_id),
            "reference_code": "",
        }
        return Request("/subscribe", visitor(place), urlencode(fields).encode())

    def _step(self, name: str, requests: list[Request], expected: int) -> tuple[Step, list[Answer]]:
        before = self._meter.read()
        answers = http_load.ask(self._installation.machine.port, requests, CONNECTIONS)
        used = self._meter.read().since(before)
        times = quantiles([answer.seconds * 1000 for answer in answers], n=100)
        step = _step_of(name, len(requests), used, p50_ms=times[49], p99_ms=times[98])
        odd = sorted({answer.status for answer in answers} - {expected})
        if odd or len(requests) != self._count:
            step = replace(step, void=f"{len(requests)} of {self._count} visitors, odd answers: {odd}")
        return step, answers

    def _posts(self, name: str, requests: list[Request], expected: int, then: str) -> tuple[Step, Step]:
        """Send requests that lead to a mail each; return that step, and one that ends with the last mail."""
        before = self._meter.read()
        step, _ = self._step(name, requests, expected)
        until(lambda: self._installation.rows(UNDONE)[0][0] == 0, "every mail is out", MAILED_S)
        used = self._meter.read().since(before)
        mailed = _step_of(then, self._count, used)
        if used.taken != self._count:
            mailed = replace(mailed, void=f"the sink counted {used.taken} mails for {self._count} visitors")
        return step, mailed

    def _links(self) -> list[str]:
        """Return the addresses that the mails hold: derived as they are, since the sink keeps no mail."""
        links = self._installation.ports.links
        asked = select(Signup.id, Signup.nonce).where(Signup.subscriber_id.is_not(None)).order_by(Signup.id)
        tokens = (links.token(Purpose.CONFIRM, (row[0],), row[1]) for row in self._installation.rows(asked))
        return [urlsplit(links.url("confirm", token)).path for token in tokens]

    def _vouched_for(self, confirms: Step) -> Step:
        """Return the step, void unless every visitor's subscription is active."""
        active = select(func.count()).where(
            Subscription.notice_id == self._notice_id, Subscription.state == "active"
        )
        count = self._installation.rows(active)[0][0]
        if count == self._count:
            return confirms
        return replace(confirms, void=f"{count} of {self._count} are subscribed; {confirms.void}")


def visitor(place: int) -> str:
    """Return an address of the range that is kept for benchmarks (RFC 2544), a hundred to a network."""
    network, host = divmod(place, PER_NETWORK)
    return f"198.{18 + network // 256}.{network % 256}.{host + 1}"


def _step_of(
    name: str, count: int, used: Reading, *, p50_ms: float | None = None, p99_ms: float | None = None
) -> Step:
    return Step(
        name=name,
        requests=count,
        per_second=count / used.at,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        web_ms=used.cpu["web"] / count,
        service_ms=used.cpu["service"] / count,
        database_ms=used.cpu["database"] / count,
        generator_ms=used.cpu["own"] / count,
    )
