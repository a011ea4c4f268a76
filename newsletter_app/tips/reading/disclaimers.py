"""Knows the headings under which a tip sends its reader to the doctor, in both languages; knows no other
words.
"""

import re

_HEADING = re.compile(
    r"(?:please )?(?:consult|talk (?:to|with)|speak (?:to|with)|see|ask|check with) your (?:family )?doctor"
    r"|parlez-en (?:à|avec) votre médecin|consultez (?:votre|un) médecin|parlez à votre médecin",
    re.IGNORECASE,
)


def is_disclaimer_heading(text: str) -> bool:
    """Whether a heading opens the disclaimer: "Consult your doctor", « Parlez-en à votre médecin »."""
    return len(text) <= 60 and _HEADING.fullmatch(text.rstrip(" .!:")) is not None
