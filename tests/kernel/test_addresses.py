"""Addresses: what is read, what is refused and why, what is matched, what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel.addresses import (
    SLIPS,
    AddressFault,
    address_key,
    likely_slip,
    mailbox_key,
    mask,
    parse_address,
)

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        (" rose@example.ca ", "rose@example.ca"),
        ("Rose.Roy+tips@EXAMPLE.ca", "Rose.Roy+tips@example.ca"),
        ("rose@münchen.example.org", "rose@xn--mnchen-3ya.example.org"),
        ("o'neil@example.ca", "o'neil@example.ca"),
        ("rosé@example.ca", "rosé@example.ca"),
    ],
)
def test_what_is_written_to(typed: str, written: str) -> None:  # S6
    """The local part keeps its case, the domain goes as A-labels."""
    assert str(parse_address(typed)) == written


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("rose.example.ca", "no-at"),
        ("rose@", "malformed"),
        ("rose@example", "malformed"),
        ("a@b@example.ca", "malformed"),
        ("rose@example.ca\nBcc: x@example.ca", "malformed"),
        ("Rose <rose@example.ca>", "malformed"),
        ("rose@[127.0.0.1]", "malformed"),
        ("r" * 65 + "@example.ca", "malformed"),
        ("r" * 400 + "@example.ca", "too-long"),
    ],
)
def test_what_is_refused(typed: str, code: str) -> None:
    """Each refusal has a code of its own, so that the page can say what to do."""
    with pytest.raises(AddressFault) as refused:
        parse_address(typed)
    assert refused.value.code == code


def test_matching_ignores_case_only() -> None:  # S6
    """``+tag`` and dots make another person; capitals do not."""
    key = address_key(KEY, parse_address("Rose@example.ca"))
    assert key == address_key(KEY, parse_address("rOSE@EXAMPLE.ca"))
    assert key != address_key(KEY, parse_address("ro.se@example.ca"))
    assert key != address_key(KEY, parse_address("rose+tips@example.ca"))
    assert key != address_key(b"x" * 32, parse_address("rose@example.ca"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rose@gmial.com", "rose@gmail.com"), ("rose@hotmial.ca", "rose@hotmail.ca"), ("rose@gmx.com", None)],
)
def test_likely_slips(typed: str, meant: str | None) -> None:
    """A known slip is asked about; a domain that merely looks alike is not."""
    slip = likely_slip(parse_address(typed))
    assert (str(slip) if slip else None) == meant


def test_no_slip_leads_to_another_slip() -> None:
    """What is proposed is itself right, and no right domain counts as a slip."""
    assert not set(SLIPS.values()) & set(SLIPS)


def test_a_mask_shows_one_letter() -> None:
    """Enough for the owner to know it, too little for whoever got the mail forwarded (S9)."""
    assert mask("rose@example.ca") == "r•••@example.ca"


def test_role_addresses_are_known() -> None:  # S6
    """An office's address is flagged, not refused."""
    assert parse_address("Info@example.ca").is_role
    assert not parse_address("rose@example.ca").is_role


@given(st.text(max_size=400))
def test_reading_ends_in_an_address_or_a_fault(text: str) -> None:
    """No input makes it fail in another way, and what is read can be read again."""
    try:
        address = parse_address(text)
    except AddressFault:
        return
    assert parse_address(str(address)) == address
    assert not set(str(address)) & set("\r\n\0 <>")


@pytest.mark.parametrize(
    ("one", "other", "is_one_mailbox"),
    [
        ("rose@example.ca", "Rose+tips@EXAMPLE.ca", True),
        ("rose+a+b@example.ca", "rose+c@example.ca", True),
        ("ro.se+x@gmail.com", "r.ose@gmail.com", True),
        ("ro.se@example.ca", "rose@example.ca", False),
        ("rose@example.ca", "rose@example.org", False),
        ("+a@example.ca", "+b@example.ca", False),
    ],
)
def test_spellings_of_one_mailbox_are_counted_together(one: str, other: str, is_one_mailbox: bool) -> None:
    """For counting only (S2): identity keeps tags and dots (S6)."""
    keys = {mailbox_key(KEY, parse_address(text)) for text in (one, other)}
    assert (len(keys) == 1) is is_one_mailbox
    assert mailbox_key(KEY, parse_address(one)) != address_key(KEY, parse_address(one))
