"""A test mail: a compiled edition filled and signed as its readers' are, with what its facts put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter_app.kernel.links import Links
from newsletter_app.mail import Compiled, Signing, SigningKey
from newsletter_app.service_mail.link_specs import LinkSpec


def copy_of(
    octets: bytes,
    facts: Mapping[str, Any],
    *,
    to: str,
    message_id: str,
    links: Links,
    now: datetime,
    keys: Sequence[SigningKey],
) -> bytes:
    """Return the message that ``octets`` (``Compiled.to_bytes``) make, dated ``now``, for ``to``.

    ``facts`` hold ``slots``, texts by slot, and ``slot_links``, LinkSpecs by slot. Raises HeaderRefused for
    an address that no header can hold.
    """
    compiled = Compiled.from_bytes(octets)
    urls = {name: LinkSpec.from_facts(spec).url(links) for name, spec in facts["slot_links"].items()}
    message = compiled.fill(
        to_address=to,
        to_name="",
        date=now,
        message_id=message_id,
        values=facts["slots"] | urls,
        signer=Signing(compiled, keys) if keys else None,
    )
    return bytes(message)
