"""The records to publish, made of the settings alone: SPF, DKIM, DMARC and the bounce domain's MX."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from newsletter_app.authentication.identity import Identity
from newsletter_app.mail.dkim_keys import txt_strings

# What these providers tell their customers to include, by the end of the host they hand mail to. Others
# prescribe something, too, which nobody can know from a name; so it is said beside the record.
INCLUDES: Final[Mapping[str, str]] = {
    "smtp-relay.gmail.com": "_spf.google.com",
    "smtp.gmail.com": "_spf.google.com",
    "smtp.office365.com": "spf.protection.outlook.com",
    ".amazonaws.com": "amazonses.com",
    "smtp.mailgun.org": "mailgun.org",
    "smtp.sendgrid.net": "sendgrid.net",
    "smtp.postmarkapp.com": "spf.mtasv.net",
    "smtp-relay.brevo.com": "spf.brevo.com",
    ".mailjet.com": "spf.mailjet.com",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record to publish; ``purpose`` is the code of the sentence that goes with it.

    spf, spf-guessed (what the provider prescribes is not known), spf-nobody (there is no server yet), dkim,
    dkim-spare (a key that does not sign yet), dmarc, mx, mx-kept (it has its own: no ``value``).
    """

    purpose: str
    name: str
    kind: str
    value: str

    def as_zone(self) -> str:
        """Return the line of a zone file (RFC 1035 section 5.1)."""
        held = txt_strings(self.value) if self.kind == "TXT" else self.value
        return f"{self.name}. IN {self.kind} {held}"


def records_to_publish(identity: Identity, reports_to: str = "") -> list[Record]:
    """Return every record, in the order they are best published.

    ``reports_to`` is who hears from others what they saw of our mail; an address of another organisation is
    left out, which would have to agree first (RFC 9990 section 4).
    """
    return [_spf(identity), *_dkim(identity), _dmarc(identity, reports_to), _mx(identity)]


def _spf(identity: Identity) -> Record:
    terms: list[str] = []
    is_guessed = False
    for host in identity.remote_servers:
        term = _known_term(host)
        is_guessed = is_guessed or term is None
        terms.append(term or f"a:{host}")
    if identity.sends_itself:
        terms.append(f"a:{identity.ehlo_name}")
    # ``-all`` has some servers refuse a forwarded mail before they look at its signature (RFC 9989).
    text = " ".join(["v=spf1", *dict.fromkeys(terms), "~all"])
    purpose = "spf-guessed" if is_guessed else "spf" if terms else "spf-nobody"
    return Record(purpose, identity.bounce_domain, "TXT", text)


def _known_term(host: str) -> str | None:
    """Return what lets this server send, None where only its provider knows."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        named = (include for end, include in INCLUDES.items() if host == end or _ends(host, end))
        include = next(named, None)
        return f"include:{include}" if include else None
    return f"ip{address.version}:{address}"


def _ends(host: str, end: str) -> bool:
    return end.startswith(".") and host.endswith(end)


def _dkim(identity: Identity) -> Iterator[Record]:
    for key in identity.keys:
        name = f"{key.selector}._domainkey.{identity.from_domain}"
        yield Record("dkim" if key.signs else "dkim-spare", name, "TXT", key.record)


def _dmarc(identity: Identity, reports_to: str) -> Record:
    # No pct=, rf= or ri=, which are no more (RFC 9989 appendix C); none= until the reports look well.
    theirs = reports_to.rpartition("@")[2]
    ours = identity.from_domain
    is_ours = bool(theirs) and (theirs == ours or ours.endswith(f".{theirs}") or theirs.endswith(f".{ours}"))
    text = "v=DMARC1; p=none" + (f"; rua=mailto:{_in_uri(reports_to)}" if is_ours else "")
    return Record("dmarc", f"_dmarc.{ours}", "TXT", text)


def _in_uri(address: str) -> str:
    # What parts a list of addresses, and what parts tags, is encoded (RFC 9989 section 4.8).
    return "".join(f"%{ord(sign):02X}" if sign in ',!;%"\\' else sign for sign in address)


def _mx(identity: Identity) -> Record:
    domain = identity.bounce_domain
    if domain == identity.from_domain:
        return Record("mx-kept", domain, "MX", "")
    return Record("mx", domain, "MX", f"10 {identity.ehlo_name}.")
