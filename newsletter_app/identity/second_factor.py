"""The second factor as arithmetic: codes of an app (TOTP, RFC 6238) and recovery codes; it keeps nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SEED_OCTETS: Final = 20
DIGITS: Final = 6
# The one that every app knows; HMAC does not rest on what SHA-1 has lost (RFC 6238 1.2).
ALGORITHM: Final = SHA1
STEP_S: Final = 30
# A phone's clock may be a little off, and a code is typed slowly (RFC 6238 5.2 asks for one step at most).
STEPS_AROUND: Final = (-1, 0, 1)
RECOVERY_CODES: Final = 10
RECOVERY_OCTETS: Final = 10


def new_seed() -> bytes:
    """Return 160 random bits (RFC 4226, section 4, R6)."""
    return secrets.token_bytes(SEED_OCTETS)


def code_at(seed: bytes, now: datetime) -> str:
    """Return the six digits that an app shows now."""
    return _totp(seed).generate(int(now.timestamp())).decode()


def matching_step(seed: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """Return the step (thirty seconds since 1970) whose code this is, or None.

    Only steps after ``after`` count: a code that was used, and any before it, is worth nothing (RFC 6238
    5.2).
    """
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return None
    current = int(now.timestamp()) // STEP_S
    for step in (current + around for around in STEPS_AROUND):
        if hmac.compare_digest(_totp(seed).generate(step * STEP_S), digits.encode()) and step > after:
            return step
    return None


def app_url(seed: bytes, address: str, issuer: str) -> str:
    """Return the address that a QR code holds, as apps read it (otpauth, Key URI format)."""
    return _totp(seed).get_provisioning_uri(address, issuer)


def spelled(seed: bytes) -> str:
    """Return the seed for whoever types it: groups of four letters."""
    text = base64.b32encode(seed).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def new_recovery_codes() -> list[str]:
    """Return ten codes of 80 random bits, written as ``abcd-efgh-ijkl-mnop``."""
    texts = (
        base64.b32encode(secrets.token_bytes(RECOVERY_OCTETS)).decode().lower() for _ in range(RECOVERY_CODES)
    )
    return ["-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts]


def recovery_digest(hash_key: bytes, code: str) -> str:
    """Return what is kept of a recovery code, however it was spaced: its keyed hash (S22)."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hmac.new(hash_key, b"recovery code|" + plain.encode(), hashlib.sha256).hexdigest()


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, ALGORITHM(), STEP_S)
