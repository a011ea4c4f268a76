"""A composed mail as one reader would get it, with stand-ins for what differs; nobody is sent it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from newsletter_app.mail import Content, compile_message

# As long as a signed link is, since filters look at long ones.
TOKEN: Final = "k7" * 30
LOCAL: Final = f"s-{TOKEN[:40]}"
DAY: Final = "March 3, 2026"


def specimen(content: Content, now: datetime) -> bytes:
    """Return ``content`` as octets, dated ``now`` (aware). Raises HeaderRefused, MarkCollision."""
    domain = content.from_address.rpartition("@")[2]
    values = {slot.name: _stand_in(slot.name, domain) for slot in content.slots}
    message = compile_message(content, boundary_seed="specimen").fill(
        to_address=f"reader@{domain}", to_name="", date=now, message_id=f"<specimen@{domain}>", values=values
    )
    return bytes(message)


def _stand_in(slot: str, domain: str) -> str:
    if slot.endswith("_url"):
        return f"https://{domain}/{slot}/{TOKEN}"
    return LOCAL if slot.endswith("_local") else DAY
