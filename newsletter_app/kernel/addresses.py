"""E-mail addresses: reading, keying, masking and likely slips; it looks nothing up on the network."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

# A small table beats a distance measure: "gmial.com" is a slip, "gmx.com" is not.
_SLIPS_BY_DOMAIN: Final[dict[str, str]] = {
    "gmail.com": "gmial.com gmai.com gmal.com gamil.com gnail.com gmail.co gmail.con gmail.ca gmail.cm"
    " gmaill.com gmail.comm gmsil.com hmail.com gmil.com gmaul.com",
    "hotmail.ca": "hotmial.ca hotmai.ca hotmal.ca hotmil.ca homail.ca",
    "hotmail.com": "hotmial.com hotmai.com hotmal.com hotmil.com homail.com hotmail.con hotmail.co",
    "outlook.com": "outlok.com outloook.com outlook.con outlook.co oulook.com",
    "yahoo.ca": "yaho.ca yahooo.ca yhoo.ca yaoo.ca yahho.ca",
    "yahoo.com": "yaho.com yahooo.com yahoo.con yhoo.com yaoo.com yahoo.co",
    "icloud.com": "iclod.com icloud.con icoud.com icloud.co icluod.com",
    "shaw.ca": "shaw.c shwa.ca shaw.cs",
    "telus.net": "telus.ner tellus.net telus.nte telus.bet",
    "rogers.com": "roger.com rogers.con rodgers.com",
    "bell.net": "bel.net bell.nte bell.ner belle.net",
    "sympatico.ca": "sympatico.com sympatic.ca simpatico.ca sympatco.ca sympatico.cs",
    "videotron.ca": "videotron.com videtron.ca videotorn.ca",
}
SLIPS: Final[dict[str, str]] = {
    slip: meant for meant, slips in _SLIPS_BY_DOMAIN.items() for slip in slips.split()
}

_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})

ROLE_NAMES: Final = frozenset({
    "abuse", "admin", "billing", "contact", "help", "hostmaster", "info", "mail", "mailer-daemon", "no-reply",
    "noc", "noreply", "office", "postmaster", "root", "sales", "security", "support", "webmaster",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address as it is written to (domain as A-labels), with the case of its local part kept."""

    local: str
    domain: str

    def __str__(self) -> str:
        """Return ``local@domain``, as in RCPT TO."""
        return f"{self.local}@{self.domain}"

    @property
    def canonical(self) -> str:
        """The form for matching: lower-case, ``+tag`` and dots untouched."""
        return f"{self.local.lower()}@{self.domain}"

    @property
    def is_role(self) -> bool:
        """Whether it names a function rather than a person (RFC 2142)."""
        return self.local.lower() in ROLE_NAMES


class AddressFault(ValueError):
    """The text is no address; ``code`` is ``empty``, ``no-at``, ``too-long`` or ``malformed``."""

    def __init__(self, code: str) -> None:
        """Keep the code that the page turns into a sentence."""
        super().__init__(code)
        self.code = code


def parse_address(text: str) -> Address:
    """Read one address (RFC 5321 4.1.2, IDN per RFC 5891). Raises AddressFault."""
    typed = text.strip()
    if not typed:
        raise AddressFault("empty")
    if "@" not in typed and "＠" not in typed:
        raise AddressFault("no-at")
    if len(typed) > 320:
        raise AddressFault("too-long")
    try:
        found = validate_email(typed, check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as fault:
        raise AddressFault("malformed") from fault
    return Address(found.local_part, found.ascii_domain.lower())


def address_key(hash_key: bytes, address: Address) -> str:
    """Return the keyed hash (HMAC-SHA-256, 64 hex digits) that finds an address without storing it."""
    return hmac.new(hash_key, address.canonical.encode(), hashlib.sha256).hexdigest()


def mailbox_key(hash_key: bytes, address: Address) -> str:
    """Return the keyed hash (64 hex digits) that all spellings of what is likely one mailbox share.

    For counting only, never for identity (S6): what follows ``+`` is left out, and Gmail's dots.
    """
    local = address.local.lower().partition("+")[0] or address.local.lower()
    if address.domain in _DOTLESS:
        local = local.replace(".", "")
    spelled = f"mailbox:{local}@{address.domain}"
    return hmac.new(hash_key, spelled.encode(), hashlib.sha256).hexdigest()


def likely_slip(address: Address) -> Address | None:
    """Return the address that was probably meant, or None when the domain is no known slip."""
    meant = SLIPS.get(address.domain)
    return Address(address.local, meant) if meant else None


def mask(text: str) -> str:
    """Return ``r•••@example.ca``: enough for its owner, too little for anybody else."""
    local, _, domain = text.rpartition("@")
    return f"{local[:1]}•••@{domain}"
