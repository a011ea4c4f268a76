"""DKIM keys for tests, made once a process since an RSA key takes its time, and a DNS that knows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from newsletter_app.mail.dkim_keys import Algorithm, SigningKey, new_key

DOMAIN = "e.ca"


@cache
def signing_key(selector: str, algorithm: Algorithm = "rsa") -> SigningKey:
    """Return the key of a selector, always the same."""
    return new_key(selector, algorithm)


def dns_of(keys: Sequence[SigningKey], domain: str = DOMAIN) -> Callable[..., bytes | None]:
    """Return what answers dkimpy's questions: the TXT records of ``keys``, and nothing else."""
    records = {f"{key.record_name(domain)}.": key.record().encode() for key in keys}

    def answer(name: bytes, **_time_out: object) -> bytes | None:
        return records.get(name.decode())

    return answer
