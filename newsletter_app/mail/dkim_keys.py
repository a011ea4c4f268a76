"""A DKIM key: what signs, and the DNS record that proves it; it refuses weak ones and other kinds."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

Algorithm = Literal["rsa", "ed25519"]
# In the order their signatures stand in a message: what everybody can read comes first.
ALGORITHMS: Final[tuple[Algorithm, ...]] = ("rsa", "ed25519")
RSA_BITS: Final = 2048
MOST_RSA_BITS: Final = 4096  # RFC 8301 section 3.2: others need not verify longer ones.
TXT_STRING: Final = 255  # RFC 1035 section 3.3: the octets one string of a TXT record holds.
_PADDING: Final = PKCS1v15()
_HASH: Final = hashes.SHA256()


class KeyRefused(Exception):
    """A key or its file cannot be used; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class SigningKey:
    """A private key under its selector."""

    selector: str
    algorithm: Algorithm
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def sign(self, octets: bytes) -> bytes:
        """Return the signature; the same octets give the same one (RFC 8017 section 8.2, RFC 8032)."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(octets, _PADDING, _HASH)
        # RFC 8463 section 3: what Ed25519 signs is the hash.
        return self.private.sign(sha256(octets).digest())

    def to_pem(self) -> str:
        """Return the private key as its file holds it."""
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode("ascii")

    def record_name(self, domain: str) -> str:
        """Return the name of the TXT record for mails from ``domain``."""
        return f"{self.selector}._domainkey.{domain}"

    def record(self) -> str:
        """Return what the TXT record holds (RFC 6376 section 3.6.1, RFC 8463 section 4)."""
        if isinstance(self.private, RSAPrivateKey):
            form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            form = (Encoding.Raw, PublicFormat.Raw)
        public = self.private.public_key().public_bytes(*form)
        return f"v=DKIM1; k={self.algorithm}; p={b64encode(public).decode('ascii')}"

    def record_strings(self) -> str:
        """Return ``record`` as a zone file takes it: quoted strings of at most 255 octets."""
        return txt_strings(self.record())


def txt_strings(text: str) -> str:
    """Return the text of a TXT record as a zone file takes it (RFC 1035 section 5.1)."""
    parts = (text[start : start + TXT_STRING] for start in range(0, len(text), TXT_STRING))
    return " ".join('"{}"'.format(part.replace("\\", "\\\\").replace('"', '\\"')) for part in parts)


def new_key(selector: str, algorithm: Algorithm) -> SigningKey:
    """Return a key just made."""
    if algorithm == "rsa":
        return SigningKey(selector, algorithm, generate_private_key(65537, RSA_BITS))
    return SigningKey(selector, algorithm, Ed25519PrivateKey.generate())


def read_key(selector: str, pem: bytes) -> SigningKey:
    """Return the key that a file holds. Raises KeyRefused when it is weak, of another kind or no key."""
    private = _private(pem)
    if isinstance(private, Ed25519PrivateKey):
        return SigningKey(selector, "ed25519", private)
    if not isinstance(private, RSAPrivateKey):
        raise KeyRefused(f"Key {selector} is neither RSA nor Ed25519: make another one.")
    if not RSA_BITS <= private.key_size <= MOST_RSA_BITS:
        lengths = f"{private.key_size} bits, not {RSA_BITS} to {MOST_RSA_BITS}"
        raise KeyRefused(f"Key {selector} is of {lengths}: make another one.")
    return SigningKey(selector, "rsa", private)


# Proving that an RSA key is sound takes fifty milliseconds, and workers look into its file often.
@lru_cache(maxsize=16)
def _private(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        # The fault's own words could quote the file.
        raise KeyRefused("A key file holds no private key in PEM without a password.") from None
