"""What codes alone mean: enhanced codes by IANA's registry (RFC 5248) and providers', then basic ones.

A newcomer adds a row here when a provider documents a code; words that correct codes stand in ``phrases_*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsletter_app.mail.refusals.meanings import Kind, Reason, Verdict

HARD, SOFT, OURS = Kind.hard, Kind.soft, Kind.sender_fault

# RFC 3463 3.x unless said otherwise, without the class. Unknown details fall back to their "x.0" row.
BY_ENHANCED: Final[Mapping[str, Verdict]] = {
    "1.0": Verdict(HARD, Reason.user_unknown),
    "1.1": Verdict(HARD, Reason.user_unknown),
    "1.2": Verdict(HARD, Reason.domain_gone),
    "1.3": Verdict(HARD, Reason.bad_address),
    "1.4": Verdict(HARD, Reason.bad_address),
    "1.6": Verdict(HARD, Reason.moved),
    "1.7": Verdict(OURS, Reason.bad_sender),
    "1.8": Verdict(OURS, Reason.bad_sender),
    "1.9": Verdict(OURS, Reason.protocol),  # RFC 3886
    "1.10": Verdict(HARD, Reason.domain_gone),  # RFC 7505; Exchange Online means an unknown user: hard, too.
    "1.20": Verdict(OURS, Reason.content),  # Exchange Online: several From addresses
    "1.90": Verdict(OURS, Reason.rate_limited),  # Exchange Online: our daily limit
    "2.0": Verdict(SOFT, Reason.unspecified),
    "2.1": Verdict(HARD, Reason.inactive),
    "2.2": Verdict(SOFT, Reason.full),
    "2.3": Verdict(OURS, Reason.too_big),
    "2.4": Verdict(SOFT, Reason.unspecified),
    "2.121": Verdict(SOFT, Reason.rate_limited),  # Exchange Online: the mailbox gets too much just now
    "2.122": Verdict(SOFT, Reason.rate_limited),
    "3.0": Verdict(SOFT, Reason.busy),
    "3.1": Verdict(SOFT, Reason.busy),
    "3.2": Verdict(SOFT, Reason.busy),
    "3.3": Verdict(OURS, Reason.protocol),
    "3.4": Verdict(OURS, Reason.too_big),
    "3.5": Verdict(SOFT, Reason.busy),
    "3.190": Verdict(OURS, Reason.rate_limited),
    "4.0": Verdict(SOFT, Reason.unreachable),
    "4.1": Verdict(SOFT, Reason.unreachable),
    "4.2": Verdict(SOFT, Reason.unreachable),
    "4.3": Verdict(SOFT, Reason.unreachable),
    "4.4": Verdict(HARD, Reason.domain_gone),  # Postfix: the name is not in the DNS.
    "4.5": Verdict(SOFT, Reason.busy),
    "4.6": Verdict(SOFT, Reason.loop),
    "4.7": Verdict(SOFT, Reason.expired),
    "4.14": Verdict(SOFT, Reason.loop),  # Exchange Online: hop count exceeded
    "4.310": Verdict(HARD, Reason.domain_gone),  # Exchange Online: the domain is not in the DNS
    "5.0": Verdict(OURS, Reason.protocol),
    "6.0": Verdict(OURS, Reason.content),
    "7.0": Verdict(OURS, Reason.policy),
    "7.1": Verdict(OURS, Reason.policy),
    "7.2": Verdict(OURS, Reason.restricted),
    "7.12": Verdict(OURS, Reason.restricted),  # Exchange Online: takes mail of its own organisation only
    "7.20": Verdict(OURS, Reason.unauthenticated),  # RFC 7372, as far as 25
    "7.21": Verdict(OURS, Reason.unauthenticated),
    "7.22": Verdict(OURS, Reason.unauthenticated),
    "7.23": Verdict(OURS, Reason.unauthenticated),
    "7.24": Verdict(OURS, Reason.unauthenticated),
    "7.25": Verdict(OURS, Reason.unauthenticated),
    "7.26": Verdict(OURS, Reason.unauthenticated),
    "7.27": Verdict(OURS, Reason.unauthenticated),  # Gmail: SPF; RFC 7505: our sender's domain has a null MX
    "7.28": Verdict(OURS, Reason.rate_limited),  # Gmail, and IANA's "mail flood detected"
    "7.29": Verdict(OURS, Reason.unauthenticated),  # Gmail: TLS; RFC 8617: ARC
    "7.30": Verdict(OURS, Reason.unauthenticated),  # Gmail: DKIM
    "7.31": Verdict(OURS, Reason.unauthenticated),  # Gmail: no DMARC record
    "7.32": Verdict(OURS, Reason.unauthenticated),  # Gmail: From is not aligned
    "7.40": Verdict(OURS, Reason.unauthenticated),  # Gmail: no DMARC record
    "7.57": Verdict(OURS, Reason.relaying_denied),  # Exchange Online: not authenticated
    "7.64": Verdict(OURS, Reason.relaying_denied),  # Exchange Online: TenantAttribution
    "7.124": Verdict(
        OURS, Reason.restricted
    ),  # Exchange Online: not among the allowed senders, as far as 136
    "7.129": Verdict(OURS, Reason.restricted),
    "7.133": Verdict(OURS, Reason.restricted),
    "7.134": Verdict(OURS, Reason.restricted),
    "7.135": Verdict(OURS, Reason.restricted),
    "7.136": Verdict(OURS, Reason.restricted),
    "7.501": Verdict(OURS, Reason.spam),  # Exchange Online, as far as 511
    "7.502": Verdict(OURS, Reason.reputation),
    "7.503": Verdict(OURS, Reason.reputation),
    "7.508": Verdict(OURS, Reason.rate_limited),
    "7.509": Verdict(OURS, Reason.unauthenticated),
    "7.511": Verdict(OURS, Reason.reputation),
    "7.512": Verdict(OURS, Reason.content),
    "7.515": Verdict(OURS, Reason.unauthenticated),  # Outlook.com's rule for bulk senders
    "7.705": Verdict(OURS, Reason.rate_limited),
    "7.708": Verdict(OURS, Reason.reputation),
}
# Exchange Online: a range of codes for banned addresses.
BANNED: Final = range(606, 650)

# RFC 5321 4.2.3, RFC 7504 and RFC 4954.
BY_CODE: Final[Mapping[int, Verdict]] = {
    421: Verdict(SOFT, Reason.busy),
    450: Verdict(SOFT, Reason.unspecified),
    451: Verdict(SOFT, Reason.busy),
    452: Verdict(SOFT, Reason.busy),
    521: Verdict(HARD, Reason.domain_gone),
    525: Verdict(OURS, Reason.relaying_denied),  # The account we send with is disabled.
    530: Verdict(OURS, Reason.relaying_denied),
    534: Verdict(OURS, Reason.relaying_denied),
    535: Verdict(OURS, Reason.relaying_denied),
    538: Verdict(OURS, Reason.relaying_denied),
    550: Verdict(HARD, Reason.unspecified),
    551: Verdict(HARD, Reason.moved),
    552: Verdict(SOFT, Reason.full),
    553: Verdict(HARD, Reason.bad_address),
    554: Verdict(SOFT, Reason.unspecified),  # "Transaction failed" is said of everything.
    556: Verdict(HARD, Reason.domain_gone),
    571: Verdict(OURS, Reason.policy),  # Of no standard; said for 5.7.1.
}
PROTOCOL: Final = Verdict(OURS, Reason.protocol)
UNKNOWN: Final = Verdict(SOFT, Reason.unspecified)
DELIVERED: Final = Verdict(Kind.none, Reason.delivered)


def by_enhanced(subject: int, detail: int) -> Verdict | None:
    """Return what ``subject.detail`` of an enhanced code means; None for 0.x, which says nothing."""
    if subject == 7 and detail in BANNED:
        return Verdict(OURS, Reason.reputation)
    return BY_ENHANCED.get(f"{subject}.{detail}") or BY_ENHANCED.get(f"{subject}.0")


def by_code(code: int) -> Verdict:
    """Return what a reply code alone means; 500 to 504 and 555 are about our commands."""
    if code in BY_CODE:
        return BY_CODE[code]
    return PROTOCOL if 500 <= code <= 504 or code == 555 else UNKNOWN
