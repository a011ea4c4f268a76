"""Bytes to lines: what is no text is refused with its line; what Windows wrote is read and reported."""

import pytest

from newsletter_app.tips.reading import Finding, ImportFault, Unreadable, read_file
from newsletter_app.tips.reading.lines import MAX_BYTES, tidy

PAGE = "Tip 5: Assieds-toi\r\n\r\nUne idée.\r\n"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"Tip 5: A\n\n\x00\n", ImportFault(3, "binary")),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ImportFault(3, "binary")),
        (b"Tip 5: A\r\rB\x1b[0m", ImportFault(3, "control-character")),
        (b"Tip 5: A\r\n\r\nB\x81\r\n", ImportFault(3, "not-text")),
        (b"a" * (MAX_BYTES + 1), ImportFault(1, "too-long")),
    ],
)
def test_refused(content: bytes, fault: ImportFault):
    with pytest.raises(Unreadable) as caught:
        read_file("page.txt", content, "en")
    assert caught.value.faults == (fault,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_a_mark(encoding: str):
    reading = read_file("page.txt", PAGE.encode(encoding), "fr")
    assert (reading.draft.title, reading.draft.lead) == ("Assieds-toi", "Une idée.")
    assert reading.not_understood == ()


def test_windows_1252_is_read_and_reported():
    reading = read_file("page.txt", PAGE.encode("cp1252"), "fr")
    assert reading.draft.lead == "Une idée."
    assert reading.not_understood == (Finding(3, "read-as-windows-1252", ""),)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a.\u00a0 However", "a. However"),
        ("from\u00a0Pexels", "from Pexels"),
        ("ceci\u00a0: cela", "ceci\u00a0: cela"),
        ("«\u202fmot\u202f»", "«\u00a0mot\u00a0»"),
        ("60\u00a0°C", "60\u00a0°C"),
        ("  zero\u200bwidth\ufeff soft\u00adhyphen  ", "zerowidth softhyphen"),
        ("page\x0cbreak\u2028line", "page break line"),
    ],
)
def test_tidy(given: str, expected: str):
    assert tidy(given) == expected
