"""DKIM signatures, against a plain reading of the RFC, dkimpy, and OpenDKIM."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from hypothesis import given, settings

from newsletter_app.mail.compile import Compiled, Content, compile_message
from newsletter_app.mail.dkim import Signing
from newsletter_app.mail.dkim_keys import SigningKey
from newsletter_app.mail.slots import Slot, mark
from tests.factories.signing import DOMAIN, dns_of, signing_key
from tests.mail import opendkim, plain_dkim, strict_parser
from tests.mail.samples import body_texts, header_texts, quick
from tests.mail.test_compile import CONTENT, SENT_AT, STOP_URL, VALUES

RSA, ED25519 = signing_key("r1"), signing_key("e1", "ed25519")
KEYS = [RSA, ED25519]
DNS = dns_of(KEYS)


def signed(content: Content = CONTENT, values: dict[str, str] = VALUES, to_name: str = "Éloïse") -> bytes:
    compiled = compile_message(content, "edition 1")
    return filled(compiled, Signing(compiled, KEYS), values, to_name)


def filled(compiled: Compiled, signer: Signing, values: dict[str, str], to_name: str = "") -> bytes:
    return bytes(
        compiled.fill(
            to_address="rose@e.ca",
            to_name=to_name,
            date=SENT_AT,
            message_id="<c1.s2@e.ca>",
            values=values,
            signer=signer,
        )
    )


def verified(message: bytes) -> list[bool]:
    """Ask dkimpy about the RSA signature and the Ed25519 signature."""
    return [verified_one(message, place) for place in range(len(KEYS))]


def verified_one(message: bytes, place: int) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(idx=place, dnsfunc=DNS))
    except dkim.ValidationError:
        return False


def assert_plainly_signed(message: bytes) -> None:
    """Both signatures are the very ones that the RFC's words lead to."""
    found = plain_dkim.signatures(message)
    assert [signature.tags["s"] for signature in found] == [key.selector for key in KEYS]
    for signature, key in zip(found, KEYS, strict=True):
        assert signature.tags["bh"] == plain_dkim.body_hash(message)
        expected = key.sign(plain_dkim.signed_octets(message, signature))
        assert signature.tags["b"] == base64.b64encode(expected).decode()


def test_the_tags_and_what_is_signed() -> None:
    # M27, M33, M44
    message = signed()
    rsa, ed25519 = plain_dkim.signatures(message)
    assert rsa.tags | {"b": "", "bh": ""} == {
        **{"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "e.ca", "s": "r1"},
        **{"t": str(int(SENT_AT.timestamp())), "h": rsa.tags["h"], "bh": "", "b": ""},
    }
    assert (ed25519.tags["a"], ed25519.tags["s"]) == ("ed25519-sha256", "e1")
    standing = [name.lower() for name, _ in strict_parser.parse(message).fields if name != "DKIM-Signature"]
    assert rsa.names[: len(standing)] == standing
    sealed = ("from", "to", "subject", "date", "reply-to", "message-id", "mime-version", "content-type")
    lists = ("id", "unsubscribe", "unsubscribe-post", "help", "archive", "subscribe", "post", "owner")
    for name in (*sealed, *(f"list-{end}" for end in lists), "feedback-id"):
        assert rsa.names.count(name) == standing.count(name) + 1


@quick
@given(header_texts, header_texts.filter(str.strip), body_texts, body_texts)
def test_any_message_is_signed_as_the_rfc_says(name: str, subject: str, value: str, fixed: str) -> None:
    # M33: what is precomputed and what is canonicalised by hand come to the same as plain reading does.
    content = replace(
        CONTENT,
        subject=f"Bonjour {mark('word')}, ça va?",
        from_name=name,
        text=f"-{fixed}{mark('word')}{fixed}{mark('stop_url')}",
        html=f"<{mark('word')}{mark('word')}{fixed}>",
        slots=(Slot("word", "à vous"), Slot("stop_url")),
    )
    message = signed(content, {"word": f"{subject}{value}", "stop_url": STOP_URL}, name)
    strict_parser.parse(message)
    assert_plainly_signed(message)


@settings(max_examples=15)
@given(header_texts, body_texts)
def test_dkimpy_verifies(name: str, value: str) -> None:
    # M33
    message = signed(values={**VALUES, "greeting": value}, to_name=name)
    assert verified(message) == [True, True]


@pytest.mark.opendkim
@pytest.mark.parametrize("keys", [[RSA], [ED25519], KEYS], ids=["rsa", "ed25519", "both"])
@pytest.mark.parametrize("greeting", ["Bonjour Éloïse,", "a  b\t c \n\n .\nFrom here", "x" * 400])
def test_opendkim_verifies(keys: list[SigningKey], greeting: str, tmp_path: Path) -> None:
    # M33
    compiled = compile_message(CONTENT, "edition 1")
    message = filled(compiled, Signing(compiled, keys), {**VALUES, "greeting": greeting}, "Rose, «R»")
    assert opendkim.verdict(message, KEYS, DOMAIN, tmp_path) == "Success"
    changed = message.replace(b"One-Click", b"One-Clack")
    assert opendkim.verdict(changed, KEYS, DOMAIN, tmp_path) == "Bad signature"


def tampered(message: bytes) -> dict[str, bytes]:
    """Return the message changed in one way each; all of them leave it lawful mail."""
    head, _, rest = message.partition(b"From: ")
    added = {
        name: head + f"{name}: {value}\r\nFrom: ".encode() + rest
        for name, value in {
            "List-Unsubscribe": "<https://evil.example/stop>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "From": "a@evil.example",
            "To": "b@evil.example",
            "Subject": "Another",
            "Date": "Tue, 03 Mar 2026 14:00:06 +0000",
            "Reply-To": "c@evil.example",
            "Content-Type": "text/html",
        }.items()
    }
    return added | {
        "another link": message.replace(STOP_URL.encode(), STOP_URL.encode().swapcase(), 1),
        "no link": message.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        "another word": message.replace(b"Bougez.", b"Bougez!", 1),
        "more at the end": message + b"more\r\n",
        "another day": message.replace(b"t=1772546405", b"t=1772546406"),
    }


@pytest.mark.parametrize("change", sorted(tampered(b"")))
def test_what_is_changed_or_added_on_the_way_breaks_it(change: str) -> None:
    # M27, M33
    message = signed()
    assert message != tampered(message)[change]
    assert verified(tampered(message)[change]) == [False, False]


def test_a_list_field_added_to_a_mail_without_any_breaks_it() -> None:
    # M27: a service mail has none, and nobody on the way can give it one.
    message = signed(replace(CONTENT, headers=(("Auto-Submitted", "auto-generated"),)))
    assert verified(message) == [True, True]
    for name in (b"List-Unsubscribe", b"List-Id", b"List-Help", b"Feedback-ID", b"Cc"):
        assert verified(message.replace(b"From: ", name + b": <x@e.ca>\r\nFrom: ", 1)) == [False, False]


def test_white_space_that_relays_change_breaks_nothing() -> None:
    # M33: relaxed canonicalisation forgives another fold and trailing spaces.
    message = signed().replace(b"Subject: ", b"Subject:\r\n\t ").replace(b"</p>\r\n", b"</p> \t\r\n")
    message = message.replace(b"MIME-Version: 1.0", b"mime-version:1.0  ")
    assert message.count(b"\t") > 1
    assert verified(message) == [True, True]


def test_a_message_without_slots_in_its_body() -> None:
    content = replace(CONTENT, text="a  b\n", html="<p>\tc</p>\n", headers=(), slots=())
    message = signed(content, {})
    assert_plainly_signed(message)
    assert verified(message) == [True, True]


def test_the_same_arguments_give_the_same_signature() -> None:
    # M4
    compiled = compile_message(CONTENT, "edition 1")
    again = Compiled.from_bytes(compiled.to_bytes())
    first = filled(compiled, Signing(compiled, KEYS), VALUES)
    assert filled(again, Signing(again, KEYS), VALUES) == first


def test_readers_leave_nothing_behind_for_the_next() -> None:
    compiled = compile_message(CONTENT, "edition 1")
    signer = Signing(compiled, KEYS)
    first = filled(compiled, signer, VALUES, "Éloïse")
    filled(compiled, signer, {**VALUES, "greeting": "Hi"}, "Rose")
    assert filled(compiled, signer, VALUES, "Éloïse") == first


def test_the_domain_is_that_of_the_sender() -> None:
    # M33: aligned whatever the name before the address holds.
    content = replace(CONTENT, from_name='"a@b.example" <c@d.example>', from_address="tips@mail.e.ca")
    assert plain_dkim.signatures(signed(content))[0].tags["d"] == "mail.e.ca"
