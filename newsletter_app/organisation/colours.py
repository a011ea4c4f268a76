"""The organisation's colours: which of them can be read where, decided by contrast (WCAG 2.2, 1.4.3, 1.4.11).

The house's own papers and inks are fixed; an organisation chooses the colour of links, buttons and rules, and
that of the tab behind a tip's number. It refuses what old eyes could not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from newsletter_app.kernel.errors import Breach

Scheme = Literal["light", "dark"]

TEXT: Final = 4.5
BORDER: Final = 3.0
# A colour that is made for the dark scheme is made to be read without effort (1.4.6).
COMFORT: Final = 7.0
PAPERS: Final[dict[Scheme, dict[str, str]]] = {
    "light": {"paper": "#FBF8F1", "card": "#FFFFFF", "sand": "#F1E9D8"},
    "dark": {"paper": "#121816", "card": "#1B2421", "sand": "#27302B"},
}
WHITE, INK, NIGHT = "#FFFFFF", "#17211E", "#0C1512"
MAIN, MAIN_DARK, ACCENT = "#0B4A40", "#8EDBC6", "#FFC53D"
STRONG: Final = 0.3
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours as ``#RRGGBB``, each with the one that is written on it."""

    main: str
    main_strong: str
    on_main: str
    main_dark: str
    main_dark_strong: str
    on_main_dark: str
    accent: str
    on_accent: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours that meet: ``colour`` (by the name of its setting) and what it stands on or under."""

    name: str
    colour: str
    against: str
    other: str
    scheme: Scheme
    needed: float

    @property
    def ratio(self) -> float:
        """The contrast, from 1 to 21."""
        return contrast(self.colour, self.other)


def palette(main: str = "", main_dark: str = "", accent: str = "") -> Palette:
    """Return the whole palette; "" stands for the house's own, or for one made to match ``main``."""
    dark = main_dark or (_lightened(main) if main else MAIN_DARK)
    main, accent = main or MAIN, accent or ACCENT
    strong, dark_strong = _mixed(main, "#000000", STRONG), _mixed(dark, "#FFFFFF", STRONG)
    return Palette(
        main=main,
        main_strong=strong,
        on_main=_label((WHITE, INK), main, strong),
        main_dark=dark,
        main_dark_strong=dark_strong,
        on_main_dark=_label((NIGHT, WHITE), dark, dark_strong),
        accent=accent,
        on_accent=_label((INK, WHITE), accent),
    )


def pairs(colours: Palette) -> Iterator[Pair]:
    """Yield every pair in which one of the organisation's colours is read or seen."""
    schemes: tuple[tuple[Scheme, str, str, str, str], ...] = (
        ("light", "main_colour", colours.main, colours.main_strong, colours.on_main),
        ("dark", "main_colour_dark", colours.main_dark, colours.main_dark_strong, colours.on_main_dark),
    )
    for scheme, name, colour, strong, label in schemes:
        for paper, other in PAPERS[scheme].items():
            yield Pair(name, colour, paper, other, scheme, TEXT)
        # The rule at the head of the page and the frame of a chosen row; it holds where the links do.
        yield Pair(name, colour, "rule", PAPERS[scheme]["card"], scheme, BORDER)
        yield Pair(name, colour, "label", label, scheme, TEXT)
        yield Pair(name, strong, "pressed", label, scheme, TEXT)
    # The tab is the same in both schemes.
    yield Pair("accent_colour", colours.accent, "label", colours.on_accent, "light", TEXT)


def refuse_faint(colours: Palette) -> None:
    """Raise Breach ``contrast-too-low`` for the worst pair that is below what it needs."""
    faint = [pair for pair in pairs(colours) if pair.ratio < pair.needed]
    if faint:
        worst = min(faint, key=lambda pair: pair.ratio / pair.needed)
        raise Breach(
            "contrast-too-low",
            name=worst.name.replace("_", "-"),
            colour=worst.colour,
            against=worst.against,
            other=worst.other,
            scheme=worst.scheme,
            # Never rounded up to what it misses.
            ratio=f"{int(worst.ratio * 100) / 100:.2f}",
            needed=f"{worst.needed:g}",
        )


def colour(text: str) -> str:
    """Return ``#rrggbb`` in capitals, or "" for none. Raises Breach ``colour-unreadable``."""
    text = text.strip()
    if text and not _COLOUR.fullmatch(text):
        raise Breach("colour-unreadable", colour=text)
    return text.upper()


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(text: str) -> float:
    """Return the relative luminance of sRGB, from 0 to 1."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(text))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _label(labels: tuple[str, str], *grounds: str) -> str:
    """Return which of the house's white and ink is read better on the worst of ``grounds``."""
    return max(labels, key=lambda label: min(contrast(label, ground) for ground in grounds))


def _lightened(text: str) -> str:
    """Return ``text`` with as little white as makes it easy to read on every dark paper."""
    made = (_mixed(text, "#FFFFFF", share / 20) for share in range(21))
    papers = PAPERS["dark"].values()
    return next(colour for colour in made if min(contrast(colour, paper) for paper in papers) >= COMFORT)


def _mixed(text: str, other: str, share: float) -> str:
    both = zip(_parts(text), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02X}" for one, two in both)


def _parts(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
