"""``flask tips``: import, list and publish; a failed import changes nothing, an unfit tip goes nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from newsletter_app import audit, organisation
from newsletter_app import tips as room
from newsletter_app.cli import importing, publishing, reporting, tip_care
from newsletter_app.cli.importing import ReadFile, SavedFile
from newsletter_app.cli.moments import ZONE
from newsletter_app.cli.pictures import Pictures, kept_on_success
from newsletter_app.cli.terms import as_json_option, by_option, refusing, say_rows
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.tips import Tip
from newsletter_app.web.ports import ports

tips = AppGroup("tips", help="Import tips, publish and schedule them, look after them.")
for command in (tip_care.topics, tip_care.review, tip_care.correct, tip_care.useful):
    tips.add_command(command)
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@tips.command("import")
@click.argument("files", nargs=-1, required=True, type=a_file, metavar="FILE…")
@click.option("--notice", metavar="KEY", help="Their notice (default: the file's, else the numbered one).")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Default: the file's, else what its words tell."
)
@click.option("--image", type=a_file, metavar="PICTURE", help="The picture, for one file.")
@click.option("--alt", help="What the picture shows, for one file that does not say.")
@click.option("--dry-run", is_flag=True, help="Report only; save nothing.")
@as_json_option
@by_option
@refusing
def import_tips(
    files: Sequence[Path],
    notice: str | None,
    language: str | None,
    image: Path | None,
    alt: str | None,
    dry_run: bool,
    as_json: bool,
    by: str,
) -> None:
    """Read pasted text, or Markdown with front matter; report; save all files or none."""
    if len(set(files)) > 1 and (image or alt):
        raise click.UsageError(
            "--image and --alt go with one file; Markdown names its own in the front matter."
        )
    read = importing.read_all(files, language=language, default_language=_default_language(), alt=alt)
    saved: list[SavedFile] = []
    if not as_json:
        for file in read:
            reporting.report(file, picture_given=image is not None)
    if not dry_run:
        saved = _save(read, Pictures(given=image, below=None), notice, by)
    if as_json:
        say_rows(reporting.as_rows(read, saved), as_json, line=str, none="")
        return
    for one in saved:
        reporting.report_saved(one)
    if dry_run:
        click.echo("Nothing was saved, since this was a dry run.")


@tips.command("list")
@as_json_option
@refusing
def list_tips(as_json: bool) -> None:
    """List every tip with its state and sides."""
    with ports().unit_of_work() as session:
        rows = [_row(tip) for tip in room.all_tips(session)]
    say_rows(rows, as_json, line=_line, none="There is no tip yet; see flask tips import --help.")


@tips.command("publish")
@click.argument("name", metavar="NUMBER|SLUG")
@click.option("--at", metavar="LOCAL", help="When to send it, such as '2026-12-01 09:00' (default: now).")
@click.option("--zone", type=ZONE, metavar="ZONE", help="The zone of --at (default: the organisation's).")
@click.option("--web-only", is_flag=True, help="Put it on the web and mail nobody.")
@by_option
@refusing
def publish(name: str, at: str | None, zone: str | None, web_only: bool, by: str) -> None:
    """Put a tip on the web and send it to the readers of its notice, now or at a time."""
    if web_only and (at or zone):
        raise click.UsageError("--web-only mails nobody, so it takes neither --at nor --zone.")
    if zone and not at:
        raise click.UsageError("--zone is the zone of --at; without --at the tip goes out now.")
    with ports().unit_of_work() as session:
        tip, now = tip_care.named(session, name), ports().clock()
        if web_only:
            told = publishing.on_the_web(session, tip, by, now)
        else:
            told = publishing.to_readers(session, tip, at, zone, by, now)
    for line in told:
        click.echo(line)


def _default_language() -> Language:
    with ports().unit_of_work() as session:
        whole = organisation.find(session)
        return as_language(whole.default_language if whole else None)


def _save(read: Sequence[ReadFile], pictures: Pictures, notice: str | None, by: str) -> list[SavedFile]:
    now = ports().clock()
    with kept_on_success(pictures), ports().unit_of_work() as session:
        saved = importing.save_all(session, read, pictures=pictures, notice=notice)
        for one in saved:
            details = {"language": one.saved.side.language, "revision": one.saved.side.revision}
            subject = f"tip:{one.saved.tip.id}"
            audit.note(session, actor=by, action="tip.imported", subject=subject, details=details, now=now)
    return saved


def _row(tip: Tip) -> dict[str, Any]:
    sides = reporting.sides_of(tip)
    return {
        "name": str(tip.number or tip.sides[0].slug),
        "number": tip.number,
        "state": "withdrawn" if tip.withdrawn_at else tip.state,
        "published_at": tip.published_at.isoformat() if tip.published_at else None,
        "sides": sides,
    }


def _line(row: dict[str, Any]) -> str:
    titles = "; ".join(f"{side['language']}: {side['title']}" for side in row["sides"])
    return f"{row['name']}  {row['state']}  {titles}"
