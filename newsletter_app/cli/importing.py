"""What ``flask tips import`` does with each file: read, report, find its picture, save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.orm import Session

from newsletter_app import media, notices, tips
from newsletter_app.kernel.errors import Breach
from newsletter_app.media import Image
from newsletter_app.notices import Notice
from newsletter_app.tips import Finding, ImageDraft, Reading, Saved, Tip, TipDraft, Unreadable
from newsletter_app.web.ports import ports

ReadFile = tuple[Path, Reading]
NO_IMAGE = ImageDraft(path="", alt="", decorative=False, creator="", source="", source_url="", licence="")


def read_all(files: Sequence[Path], language: str | None, alt: str | None) -> list[ReadFile]:
    """Return the readings of all files. Raises ClickException that names every fault by its line."""
    readings, faults = [], []
    for file in files:
        try:
            reading = tips.read_file(file.name, file.read_bytes(), "en", language=language)
            readings.append((file, _with_alt(reading, alt)))
        except Unreadable as unreadable:
            faults += [f"{file}, line {fault.line}: {fault.code}" for fault in unreadable.faults]
    if faults:
        raise click.ClickException("\n".join(["Nothing was imported.", *faults]))
    return readings


def report(file: Path, reading: Reading) -> None:
    """Print what was recognised, what was left out, and what was not understood."""
    draft = reading.draft
    headings = [heading.text for heading in tips.headings(draft.body)]
    click.echo(f"{file}: tip {draft.number or '(no number)'}, {draft.language}: {draft.title}")
    click.echo(f"  lead: {len(draft.lead.split())} words; sections: {'; '.join(headings) or 'untitled only'}")
    click.echo(f"  disclaimer: {'yes' if draft.disclaimer else 'none'}; references: {len(draft.references)}")
    for number, reference in enumerate(draft.references, 1):
        cited = sum(text.count(f"[^{number}]") for text in (draft.lead, draft.body, draft.disclaimer))
        click.echo(f"    [{number}] cited {cited}×: {reference.text}")
    if draft.image:
        click.echo(f"  image: {draft.image.alt!r} by {draft.image.creator!r}, source {draft.image.source!r}")
    _list_findings("left out", reading.left_out)
    _list_findings("not understood", reading.not_understood)


def save_all(
    session: Session,
    readings: Sequence[ReadFile],
    *,
    notice: str | None = None,
    image: Path | None = None,
    pictures_below: Path | None = None,
) -> list[Saved]:
    """Save every draft with its picture, then the relations, which may name a tip of a later file.

    Raises Breach; the caller's transaction is undone then, so that a failed import changes nothing.
    """
    saved_files: dict[tuple[Path, str], Saved] = {}
    for file, reading in readings:
        draft = reading.draft
        # "coffee.fr.md" is the other side of "coffee.en.md"; only a number could tell it otherwise.
        pair = next((saved for (other, _), saved in saved_files.items() if _bare(other) == _bare(file)), None)
        into = _unnumbered(session, draft) or (pair.tip if pair and draft.number is None else None)
        picture = _picture(session, file, draft, image, pictures_below)
        saved_files[file, draft.language] = tips.save_draft(
            session,
            draft,
            notice=_notice(session, draft, notice),
            image=picture,
            into=into,
            now=ports().clock(),
        )
    for (_, reading), saved in zip(readings, saved_files.values(), strict=True):
        _relate(session, saved.tip, reading.draft.related)
    return list(saved_files.values())


def name_of(saved: Saved) -> str:
    """Return how a person names what was saved: "tip 24 (en, new)"."""
    name = saved.tip.number if saved.tip.number is not None else saved.side.slug
    state = "new" if saved.side_is_new else f"revision {saved.side.revision}"
    return f"tip {name} ({saved.side.language}, {state})"


def _with_alt(reading: Reading, alt: str | None) -> Reading:
    if alt is None:
        return reading
    image = replace(reading.draft.image or NO_IMAGE, alt=alt)
    return replace(reading, draft=replace(reading.draft, image=image))


def _list_findings(title: str, findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(f"  {title}, line {finding.line}: {finding.code}: {finding.text[:70]}")


def _notice(session: Session, draft: TipDraft, key: str | None) -> Notice:
    key = key or draft.notice
    if key is not None:
        found = notices.find_by_key(session, key)
        if found is None:
            raise Breach("notice-unknown", key=key)
        return found
    numbered = [notice for notice in notices.offered(session) if notice.numbered]
    if draft.number is None or len(numbered) != 1:
        raise Breach("notice-needed", title=draft.title, advice="give --notice KEY")
    return numbered[0]


def _picture(
    session: Session, file: Path, draft: TipDraft, given: Path | None, below: Path | None
) -> Image | None:
    named = draft.image.path if draft.image else ""
    source = given or (_found(file, named, below or file.parent) if named else None)
    if source is None:
        return None
    return media.store(session, ports().settings.data_dir / "media", source.read_bytes(), ports().clock())


def _found(file: Path, named: str, below: Path) -> Path:
    """Return the picture that a file names, from its own place; never one from outside ``below``."""
    path = (file.resolve().parent / named).resolve()
    if not path.is_relative_to(below.resolve()) or not path.is_file():
        raise Breach("image-not-beside-the-file", file=file.name, image=named)
    return path


def _relate(session: Session, tip: Tip, numbers: Sequence[int]) -> None:
    if numbers:
        found = [tips.find_by_number(session, number) for number in numbers]
        tips.relate(session, tip, [other for other in found if other is not None])


def _bare(file: Path) -> Path:
    """Return the path without its language and ending: "coffee.fr.md" → "coffee"."""
    return file.with_name(file.name.split(".")[0])


def _unnumbered(session: Session, draft: TipDraft) -> Tip | None:
    """Return the tip that an unnumbered file was saved as before; its slug is how it is known."""
    if draft.number is not None or draft.slug is None:
        return None
    return tips.find_by_slug(session, "fr" if draft.language == "fr" else "en", draft.slug)
