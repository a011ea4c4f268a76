"""What ``flask tips publish`` does: refuses at once what could not go out at its time, says when it goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, organisation, tips
from newsletter_app.authentication import Identity
from newsletter_app.campaigns import Campaign
from newsletter_app.cli import proof
from newsletter_app.cli.importing import SavedFile
from newsletter_app.cli.lacks import lack_of
from newsletter_app.cli.moments import comes_twice, in_words, local_moment, refuse_past
from newsletter_app.cli.tip_checks import Seen, look_at
from newsletter_app.preflight import BLOCKS, Finding
from newsletter_app.tips import Tip


def on_the_web(session: Session, tip: Tip, by: str, now: datetime) -> list[str]:
    """Put the tip on the web and mail nobody; return what to tell. Raises Breach ``tip-incomplete``."""
    tips.publish(session, tip, now)
    _note(session, tip, "tip.published", by, now)
    places = ", ".join(tips.path(tip, side) for side in tip.sides)
    return [f"The tip is on the web: {places}", "Nobody is mailed."]


def as_before(session: Session, saved: Iterable[SavedFile], by: str, now: datetime) -> None:
    """Put the tips on the web that stood on another before, since the same day; mail nobody.

    One that lacks something stays a draft; what is saved of it is told with what it lacks.
    """
    for one in saved:
        tip, since = one.saved.tip, one.file.document.published_at
        if since is not None and tip.published_at is None and not one.missing:
            tips.publish(session, tip, min(since, now))
            _note(session, tip, "tip.published", by, now)


def to_readers(
    session: Session,
    tip: Tip,
    at: str | None,
    zone: str | None,
    by: str,
    now: datetime,
    seen: Seen,
    *,
    sender: Identity | None = None,
    why: str | None = None,
) -> list[str]:
    """Schedule the tip for the readers of its notice; return what to tell. ``seen`` is of ``seen_outside``.

    ``sender`` is who launches are checked for, ``why`` a reason to send whatever the check says. Raises
    ClickException when something speaks against mailing it, or against the moment.
    """
    home = organisation.get(session).time_zone
    zone = zone or home
    due_at = local_moment(at, zone) if at else now
    told = _looked_at(session, tip, now, max(now, due_at), seen)
    refuse_past(due_at, zone, now)
    campaign = campaigns.schedule(session, tip, due_at=due_at, by=by, now=now)
    if campaign.state != "scheduled":
        return _launched_before(campaign, at)
    _note(session, tip, "tip.scheduled", by, now)
    told += proof.allow(session, campaign, sender, why=why, by=by, now=now)
    notes = [*_hour_that_comes_twice(due_at, zone, at), *_review_before(tip, due_at, zone)]
    return [*told, _scheduled(due_at, zone, now), *notes]


def _looked_at(session: Session, tip: Tip, now: datetime, due_at: datetime, seen: Seen) -> list[str]:
    """Return what preflight warns of; raises ClickException that lists what forbids to mail the tip."""
    found = look_at(session, tip, now, due_at, seen)
    blocking = [finding for finding in found if finding.level == BLOCKS]
    if blocking:
        raise click.ClickException(
            "\n".join(["The tip cannot go out yet:", *_lines(blocking), "Nothing was changed."])
        )
    return [f"Note: {line.strip()}." for line in _lines(found)]


def _lines(findings: list[Finding]) -> list[str]:
    return [f"  {lack_of(finding)}" for finding in findings]


def _launched_before(campaign: Campaign, at: str | None) -> list[str]:
    told = (
        f"This tip went out before: campaign {campaign.id} is {campaign.state}, and nobody gets a tip twice."
    )
    if at:
        raise click.ClickException(f"{told} It cannot be moved. Nothing was changed.")
    return [told]


def _scheduled(due_at: datetime, zone: str, now: datetime) -> str:
    if due_at <= now:
        return "The tip is on its way to the web and the readers, within seconds while the product runs."
    return f"The tip goes on the web and to the readers on {in_words(due_at, zone)}."


def _hour_that_comes_twice(due_at: datetime, zone: str, at: str | None) -> list[str]:
    if at and comes_twice(due_at, zone):
        return ["Note: that day the clock shows this hour twice; the first one is meant."]
    return []


def _review_before(tip: Tip, due_at: datetime, zone: str) -> list[str]:
    if not tips.is_review_overdue(tip, due_at.astimezone(ZoneInfo(zone)).date()):
        return []
    return [f"Note: it is to be checked again by {tip.review_due}. If nobody does, it is held on its day."]


def _note(session: Session, tip: Tip, action: str, by: str, now: datetime) -> None:
    audit.note(session, actor=by, action=action, subject=f"tip:{tip.id}", now=now)
