"""``flask tips``: import, list and publish; a failed import changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, campaigns, organisation
from newsletter_app import tips as room
from newsletter_app.cli import importing
from newsletter_app.cli.terms import as_json_option, by_option, local_moment, refusing, say
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.tips import Tip
from newsletter_app.web.ports import ports

tips = AppGroup("tips", help="Import tips, list them, publish and schedule them.")


@tips.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--notice", help="The key of the notice they belong to (default: the file's, else the numbered one)."
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Default: the file's, else what its words tell."
)
@click.option(
    "--image", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The picture, for one file."
)
@click.option("--alt", help="What the picture shows, where the file does not say.")
@click.option("--dry-run", is_flag=True, help="Report only.")
@by_option
@refusing
def import_tips(
    files: Sequence[Path],
    notice: str | None,
    language: str | None,
    image: Path | None,
    alt: str | None,
    dry_run: bool,
    by: str,
) -> None:
    """Read FILE… (pasted text, or Markdown with front matter), report, and save all of them or none."""
    if image is not None and len(files) > 1:
        raise click.UsageError("--image goes with one file; Markdown names its own in the front matter.")
    readings = importing.read_all(list(dict.fromkeys(files)), language, alt)
    for file, reading in readings:
        importing.report(file, reading)
    if dry_run:
        return
    with ports().unit_of_work() as session:
        for saved in importing.save_all(session, readings, notice=notice, image=image):
            click.echo(f"Saved {importing.name_of(saved)}.")
            subject = f"tip:{saved.tip.id}"
            audit.note(session, actor=by, action="tip.imported", subject=subject, now=ports().clock())


@tips.command("list")
@as_json_option
def list_tips(as_json: bool) -> None:
    """List every tip with its state and sides."""
    with ports().unit_of_work() as session:
        rows = {
            str(tip.number or tip.sides[0].slug): ", ".join(
                [tip.state, *(f"{side.language}: {side.title}" for side in tip.sides)]
            )
            for tip in room.all_tips(session)
        }
    say(rows, as_json)


@tips.command("publish")
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--at", help="Local time to send it, such as '2026-12-01 09:00' (default: now).")
@click.option("--zone", help="The zone of --at (default: the organisation's).")
@click.option("--web-only", is_flag=True, help="Put it on the web and mail nobody.")
@by_option
@refusing
def publish(name: str, at: str | None, zone: str | None, web_only: bool, by: str) -> None:
    """Put a tip on the web and send it to the readers of its notice, now or at a time."""
    if web_only and at:
        raise click.UsageError("--web-only mails nobody, so it takes no --at.")
    with ports().unit_of_work() as session:
        tip, now = _named(session, name), ports().clock()
        if web_only:
            room.publish(session, tip, now)
            click.echo(f"Tip {name} is on the web. Nobody is mailed.")
        else:
            click.echo(_schedule(session, tip, name, at, zone, by, now))
        audit.note(session, actor=by, action="tip.published", subject=f"tip:{tip.id}", now=now)


def _schedule(
    session: Session, tip: Tip, name: str, at: str | None, zone: str | None, by: str, now: datetime
) -> str:
    zone = zone or organisation.get(session).time_zone
    due_at = local_moment(at, zone) if at else now
    campaign = campaigns.schedule(session, tip, due_at=due_at, by=by, now=now)
    if campaign.state != "scheduled":
        return f"Tip {name} was launched before: its campaign {campaign.id} is {campaign.state}."
    return f"Tip {name} is on its way." if not at else f"Tip {name} goes out on {at} ({zone})."


def _named(session: Session, name: str) -> Tip:
    tip = room.find_by_number(session, int(name)) if name.isdigit() else None
    for language in LANGUAGES:
        tip = tip or room.find_by_slug(session, language, name)
    if tip is None:
        raise click.ClickException(f"There is no tip {name}; `flask tips list` shows them all.")
    return tip
