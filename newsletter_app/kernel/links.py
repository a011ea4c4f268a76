"""Signed links: derived from a row, never stored; a token of one purpose is worth nothing for another."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from newsletter_app.kernel.base32 import MAX_OCTETS, base32

MAC_BYTES = 16
LOCAL_MAC_BYTES = 10
KEY_ID_BYTES = 2
MAX_IDS = 64
# A local part has at most 64 signs (RFC 5321 4.5.3.1.1), of which two tell its purpose.
MAX_LOCAL_OCTETS = 38
# The longest that a subscriber's number can be.
_LAST_ID = 2**31 - 1
_BLOCK = 64  # of SHA-256, in octets
_INNER = bytes(octet ^ 0x36 for octet in range(256))
_OUTER = bytes(octet ^ 0x5C for octet in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Purpose(IntEnum):
    """What a token may do; the number stands in the token's first byte and never changes."""

    CONFIRM = 1  # a signup: confirm the notices it asked for
    CHOICES = 2  # a subscriber, from a newsletter: notices, language, pause
    MANAGE = 3  # a signup of kind "link", fresh: the same, and address, name, data
    STOP = 4  # a subscriber and the notices of one mail: end them, nothing else, for ever
    UNDO = 5  # a subscriber and notices: start again what was stopped, for a day
    RESTART = 6  # a subscriber and notices: start again from the goodbye mail, for 30 days
    ADDRESS_CONFIRM = 7  # an address change: confirmed at the new address
    ADDRESS_KEEP = 8  # an address change: refused or undone from the old address
    BOUNCE = 9  # a campaign and a subscriber: the envelope sender
    SENT = 10  # a signup: its "check your mail" page
    PASSWORD = 11  # a person of the staff: choose a password
    FIRST_START = 12  # the first start: become the owner, while there is none


@dataclass(frozen=True, slots=True)
class Token:
    """A token as read: its purpose and ids are claims until ``Links.proves`` has said yes."""

    purpose: Purpose
    key_id: bytes
    ids: tuple[int, ...]
    mac: bytes

    @property
    def row_id(self) -> int:
        """The id of the row whose nonce is under the MAC."""
        return self.ids[0]


LOCAL_PURPOSES = {"b": Purpose.BOUNCE, "s": Purpose.STOP}


def has_stop_local(notice_ids: Sequence[int]) -> bool:
    """Tell whether an address that ends these notices has room for any subscriber (see ``stop_local``)."""
    head = _head(Purpose.STOP, bytes(KEY_ID_BYTES), (_LAST_ID, *notice_ids))
    return len(head) + LOCAL_MAC_BYTES <= MAX_LOCAL_OCTETS


@dataclass(frozen=True, slots=True)
class LocalToken:
    """What a local part was proven to name: for BOUNCE campaign and subscriber, for STOP as in links."""

    purpose: Purpose
    ids: tuple[int, ...]


def key_id(key: bytes) -> bytes:
    """Return the two bytes by which a token names its key."""
    return hashlib.sha256(b"key-id:" + key).digest()[:KEY_ID_BYTES]


def read_token(text: str) -> Token | None:
    """Return the token that ``text`` spells, or None if it is cut, mangled or of no purpose known here."""
    raw = _unbase64(text)
    if raw is None or len(raw) < 1 + KEY_ID_BYTES + 1 + MAC_BYTES:
        return None
    try:
        purpose = Purpose(raw[0])
    except ValueError:
        return None
    ids = _read_varints(raw[1 + KEY_ID_BYTES : -MAC_BYTES])
    return Token(purpose, raw[1 : 1 + KEY_ID_BYTES], ids, raw[-MAC_BYTES:]) if ids else None


class Links:
    """Makes and proves tokens with the link keys; the newest key signs, all of them verify."""

    def __init__(self, public_url: str, link_keys: Sequence[bytes]) -> None:
        """Keep the public address (no trailing slash) and the keys, newest first."""
        self.public_url = public_url.rstrip("/")
        self._macs = {key_id(key): _Mac(key) for key in link_keys}
        self._key_id = key_id(link_keys[0])
        self._mac = self._macs[self._key_id]

    def token(self, purpose: Purpose, ids: Sequence[int], nonce: bytes = b"") -> str:
        """Return the token for ``purpose`` over ``ids`` (the row's id first) and the row's nonce."""
        head = _head(purpose, self._key_id, ids)
        return _base64(head + self._mac(head, nonce)[:MAC_BYTES])

    def url(self, path: str, token: str) -> str:
        """Return the absolute address ``PUBLIC_URL/path/token``; never built from a request's Host."""
        return f"{self.public_url}/{path}/{token}"

    def proves(self, token: Token, nonce: bytes = b"") -> bool:
        """Tell, in constant time, whether ``token`` was made here for the row with this nonce."""
        mac = self._macs.get(token.key_id)
        if mac is None:
            return False
        head = _head(token.purpose, token.key_id, token.ids)
        return hmac.compare_digest(mac(head, nonce)[:MAC_BYTES], token.mac)

    def bounce_local(self, ids: Sequence[int]) -> str:
        """Return a local part for the envelope sender: lower-case base32, since relays may fold case."""
        return f"b-{self._local(Purpose.BOUNCE, ids)}"

    def stop_local(self, ids: Sequence[int]) -> str:
        """Return a local part whose mails end these notices: a subscriber, then as many as have room.

        It stands in List-Unsubscribe (RFC 2369 3.2), in lower case like ``bounce_local``.
        """
        return f"s-{self._local(Purpose.STOP, ids)}"

    def proven_local(self, local: str) -> LocalToken | None:
        """Return what a local part proves, in any case of its letters; None if it was not made here."""
        raw = _unbase32(local[2:]) if local[1:2] == "-" else None
        if raw is None or len(raw) < 1 + KEY_ID_BYTES + 1 + LOCAL_MAC_BYTES:
            return None
        purpose = LOCAL_PURPOSES.get(local[0].lower())
        head, mac = raw[:-LOCAL_MAC_BYTES], self._macs.get(raw[1 : 1 + KEY_ID_BYTES])
        if purpose is None or raw[0] != purpose or mac is None:
            return None
        if not hmac.compare_digest(mac(head, b"")[:LOCAL_MAC_BYTES], raw[-LOCAL_MAC_BYTES:]):
            return None
        return LocalToken(purpose, _read_varints(head[1 + KEY_ID_BYTES :]))

    def _local(self, purpose: Purpose, ids: Sequence[int]) -> str:
        head = _head(purpose, self._key_id, ids)
        return base32(head + self._mac(head, b"")[:LOCAL_MAC_BYTES])


class _Mac:
    """HMAC-SHA-256 (RFC 2104) with one key, whose two blocks are hashed once: each mail needs three."""

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def __call__(self, head: bytes, nonce: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(b"link:%b|%b" % (head, nonce))
        outer.update(inner.digest())
        return outer.digest()


def _head(purpose: Purpose, key: bytes, ids: Sequence[int]) -> bytes:
    return bytes((purpose,)) + key + b"".join(map(_varint, ids))


# A mail's three tokens name the same reader, and all mails of a campaign the same notices.
@lru_cache(maxsize=1024)
def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varints(raw: bytes) -> tuple[int, ...]:
    ids, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            ids.append(value)
            value, shift = 0, 0
    return tuple(ids) if shift == 0 and 0 < len(ids) <= MAX_IDS and max(ids) < 2**63 else ()


def _base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def _unbase32(text: str) -> bytes | None:
    """Read back what ``base32`` wrote; only its own spelling counts, but for the case of letters."""
    if not 0 < len(text) <= 62 or not text.isascii():
        return None
    try:
        raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return raw if 0 < len(raw) <= MAX_OCTETS and base32(raw) == text.lower() else None


def _unbase64(text: str) -> bytes | None:
    # Strict: b64decode alone would skip foreign characters, and a token would have many spellings.
    if (
        not 0 < len(text) <= 512
        or not text.isascii()
        or not text.replace("-", "a").replace("_", "a").isalnum()
    ):
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if _base64(raw) == text else None
