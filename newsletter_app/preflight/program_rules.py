"""What named mail programs do not know of a mail's HTML and styles, by the table of caniemail.com (M55)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from newsletter_app.preflight.findings import BLOCKS, Finding
from newsletter_app.preflight.mail_parts import MailParts
from newsletter_app.preflight.mail_rules import FORBIDDEN

TABLE: Final = Path(__file__).with_name("mail_programs.json")  # Written by scripts/mail-programs.

# Without these a mail says the same and can be read: corners are square, dark stays light, a long address
# sticks out, a link is underlined anyway, and the line for the list of mails is hidden by its height of 0.
ENHANCEMENTS: Final = frozenset(
    {"<body>", "<style>", "@media", "border-radius", "display:none", "overflow", "overflow-wrap"}
    | {"text-decoration", "word-break"}
)
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE: Final = re.compile(r"@[a-z-]+", re.IGNORECASE)
_BLOCK: Final = re.compile(r"\{([^{}]*)\}")
_DECLARATION: Final = re.compile(r"(?:^|;)\s*([a-z-]+)\s*:\s*([^;]*)", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"([a-z-]+)\(", re.IGNORECASE)


def program_findings(parts: MailParts, where: str = "") -> list[Finding]:
    """Return each element, style and rule of a mail that one of the named programs does not know."""
    lacks = lacking()
    told = [name for name in dict.fromkeys(names_in(parts)) if name in lacks and name not in ENHANCEMENTS]
    return [Finding("program-lacks", BLOCKS, where, f"{name} ({', '.join(lacks[name])})") for name in told]


@cache
def lacking() -> Mapping[str, tuple[str, ...]]:
    """Return name → programs that lack it; names are <video>, border-radius, display:grid, @font-face."""
    table = json.loads(TABLE.read_text("utf-8"))
    return {name: tuple(programs) for name, programs in table["lacks"].items()}


def names_in(parts: MailParts) -> Iterator[str]:
    """Yield the name, as the table has it, of each element, property, value, function and at-rule."""
    yield from (f"<{tag}>" for tag in sorted(parts.tags - FORBIDDEN))
    styles = _COMMENT.sub("", parts.styles)
    yield from (rule.lower() for rule in _AT_RULE.findall(styles))
    for block in [*_BLOCK.findall(styles), *parts.inline_styles]:
        for name, value in _DECLARATION.findall(block):
            yield name.lower()
            yield f"{name}:{value.strip().removesuffix('!important').strip()}".lower()
            yield from (f"{function.lower()}()" for function in _FUNCTION.findall(value))
