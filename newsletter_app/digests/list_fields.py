"""The fields by which mail programs and providers know a newsletter; they tell nothing of a reader.

All but the address to stop are the same for every reader of an edition, so that they are compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode

from newsletter_app.kernel.languages import Language
from newsletter_app.kernel.links import has_stop_local
from newsletter_app.mail import mark
from newsletter_app.notices import Notice

LIBRARY_PATHS: Final[Mapping[str, str]] = {"en": "/tips", "fr": "/fr/conseils"}
NOT_LAUNCHED: Final = 0
# Gmail asks for 5 to 15 signs.
SENDER_ID: Final = 12


def list_fields(
    notice_ids: Sequence[int],
    mail_from: str,
    *,
    help_url: str = "",
    archive_url: str = "",
    stop_domain: str = "",
    campaign_id: int = NOT_LAUNCHED,
) -> tuple[tuple[str, str], ...]:
    """Return the fields of RFC 2919, 2369 and 8058, and Gmail's Feedback-ID; an empty address leaves its out.

    A mail of several notices has a List-Id of its own, always the same. Ids say no word about a notice, nor
    anything about a reader, not even the layout: large print would tell of weak eyes (M25, M44, L21).
    """
    numbers = "n" + "-".join(map(str, sorted(notice_ids)))
    domain = mail_from.rpartition("@")[2]
    about = (("List-Help", help_url), ("List-Archive", archive_url))
    return (
        ("List-Id", f"<{numbers}.list.{domain}>"),
        ("List-Unsubscribe", _unsubscribe(notice_ids, stop_domain)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        *((name, f"<{url}>") for name, url in about if url),
        ("Feedback-ID", f"c{campaign_id}:{numbers}:digest:{sender_id(domain)}"),
        ("Precedence", "bulk"),
    )


def _unsubscribe(notice_ids: Sequence[int], stop_domain: str) -> str:
    """Return both ways to stop, one click first (RFC 8058 3.1), and by mail where such mail is read.

    A mail of more notices than an address has room for keeps to the one click.
    """
    web = f"<{mark('stop_url')}>"
    if not stop_domain or not has_stop_local(notice_ids):
        return web
    return f"{web}, <mailto:{mark('stop_local')}@{stop_domain}>"


def sender_id(domain: str) -> str:
    """Return what stands for the sender in every Feedback-ID: 12 hexadecimal digits, the same for ever."""
    return sha256(domain.lower().encode()).hexdigest()[:SENDER_ID]


def help_url(email: str, website: str) -> str:
    """Return where readers find help (RFC 2369 3.1): a person who reads mail, else the website, else "".

    A website with letters beyond ASCII would need an encoding that no mail program undoes: "".
    """
    if email:
        return f"mailto:{quote(email, safe='@+')}"
    return website if website.isascii() and not set(website) & set("<> ") else ""


def archive_url(notices: Sequence[Notice], language: Language, public_url: str) -> str:
    """Return where earlier tips stand (RFC 2369 3.6): the page of one notice, or the whole library."""
    library = public_url + LIBRARY_PATHS[language]
    if len(notices) != 1 or not notices[0].offered:
        return library
    return f"{library}?{urlencode({'notice': notices[0].key})}"
