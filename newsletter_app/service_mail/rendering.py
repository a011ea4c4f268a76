"""A service mail as octets: facts in, one lawful message out; nothing a stranger typed is put in (S3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from jinja2 import Environment

from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import Links
from newsletter_app.mail import Content, Signing, SigningKey, compile_message, contains_mark, inline_css
from newsletter_app.media import Shown
from newsletter_app.notices import Notice
from newsletter_app.organisation import Organisation, palette_of
from newsletter_app.service_mail.link_specs import LinkSpec

LANGUAGE_TAGS: Final[dict[Language, str]] = {"en": "en-CA", "fr": "fr-CA"}
SUBSCRIBE_PATHS: Final[dict[Language, str]] = {"en": "/subscribe", "fr": "/fr/abonnement"}

# No List-* here (M25); the mark of a machine keeps out-of-office answers from answering (RFC 3834, M45).
HEADERS: Final = (("Auto-Submitted", "auto-generated"),)

_WHITE: Final = re.compile(r"[ \t\r\n]+")


class Mail(Protocol):
    """What of a claimed row is rendered."""

    @property
    def id(self) -> int:
        """The row."""
        ...

    @property
    def kind(self) -> str:
        """confirm, already, welcome …"""
        ...

    @property
    def language(self) -> Language:
        """The language to write in."""
        ...

    @property
    def address(self) -> str:
        """Whom to write to."""
        ...

    @property
    def address_key(self) -> str:
        """The address's keyed hash."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """Ids, times and LinkSpecs."""
        ...

    @property
    def compiled(self) -> bytes | None:
        """The edition that a test mail copies."""
        ...


def compose(
    mail: Mail,
    *,
    environment: Environment,
    organisation: Organisation,
    notices: Sequence[Notice],
    links: Links,
    mail_from: str,
    now: datetime,
    keys: Sequence[SigningKey] = (),
    logo: Shown | None = None,
) -> bytes:
    """Return the message, CRLF lines, signed with ``keys``; the same arguments give the same octets.

    ``environment`` is of the mail's language, ``notices`` are all those its facts name, ``now`` is its
    Date. Raises HeaderRefused for an address that no header can hold (it would need SMTPUTF8).
    """
    words = _words(mail, organisation, notices, links, mail_from)
    words |= {
        "palette": palette_of(organisation),
        "logo": logo,
        "called": _called(words["staff"], environment),
    }
    folder = f"email/service/{mail.kind}"
    subject = _line(environment, f"{folder}/subject.txt", words)
    html = environment.get_template(f"{folder}/body.html").render(words, subject=subject)
    content = Content(
        subject=subject,
        html=inline_css(html),
        text=environment.get_template(f"{folder}/body.txt").render(words, subject=subject),
        from_name=organisation.side(mail.language).name,
        from_address=mail_from,
        reply_to=mail.facts.get("reply_to") or _reply_to(organisation, mail_from),
        headers=HEADERS,
    )
    compiled = compile_message(content, boundary_seed=f"service:{mail.id}")
    return bytes(
        compiled.fill(
            to_address=mail.address,
            to_name="",
            date=now,
            message_id=message_id(mail, mail_from),
            values={},
            signer=Signing(compiled, keys) if keys else None,
        )
    )


def _line(environment: Environment, template: str, words: Mapping[str, Any]) -> str:
    """Return what a template says on one line, whatever its own lines; French no-break spaces stay."""
    return _WHITE.sub(" ", environment.get_template(template).render(words)).strip(" ")


def _called(staff: Mapping[str, Any], environment: Environment) -> str:
    """Return what the tip or campaign of a staff mail is called, "" where it is about none."""
    facts = staff.get("called")
    return _line(environment, "email/service/called.txt", facts) if facts else ""


def message_id(mail: Mail, mail_from: str) -> str:
    """Return ``<s12.4f0c…@domain>``: the same on every retry, another for every row (M5)."""
    seed = f"{mail.id}:{mail.kind}:{mail.address_key}"
    return f"<s{mail.id}.{hashlib.sha256(seed.encode()).hexdigest()[:16]}@{mail_from.rpartition('@')[2]}>"


def notice_ids(facts: Mapping[str, Any]) -> set[int]:
    """Return every notice that a mail's facts name."""
    return {*facts.get("notice_ids", ()), *facts.get("new_notice_ids", ())}


def _words(
    mail: Mail, organisation: Organisation, notices: Sequence[Notice], links: Links, mail_from: str
) -> dict[str, Any]:
    facts, language = mail.facts, mail.language
    chosen = [notice for notice in notices if notice.id in facts.get("notice_ids", ())]
    added = [notice for notice in notices if notice.id in facts.get("new_notice_ids", ())]
    urls = {name: LinkSpec.from_facts(facts[name]).url(links) for name in _link_names(facts)}
    return {
        "language_tag": LANGUAGE_TAGS[language],
        "organisation": _identity(organisation, language),
        "zone": organisation.time_zone,
        "mail_from": mail_from,
        "notices": [notice.side(language).name for notice in chosen],
        "new_notices": [notice.side(language).name for notice in added],
        "described": [notice.side(language) for notice in chosen],
        "numbered": bool(chosen) and all(notice.numbered for notice in chosen),
        "urls": urls | _pages(facts, language, links),
        "variant": facts.get("variant", ""),
        "staff": _all_harmless(facts.get("staff", {})),
        "masked": facts.get("masked", ""),
        "name": _harmless(facts.get("name", "")),
        "their_subject": _harmless(facts.get("subject", "")),
        "their_words": _harmless(facts.get("words", "")),
        "next_at": _moment(facts.get("next_at")),
        "first_at": _moment(facts.get("first_at")),
        "tip_number": facts.get("tip_number"),
        "tip_title": _harmless(facts.get("tip_title", "")),
        "tip_url": facts.get("tip_url", "") if _harmless(facts.get("tip_title", "")) else "",
    }


def _pages(facts: Mapping[str, Any], language: Language, links: Links) -> dict[str, str]:
    """Return where a mail leads without a signed link: staff sign in there."""
    pages = {"subscribe": SUBSCRIBE_PATHS[language]}
    if "page" in facts:
        pages |= {"page": f"/{facts['page']}", "account": "/console/account"}
    return {name: links.public_url + path for name, path in pages.items()}


def _identity(organisation: Organisation, language: Language) -> dict[str, str]:
    side = organisation.side(language)
    return {
        "name": side.name,
        "postal_address": side.postal_address,
        "phone": organisation.phone,
        "dial": "".join(sign for sign in organisation.phone if sign.isdigit() or sign == "+"),
    }


def _link_names(facts: Mapping[str, Any]) -> list[str]:
    return [name for name in ("link", "choices", "add", "stop") if name in facts]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _reply_to(organisation: Organisation, mail_from: str) -> str | None:
    return organisation.email if organisation.email not in ("", mail_from) else None


def _all_harmless(facts: Any) -> Any:
    """Return facts as they are, less every text that would be taken for a slot's mark."""
    if isinstance(facts, dict):
        return {name: _all_harmless(each) for name, each in facts.items()}
    if isinstance(facts, list):
        return [_all_harmless(each) for each in facts]
    return _harmless(facts) if isinstance(facts, str) else facts


def _harmless(text: str) -> str:
    # What would be taken for a slot's mark cannot be compiled; a greeting without a name can.
    return "" if contains_mark(text) else text
