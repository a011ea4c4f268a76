"""A sheet to draw flat, smooth shapes on, in the colours of the pages; it writes no text."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 750
# Everything is drawn four times as large and made smaller once: that smooths the edges.
SCALE = 4

PAPER, CARD, SAND = "#FBF8F1", "#FFFFFF", "#F1E9D8"
INK, SOFT, EDGE = "#17211E", "#3B4843", "#66736D"
PINE, PINE_STRONG, MINT = "#0B4A40", "#06332C", "#8EDBC6"
PALE_MINT, GOLD, BRICK = "#CFEDE3", "#FFC53D", "#8F1D14"
SKIN, SKIN_SHADE = "#D9A47C", "#BF8760"
WOOD, WOOD_SHADE = "#B98A55", "#94693B"

Point = tuple[float, float]


class Sheet:
    """A picture in the making; all measures are pixels of the finished picture."""

    def __init__(self, ground: str = SAND, floor: str = PAPER, horizon: float = 560) -> None:
        self._image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
        self._pen = ImageDraw.Draw(self._image)
        if horizon < HEIGHT:
            self.box(0, horizon, WIDTH, HEIGHT, floor)

    def box(self, left: float, top: float, right: float, bottom: float, fill: str, radius: float = 0) -> None:
        """A rectangle, with round corners if asked."""
        self._pen.rounded_rectangle(_scaled(left, top, right, bottom), radius * SCALE, fill=fill)

    def oval(self, x: float, y: float, across: float, down: float, fill: str) -> None:
        """An ellipse about a centre, by its half-widths."""
        self._pen.ellipse(_scaled(x - across, y - down, x + across, y + down), fill=fill)

    def shape(self, points: Sequence[Point], fill: str) -> None:
        """A filled polygon."""
        self._pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def blob(self, points: Sequence[Point], fill: str) -> None:
        """A closed smooth curve through the points (Catmull-Rom)."""
        self.shape(smooth([*points, *points[:3]]), fill)

    def line(self, points: Sequence[Point], width: float, fill: str) -> None:
        """A thick line with round ends and joints."""
        for x, y in points:
            self.oval(x, y, width / 2, width / 2, fill)
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        self._pen.line(flat, fill=fill, width=round(width * SCALE), joint="curve")

    def curve(self, points: Sequence[Point], width: float, fill: str) -> None:
        """A thick smooth line through the points."""
        first, last = points[0], points[-1]
        self.line(smooth([first, *points, last]), width, fill)

    def save(self, path: Path) -> None:
        """Writes the picture at its real size, with a palette of 256 colours so that it stays small."""
        small = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def _scaled(*numbers: float) -> list[float]:
    return [number * SCALE for number in numbers]


def smooth(points: Sequence[Point], steps: int = 24) -> list[Point]:
    found: list[Point] = []
    for before, start, end, after in zip(points, points[1:], points[2:], points[3:], strict=False):
        for step in range(steps + 1):
            t = step / steps
            found.append(
                (
                    _between(before[0], start[0], end[0], after[0], t),
                    _between(before[1], start[1], end[1], after[1], t),
                )
            )
    return found


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
