"""The parts of a tip that are written each by itself, as values: a side, or what both sides share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Final, Literal

from newsletter_app.kernel.errors import Breach
from newsletter_app.tips.models import Tip, TipSide
from newsletter_app.tips.reading import IMAGE_LENGTHS, TIP_LENGTHS, without_controls

Part = Literal["en", "fr", "about"]
ABOUT: Final = "about"
# Far above what anybody reads in a mail, and far below what would make a form slow.
LENGTHS: Final[Mapping[str, int]] = {
    **{"title": TIP_LENGTHS["title"], "lead": 4_000, "body": 60_000, "disclaimer": 4_000},
    **{"alt": IMAGE_LENGTHS["alt"]},
    **{f"image_{name}": IMAGE_LENGTHS[name] for name in ("creator", "source", "source_url", "licence")},
}
_WEB: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class SideText:
    """What is written of a side; ``lead``, ``body`` and ``disclaimer`` are Markdown with ``[^n]`` marks."""

    title: str = ""
    lead: str = ""
    body: str = ""
    disclaimer: str = ""
    alt: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing of the text itself is written."""
        return not any(text.strip() for text in (self.title, self.lead, self.body))


@dataclass(frozen=True, slots=True)
class AboutTip:
    """What both sides share: the picture with its credit, and the ids of the references in their order.

    ``image_rights_until`` is an ISO day, or "" where nothing ends the rights.
    """

    image_id: int | None = None
    image_decorative: bool = False
    image_creator: str = ""
    image_source: str = ""
    image_source_url: str = ""
    image_licence: str = ""
    image_rights_until: str = ""
    references: tuple[int, ...] = ()


Content = SideText | AboutTip


def as_facts(content: Content) -> dict[str, Any]:
    """Return what is kept of a part."""
    facts = asdict(content)
    return facts | {"references": list(facts["references"])} if "references" in facts else facts


def of_facts(part: Part, facts: Mapping[str, Any]) -> Content:
    """Return what ``as_facts`` was made of; a fact that an older product did not know is empty."""
    kind: type[SideText] | type[AboutTip] = AboutTip if part == ABOUT else SideText
    known = {field.name: facts[field.name] for field in fields(kind) if field.name in facts}
    if "references" in known:
        known["references"] = tuple(known["references"])
    return kind(**known)


def text_of(side: TipSide | None) -> SideText:
    """Return what stands on a side; nothing where there is none."""
    if side is None:
        return SideText()
    return SideText(side.title, side.lead, side.body, side.disclaimer, side.alt)


def about(tip: Tip) -> AboutTip:
    """Return what the sides of ``tip`` share, as it stands on the tip."""
    until = tip.image_rights_until
    return AboutTip(
        image_id=tip.image_id,
        image_decorative=tip.image_decorative,
        image_creator=tip.image_creator,
        image_source=tip.image_source,
        image_source_url=tip.image_source_url,
        image_licence=tip.image_licence,
        image_rights_until=until.isoformat() if until else "",
        references=tuple(citation.reference_id for citation in tip.citations),
    )


def tidied(content: Content) -> Content:
    """Return what can be kept: line ends as "\\n", no control characters, nothing around one-line texts.

    Raises Breach ``text-too-long`` with the ``field`` and its ``limit``, ``web-address-unreadable`` and
    ``day-unreadable`` with the ``field``.
    """
    texts = {field.name: getattr(content, field.name) for field in fields(content)}
    kept = {name: _tidy(name, text) for name, text in texts.items() if isinstance(text, str)}
    for name, text in kept.items():
        if len(text) > LENGTHS.get(name, len(text)):
            raise Breach("text-too-long", field=name, limit=LENGTHS[name])
    # It becomes a link on the page and in the mail; "javascript:" would be one that runs (S13).
    if kept.get("image_source_url") and not kept["image_source_url"].startswith(_WEB):
        raise Breach("web-address-unreadable", field="image_source_url", address=kept["image_source_url"])
    if kept.get("image_rights_until"):
        kept["image_rights_until"] = _day(kept["image_rights_until"])
    changes: dict[str, Any] = dict(kept)
    return replace(content, **changes)


def _tidy(name: str, text: str) -> str:
    plain = without_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain if name in ("lead", "body", "disclaimer") else " ".join(plain.split(" ")).strip()


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as fault:
        raise Breach("day-unreadable", field="image_rights_until", day=text) from fault
