"""The console's pages as ``bench.console`` asks for them: addresses, how long they take, what they ask."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from bench import content
from bench.crowd import A_READER
from newsletter_app.campaigns import Campaign
from newsletter_app.identity import Staff
from newsletter_app.notices import Notice
from newsletter_app.ports import Ports
from newsletter_app.tips import Tip, writing

NUMBER: Final = 99_999
ALSO: Final = (
    "/console/campaigns?before=15",
    "/console/campaigns/{ended}",
    "/console/campaigns/{campaign_id}/progress?was=sending&told=25",
    "/console/log?before=500",
    "/console/tips?page=9",
    "/console/tips?q=feet",
    "/console/tips?stage=in-review",
    "/console/tips?stage=draft",
    "/console/tips/{sent}",
    "/console/tips/{sent}/send",
    "/console/tips/{tip_id}/preview?side=fr&look=text",
    "/console/tips/{tip_id}/preview/mail?side=fr",
    "/console/tips/{tip_id}/preview/page?side=en",
    "/console/tips/{tip_id}/references?source=walking",
    "/console/tips/{tip_id}/send/check?when=now&notice={notice}",
    "/console/tips/{tip_id}/send/check?when=now&notice={notice}&notice={other}",
)
PUBLIC: Final = ("/", "/tips", "/tips?q=feet", "/feeds/tips.atom")
# Without a choice it leads back; links that were mailed name nobody here.
LEFT_OUT: Final = ("/send/check", "/begin/", "/password/", "/preview/mail", "/preview/page")


@dataclass(frozen=True, slots=True)
class Page:
    """An address; what is posted there, if anything."""

    path: str
    posted: Mapping[str, str] | None = None


@dataclass(slots=True)
class Asked:
    """What one request asked the database: how many statements, and the slowest of them in milliseconds."""

    count: int = 0
    slowest_ms: float = 0.0
    slowest: str = ""


@dataclass(frozen=True, slots=True)
class Timed:
    """One page: what it answered, what each try took in milliseconds (of the clock, and of this
    process's CPU), and what the one asked that asked least: what every page knows is read once a second.
    """

    page: Page
    status: int
    octets: int
    took_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]
    asked: Asked = field(default_factory=Asked)

    @property
    def median_ms(self) -> float:
        """The middle one of the tries."""
        return statistics.median(self.took_ms)

    def row(self) -> str:
        """Return the page as a line of a table."""
        verb = "POST " if self.page.posted is not None else ""
        figures = (min(self.took_ms), self.median_ms, max(self.took_ms), statistics.median(self.cpu_ms))
        middle = " | ".join(f"{figure:.0f}" for figure in figures)
        asked = f"{self.asked.count} | {self.asked.slowest_ms:.1f}"
        return f"| {verb}{self.page.path} | {self.status} | {middle} | {asked} | {self.octets / 1000:.0f} |"


def write_the_tip(session: Session, notice: Notice, by: str, now: datetime) -> None:
    """Save the tip whose pages are asked for: as long as a real one, each side changed on the desk."""
    tip = content.save_tip(session, NUMBER, notice, now)
    for language in ("en", "fr"):
        before = writing.written(session, tip, language)
        text = writing.side_written(session, tip, language)
        longer = replace(text, body=f"{text.body}\n\nAnd walk a little.")
        writing.write(session, tip, language, longer, base=before.revision, by=by, now=now)


def pages(app: Flask) -> list[Page]:
    """Return every page of the console whose address can be told, and some of the public ones."""
    ports: Ports = app.extensions["ports"]
    with ports.unit_of_work() as session:
        values = _values(session, ports.clock())
    adapter = app.url_map.bind("")
    rules = [rule for rule in app.url_map.iter_rules() if _is_page(rule)]
    known = [adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}) for rule in rules]
    paths = {path for path in known if not any(part in path for part in LEFT_OUT)}
    paths |= {path.format(**values) for path in (*ALSO, *PUBLIC)}
    reader = f"/console/tips/{values['sent']}/reader"
    stranger = {"address": "nobody@example.ca"}
    return [*map(Page, sorted(paths)), Page(reader, {"address": A_READER}), Page(reader, stranger)]


def timed(engine: Engine, client: FlaskClient, origin: str, page: Page, times: int) -> Timed:
    """Ask for a page some times, after once for what is made at the first request."""
    took, worked, asking = [], [], []
    for _ in range(times + 1):
        with _listening(engine) as asked:
            asking.append(asked)
            began, cpu = time.perf_counter(), time.process_time()
            answer = _ask(client, origin, page)
            took.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - cpu) * 1000)
    least = min(asking[1:], key=lambda one: (one.count, one.slowest_ms))
    return Timed(page, answer.status_code, len(answer.data), tuple(took[1:]), tuple(worked[1:]), least)


def _ask(client: FlaskClient, origin: str, page: Page) -> TestResponse:
    method = "GET" if page.posted is None else "POST"
    # As a browser says that the form stood on a page of the same origin.
    headers = {"Sec-Fetch-Site": "same-origin"}
    return client.open(page.path, method=method, base_url=origin, data=page.posted, headers=headers)


def _values(session: Session, now: datetime) -> dict[str, Any]:
    campaign = session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).one()
    tip = session.scalars(select(Tip).where(Tip.number == NUMBER)).one()
    row = writing.revisions(session, tip, "en")[-1]
    return {
        "campaign_id": campaign.id,
        "ended": campaign.id - 1,
        "sent": campaign.tip_id,
        "tip_id": tip.id,
        "notice": tip.notice_id,
        "other": session.scalar(select(func.max(Notice.id))),
        "part": "en",
        "revision_id": row.id,
        "staff_id": session.scalar(select(func.min(Staff.id))),
        "month": f"{now:%Y-%m}",
        "token": "x",
    }


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or set()) and rule.endpoint.startswith("staff.")


@contextmanager
def _listening(engine: Engine) -> Iterator[Asked]:
    asked, began = Asked(), []

    def before(*_facts: object) -> None:
        began.append(time.perf_counter())

    def after(_connection: object, _cursor: object, statement: str, *_facts: object) -> None:
        took = (time.perf_counter() - began.pop()) * 1000
        asked.count += 1
        if took > asked.slowest_ms:
            asked.slowest_ms, asked.slowest = took, statement

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)
