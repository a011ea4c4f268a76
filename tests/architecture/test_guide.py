"""The guide's pictures: each is there, light and told in words, and none is left over."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT
from tests.journeys.screenshots import GUIDE, PICTURES

HEAVIEST = 100_000
PICTURE = re.compile(r"!\[([^\]]*)\]\(guide/([\w-]+\.png)\)")


def test_every_picture_is_shown_told_and_light() -> None:
    told = {file: words for words, file in PICTURE.findall((ROOT / "docs" / "guide.md").read_text())}
    made = {path.name: path.stat().st_size for path in GUIDE.iterdir()}
    assert told.keys() == made.keys()
    assert all(len(words) > 20 for words in told.values())
    assert [name for name, octets in made.items() if octets > HEAVIEST] == []
    painted = {f"{file}.png" for files in PICTURES.values() for file in files}
    assert made.keys() == painted | {"thursday-reader.png"}
