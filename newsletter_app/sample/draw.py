"""Draws the sample's pictures: flat shapes in the colours of the pages; draws no text.

Run it with ``python -m newsletter_app.sample.draw [FOLDER]``; it writes one PNG of 1200 × 750 for each tip.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from newsletter_app.sample.drawing.people import balance, feet, talk, walking
from newsletter_app.sample.drawing.sheet import Sheet
from newsletter_app.sample.drawing.things import bath, glass, pills, shoes, sleep, smoke

PICTURES: tuple[Callable[[Sheet], None], ...] = (
    feet,
    shoes,
    bath,
    balance,
    walking,
    pills,
    glass,
    smoke,
    sleep,
    talk,
)


def draw_all(folder: Path) -> list[Path]:
    """Draws every picture into the folder and returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for draw in PICTURES:
        sheet = Sheet()
        draw(sheet)
        written.append(folder / f"{draw.__name__}.png")
        sheet.save(written[-1])
    return written


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images")
