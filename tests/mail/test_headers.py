"""Header fields, read back by the standard library under both its policies and by the strict reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail import headers
from newsletter_app.mail.encoding import clean_header
from newsletter_app.mail.slots import mark
from tests.mail import strict_parser
from tests.mail.samples import INJECTIONS, SPECIMENS, header_texts, quick


def unfolded(field: bytes) -> tuple[str, str]:
    """Read exactly one field strictly."""
    assert field.endswith(b"\r\n")
    fields = strict_parser.read_fields(field.decode("ascii").removesuffix("\r\n"))
    assert len(fields) == 1
    return fields[0]


def read_older(field: bytes) -> str:
    """Return a field's value, unfolded, as the standard library's older policy gives it."""
    value: str = message_from_bytes(field + b"\r\n", policy=policy.compat32).values()[0]
    return value.replace("\r\n", "")


@quick
@given(header_texts.filter(clean_header))
def test_subjects_read_back(text: str) -> None:
    # M2, M6, M11
    field = headers.text_field("Subject", text)
    name, value = unfolded(field)
    assert name == "Subject"
    assert strict_parser.decode_unstructured(value) == clean_header(text)


@quick
@given(header_texts.filter(clean_header))
def test_subjects_read_back_by_the_standard_library(text: str) -> None:
    # M6
    field = headers.text_field("Subject", text)
    assert str(make_header(decode_header(read_older(field)))) == clean_header(text)
    read = message_from_bytes(field + b"\r\n", policy=policy.default)
    assert read.keys() == ["Subject"]
    assert read["Subject"] == clean_header(text)


@quick
@given(header_texts)
def test_display_names_read_back(name: str) -> None:
    # M2, M6, M11
    field = headers.address_field("To", name, "rose@example.ca")
    assert strict_parser.decode_mailbox(unfolded(field)[1]) == (clean_header(name), "rose@example.ca")


@quick
@given(header_texts)
def test_display_names_read_back_by_the_standard_library(name: str) -> None:
    # M6, M11
    field = headers.address_field("To", name, "rose@example.ca")
    read = message_from_bytes(field + b"\r\n", policy=policy.default)
    assert read.keys() == ["To"]
    (mailbox,) = read["To"].addresses
    assert mailbox.addr_spec == "rose@example.ca"
    # The newer policy of some Python versions puts a space between neighbouring encoded-words of a name,
    # against RFC 2047 section 6.2, so the name itself is read the older way.
    phrase, _ = parseaddr(read_older(field))
    assert str(make_header(decode_header(phrase))) == clean_header(name)


@pytest.mark.parametrize("text", SPECIMENS)
def test_every_script_reads_back(text: str) -> None:
    # M6: in whole, to the character, whatever the form of its accents.
    expected = clean_header(text)
    subject = strict_parser.decode_unstructured(unfolded(headers.text_field("Subject", text))[1])
    name, _ = strict_parser.decode_mailbox(unfolded(headers.address_field("From", text, "a@b.example"))[1])
    assert subject == name == expected
    assert normalize("NFC", subject) == normalize("NFC", " ".join(text.split(" ")).strip(" "))


@pytest.mark.parametrize("payload", INJECTIONS)
def test_nothing_typed_makes_a_header(payload: str) -> None:
    # M11
    for field in (
        headers.text_field("Subject", payload),
        headers.address_field("From", payload, "a@b.example"),
        headers.address_field("To", payload, "a@b.example"),
    ):
        name, _ = unfolded(field)
        assert name in ("Subject", "From", "To")
        read = message_from_bytes(field + b"\r\nbody", policy=policy.compat32)
        assert len(read.keys()) == 1
        assert read.get_payload() == "body"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Rose Roy", b"To: Rose Roy <r@e.ca>\r\n"),
        ("Roy, Rose", b'To: "Roy, Rose" <r@e.ca>\r\n'),
        ('Rose "R" \\ Roy', b'To: "Rose \\"R\\" \\\\ Roy" <r@e.ca>\r\n'),
        ("", b"To: r@e.ca\r\n"),
        ("\r\n\u2028", b"To: r@e.ca\r\n"),
        ("Éloïse", b"To: =?utf-8?b?w4lsb8Ovc2U=?= <r@e.ca>\r\n"),
        ("=?x?q?y?=", b"To: =?utf-8?b?PT94P3E/eT89?= <r@e.ca>\r\n"),
    ],
)
def test_names_are_written_as_plainly_as_is_lawful(name: str, written: bytes) -> None:
    # M6
    assert headers.address_field("To", name, "r@e.ca") == written


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\u2028\0"])
def test_an_empty_subject_is_refused(text: str) -> None:
    with pytest.raises(headers.HeaderRefused):
        headers.text_field("Subject", text)


@pytest.mark.parametrize(
    "address",
    [
        *("", "rose", "@e.ca", "rose@", "ro se@e.ca", "rose@e.ca\r\nBcc: x@y.ca", "élo@e.ca", "rose@é.ca"),
        *("a@b@c.ca", "<rose@e.ca>", "rose@e.ca, x@y.ca", ".rose@e.ca", "rose@-e.ca", "rose@e..ca"),
        *("rose@e.ca\n", "r" * 250 + "@e.ca"),
    ],
)
def test_addresses_out_of_shape_are_refused(address: str) -> None:
    # M10, M11
    with pytest.raises(headers.HeaderRefused):
        headers.address_field("To", "Rose", address)


@quick
@given(st.integers(0, 4_000_000_000), st.integers(-12 * 60, 14 * 60))
def test_dates_read_back(seconds: int, minutes: int) -> None:
    # M4
    at = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))
    name, value = unfolded(headers.date_field(at))
    assert name == "Date"
    assert strict_parser.DATE.fullmatch(value)
    assert parsedate_to_datetime(value) == at


def test_a_date_without_zone_is_refused() -> None:
    # M4
    with pytest.raises(headers.HeaderRefused):
        headers.date_field(datetime(2026, 3, 3, 14, 0, tzinfo=UTC).replace(tzinfo=None))


def test_a_message_id_is_written_as_given() -> None:
    # M5
    left = "c12.s345678.abcdefghijklmnopqrstuvwxyz0123456789.abcdef"
    assert unfolded(headers.message_id_field(f"<{left}@mail.example.ca>")) == (
        "Message-ID",
        f"<{left}@mail.example.ca>",
    )


@pytest.mark.parametrize(
    "message_id",
    [
        *("", "a@b.ca", "<a@b>", "<@b.ca>", "<a b@c.ca>", "<a@b.ca>\r\nBcc: x@y.ca", "<é@b.ca>"),
        *("<a@b.ca><c@d.ca>", f"<{'a' * 300}@b.ca>"),
    ],
)
def test_message_ids_out_of_shape_are_refused(message_id: str) -> None:
    # M5, M11
    with pytest.raises(headers.HeaderRefused):
        headers.message_id_field(message_id)


STOP = ("List-Unsubscribe", "<https://e.ca/stop/t>, <mailto:stop@e.ca>")
POST = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (STOP, POST),
        (("List-Unsubscribe", "<https://e.ca/stop/t>"), POST),
        (("List-Unsubscribe", f"<{mark('stop_url')}>"), POST),
        (("List-Unsubscribe", f"<https://e.ca/stop/{mark('token')}>"), POST),
        (("List-Unsubscribe", "<http://127.0.0.1:8000/stop/t>"), POST),
        (("Precedence", "bulk"), ("Auto-Submitted", "auto-generated"), ("List-Id", "<n1.list.e.ca>")),
    ],
)
def test_lawful_fields_are_accepted(fields: tuple[tuple[str, str], ...]) -> None:
    # M25, M26
    headers.check_extra_fields(fields)


@pytest.mark.parametrize(
    "fields",
    [
        (("List-Unsubscribe", "<https://e.ca/1>, <https://e.ca/2>"), POST),
        (("List-Unsubscribe", "<http://e.ca/1>"), POST),
        (("List-Unsubscribe", "<http://127.0.0.1.e.ca/1>"), POST),
        (("List-Unsubscribe", "<mailto:stop@e.ca>"), POST),
        (("List-Unsubscribe", "https://e.ca/1"), POST),
        (("List-Unsubscribe", "<https://e.ca/1>, <mailto:a@e.ca>, <mailto:b@e.ca>"), POST),
        (("List-Unsubscribe", "<https://e.ca/1>, <ftp://e.ca/1>"), POST),
        (("List-Unsubscribe", f"<{mark('a')}>, <{mark('b')}>"), POST),
        (STOP, ("List-Unsubscribe-Post", "List-Unsubscribe=one-click")),
        (POST,),
        (STOP, ("list-unsubscribe", "<https://e.ca/2>")),
        (STOP, ("List-Unsubscribe", "<https://e.ca/2>")),
        (("List-Id", "<é.e.ca>"),),
        (("List-Id", "<a.e.ca>\r\nBcc: x@y.ca"),),
        (("List-Id", ""),),
        (("Subject", "two"),),
        (("Bcc", "x@y.ca"),),
        (("Content-Type", "text/html"),),
        (("X Y", "z"),),
        (("X:Y", "z"),),
        (("List-Help", "x" * 990),),
    ],
)
def test_unlawful_fields_are_refused(fields: tuple[tuple[str, str], ...]) -> None:
    # M3, M11, M25, M26
    with pytest.raises(headers.HeaderRefused):
        headers.check_extra_fields(fields)


@pytest.mark.parametrize("length", [1, 30, 54, 55, 56, 57, 75, 76, 77, 78, 79, 120, 500, 900])
def test_a_long_link_stays_raw_and_whole(length: int) -> None:
    # M2, M26: the standard library's writer makes an encoded-word of about 77 characters and more.
    link = f"<https://e.ca/{'s' * length}>"
    field = headers.raw_field("List-Unsubscribe", f"{link}, <mailto:stop@e.ca>")
    assert link.encode() in field
    assert unfolded(field) == ("List-Unsubscribe", f"{link}, <mailto:stop@e.ca>")


@pytest.mark.parametrize(
    "value", ["", "a b", "a\rb", "a\nb", "a\0b", "é", "a\u2028b", "a>,<b", "a\tb", "a\n"]
)
def test_raw_values_are_one_ascii_word(value: str) -> None:
    # M6, M11
    with pytest.raises(headers.HeaderRefused, match="slot stop_url"):
        headers.check_raw_value("stop_url", value)
