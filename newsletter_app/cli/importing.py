"""What ``flask tips import`` does with files: read them all, then save all of them or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
from sqlalchemy.orm import Session

from newsletter_app import notices, tips
from newsletter_app.cli import findings
from newsletter_app.cli.lacks import NAMES
from newsletter_app.cli.pictures import Pictures
from newsletter_app.cli.refusals import sentence
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language, as_language
from newsletter_app.notices import Notice
from newsletter_app.tips import ImageDraft, Reading, Saved, Tip, TipDraft, Unreadable
from newsletter_app.web.ports import ports

NO_IMAGE: Final = ImageDraft(
    path="", alt="", decorative=False, creator="", source="", source_url="", licence=""
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_SIDE = re.compile(rf"[._-](?:{'|'.join(LANGUAGES)})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what reading it gave."""

    path: Path
    reading: Reading

    @property
    def draft(self) -> TipDraft:
        """The draft that was read."""
        return self.reading.draft

    @property
    def of_tip(self) -> int | Path:
        """What the two sides of one tip have in common: its number, or "coffee" of "coffee.fr.md"."""
        bare = self.path.with_name(_SIDE.sub("", self.path.stem))
        return self.draft.number or bare


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file, its notice, what was saved, and the numbers of related tips that are not here yet."""

    path: Path
    notice: Notice
    saved: Saved
    unrelated: tuple[int, ...]


def read_all(
    files: Sequence[Path], *, language: str | None = None, default_language: Language, alt: str | None = None
) -> list[ReadFile]:
    """Return what all files hold. Raises ClickException that names every fault of every file by its line."""
    read: list[ReadFile] = []
    faults: list[str] = []
    for file in dict.fromkeys(files):
        content = file.read_bytes()
        try:
            reading = tips.read_file(file.name, content, default_language, language=language)
            read.append(ReadFile(file, _with_alt(reading, alt)))
        except Unreadable as unreadable:
            lines = _LINE_END.split(content.decode("utf-8", errors="replace"))
            faults += [
                f"{file}, {findings.refused(fault, lines[fault.line - 1])}" for fault in unreadable.faults
            ]
    faults = faults or _same_side_twice(read) or _references_differ(read)
    if faults:
        raise click.ClickException("\n".join([*faults, "Nothing was imported."]))
    return read


def save_all(
    session: Session, read: Sequence[ReadFile], *, pictures: Pictures, notice: str | None = None
) -> list[SavedFile]:
    """Save every draft with its picture, then the relations, which may name a tip of a later file.

    Raises ClickException that names the file; the caller's transaction is undone then.
    """
    sides = Counter(file.of_tip for file in read)
    by_tip: dict[int | Path, Tip] = {}
    done: list[tuple[ReadFile, Notice, Saved]] = []
    for file in read:
        try:
            into = _notice(session, file.draft, notice)
            tip = by_tip.get(file.of_tip) or _standing(session, file.draft, into)
            saved = tips.save_draft(
                session,
                file.draft,
                notice=into,
                image=pictures.store(session, file.path, file.draft.image.path if file.draft.image else ""),
                into=tip,
                now=ports().clock(),
                all_sides=sides[file.of_tip] == len(LANGUAGES),
            )
        except Breach as breach:
            raise click.ClickException(f"{file.path}: {sentence(breach)} Nothing was imported.") from breach
        except click.ClickException as refusal:
            raise click.ClickException(f"{file.path}: {refusal.message} Nothing was imported.") from refusal
        by_tip[file.of_tip] = saved.tip
        done.append((file, into, saved))
    return [
        SavedFile(file.path, into, saved, _relate(session, saved.tip, file.draft.related))
        for file, into, saved in done
    ]


def _with_alt(reading: Reading, alt: str | None) -> Reading:
    if alt is None:
        return reading
    image = replace(reading.draft.image or NO_IMAGE, alt=alt)
    odd = tuple(finding for finding in reading.not_understood if finding.code != "image-without-alt")
    return replace(reading, draft=replace(reading.draft, image=image), not_understood=odd)


def _same_side_twice(read: Sequence[ReadFile]) -> list[str]:
    """The later file would overwrite the earlier one, and nobody would be told."""
    first: dict[tuple[int | Path, str], Path] = {}
    faults = []
    for file in read:
        standing = first.setdefault((file.of_tip, file.draft.language), file.path)
        if standing != file.path:
            named = f"the {NAMES[file.draft.language]} side of tip {file.draft.number or file.draft.title}"
            faults.append(f"{file.path}: this is {named}, and so is {standing}. Import one of them.")
    return faults


def _references_differ(read: Sequence[ReadFile]) -> list[str]:
    """Both sides share one list, so a mark [2] must mean the same source in either."""
    first: dict[int | Path, ReadFile] = {}
    faults = []
    for file in read:
        other = first.setdefault(file.of_tip, file)
        here, there = len(file.draft.references), len(other.draft.references)
        if here != there:
            faults.append(
                f"{file.path}: {here} references, but {other.path} has {there}. Make them the same."
            )
    return faults


def _notice(session: Session, draft: TipDraft, key: str | None) -> Notice:
    key = key or draft.notice
    offered = notices.offered(session)
    keys = ", ".join(notice.key for notice in offered) or "none yet; see flask notices add --help"
    if key is not None:
        found = notices.find_by_key(session, key)
        if found is None:
            raise click.ClickException(f"there is no notice {key}. There are: {keys}.")
        return found
    numbered = [notice for notice in offered if notice.numbered]
    if draft.number is None or len(numbered) != 1:
        raise click.ClickException(f"give its notice by --notice. There are: {keys}.")
    return numbered[0]


def _standing(session: Session, draft: TipDraft, notice: Notice) -> Tip | None:
    """Return the unnumbered tip that the file was saved as before: by its address, else by its title.

    A title may come again ("Coffee meeting"), so one that is on the web already is not overwritten by it.
    """
    language = as_language(draft.language)
    if draft.number is not None:
        return None
    if draft.slug is not None:
        return tips.find_by_slug(session, language, draft.slug)
    for tip in tips.all_tips(session):
        side = tip.side(language) if tip.number is None and tip.notice_id == notice.id else None
        if side is not None and side.title == draft.title:
            if tip.published_at is not None:
                raise click.ClickException(
                    f"“{draft.title}” is on the web already, at {tips.path(tip, side)}. To change it,"
                    f" put “slug: {side.slug}” into the front matter; for another tip put another slug."
                )
            return tip
    return None


def _relate(session: Session, tip: Tip, numbers: Sequence[int]) -> tuple[int, ...]:
    if not numbers:
        return ()
    found = {number: tips.find_by_number(session, number) for number in numbers}
    tips.relate(session, tip, [other for other in found.values() if other is not None])
    return tuple(number for number, other in found.items() if other is None)
