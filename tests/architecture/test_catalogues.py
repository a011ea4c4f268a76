"""The French catalogue: as complete as the source, with the same placeholders, typeset for Canada."""

from __future__ import annotations

import re

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.architecture.source import PRODUCT, ROOT

FRENCH = PRODUCT / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
MARKS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def extracted() -> Catalog:
    """Return every message that the Python files and both template trees ask for."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    catalog = Catalog()
    found = extract_from_dir(str(ROOT), methods, options, MARKS, directory_filter=_ours)
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return catalog


def french() -> Catalog:
    """Return the catalogue as it is kept."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def messages() -> list[Message]:
    """Return what the catalogue translates, without its own header."""
    return [message for message in french() if message.id]


def test_every_word_is_there_in_french() -> None:  # L20
    """No message lacks its French, and none is left over from words that are gone."""
    kept = {(message.context, message.id): message for message in messages()}
    asked = {(message.context, message.id) for message in extracted() if message.id}
    empty = [key for key in asked if key not in kept or not all(_strings(kept[key]))]
    assert not empty, empty
    assert not kept.keys() - asked, kept.keys() - asked
    assert not [message.id for message in kept.values() if message.fuzzy]


def test_placeholders_are_the_same() -> None:
    """A placeholder lost in French would leave a hole in the sentence, or fail while the page is made."""
    for message in messages():
        singular = message.id if isinstance(message.id, str) else message.id[0]
        for string in _strings(message):
            extra = set(PLACEHOLDER.findall(string)) - set(PLACEHOLDER.findall(str(message.id)))
            missing = set(PLACEHOLDER.findall(singular)) - set(PLACEHOLDER.findall(string))
            assert not extra, (message.id, string)
            assert not missing - {"%(num)d", "%(num)s", "%(count)d"}, (message.id, string)


def test_french_is_typeset_for_canada() -> None:
    """No space before ? ! ;, a no-break one before a colon and inside « », no straight quotes."""
    for message in messages():
        for string in _strings(message):
            words = PLACEHOLDER.sub("x", re.sub(r"<[^>]+>|https?://\S+", "", string))
            assert not re.search(r"\s[?!;]", words), string
            assert not re.search(r"(?<![\u00a0\d]):(?!/)", words), string
            assert not re.search(r"«(?!\u00a0)|(?<!\u00a0)»", words), string
            assert '"' not in words, string


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _ours(folder: str) -> bool:
    return not any(part in folder for part in (".venv", "node_modules", "/tests", "/.git", "/var"))
