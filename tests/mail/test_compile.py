"""Whole messages: compiled, stored, filled, and read back by the standard library and the strict reader."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.mail.compile import Compiled, CompiledRefused, Content, compile_message
from newsletter_app.mail.encoding import clean_body, clean_header
from newsletter_app.mail.headers import HeaderRefused
from newsletter_app.mail.slots import MarkCollision, Slot, SlotUnfilled, mark
from newsletter_app.mail.sound import Sound
from tests.mail import strict_parser
from tests.mail.samples import BODIES, INJECTIONS, body_texts, header_texts, quick

SENT_AT = datetime(2026, 3, 3, 14, 0, 5, tzinfo=UTC)
STOP_URL = "https://e.ca/stop/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CONTENT = Content(
    subject="Conseil 24 : bougez régulièrement",
    html=f"<p>{mark('greeting')}</p>\n<p>Bougez. <a href='{mark('stop_url')}'>Arrêter</a></p>\n",
    text=f"{mark('greeting')}\n\nBougez.\n\nArrêter :\n{mark('stop_url')}\n",
    from_name="Les nerfs et moi",
    from_address="conseils@e.ca",
    reply_to="ecrire@e.ca",
    headers=(
        ("List-Id", "<n1.list.e.ca>"),
        ("List-Unsubscribe", f"<{mark('stop_url')}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
    ),
    slots=(Slot("greeting", "Bonjour,"), Slot("stop_url")),
)
VALUES = {"greeting": "Bonjour Éloïse,", "stop_url": STOP_URL}


def fill(
    compiled: Compiled, values: Mapping[str, str], to_name: str = "", to_address: str = "rose@e.ca"
) -> bytes:
    return bytes(
        compiled.fill(
            to_address=to_address, to_name=to_name, date=SENT_AT, message_id="<c1.s2@e.ca>", values=values
        )
    )


def test_what_all_readers_share_is_not_copied() -> None:
    compiled = compile_message(CONTENT, "edition 1")
    facts: dict[str, Any] = {
        "to_address": "rose@e.ca",
        "to_name": "",
        "date": SENT_AT,
        "message_id": "<c1.s2@e.ca>",
    }
    message = compiled.fill(**facts, values=VALUES)
    assert isinstance(message, Sound)  # Whoever sends it need not look through it.
    assert bytes(message) == fill(compiled, VALUES)
    shared = [piece for piece in compiled.pieces if isinstance(piece, bytes)]
    assert {id(piece) for piece in shared} <= {id(part) for part in message.parts}


def read(raw: bytes) -> EmailMessage:
    message = cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
    assert [part.defects for part in message.walk()] == [[], [], []]
    return message


def bodies(message: EmailMessage) -> list[str]:
    """Decoded bodies in order; the reader gives line ends as they were sent."""
    parts = [part.get_payload(decode=True) for part in message.iter_parts()]
    return [cast(bytes, part).decode().replace("\r\n", "\n") for part in parts]


def test_the_order_and_the_words_of_a_whole_message() -> None:
    # M3, M7, M25, M26
    raw = fill(compile_message(CONTENT, "edition 1"), VALUES, "Éloïse")
    message = strict_parser.parse(raw)
    assert [name for name, _ in message.fields] == [
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "Content-Type"),
    ]
    assert message.mailbox("From") == ("Les nerfs et moi", "conseils@e.ca")
    assert message.mailbox("To") == ("Éloïse", "rose@e.ca")
    assert message.mailbox("Reply-To") == ("", "ecrire@e.ca")
    assert message.subject == CONTENT.subject
    assert message.one("Date") == "Tue, 03 Mar 2026 14:00:05 +0000"
    assert message.one("Message-ID") == "<c1.s2@e.ca>"
    assert message.one("List-Unsubscribe") == f"<{STOP_URL}>"
    assert message.one("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert message.text == f"Bonjour Éloïse,\n\nBougez.\n\nArrêter :\n{STOP_URL}"
    assert f"<p>Bougez. <a href='{STOP_URL}'>Arrêter</a></p>" in message.html


def test_the_standard_library_reads_the_same() -> None:
    # M7
    raw = fill(compile_message(CONTENT, "edition 1"), VALUES, "Éloïse")
    strict = strict_parser.parse(raw)
    message = read(raw)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert bodies(message) == [strict.text, strict.html]
    assert message["List-Unsubscribe"] == f"<{STOP_URL}>"


@quick
@given(header_texts, header_texts.filter(clean_header), body_texts, body_texts)
def test_anything_fixed_reads_back(from_name: str, subject: str, text: str, page: str) -> None:
    # M1, M2, M3, M6, M7, M8, M11
    content = replace(
        CONTENT, subject=subject, from_name=from_name, text=f"-{text}", html=f"<{page}", headers=(), slots=()
    )
    raw = fill(compile_message(content, "edition"), {})
    message = strict_parser.parse(raw)
    assert message.mailbox("From")[0] == clean_header(from_name)
    assert message.subject == clean_header(subject)
    assert message.text == clean_body(f"-{text}").rstrip("\n")
    assert message.html == clean_body(f"<{page}").rstrip("\n")
    assert bodies(read(raw)) == [message.text, message.html]


@quick
@given(header_texts, body_texts, body_texts, body_texts)
def test_anything_filled_in_reads_back(to_name: str, value: str, before: str, after: str) -> None:
    # M1, M2, M6, M7, M8, M11
    body = f"{before}{mark('word')}{after}{mark('word')}!"
    content = replace(CONTENT, text=body, html=body, headers=(), slots=(Slot("word", "nobody"),))
    raw = fill(compile_message(content, "edition"), {"word": value}, to_name)
    message = strict_parser.parse(raw)
    assert message.mailbox("To")[0] == clean_header(to_name)
    shown = clean_body(value) if value.strip() else "nobody"
    text = f"{clean_body(before)}{shown}{clean_body(after)}{shown}!"
    assert message.text == text
    page = html.escape(shown)
    text = f"{clean_body(before)}{page}{clean_body(after)}{page}!"
    assert message.html == text
    assert bodies(read(raw)) == [message.text, message.html]


@quick
@given(header_texts)
def test_a_slot_in_the_subject_is_encoded_with_it(value: str) -> None:
    # M2, M6, M11
    content = replace(
        CONTENT,
        subject=f"Bonjour {mark('word')}, ça va?",
        headers=(),
        text="a",
        html="b",
        slots=(Slot("word", "à vous"),),
    )
    message = strict_parser.parse(fill(compile_message(content, "edition"), {"word": value}))
    shown = value if value.strip() else "à vous"
    assert message.subject == clean_header(f"Bonjour {shown}, ça va?")


@pytest.mark.parametrize("payload", INJECTIONS + BODIES)
def test_no_value_adds_a_header_or_a_part(payload: str) -> None:
    # M1, M3, M11
    content = replace(CONTENT, subject=f"{mark('greeting')} {CONTENT.subject}", from_name=payload)
    raw = fill(compile_message(content, "edition"), {**VALUES, "greeting": payload}, payload)
    message = strict_parser.parse(raw)
    assert len(message.fields) == 12
    assert not message.all("Bcc")
    assert "<script>" not in message.html
    assert read(raw).keys() == [name for name, _ in message.fields]


@pytest.mark.parametrize("payload", [payload for payload in INJECTIONS if not payload.startswith("x%0d")])
def test_no_value_adds_anything_to_a_raw_header(payload: str) -> None:
    # M11, M26
    compiled = compile_message(CONTENT, "edition")
    with pytest.raises(HeaderRefused, match="slot stop_url"):
        fill(compiled, {**VALUES, "stop_url": f"https://e.ca/{payload}"})


@pytest.mark.parametrize("payload", INJECTIONS)
def test_an_address_adds_no_header(payload: str) -> None:
    # M11
    with pytest.raises(HeaderRefused):
        fill(compile_message(CONTENT, "edition"), VALUES, to_address=f"{payload}@e.ca>")
    with pytest.raises(HeaderRefused):
        compile_message(replace(CONTENT, reply_to=f"{payload} <a@e.ca>"), "edition")


@pytest.mark.parametrize("blank", [{}, {"greeting": ""}, {"greeting": " "}, {"greeting": "\r\n"}])
def test_a_missing_word_shows_its_fallback(blank: dict[str, str]) -> None:
    # M12
    message = strict_parser.parse(fill(compile_message(CONTENT, "edition"), {"stop_url": STOP_URL, **blank}))
    assert message.text.startswith("Bonjour,\n")
    assert "<p>Bonjour,</p>" in message.html


@pytest.mark.parametrize("values", [{}, {"stop_url": ""}, {"stop_url": " "}])
def test_a_missing_word_without_fallback_raises(values: dict[str, str]) -> None:
    # M12
    with pytest.raises(SlotUnfilled, match="stop_url"):
        fill(compile_message(CONTENT, "edition"), values)


def test_a_fallback_may_be_nothing_where_that_is_said() -> None:
    # M12
    content = replace(CONTENT, slots=(Slot("greeting", ""), Slot("stop_url")))
    message = strict_parser.parse(fill(compile_message(content, "edition"), {"stop_url": STOP_URL}))
    assert message.text.startswith("\n\nBougez.")


def test_a_value_for_no_slot_raises() -> None:
    with pytest.raises(SlotUnfilled, match="unknown"):
        fill(compile_message(CONTENT, "edition"), {**VALUES, "unknown": "x"})


def test_a_value_that_is_a_mark_stays_a_word() -> None:
    compiled = compile_message(CONTENT, "edition")
    message = strict_parser.parse(fill(compiled, {**VALUES, "greeting": mark("stop_url")}))
    assert message.text.startswith(mark("stop_url"))


@pytest.mark.parametrize("field", ["subject", "html", "text", "from_name", "from_address", "reply_to"])
def test_undeclared_and_broken_marks_are_refused(field: str) -> None:
    for strange in (mark("other"), mark("stop_url")[:-1], mark("stop_url").upper()):
        with pytest.raises(MarkCollision):
            compile_message(replace(CONTENT, **{field: f"x{strange}"}), "edition")
    with pytest.raises(MarkCollision):
        compile_message(replace(CONTENT, headers=(("List-Help", f"<{mark('other')}>"),)), "edition")


@pytest.mark.parametrize("field", ["subject", "html", "text", "from_address"])
def test_a_message_without_its_parts_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"empty|needs|shape"):
        compile_message(replace(CONTENT, **{field: " \n"}), "edition")


def test_a_slot_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        compile_message(replace(CONTENT, slots=(*CONTENT.slots, Slot("greeting"))), "edition")


def test_a_stored_message_fills_to_the_same_octets() -> None:
    # M4, M5
    compiled = compile_message(CONTENT, "edition 1")
    again = Compiled.from_bytes(compiled.to_bytes())
    assert again == compiled
    assert again.to_bytes() == compiled.to_bytes()
    assert fill(again, VALUES, "Éloïse") == fill(compiled, VALUES, "Éloïse")
    assert compile_message(CONTENT, "edition 1").to_bytes() == compiled.to_bytes()


def test_filling_leaves_nothing_behind_for_the_next_reader() -> None:
    compiled = compile_message(CONTENT, "edition 1")
    first = fill(compiled, VALUES, "Éloïse")
    fill(compiled, {"stop_url": "https://e.ca/stop/other", "greeting": "Hi"}, "Rose", "other@e.ca")
    assert fill(compiled, VALUES, "Éloïse") == first


def stored(**changes: object) -> bytes:
    return json.dumps({"version": 1, "slots": [], "pieces": [], **changes}).encode()


@pytest.mark.parametrize(
    "octets",
    [
        *(b"", b"{}", b"[]", b"\xff", b"null", stored(version=2), stored(pieces=[["elsewhere", "", []]])),
        *(stored(pieces=[3]), stored(pieces=["é"]), stored(slots=[["UPPER", None]]), stored(slots=[3])),
    ],
)
def test_what_was_not_stored_by_this_version_is_refused(octets: bytes) -> None:
    with pytest.raises(CompiledRefused):
        Compiled.from_bytes(octets)


@quick
@given(st.text(max_size=40))
def test_the_seed_makes_a_lawful_boundary(seed: str) -> None:
    # M7
    strict_parser.parse(fill(compile_message(CONTENT, seed), VALUES))


def test_a_value_that_names_the_boundary_ends_no_part() -> None:
    # M7
    compiled = compile_message(CONTENT, "edition")
    kind = strict_parser.parse(fill(compiled, VALUES)).one("Content-Type")
    boundary = kind.split('"')[1]
    for value in (f"--{boundary}", f"a\n--{boundary}--\nb"):
        message = strict_parser.parse(fill(compiled, {**VALUES, "greeting": value}))
        assert message.text.startswith(value)


def test_editions_have_boundaries_of_their_own() -> None:
    # M7
    raws = [fill(compile_message(CONTENT, seed), VALUES) for seed in ("edition 1", "edition 2")]
    assert len({strict_parser.parse(raw).one("Content-Type") for raw in raws}) == 2
