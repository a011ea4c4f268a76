"""A test mail: a compiled edition filled and signed as its readers' are, with what its facts put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from newsletter_app.kernel.links import Links
from newsletter_app.mail import Compiled, Signing, SigningKey
from newsletter_app.service_mail.link_specs import LinkSpec

# Stands for the campaign in a service mail's envelope sender.
NO_CAMPAIGN: Final = 0


def copy_of(
    octets: bytes,
    facts: Mapping[str, Any],
    *,
    to: str,
    mail_id: int,
    message_id: str,
    links: Links,
    now: datetime,
    keys: Sequence[SigningKey],
) -> bytes:
    """Return the message that ``octets`` (``Compiled.to_bytes``) make, dated ``now``, for ``to``.

    ``facts`` hold ``slots``, texts by slot, ``slot_links``, LinkSpecs by slot, and ``stops``, what its mailto
    would end. Raises HeaderRefused for an address that no header can hold.
    """
    compiled = Compiled.from_bytes(octets)
    urls = {name: LinkSpec.from_facts(spec).url(links) for name, spec in facts["slot_links"].items()}
    message = compiled.fill(
        to_address=to,
        to_name="",
        date=now,
        message_id=message_id,
        values=facts["slots"] | urls | locals_of(compiled, links, facts["stops"], mail_id),
        signer=Signing(compiled, keys) if keys else None,
    )
    return bytes(message)


def locals_of(compiled: Compiled, links: Links, stops: Sequence[int], mail_id: int) -> dict[str, str]:
    """Return the local parts of addresses that the edition shows, as the readers' mails have theirs."""
    made = {"stop_local": links.stop_local(stops), "bounce_local": links.bounce_local((NO_CAMPAIGN, mail_id))}
    return {slot: local for slot, local in made.items() if compiled.shows(slot)}
