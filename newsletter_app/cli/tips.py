"""``flask tips``: import, list and publish; a failed import changes nothing, an unfit tip goes nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from newsletter_app import audit, organisation, preflight
from newsletter_app import tips as room
from newsletter_app.cli import (
    importing,
    proof,
    publishing,
    rehearsing,
    reporting,
    reviewing,
    tip_care,
    tip_checks,
    tip_steps,
)
from newsletter_app.cli.illustrating import illustrate
from newsletter_app.cli.importing import SavedFile
from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.lacks import lack_of
from newsletter_app.cli.moments import ZONE
from newsletter_app.cli.pictures import Pictures
from newsletter_app.cli.read_files import ReadFile, disagreements, refuse
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.cli.wishes import Wishes
from newsletter_app.kernel.clock import local_day
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.tips import Tip
from newsletter_app.web.ports import fetcher, ports

tips = AppGroup("tips", help="Import tips, publish and schedule them, look after them.")
for command in (tip_care.topics, tip_care.review, tip_care.correct, tip_care.withdraw, tip_care.useful):
    tips.add_command(command)
for command in (tip_checks.check, tip_checks.waive):
    tips.add_command(command)
for command in (tip_steps.new, tip_steps.ask_approval, tip_steps.approve, tip_steps.give_back):
    tips.add_command(command)
tips.add_command(rehearsing.rehearse)
for command in (tip_steps.revisions, tip_steps.compare):
    tips.add_command(command)
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
a_new_file = click.Path(dir_okay=False, path_type=Path)
a_place = click.Path(exists=True, path_type=Path)
MANY = 20  # Of more tips than these a line each is printed, not a page each.


@tips.command("import")
@click.argument("files", nargs=-1, type=a_file, metavar="FILE…")
@click.option("--notice", metavar="KEY", help="Their notice (default: the file's, else the numbered one).")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Default: the file's, else what its words tell."
)
@click.option("--image", type=a_file, metavar="PICTURE", help="The picture, for one file.")
@click.option("--alt", help="What the picture shows, for one file that does not say.")
@click.option("--images", type=a_place, metavar="FOLDER|ZIP", help="Where pictures lie that files name.")
@click.option("--fetch-images", is_flag=True, help="Fetch pictures that files name by a web address.")
@click.option("--drafts", is_flag=True, help="Take the drafts of a WordPress export along.")
@click.option("--on-the-web", is_flag=True, help="Put what was published there on the web here; mail nobody.")
@click.option("--review", type=a_new_file, metavar="FILE", help="Write what would be saved; save nothing.")
@click.option("--from-review", type=a_file, metavar="FILE", help="Save exactly what a review says.")
@click.option("--dry-run", is_flag=True, help="Report only; save nothing.")
@as_json_option
@by_option
@refusing
def import_tips(files: Sequence[Path], notice: str | None, by: str, as_json: bool, **given: Any) -> None:
    """Read text, Markdown, saved pages, Word, WordPress exports, feeds, a .zip of them; save all or none."""
    wishes = Wishes(**given)
    wishes.check(files)
    pictures = Pictures(
        given=wishes.image, images=wishes.images, fetcher=fetcher() if wishes.fetch_images else None
    )
    gathered = wishes.gather(files, _default_language())
    if not as_json:
        reporting.report_all(gathered, pictures, brief=wishes.is_review or len(gathered.read) > MANY)
    if wishes.review:
        reviewing.write(wishes.review, gathered, pictures)
        _say_reviewed(wishes.review, gathered.read, as_json)
        return
    refuse(gathered.refused or disagreements(gathered.read))
    saved = [] if wishes.dry_run else _save(gathered.read, pictures, notice, by, on_the_web=wishes.on_the_web)
    if as_json:
        say_rows(reporting.as_rows(gathered.read, saved), as_json, line=str, none="")
        return
    for one in saved:
        reporting.report_saved(one)
    if wishes.dry_run:
        click.echo("Nothing was saved, since this was a dry run.")


@tips.command("list")
@as_json_option
@refusing
def list_tips(as_json: bool) -> None:
    """List every tip with its state and sides."""
    with ports().unit_of_work() as session:
        owner = organisation.find(session)
        day = local_day(ports().clock(), owner.time_zone if owner else "UTC")
        rows = [_row(tip, day) for tip in room.all_tips(session)]
    say_rows(rows, as_json, line=_line, none="There is no tip yet; see flask tips import --help.")


@tips.command("publish")
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--at", metavar="LOCAL", help="When to send it, such as '2026-12-01 09:00' (default: now).")
@click.option("--zone", type=ZONE, metavar="ZONE", help="The zone of --at (default: the organisation's).")
@click.option("--web-only", is_flag=True, help="Put it on the web and mail nobody.")
@proof.despite_option
@by_option
@refusing
def publish(name: str, at: str | None, zone: str | None, web_only: bool, why: str | None, by: str) -> None:
    """Put a tip on the web and send it to the readers of its notice, now or at a time."""
    if web_only and (at or zone or why):
        raise click.UsageError(
            "--web-only mails nobody, so it takes neither --at nor --zone nor --despite-authentication."
        )
    if zone and not at:
        raise click.UsageError("--zone is the zone of --at; without --at the tip goes out now.")
    sender = None if web_only else proof.looked_up()
    seen = tip_checks.Seen({}, {}) if web_only else tip_checks.seen_outside(name)
    with ports().unit_of_work() as session:
        tip, now = tip_care.named(session, name), ports().clock()
        if web_only:
            told = publishing.on_the_web(session, tip, by, now)
        else:
            told = publishing.to_readers(session, tip, at, zone, by, now, seen, sender=sender, why=why)
    for line in told:
        click.echo(line)


def _default_language() -> Language:
    with ports().unit_of_work() as session:
        whole = organisation.find(session)
        return as_language(whole.default_language if whole else None)


def _say_reviewed(review: Path, read: Sequence[ReadFile], as_json: bool) -> None:
    if as_json:
        say_rows(reporting.as_rows(read, []), as_json, line=str, none="")
        return
    click.echo(f"Nothing was saved. Read {review}, change it, then give it by --from-review.")


def _save(
    read: Sequence[ReadFile], pictures: Pictures, notice: str | None, by: str, *, on_the_web: bool
) -> list[SavedFile]:
    now = ports().clock()
    with ports().unit_of_work() as session:
        importing.check_notices(session, read, notice)
    with KeptPictures() as kept:
        with closing(pictures):
            pictures.fetch(read)
            illustrated = illustrate(read, pictures, kept)
        with ports().unit_of_work() as session:
            saved = importing.save_all(session, illustrated, kept, notice)
            for one in saved:
                _note(session, one, by, now)
            if on_the_web:
                publishing.as_before(session, saved, by, now)
    return saved


def _note(session: Session, one: SavedFile, by: str, now: datetime) -> None:
    details = {"language": one.saved.side.language, "revision": one.saved.side.revision}
    subject = f"tip:{one.saved.tip.id}"
    audit.note(session, actor=by, action="tip.imported", subject=subject, details=details, now=now)


def _row(tip: Tip, day: date) -> dict[str, Any]:
    until = tip.image_rights_until
    sides = reporting.sides_of(tip)
    return {
        "name": str(tip.number or tip.sides[0].slug),
        "number": tip.number,
        "state": "withdrawn" if tip.withdrawn_at else tip.state,
        "stage": tip.stage,
        "published_at": tip.published_at.isoformat() if tip.published_at else None,
        "picture_until": until.isoformat() if until else None,
        "notes": [lack_of(finding) for finding in preflight.picture_findings(tip, day)],
        "sides": sides,
    }


def _line(row: dict[str, Any]) -> str:
    titles = "; ".join(f"{side['language']}: {side['title']}" for side in row["sides"])
    return "\n  Note: ".join([f"{row['name']}  {row['state']}  {titles}", *row["notes"]])
