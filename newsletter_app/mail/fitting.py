"""What one server can take: its offers, the messages it could not carry; it talks to nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from newsletter_app.mail.replies import Reply
from newsletter_app.mail.sound import Message, Sound
from newsletter_app.mail.transport import Parcel

TOO_BIG: Final = Reply(552, "5.3.4", "Message is bigger than this server takes")
NEEDS_SMTPUTF8: Final = Reply(553, "5.6.7", "Address is not ASCII and this server does not offer SMTPUTF8")
NO_RECIPIENT: Final = Reply(553, "5.1.3", "Recipient is no address")
NO_SENDER: Final = Reply(553, "5.1.7", "Envelope sender is no address")
NOT_LINES: Final = Reply(554, "5.6.0", "Message has a bare CR or LF")
NOT_SEVEN_BIT: Final = Reply(554, "5.6.3", "Message is not 7-bit")

# Nothing that could end a command or its path (RFC 5321 4.1.2); quoted local parts are not used by anybody.
_SPACES: Final = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PATH: Final = rf"[^<>\"{_SPACES}]{{1,64}}@[^<>\"@{_SPACES}]{{1,255}}"
_ADDRESS: Final = re.compile(_PATH)
_ENVELOPE: Final = re.compile(rf"(?:{_PATH})?\n{_PATH}")


@dataclass(frozen=True, slots=True)
class Offers:
    """What the server's EHLO offered (nothing after HELO); ``size`` in octets, 0 unlimited, None unsaid."""

    pipelining: bool = False
    size: int | None = None
    smtputf8: bool = False


def unfit(parcel: Parcel, offers: Offers) -> Reply | None:
    """Return our own refusal of a parcel this server could not take, before anything is written for it."""
    envelope = f"{parcel.sender}\n{parcel.recipient}"
    if not _ENVELOPE.fullmatch(envelope):
        return NO_SENDER if _ADDRESS.fullmatch(parcel.recipient) else NO_RECIPIENT
    international = not envelope.isascii()
    if international and not offers.smtputf8:
        return NEEDS_SMTPUTF8
    if offers.size and len(parcel.message) > offers.size:
        return TOO_BIG
    if isinstance(parcel.message, Sound):
        return None
    # The last guard against smuggling: a bare CR or LF could end the message early (RFC 5321 2.3.8).
    if parcel.message.count(b"\n") != parcel.message.count(b"\r"):
        return NOT_LINES
    if not (international or parcel.message.isascii()):
        return NOT_SEVEN_BIT
    return None


def commands(parcel: Parcel, offers: Offers) -> bytes:
    """Return MAIL, RCPT and DATA of a parcel that fits, with the parameters that were offered and apply."""
    options = "" if offers.size is None else f" SIZE={len(parcel.message)}"
    if offers.smtputf8 and needs_smtputf8(parcel):
        options += " SMTPUTF8"
    return f"MAIL FROM:<{parcel.sender}>{options}\r\nRCPT TO:<{parcel.recipient}>\r\nDATA\r\n".encode()


def stuffed(message: Message) -> Sequence[bytes]:
    """Return the message as it travels, in parts: leading dots doubled (RFC 5321 4.5.2), the last line ended.

    A dot behind a bare LF is doubled too, so that a careless server cannot take it for the end.
    """
    if isinstance(message, Sound):
        return message.parts
    doubled = message.replace(b"\n.", b"\n..")
    if doubled.startswith(b"."):
        doubled = b"." + doubled
    return [doubled] if not doubled or doubled.endswith(b"\r\n") else [doubled, b"\r\n"]


def needs_smtputf8(parcel: Parcel) -> bool:
    """Whether an address of the envelope can only travel by RFC 6531."""
    return not f"{parcel.sender}{parcel.recipient}".isascii()
