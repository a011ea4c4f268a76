"""Seeds of second factors as they are kept: sealed with a key that is not in the database (S30).

The key is derived from HASH_KEY, which never changes, so that a rotation of others locks nobody out.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_OCTETS: Final = 12
KEY_OCTETS: Final = 32
PURPOSE: Final = b"newsletter: seeds of second factors"


def sealed(hash_key: bytes, staff_id: int, seed: bytes) -> bytes:
    """Return the seed encrypted (AES-256-GCM), bound to this person's row."""
    nonce = os.urandom(NONCE_OCTETS)
    return nonce + AESGCM(_key(hash_key)).encrypt(nonce, seed, _owner(staff_id))


def opened(hash_key: bytes, staff_id: int, kept: bytes) -> bytes:
    """Return the seed. Raises InvalidTag for another row's, another key's, or changed octets."""
    nonce, rest = kept[:NONCE_OCTETS], kept[NONCE_OCTETS:]
    return AESGCM(_key(hash_key)).decrypt(nonce, rest, _owner(staff_id))


def _key(hash_key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_OCTETS, salt=None, info=PURPOSE).derive(hash_key)


def _owner(staff_id: int) -> bytes:
    return f"staff:{staff_id}".encode()
