"""What ``flask tips import`` saves: all documents that were read, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import click
from sqlalchemy.orm import Session

from newsletter_app import notices, tips
from newsletter_app.cli.illustrating import Illustrated
from newsletter_app.cli.kept_pictures import KeptPictures
from newsletter_app.cli.progress import progress
from newsletter_app.cli.read_files import ReadFile, naming
from newsletter_app.kernel.languages import LANGUAGES, as_language
from newsletter_app.media import Image
from newsletter_app.notices import Notice
from newsletter_app.tips import Saved, Tip, TipDraft
from newsletter_app.web.ports import ports


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A document, its notice, what was saved, what its picture lacks ("" when nothing), the numbers of
    related tips that are not here yet, and codes of what keeps the tip off the web.
    """

    file: ReadFile
    notice: Notice
    saved: Saved
    lacking: str
    unrelated: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()


def check_notices(session: Session, read: Sequence[ReadFile], notice: str | None = None) -> None:
    """Look whether each document has its notice, before anybody waits for pictures. Raises ClickException."""
    for file in read:
        with naming(file):
            _notice(session, file.draft, notice)


def save_all(
    session: Session, read: Sequence[Illustrated], kept: KeptPictures, notice: str | None = None
) -> list[SavedFile]:
    """Save every draft with its picture, then the relations, which may name a tip of a later file.

    Raises ClickException that names the file; the caller's transaction is undone then.
    """
    images = kept.record(session)
    sides = Counter(one.file.of_tip for one in read)
    by_tip: dict[int | str, Tip] = {}
    done: list[SavedFile] = []
    with progress(read, "Saving") as counted:
        for one in counted:
            of_tip, image = one.file.of_tip, images[one.picture.sha256] if one.picture else None
            both = sides[of_tip] == len(LANGUAGES)
            with naming(one.file):
                saved = _save(session, one, by_tip.get(of_tip), image, notice, both=both)
            by_tip[of_tip] = saved.saved.tip
            done.append(saved)
    return [_completed(session, one) for one in done]


def _save(
    session: Session,
    one: Illustrated,
    tip: Tip | None,
    image: Image | None,
    notice: str | None,
    *,
    both: bool,
) -> SavedFile:
    draft = one.file.draft
    into = _notice(session, draft, notice)
    tip = tip or _standing(session, draft, into)
    saved = tips.save_draft(
        session, draft, notice=into, image=image, into=tip, now=ports().clock(), all_sides=both
    )
    return SavedFile(one.file, into, saved, one.lacking)


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
    tip = tips.find_by_title(session, language, draft.title, notice_id=notice.id)
    side = tip.side(language) if tip else None
    if tip and side and tip.published_at is not None:
        raise click.ClickException(
            f"“{draft.title}” is on the web already, at {tips.path(tip, side)}. To change it,"
            f" put “slug: {side.slug}” into the front matter; for another tip put another slug."
        )
    return tip


def _completed(session: Session, one: SavedFile) -> SavedFile:
    """Relate the tip, and ask what it lacks now that both of its sides are here."""
    missing = tips.missing_to_publish(one.saved.tip, one.notice)
    return replace(one, unrelated=_relate(session, one), missing=missing)


def _relate(session: Session, one: SavedFile) -> tuple[int, ...]:
    """Put the related tips under the tip; return the numbers of those that are not here yet."""
    numbers: Sequence[int] = one.file.draft.related
    if not numbers:
        return ()
    found = {number: tips.find_by_number(session, number) for number in numbers}
    tips.relate(session, one.saved.tip, [other for other in found.values() if other is not None])
    return tuple(number for number, other in found.items() if other is None)
