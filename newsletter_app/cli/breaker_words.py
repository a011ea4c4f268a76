"""What a person is told of a server or a domain that refuses our mail, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from newsletter_app.cli.moments import in_words
from newsletter_app.ledger import Breaker, why

TROUBLES: Final[Mapping[str, str]] = {
    "unreachable": "see whether it runs, and whether SMTP_URL names host and port right",
    "timed-out": "it does not answer: look at the network and the firewall between",
    "greeting": "it sends us away at once: look at its log, or ask its operator",
    "hello": "it does not take our name: set EHLO_NAME to a name that leads back to this machine",
    "tls-not-offered": "it offers no STARTTLS: correct its address, or its ?starttls= in SMTP_URL",
    "tls-failed": "its certificate cannot be verified: SMTP_URL must name the host that stands in it",
    "login-needs-tls": "it takes no password in the clear: use smtps:// or ?starttls=required",
    "login-refused": "correct user and password in SMTP_URL",
    "keeps-closing": "it closes every connection: fewer messages a second, or ask its operator",
}
# By an enhanced code's last two numbers (x.7.26), or the first of them alone (x.7.*); see RFC 3463, RFC 7372.
REPLIES: Final[Mapping[str, str]] = {
    "7.515": "the sender's domain is not authenticated: set SPF, DKIM and DMARC in its DNS",
    "7.23": "this server's address has no name, or another one: set its reverse DNS",
    "7.25": "this server's address has no name, or another one: set its reverse DNS",
    "7.26": "the mail is not authenticated: set SPF, DKIM and DMARC in the DNS of MAIL_FROM",
    "7.27": "SPF fails: name this server in the SPF record of BOUNCE_DOMAIN",
    "7.28": "too many messages: send fewer a second",
    "7.29": "it wants TLS: require STARTTLS in SMTP_URL",
    "7.30": "DKIM fails: compare the key in the DNS with the one in DKIM_DIR",
    "7.31": "the domain has no DMARC record: add one to its DNS",
    "7.32": "the sender is not aligned: MAIL_FROM, DKIM and BOUNCE_DOMAIN must share a domain",
    "7.40": "the domain has no DMARC record: add one to its DNS",
    "7.8": "correct user and password in SMTP_URL",
    "7.": "it refuses us by policy: look at what it says, at SPF, DKIM, DMARC and at block lists",
    "1.7": "it does not take our sender: correct MAIL_FROM and BOUNCE_DOMAIN",
    "1.8": "it does not take our sender: correct MAIL_FROM and BOUNCE_DOMAIN",
    "3.4": "the mail is too big for it",
}
OTHERWISE: Final = "look at what it says and at its log, or ask its operator"


def advice(trouble: str | None, enhanced: str | None) -> str:
    """Return what to do about a trouble's code, else about an enhanced code such as ``5.7.26``."""
    status = (enhanced or "").partition(".")[2]
    return TROUBLES.get(trouble or "") or REPLIES.get(status) or REPLIES.get(status[:2]) or OTHERWISE


def as_data(breaker: Breaker) -> dict[str, Any]:
    """Return an open breaker as JSON can hold it."""
    return {
        "kind": breaker.kind,
        "name": breaker.name,
        "state": breaker.state,
        "since": breaker.opened_at,
        "why": str(why(breaker)),
        "advice": advice(breaker.trouble, breaker.reply_enhanced),
        "next_probe_at": breaker.probe_at,
    }


def line(told: Mapping[str, Any], zone: str) -> str:
    """Return an open breaker as a line: what is out, why, what to do, and when it is tried again."""
    what = "takes no mail" if told["kind"] == "server" else "refuses us; its readers' mail waits"
    again = f"tried again {in_words(told['next_probe_at'], zone)}"
    return f"{what} since {in_words(told['since'], zone)}: {told['why']} — {told['advice']}; {again}"
