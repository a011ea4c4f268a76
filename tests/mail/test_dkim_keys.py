"""DKIM keys: what is accepted, what the DNS is told of them, and that nothing private is shown."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from newsletter_app.mail.dkim_keys import ALGORITHMS, Algorithm, KeyRefused, read_key
from tests.factories.signing import signing_key


def pem(key: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    assert isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def test_a_record_of_rsa_holds_the_public_key_in_strings_of_the_dns() -> None:  # M33
    key = signing_key("r1")
    strings = key.record_strings().removeprefix('"').removesuffix('"').split('" "')
    assert "".join(strings) == key.record()
    assert max(map(len, strings)) == 255
    tags = dict(tag.split("=", 1) for tag in key.record().split("; "))
    public = load_der_public_key(base64.b64decode(tags["p"], validate=True))
    assert isinstance(public, rsa.RSAPublicKey)
    assert (tags["v"], tags["k"], public.key_size) == ("DKIM1", "rsa", 2048)
    assert key.record_name("e.ca") == "r1._domainkey.e.ca"


def test_a_record_of_ed25519_holds_the_bare_key() -> None:  # M33
    record = signing_key("e1", "ed25519").record()
    assert record.startswith("v=DKIM1; k=ed25519; p=")
    assert len(base64.b64decode(record.rpartition("p=")[2], validate=True)) == 32


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_signs_as_it_did_after_reading_it_back(algorithm: Algorithm) -> None:  # M4
    key = signing_key("k1", algorithm)
    again = read_key("k1", key.to_pem().encode())
    assert again.algorithm == algorithm
    assert again.sign(b"a") == key.sign(b"a") != key.sign(b"b")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pem(rsa.generate_private_key(65537, 1024)), "of 1024 bits, not 2048 to 4096"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
        (pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")), "no private key"),
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nhorse\n-----END PRIVATE KEY-----\n", "no private key"),
    ],
    ids=["short", "other kind", "password", "empty", "nonsense"],
)
def test_weak_and_foreign_keys_are_refused(content: bytes, why: str) -> None:  # M33
    with pytest.raises(KeyRefused, match=why) as refused:
        read_key("k1", content)
    assert "horse" not in str(refused.value)


def test_a_key_is_not_shown() -> None:  # M34
    key = signing_key("r1")
    assert repr(key) == "SigningKey(selector='r1', algorithm='rsa')"
