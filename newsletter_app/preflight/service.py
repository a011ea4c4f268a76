"""Looking at a tip, its organisation and its composed mail before a launch; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from newsletter_app import notices, organisation
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.mail import Content, HeaderRefused, MarkCollision, contains_mark
from newsletter_app.notices import Notice
from newsletter_app.organisation import missing_identification
from newsletter_app.preflight.colour_rules import colour_findings
from newsletter_app.preflight.findings import BLOCKS, Finding
from newsletter_app.preflight.link_rules import link_findings
from newsletter_app.preflight.link_tries import tries_of
from newsletter_app.preflight.mail_parts import MailParts, parts_of
from newsletter_app.preflight.mail_rules import (
    heading_findings,
    lawful_findings,
    size_findings,
    style_findings,
    subject_findings,
    text_findings,
    weight_findings,
)
from newsletter_app.preflight.program_rules import program_findings
from newsletter_app.preflight.spam_rules import SpamScore, spam_findings
from newsletter_app.preflight.specimen import specimen
from newsletter_app.preflight.tip_rules import (
    approval_findings,
    picture_findings,
    side_findings,
    source_findings,
    tip_findings,
)
from newsletter_app.preflight.tried_rules import tried_findings, untried_findings
from newsletter_app.preflight.waiving import still_standing
from newsletter_app.tips import Tip, writing

Weigh = Callable[[str], int]
NOT_ASKED: Final[Mapping[Language, SpamScore]] = MappingProxyType({})


def check(
    session: Session,
    tip: Tip,
    composer: Composer | None = None,
    *,
    now: datetime,
    day: date | None = None,
    weigh: Weigh | None = None,
    spam: Mapping[Language, SpamScore] = NOT_ASKED,
    tells_untried: bool = False,
) -> list[Finding]:
    """Return what is wrong with mailing ``tip`` now, and was not waived; nothing is changed.

    A ``composer`` composes its mails, which are looked at too, as are its words and sources then; ``weigh``
    tells how many octets the picture of a name has, ``spam`` what a filter gave the ``specimens``. What was
    found at their links is known here, and how many nobody tried lately is told where ``tells_untried``.
    With the ``day`` on which it is to leave, the rights to its picture are looked at.
    """
    today = organisation.local_day(session, now)
    found = _identity_findings(session)
    notice = notices.find(session, tip.notice_id)
    found += tip_findings(tip, notice, today) if notice else [Finding("notice-missing", BLOCKS)]
    found += approval_findings(tip, organisation.writer_may_approve(session))
    found += picture_findings(tip, day) if day is not None else []
    found = still_standing(session, [tip.id], found)
    if composer is not None and notice is not None and not any(item.level == BLOCKS for item in found):
        found += [*side_findings(tip, writing.is_behind(session, tip)), *source_findings(tip)]
        colours = colour_findings(organisation.palette_of(organisation.find(session)))
        found += still_standing(session, [tip.id], colours)
        in_mails = _mail_findings(session, tip, notice, composer, _Outside(now, weigh, spam, tells_untried))
        found += still_standing(session, [tip.id], in_mails)
    return found


class _Outside(NamedTuple):
    """What this room cannot know by itself, and whether links that nobody tried are told of."""

    now: datetime
    weigh: Weigh | None
    spam: Mapping[Language, SpamScore]
    tells_untried: bool


def _mail_findings(
    session: Session, tip: Tip, notice: Notice, composer: Composer, outside: _Outside
) -> Iterator[Finding]:
    links: dict[str, list[tuple[str, str]]] = {}
    for language in LANGUAGES:
        try:
            content = composer.compose(session, _edition(tip, notice, language))
            specimen(content, outside.now)
            parts = parts_of(content.html)
            links[language] = _links(parts, composer)
            yield from _content_findings(session, content, parts, language)
            if outside.weigh:
                yield from weight_findings(sum(map(outside.weigh, _pictures(parts))), language)
            yield from spam_findings(outside.spam.get(language), language)
        except Breach as breach:
            yield Finding(breach.code, BLOCKS, _place(breach) or language)
        except (HeaderRefused, MarkCollision) as fault:
            yield Finding("mail-refused", BLOCKS, language, str(fault))
    tried = tries_of(session, _addresses(*links.values()), outside.now)
    yield from tried_findings(links, tried)
    if outside.tells_untried:
        yield from untried_findings(links, tried)


class Specimen(NamedTuple):
    """A mail as a reader would get it, the names of its picture files, and its links to other sites."""

    octets: bytes
    pictures: frozenset[str]
    links: frozenset[str]


def specimens(session: Session, tip: Tip, composer: Composer, now: datetime) -> dict[Language, Specimen]:
    """Return the mail of ``tip`` in each language, for what is asked about it while no transaction is open.

    One that cannot be made is left out; ``check`` says why.
    """
    made: dict[Language, Specimen] = {}
    notice = notices.find(session, tip.notice_id)
    if notice is None:
        return made
    for language in LANGUAGES:
        with suppress(Breach, HeaderRefused, MarkCollision):
            content = composer.compose(session, _edition(tip, notice, language))
            parts = parts_of(content.html)
            made[language] = Specimen(
                specimen(content, now), _pictures(parts), _addresses(_links(parts, composer))
            )
    return made


def _edition(tip: Tip, notice: Notice, language: Language) -> DigestOf:
    return DigestOf((tip.id,), (notice,), language, "standard", None)


def check_content(session: Session, content: Content, language: Language) -> list[Finding]:
    """Return what is wrong with a composed mail. Raises Breach without an organisation."""
    return _content_findings(session, content, parts_of(content.html), language)


def _content_findings(
    session: Session, content: Content, parts: MailParts, language: Language
) -> list[Finding]:
    owner = organisation.get(session).side(language)
    return [
        *size_findings("html", content.html, language),
        *size_findings("text", content.text, language),
        *style_findings(parts, language),
        *program_findings(parts, language),
        *heading_findings(parts.headings, language),
        *link_findings(parts.links, language),
        *subject_findings(content.subject, parts.preheader, language),
        *text_findings(content.text, parts, language),
        *lawful_findings(content, owner, language),
    ]


def preheader_of(content: Content) -> str:
    """Return what a list of mails shows behind the subject."""
    return " ".join(parts_of(content.html).preheader.split())


def blocking_content(
    session: Session, content: Content, language: Language, tip_ids: Sequence[int]
) -> list[Finding]:
    """Return what forbids to send a composed mail of these tips. Raises Breach without an organisation."""
    found = still_standing(session, tip_ids, check_content(session, content, language))
    return [finding for finding in found if finding.level == BLOCKS]


def _pictures(parts: MailParts) -> frozenset[str]:
    return frozenset(address.rpartition("/")[2] for address in parts.pictures)


def _links(parts: MailParts, composer: Composer) -> list[tuple[str, str]]:
    """Return its links to other sites, each an address and its words; a reader's own are none of them."""
    return [
        (address, words)
        for address, words in parts.links
        if address.startswith(("http://", "https://"))
        and not composer.is_ours(address)
        and not contains_mark(address)
    ]


def _addresses(*links: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(address for theirs in links for address, _words in theirs)


def _place(breach: Breach) -> str:
    """Return where a template is at fault, and why; "" for any other breach."""
    if breach.code != "template-faulty":
        return ""
    return "{template}, line {line}: {reason}".format_map(breach.facts)


def blocking_codes(session: Session, tip: Tip, now: datetime) -> list[str]:
    """Return what forbids to launch ``tip`` now, as ``code:where``; compiling weighs each edition again."""
    return _codes(item for item in check(session, tip, now=now) if item.level == BLOCKS)


def blocking_identity(session: Session) -> list[str]:
    """Return what the law asks of the organisation before any mail, as ``code:where``."""
    return _codes(_identity_findings(session))


def _identity_findings(session: Session) -> list[Finding]:
    codes = missing_identification(organisation.find(session))
    return [Finding("identity-incomplete", BLOCKS, code) for code in codes]


def _codes(blocking: Iterable[Finding]) -> list[str]:
    return [f"{item.code}:{item.where}" if item.where else item.code for item in blocking]
