"""The composer: holds the templates of both languages and looks up the words that a mail's facts name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from newsletter_app import media, notices, organisation
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.kernel.links import Links
from newsletter_app.mail import SigningKey
from newsletter_app.mail.render import environment
from newsletter_app.service_mail.copying import copy_of
from newsletter_app.service_mail.rendering import Mail, compose, message_id, notice_ids


class Composer:
    """Made once per sending process; ``compose`` reads the database and changes nothing."""

    def __init__(
        self,
        *,
        template_folder: Path,
        translations_folder: Path,
        links: Links,
        mail_from: str,
        keys: Sequence[SigningKey] = (),
    ) -> None:
        """Load both languages; ``keys`` sign every mail. Raises Breach when a catalogue is missing."""
        self._links, self._mail_from, self._keys = links, mail_from, keys
        self._environments = {
            language: environment(language, template_folder, translations_folder) for language in LANGUAGES
        }

    def compose(self, session: Session, mail: Mail, now: datetime) -> bytes:
        """Return the message for ``mail`` with ``now`` as its Date. Raises HeaderRefused (see rendering)."""
        if mail.compiled is not None:
            named = message_id(mail, self._mail_from)
            return copy_of(
                mail.compiled,
                mail.facts,
                to=mail.address,
                mail_id=mail.id,
                message_id=named,
                links=self._links,
                now=now,
                keys=self._keys,
            )
        owner = organisation.get(session)
        return compose(
            mail,
            environment=self._environments[mail.language],
            organisation=owner,
            logo=media.logo(session, owner.logo, self._links.public_url),
            notices=notices.by_ids(session, notice_ids(mail.facts)),
            links=self._links,
            mail_from=self._mail_from,
            now=now,
            keys=self._keys,
        )
