"""What ``flask tips import`` tells of a file: recognised, left out, odd, saved, still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import click

from newsletter_app import tips
from newsletter_app.cli import findings
from newsletter_app.cli.importing import SavedFile
from newsletter_app.cli.lacks import NAMES, lack
from newsletter_app.cli.pictures import Pictures
from newsletter_app.cli.read_files import Gathered, ReadFile
from newsletter_app.kernel.languages import Language, as_language
from newsletter_app.tips import ImageDraft, TipDraft

FEW: Final = 8


def report_all(gathered: Gathered, pictures: Pictures, *, brief: bool) -> None:
    """Print a report on each document, or a line on each where ``brief``, and what was passed over."""
    for file in gathered.read:
        if brief:
            _report_briefly(file, lacking=pictures.lack(file))
        else:
            report(file, picture_given=pictures.is_given, lacking=pictures.lack(file))
    for line in [*gathered.refused, *gathered.passed_over]:
        click.echo(line)


def _report_briefly(file: ReadFile, *, lacking: str) -> None:
    draft, odd = file.draft, len(file.reading.not_understood) + bool(lacking)
    number = f"tip {draft.number}" if draft.number else "no number"
    look = f" ({odd} to look at)" if odd else ""
    click.echo(f"{file.label}: {number}, in {NAMES[draft.language]}: {draft.title}{look}")


def report(file: ReadFile, *, picture_given: bool, lacking: str = "") -> None:
    """Print what was recognised, what was left out, and what was not understood; ``lacking`` is what its
    picture lacks.
    """
    draft = file.draft
    number = f"tip {draft.number}" if draft.number else "a tip without a number"
    click.echo(f"{file.label}: {number}, in {NAMES[draft.language]}: {draft.title}")
    click.echo(f"  Lead: {_beginning(draft.lead)}.")
    click.echo(f"  Sections: {_sections(draft.body)}.")
    click.echo(f"  Disclaimer: {_beginning(draft.disclaimer)}.")
    click.echo(f"  Picture: {_picture(draft.image)}.")
    if draft.image and not draft.image.path and not picture_given:
        click.echo("    The picture itself is not in the text; give its file by --image.")
    if lacking:
        click.echo(f"    Lacking: {lacking}")
    for line in _references(draft):
        click.echo(f"  {line}")
    _list("Left out of the page:", lines_left_out(file))
    _list("Please look:", lines_to_look_at(file))
    if not file.reading.not_understood:
        click.echo("  Every other line was understood.")


def lines_left_out(file: ReadFile) -> list[str]:
    """Return a line for each finding that was left out."""
    return [findings.left_out(finding, file.document.unit) for finding in file.reading.left_out]


def lines_to_look_at(file: ReadFile) -> list[str]:
    """Return a line for each finding that nobody understood."""
    return [findings.not_understood(finding, file.document.unit) for finding in file.reading.not_understood]


def report_saved(file: SavedFile) -> None:
    """Print what was saved, where it shows, and what it still lacks to be published."""
    tip, side = file.saved.tip, file.saved.side
    state = "new" if file.saved.side_is_new else f"revision {side.revision}"
    click.echo(f"Saved tip {name_of(file)} in {NAMES[side.language]} ({state}).")
    if tip.state == "published" and tip.withdrawn_at is None:
        click.echo(f"  It is on the web, so this shows at once: {tips.path(tip, side)}")
    for number in file.unrelated:
        click.echo(f"  Related tip {number} is not here yet; import it, then this file once more.")
    if file.saved.disclaimer == "replaced":
        click.echo("  The file's disclaimer was left out: the one of its notice stands under all its tips.")
        click.echo(f"    It is: {_beginning(side.disclaimer)}. See flask notices disclaimer --help.")
    elif file.saved.disclaimer == "locked":
        click.echo("  Its disclaimer is the one of its notice.")
    if file.lacking:
        click.echo(f"  Saved without its picture: {file.lacking}")
    _list("Before it can be published:", [lack(code) for code in file.missing])


def name_of(file: SavedFile) -> str:
    """Return what `flask tips publish` calls the tip: its number, else its address."""
    return str(file.saved.tip.number or file.saved.side.slug)


def as_rows(read: Sequence[ReadFile], saved: Sequence[SavedFile]) -> list[dict[str, Any]]:
    """Return the same as JSON can hold it; ``saved`` is empty in a dry run."""
    rows: list[dict[str, Any]] = [
        {"file": file.label, **asdict(file.reading), "saved": None} for file in read
    ]
    for row, file in zip(rows, saved, strict=False):
        side = file.saved.side
        row["saved"] = {
            "tip": name_of(file),
            "language": side.language,
            "revision": side.revision,
            "disclaimer": file.saved.disclaimer,
            "missing_to_publish": list(file.missing),
            "related_not_here": list(file.unrelated),
            "picture_lacking": file.lacking,
        }
    return rows


def sides_of(tip: tips.Tip) -> list[dict[str, Any]]:
    """Return the sides of a tip as rows, English first."""
    languages: list[Language] = sorted(as_language(side.language) for side in tip.sides)
    sides = [side for language in languages if (side := tip.side(language))]
    return [
        {
            "language": side.language,
            "title": side.title,
            "path": tips.path(tip, side),
            "revision": side.revision,
        }
        for side in sides
    ]


def _beginning(text: str) -> str:
    words = text.split()
    if not words:
        return "none"
    count = "1 word" if len(words) == 1 else f"{len(words)} words"
    return f"{count}, “{' '.join(words[:FEW])}{'…' if len(words) > FEW else ''}”"


def _sections(body: str) -> str:
    headed = [f"“{heading.text}”" for heading in tips.headings(body)]
    untitled = ["one without a title"] if body.strip() and not body.lstrip().startswith("## ") else []
    return ", ".join([*untitled, *headed]) or "none"


def _picture(image: ImageDraft | None) -> str:
    if image is None:
        return "none"
    alt = "decorative" if image.decorative else f"“{image.alt}”" if image.alt else "no words for it"
    parts = [image.path, alt]
    parts += [f"creator {image.creator}"] if image.creator else []
    parts += [f"source {image.source}"] if image.source else []
    parts += [f"licence {image.licence}"] if image.licence else []
    parts += [f"rights until {image.rights_until}"] if image.rights_until else []
    return ", ".join(part for part in parts if part)


def _references(draft: TipDraft) -> list[str]:
    if not draft.references:
        return ["References: none."]
    text = f"{draft.lead}\n{draft.body}\n{draft.disclaimer}"
    lines = [f"References: {len(draft.references)}."]
    for number, reference in enumerate(draft.references, 1):
        cited = text.count(f"[^{number}]")
        times = {0: "not cited", 1: "cited once"}.get(cited, f"cited {cited} times")
        lines.append(f"  [{number}] {times}: {reference.text}")
    return lines


def _list(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(f"  {title}")
        for line in lines:
            click.echo(f"    {line}")
