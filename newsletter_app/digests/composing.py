"""A digest: fragments in a frame, with marks where each reader's own words will stand; it sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from sqlalchemy.orm import Session

from newsletter_app import media, organisation, tips
from newsletter_app.digests.edition import DigestOf
from newsletter_app.digests.faults import telling_the_template
from newsletter_app.digests.fragments import LANGUAGE_TAGS, Fragment, Link, label_of, render_fragment
from newsletter_app.digests.list_fields import archive_url, help_url, list_fields
from newsletter_app.digests.notes import notes
from newsletter_app.digests.sections import sections
from newsletter_app.kernel.clock import local_day
from newsletter_app.kernel.languages import Language, other
from newsletter_app.kernel.words import sentence, when
from newsletter_app.mail import Content, Slot, inline_css, mark
from newsletter_app.mail.encoding import clean_body, quote
from newsletter_app.mail.render import environment
from newsletter_app.organisation import Organisation
from newsletter_app.tips import Tip

SLOTS: Final = tuple(map(Slot, ("asked_on", "choices_url", "stop_url", "stop_local", "bounce_local")))
# Postmark's Message-ID and envelope sender are its own; what stands here it tells with a bounce. Such values
# are short, so that no domain is added (https://postmarkapp.com/support/article/1125-custom-metadata-faq).
METADATA: Final = ("X-PM-Metadata-mail", mark("bounce_local"))
NEXT_ON: Final = "next_on"
SUBSCRIBE_PATHS: Final[Mapping[str, str]] = {"en": "/subscribe", "fr": "/fr/abonnement"}
RELATED: Final = 2
OWN_TEMPLATES: Final = "email/digest"
# The templates of a mail that holds tips, and of one that holds a correction alone.
TIPS: Final = "tip"
CORRECTION: Final = "correction"
SUBJECTS: Final[Mapping[str, str]] = {TIPS: "subject.txt", CORRECTION: "correction_subject.txt"}
# The newest tip stands first and gives the mail its subject.
NEWEST: Final = 0
# Where a mail is called big (preflight), well below where it is cut off.
COMFORTABLE: Final = 80 * 1024


@dataclass(frozen=True, slots=True)
class Folders:
    """Where templates and catalogues lie."""

    templates: Path
    translations: Path


class Composer:
    """Composes digests; a tip is rendered once per language and layout, however many editions hold it."""

    def __init__(
        self,
        folders: Folders,
        public_url: str,
        mail_from: str,
        now: datetime,
        *,
        stop_domain: str = "",
        tells_postmark: bool = False,
    ) -> None:
        """Keep what every digest has in common; ``now`` decides which pictures may still be shown.

        ``stop_domain`` is where mails to a reader's own address for stopping are read, "" for nowhere;
        ``tells_postmark`` has each mail name itself in a field that Postmark's hook gives back.
        """
        self._now = now
        self._folders = folders
        self._public_url = public_url.rstrip("/")
        self._mail_from = mail_from
        self._stop_domain = stop_domain
        self._of_postmark = (METADATA,) if tells_postmark else ()
        self._environments: dict[tuple[Language, str], Environment] = {}
        # By revision, so that what an edition is said to show is what it shows.
        self._fragments: dict[tuple[int, int, Language, str, str, int], Fragment] = {}

    def is_ours(self, address: str) -> bool:
        """Tell whether a web address lies on the site that mails lead to."""
        rest = address.removeprefix(self._public_url)
        return rest != address and (not rest or rest[0] in "/?#")

    def compose(self, session: Session, edition: DigestOf) -> Content:
        """Return the digest of ``edition``, styles inlined, 7-bit matters left to compiling.

        As many tips stand whole in it as the organisation says, and fewer if they make it too big: mail
        programs cut off what is too long, and the stop button with it (M53). The others are told of.
        Without a tip it is the mail of a correction. Raises Breach ``tip-holds-mark``,
        ``organisation-missing``, ``template-faulty``.
        """
        with telling_the_template(self._folders.templates):
            owner = organisation.get(session)
            chosen = [tips.find(session, tip_id) for tip_id in edition.tip_ids]
            shown = [tip for tip in chosen if tip is not None]
            fragments = [self._fragment(session, tip, edition, depth=int(len(shown) > 1)) for tip in shown]
            words = self._words(session, owner, edition)
            if not shown:
                return self._compose(edition, words, CORRECTION)
            words |= self._words_of_tips(shown, fragments, edition)
            for whole in range(min(owner.whole_tips, len(shown)), 0, -1):
                words["sections"] = sections(edition, fragments, whole)
                content = self._compose(edition, words, TIPS)
                # With one tip there is nothing left to leave out, however long it is.
                if whole == 1 or octets_of(content) <= COMFORTABLE:
                    break
            return content

    def _compose(self, edition: DigestOf, words: dict[str, Any], name: str) -> Content:
        env = self._environment(edition)
        subject = env.get_template(f"email/digest/{SUBJECTS[name]}").render(words)
        # Only line ends go: str.split() would take French no-break spaces for spaces.
        subject = subject.replace("\n", " ").strip(" ")
        words["subject"] = subject
        identity = words["organisation"]
        reply_to = identity["email"] if identity["email"] not in ("", self._mail_from) else None
        return Content(
            subject=subject,
            html=inline_css(env.get_template(f"email/digest/{name}.html").render(words)),
            text=env.get_template(f"email/digest/{name}.txt").render(words),
            from_name=identity["name"],
            from_address=self._mail_from,
            reply_to=reply_to,
            headers=(*self._list_fields(edition, identity), *self._of_postmark),
            slots=self._slots(edition, words["zone"]),
        )

    def _slots(self, edition: DigestOf, zone: str) -> tuple[Slot, ...]:
        """Return the slots; whoever has no hour or zone of their own reads ours."""
        if edition.next_at is None:
            return SLOTS
        ours = sentence(when(edition.next_at, zone, edition.language))
        return (*SLOTS, Slot(NEXT_ON, ours))

    def _list_fields(self, edition: DigestOf, identity: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return list_fields(
            [notice.id for notice in edition.notices],
            self._mail_from,
            help_url=help_url(identity["email"], identity["website"]),
            archive_url=archive_url(edition.notices, edition.language, self._public_url),
            stop_domain=self._stop_domain,
            campaign_id=edition.campaign_id,
        )

    def _environment(self, edition: DigestOf) -> Environment:
        key = edition.language, self._own_folder(edition)
        if key not in self._environments:
            language, own = key
            made = environment(language, self._folders.templates, self._folders.translations, own)
            self._environments[key] = made
        return self._environments[key]

    def _own_folder(self, edition: DigestOf) -> str:
        """Return where a notice keeps templates of its own; a mail of several notices is nobody's own."""
        if len(edition.notices) != 1:
            return ""
        own = f"{OWN_TEMPLATES}/{edition.notices[0].key}"
        return own if (self._folders.templates / own).is_dir() else ""

    def _fragment(self, session: Session, tip: Tip, edition: DigestOf, depth: int) -> Fragment:
        revision = tips.shown_side(tip, edition.language).revision
        key = (tip.id, revision, edition.language, edition.layout, self._own_folder(edition), depth)
        if key not in self._fragments:
            env = self._environment(edition)
            # Where several tips share a mail, there is enough to read.
            others = tips.related(session, tip, RELATED) if depth == 0 else ()
            today = local_day(self._now, organisation.get(session).time_zone)
            image = media.find(session, tips.picture_of(tip, today))
            self._fragments[key] = render_fragment(
                tip,
                image,
                environment=env,
                language=edition.language,
                layout=edition.layout,
                public_url=self._public_url,
                depth=depth,
                related=[self._link(found, edition) for found in others],
            )
        return self._fragments[key]

    def _link(self, tip: Tip, edition: DigestOf) -> Link:
        side = tips.shown_side(tip, edition.language)
        label = label_of(tip, side, self._environment(edition))
        return Link(label, self._public_url + tips.path(tip, side, edition.language))

    def _words(self, session: Session, owner: Organisation, edition: DigestOf) -> dict[str, Any]:
        """Return what every mail says, whether or not it holds tips."""
        language, env = edition.language, self._environment(edition)
        of_time = {"public_url": self._public_url, "zone": owner.time_zone}
        return {
            "language_tag": LANGUAGE_TAGS[language],
            "organisation": identity(owner, language),
            "palette": organisation.palette_of(owner),
            "logo": media.logo(session, owner.logo, self._public_url),
            "zone": owner.time_zone,
            "layout": edition.layout,
            "corrections": notes(session, edition.note_ids, environment=env, language=language, **of_time),
            "cadence": edition.cadence,
            "pace": edition.pace,
            "next_at": edition.next_at,
            "next_on": mark(NEXT_ON) if edition.next_at else "",
            "notices": [notice.side(language).name for notice in edition.notices],
            "subscribe_url": self._public_url + SUBSCRIBE_PATHS[language],
            "asked_on": mark("asked_on"),
            "choices_url": mark("choices_url"),
            "stop_url": mark("stop_url"),
        }

    def _words_of_tips(
        self, shown: Sequence[Tip], fragments: Sequence[Fragment], edition: DigestOf
    ) -> dict[str, Any]:
        newest, language = shown[NEWEST], edition.language
        own_side = tips.shown_side(newest, language)
        return {
            "fragments": fragments,
            "numbered": all(tip.number is not None for tip in shown),
            "read_url": self._public_url + tips.path(newest, own_side, language),
            "other_url": self._other_url(newest, newest.side(other(language)), own_side.language == language),
        }

    def _other_url(self, tip: Tip, side: Any, has_own: bool) -> str:
        return self._public_url + tips.path(tip, side) if side is not None and has_own else ""


def octets_of(content: Content) -> int:
    """Return how many octets the HTML has, as it is or as it travels, whichever is more."""
    return max(len(content.html.encode()), len(quote(clean_body(content.html))))


def identity(owner: Organisation, language: Language) -> dict[str, str]:
    """Return who sends, in one language, with the phone number as it is dialled."""
    side = owner.side(language)
    return {
        "name": side.name,
        "postal_address": side.postal_address,
        "appeal": side.appeal,
        "phone": owner.phone,
        "dial": "".join(sign for sign in owner.phone if sign.isdigit() or sign == "+"),
        "email": owner.email,
        "website": owner.website,
        "donation_url": owner.donation_url,
    }
