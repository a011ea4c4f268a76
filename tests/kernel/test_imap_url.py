"""A mailbox's address, as an operator spells it; a fault tells no secret."""

from __future__ import annotations

import pytest

from newsletter_app.kernel.imap_url import ImapUrl, ImapUrlFault, read_imap_url


def test_an_address_is_read() -> None:
    assert read_imap_url("") is None
    assert read_imap_url("imaps://us%40x.example:p%2Fw%25@mail.x.example/Bounces%20here") == ImapUrl(
        "mail.x.example", 993, "us@x.example", "p/w%", "Bounces here"
    )
    assert read_imap_url("imap://us:pw@127.0.0.1:1143") == ImapUrl(
        "127.0.0.1", 1143, "us", "pw", is_secure=False
    )
    assert "hush" not in repr(read_imap_url("imaps://us:hush@host"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mail.x.example", "must be imaps://"),
        ("imaps://mail.x.example/INBOX", "must be imaps://"),
        ("imaps://us@mail.x.example/INBOX", "must be imaps://"),
        ("pop3://us:hush@mail.x.example", "must be imaps://"),
        ("imap://us:hush@mail.x.example", "would send its password to mail.x.example"),
        ("imaps://us:hush@host:x/INBOX", "is no address"),
        ("imaps://us:hush@host/INBOX?a=b", "has more after the folder"),
        ("imaps://us:hush@host/IN%0D%0AX", "has a line break"),
    ],
)
def test_what_is_no_address_is_refused(text: str, told: str) -> None:  # S28, S30
    with pytest.raises(ImapUrlFault, match=told) as refused:
        read_imap_url(text)
    assert "hush" not in str(refused.value)
