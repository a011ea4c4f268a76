"""Loading the sample into an empty try-out: organisation, notices, topics, tips on both sides, a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.orm import Session

from newsletter_app import campaigns, notices, organisation, tips
from newsletter_app.cli import importing
from newsletter_app.cli.illustrating import Illustrated, illustrate
from newsletter_app.cli.importing import SavedFile
from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.pictures import Pictures
from newsletter_app.cli.read_files import read_all
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Words
from newsletter_app.organisation import Organisation
from newsletter_app.tips import Tip
from newsletter_app.web.ports import ports

FOLDER: Final = Path(__file__).parents[1] / "sample"
RECORDED_AS: Final = "sample"
DAY: Final = timedelta(days=1)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_sample(kept: KeptPictures) -> list[Illustrated]:
    """Read the tips and keep their pictures, which takes seconds; no transaction may be open."""
    read = read_all(sorted(FOLDER.glob("*/*.md")), default_language="en")
    return illustrate(read, Pictures(below=FOLDER), kept)


def load_sample(session: Session, read: Sequence[Illustrated], kept: KeptPictures) -> None:
    """Load everything and schedule the tips; the first two are due minutes after the first start."""
    now = ports().clock()
    whole = _load_organisation(session)
    _load_notices(session, now)
    _load_topics(session)
    saved = importing.save_all(session, read, kept)
    shown = {_name_of(one): one.saved.tip for one in saved}
    plan = _yaml("schedule.yaml")
    _send_some(session, plan["sent"], now)
    _schedule_soon(session, plan["soon"], now)
    _schedule_weekly(session, plan["weekly"], whole, now)
    for name in plan["on_the_web"]:
        tips.publish(session, shown[name], now)


def _name_of(one: SavedFile) -> str:
    """Return what the schedule calls a tip, such as "events/walking-group"."""
    return one.file.path.relative_to(FOLDER).as_posix().split(".")[0]


def _load_organisation(session: Session) -> Organisation:
    facts = _yaml("organisation.yaml")
    for language in LANGUAGES:
        organisation.set_words(session, language, **facts.pop(language))
    return organisation.set_facts(session, **{name: str(value) for name, value in facts.items()})


def _load_notices(session: Session, now: datetime) -> None:
    for facts in _yaml("notices.yaml"):
        words = {language: Words(**facts.pop(language)) for language in LANGUAGES}
        notices.add(session, words=words, now=now, **facts)


def _load_topics(session: Session) -> None:
    for names in _yaml("topics.yaml"):
        tips.add_topic(session, names.pop("key"), names)


def _send_some(session: Session, numbers: list[int], now: datetime) -> None:
    for number in numbers:
        tip = _numbered(session, number)
        tips.publish(session, tip, now)
        tips.send_into(session, tip, [tip.notice_id], now)


def _schedule_soon(session: Session, soon: list[dict[str, int]], now: datetime) -> None:
    for one in soon:
        due_at = now + timedelta(minutes=one["minutes"])
        campaigns.schedule(session, _numbered(session, one["number"]), due_at=due_at, by=RECORDED_AS, now=now)


def _schedule_weekly(session: Session, weekly: dict[str, Any], whole: Organisation, now: datetime) -> None:
    """Schedule one a week, the first on the weekday that comes next after today."""
    local = now.astimezone(ZoneInfo(whole.time_zone)) + DAY
    ahead = (WEEKDAYS.index(weekly["weekday"]) - local.weekday()) % 7
    first = (local + ahead * DAY).replace(hour=weekly["hour"], minute=0, second=0, microsecond=0)
    for weeks, number in enumerate(weekly["numbers"]):
        due_at = first + weeks * 7 * DAY
        campaigns.schedule(session, _numbered(session, number), due_at=due_at, by=RECORDED_AS, now=now)


def _numbered(session: Session, number: int) -> Tip:
    tip = tips.find_by_number(session, number)
    if tip is None:
        raise LookupError(f"the sample schedule names tip {number}, which no file holds")
    return tip


def _yaml(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
