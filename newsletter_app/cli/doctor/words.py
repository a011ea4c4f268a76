"""What doctor says: for each code of an observation what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Final

from newsletter_app.cli.doctor.dns_words import DNS_WORDS
from newsletter_app.kernel.observations import Observation

MOST_TEXT: Final = 500
WHY_UNASKED: Final[Mapping[str, str]] = {
    "timed-out": "no answer in time",
    "servfail": "the name server could not find out",
    "refused": "the name server refuses to answer",
    "no-resolver": "this machine knows no name server (/etc/resolv.conf)",
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **DNS_WORDS,
    "outbox": ("Mail stays in the outbox of this machine", ""),
    "smtp-ok": ("{subject} takes our mail over {tls}; {login}; its certificate holds until {until}", ""),
    "smtp-local": ("{subject} on this machine takes our mail; {login}", ""),
    "smtp-plain": (
        "{subject} takes our mail in the clear, and anybody on the way can read it",
        "set ?starttls=required in SMTP_URL",
    ),
    "certificate-ends": (
        "{subject}: its certificate ends in {days} days ({until}); after that no mail leaves",
        "ask whoever runs the server to renew it",
    ),
    "smtp-trouble": ("{subject} takes no mail ({trouble}{said})", "{advice}"),
    "place-ok": ("{subject} lies on a disk ({kind})", ""),
    "place-ephemeral": (
        "{subject} lies on {kind}: journals and keys may be gone after a restart, and who was mailed",
        "set DATA_DIR to a folder on a disk, or mount a volume there",
    ),
    "place-unknown": (
        "Whether {subject} outlives a restart cannot be told here",
        "see that it lies on a disk",
    ),
    "disk-ok": ("The disk of {subject} has {free} free", ""),
    "disk-low": ("The disk of {subject} has only {free} free", "make room; at 0 no mail is sent"),
    "disk-full": (
        "The disk of {subject} has {free} free, which is too little for a journal",
        "make room now",
    ),
    "modes-ok": ("{subject}: nobody else on this machine can read them", ""),
    "mode-open": ("{subject} can be read by others on this machine", "chmod 600 {subject}"),
    "env-open": ("{subject} can be read by others on this machine", "chmod 600 {subject}"),
    "database-silent": ("The database does not answer: {said}", "see whether it runs, and DATABASE_URL"),
    "schema-ok": ("The database is at revision {head}", ""),
    "schema-behind": (
        "The database is at revision {current}, and this version wants {head}",
        "flask prepare",
    ),
    "schema-ahead": (
        "The database is at revision {current}, which this version does not know",
        "install the newer version, or restore an older backup",
    ),
    "keys-ok": ("The keys are those this database was made with ({fingerprints})", ""),
    "keys-foreign": ("{said}", "nothing may start before that"),
    "tick-ok": ("The {subject} came {age} seconds ago", ""),
    "tick-late": (
        "The {subject} last came {age} seconds ago",
        "start the product, or look at the log of its workers",
    ),
    "tick-never": ("The {subject} never came", "start the product (make run)"),
    "clock-went-back": (
        "The {subject} seems to come from {ahead} seconds ahead: a clock was set back",
        "have the clock kept by NTP",
    ),
    "clock-ok": ("This machine's clock and the database's agree", ""),
    "clock-off": (
        "This machine's clock and the database's differ by {seconds} seconds",
        "have both kept by NTP",
    ),
    "clock-far-off": (
        "This machine's clock and the database's differ by {seconds} seconds; others refuse misdated mail",
        "have both kept by NTP, now",
    ),
    "broker-ok": ("The broker answers", ""),
    "broker-silent": ("The broker does not answer", "start the product, or see REDIS_URL"),
    "pace-free": ("No pace is set: mail leaves as fast as the servers take it", ""),
    "pace-ok": ("The pace is kept ({count} limits)", ""),
    "pace-silent": (
        "A pace is set and the broker that keeps it is silent, so no campaign sends",
        "start the broker",
    ),
    "sending-locked": ("Sending is locked: {subject} {details}", "flask campaigns reconcile --help"),
    "breaker-open": ("{subject} gets no mail at present: {said}", "flask campaigns status says what to do"),
    "way-listener": ("What comes back is taken at {subject}, {tls}", ""),
    "way-mailbox": ("What comes back is read from {subject}, which takes our login", ""),
    "way-maildir": ("What comes back is read from the maildir {subject}", ""),
    "way-hook": ("A provider tells of bounces and complaints at {subject}", ""),
    "no-way-in": (
        "Mail leaves, and no way in is set: bounces and complaints of {subject} are never heard of",
        "choose a way in (docs/deliverability.md, step 6)",
    ),
    "mailbox-unreachable": (
        "The mailbox at {subject} cannot be reached",
        "look at host and port of FEEDBACK_IMAP_URL",
    ),
    "mailbox-untrusted": (
        "{subject}, where the mailbox lies, has no certificate for that name that can be trusted",
        "write the name that its provider gives in FEEDBACK_IMAP_URL",
    ),
    "mailbox-login-refused": (
        "{subject} refuses user and password of FEEDBACK_IMAP_URL",
        "make a password for programs in the provider's settings, which many ask for",
    ),
    "mailbox-no-folder": (
        "{subject} has no such folder as FEEDBACK_IMAP_URL names",
        "name one that is there, such as INBOX",
    ),
    "mailbox-lost": ("The connection to the mailbox at {subject} was lost", "try again"),
    "maildir-none": (
        "{subject} is no maildir: it has no folders new and cur",
        "let the mail server make it, or correct FEEDBACK_MAILDIR",
    ),
    "strangers-turned-away": (
        "Mail that proves nothing was turned away {times} times since yesterday, most of it from {subject}",
        "bar who floods you at the mail server in front; what waits: flask feedback list --waiting",
    ),
    "organisation-ok": ("The organisation has all that the law asks for in a newsletter", ""),
    "organisation-lacks": ("Nothing may be sent yet: {lack}", "flask organisation set --help"),
}


def found(one: Observation) -> str:
    """Return what was found, as a sentence without its full stop."""
    return _filled(WORDS[one.code][0], one) if one.code in WORDS else f"{one.code} {one.subject}".rstrip()


def to_do(one: Observation) -> str:
    """Return what to do about it, "" where nothing need be done."""
    return _filled(WORDS[one.code][1], one) if one.code in WORDS else ""


def facts_of(template: str) -> set[str]:
    """Return the names of the facts that a sentence asks for."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _filled(template: str, one: Observation) -> str:
    facts = {name: _short(one.facts.get(name, "")) for name in facts_of(template)}
    if "why" in facts:
        facts["why"] = WHY_UNASKED.get(facts["why"], facts["why"])
    told = template.format_map({**facts, "subject": one.subject})
    # What stands in the DNS, and what a server says, a stranger wrote.
    return "".join(sign if sign.isprintable() else "?" for sign in told)
