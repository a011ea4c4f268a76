"""Any file at all: read or refused, never a crash, no line lost, and no time wasted on a hostile one."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter_app.tips.reading import Reading, Unreadable, read_file
from newsletter_app.tips.reading.lines import tidy
from tests.tips.reading.pages import ENGLISH, FRENCH, MARKDOWN

# Words that a recognised line loses because the draft says the same by the field they stand in.
_LABEL_WORDS = (
    "tip conseil health image photo source crédit credit de l from by on sur par references "
    "référence références sources consult talk ask to your doctor parlez en à votre médecin"
)
LABELS = frozenset(_LABEL_WORDS.split())
LINES = sorted(
    {line for line in (ENGLISH + FRENCH + MARKDOWN).split("\n") if line}
    | {
        "1. Doe J. 2001.",
        "2. Roe R. 2002",
        "- one",
        "• two",
        "References",
        "It helps (1) and (2)",
        "Photo by X on Y",
    }
    | {"#7 Warm Up Slowly", "#3 Related", "Facebook", "Ask your doctor", "* * *", "Words (1, 2)."}
)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", tidy(text).lower())


def said(reading: Reading) -> set[str]:
    """Every word of the draft, by whatever field."""
    draft = reading.draft
    image = draft.image
    texts = [str(draft.number), draft.title, draft.lead, draft.body, draft.disclaimer]
    texts += [reference.text for reference in draft.references]
    texts += [image.alt, image.creator, image.source, image.source_url, image.licence] if image else []
    texts += [str(number) for number in (*draft.related, *range(1, len(draft.references) + 1))]
    return {word for text in texts for word in words(text)}


def read_or_refuse(name: str, content: bytes) -> Reading | None:
    try:
        return read_file(name, content, "en")
    except Unreadable as refusal:
        refused = refusal.faults
    assert refused
    assert all(fault.line >= 1 and fault.code for fault in refused)
    return None


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.fr.md"]))
def test_any_bytes(content: bytes, name: str):
    read_or_refuse(name, content)


@given(st.text(max_size=400), st.sampled_from(["a.txt", "a.md"]))
def test_any_text(text: str, name: str):
    read_or_refuse(name, text.encode("utf-8", "surrogatepass"))


@given(st.text(alphabet="-: \n#[]{}&*!|>'\"%@`,?~0a1\t", max_size=200))
def test_any_front_matter(text: str):
    read_or_refuse("a.md", f"---\n{text}\n---\n# title\n".encode())


@settings(max_examples=400)
@given(st.lists(st.sampled_from(LINES) | st.sampled_from(["", "", ""]), max_size=25))
def test_every_line_of_a_page_is_accounted_for(lines: list[str]):
    reading = read_or_refuse("page.txt", "\n".join(lines).encode())
    if reading is None or lines[:1] == ["---"]:
        return
    reported = {finding.line for finding in (*reading.left_out, *reading.not_understood)}
    known = said(reading) | LABELS
    lost = [line for at, line in enumerate(lines, 1) if at not in reported and not set(words(line)) <= known]
    assert lost == []


HOSTILE = [
    *("(", "#", "# ", "[^", "[", "(1) ", "1. ", "1. a\n", "1. 2001\n\n", "- ", "www.", "10.1000/", "a.", "“"),
    *("\u00a0", " \u00a0", "Image: ", "Image: a\n", "Tip 1: a\n\n", "PO Box 1 ", "a b\n\n", "References\n\n"),
    *("---\n", "title: a\n", "*a", "&", "<", "Share this article\n", "2001;1:", "« ", "é", "\n", "\r"),
    *("[^1]: a\n", "## Consult your doctor\n\n", "A\n\nB.\n\n"),
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_hostile_file_is_read_in_linear_time(piece: str, name: str):
    """Quadratic reading would take many times the bound, which a busy machine still meets."""
    text = ("Tip 1: a\n\n" + piece * (60_000 // len(piece.encode()))).encode()
    started = time.process_time()
    read_or_refuse(name, text)
    assert time.process_time() - started < 2.5


@pytest.mark.parametrize("piece", ["(", "Tip 1: a\n\n", "["])
def test_a_hostile_megabyte(piece: str):
    text = ("Tip 1: a\n\n" + piece * (990_000 // len(piece))).encode()
    started = time.process_time()
    read_or_refuse("a.txt", text)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "piece", ["[", "{", "- ", "? ", "a: ", "!!a ", "'", "&a ", "  a:\n", "- a\n", "|\n", "[a]: b\n"]
)
def test_hostile_front_matter(piece: str):
    text = f"---\n{piece * (20_000 // len(piece))}\n---\n# title\n".encode()
    started = time.process_time()
    read_or_refuse("a.md", text)
    assert time.process_time() - started < 20
