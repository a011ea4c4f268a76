"""What somebody who types ``flask tips import`` asks for, as one value; refuses what contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from newsletter_app.cli import read_files, reviewing
from newsletter_app.cli.read_files import Gathered
from newsletter_app.kernel.languages import Language


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of the command, by their names."""

    language: str | None
    image: Path | None
    alt: str | None
    images: Path | None
    fetch_images: bool
    drafts: bool
    on_the_web: bool
    review: Path | None
    from_review: Path | None
    dry_run: bool

    @property
    def is_review(self) -> bool:
        """Whether a review tells it all, so that the terminal need not."""
        return self.review is not None or self.from_review is not None

    def check(self, files: Sequence[Path]) -> None:
        """Raise UsageError where two wishes contradict each other."""
        if self.from_review is not None:
            if files or self.review or self.language or self.alt or self.image or self.drafts:
                raise click.UsageError(
                    "--from-review saves what the review says: change it there, and give no files, --review,"
                    " --language, --image, --alt or --drafts."
                )
        elif not files:
            raise click.UsageError("Give the files to import, or a review by --from-review.")
        if self.review is not None and self.on_the_web:
            raise click.UsageError("--review saves nothing; give --on-the-web with --from-review.")
        if len(set(files)) > 1 and (self.image or self.alt):
            raise click.UsageError(
                "--image and --alt go with one file; Markdown names its own in the front matter."
            )

    def gather(self, files: Sequence[Path], default_language: Language) -> Gathered:
        """Return the documents of the files, or those of the review. Raises ClickException."""
        if self.from_review is not None:
            return Gathered(reviewing.read(self.from_review), [], [])
        gathered = read_files.gather(
            files,
            language=self.language,
            default_language=default_language,
            alt=self.alt,
            drafts=self.drafts,
        )
        if len(gathered.read) > 1 and (self.image or self.alt):
            raise click.UsageError("--image and --alt go with one tip, and this file holds several.")
        return gathered
