"""Who sends, read from settings and DKIM_DIR, and the round of questions to the DNS about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from config import Settings
from newsletter_app import authentication
from newsletter_app.authentication import Identity, PublicKey, Resolver
from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.kernel.observations import Observation
from newsletter_app.kernel.unit_of_work import UnitOfWork
from newsletter_app.mail import KeyRefused, Keyring


def system_resolver() -> Resolver:
    """Return a resolver for one round of questions."""
    # Four megabytes that only who asks need carry.
    from newsletter_app.adapters.dns_resolver import DnsResolver

    return DnsResolver()


def sender_of(settings: Settings) -> Identity:
    """Return who sends by these settings; keys that cannot be read are told as a fault, or left out."""
    keys, fault = _keys(Keyring(settings.dkim_dir))
    remote = tuple(server.host for server in settings.smtp if not server.is_loopback)
    return Identity(
        from_domain=settings.mail_from.rpartition("@")[2],
        bounce_domain=settings.bounce_domain,
        ehlo_name=settings.ehlo_name,
        remote_servers=remote,
        sends_itself=len(remote) < len(settings.smtp),
        keys=keys,
        key_fault=fault,
    )


def is_known_outside(settings: Settings) -> bool:
    """Tell whether mail goes out into the world, so that the DNS has anything to say of it."""
    return not settings.uses_outbox and not is_loopback(urlsplit(settings.public_url).hostname or "")


def checked_sender(settings: Settings) -> Identity | None:
    """Return who launches are checked for, None where no mail leaves for another machine's server."""
    return None if all(server.is_loopback for server in settings.smtp) else sender_of(settings)


def check_sender(
    unit_of_work: UnitOfWork,
    identity: Identity,
    resolver: Callable[[], Resolver],
    now: datetime,
    *,
    anew: bool = False,
) -> list[Observation] | None:
    """Ask the DNS about ``identity`` and keep what it says; None where what is known is good still.

    No transaction is open while it asks.
    """
    with unit_of_work() as session:
        if not authentication.begin_check(session, identity, now, anew=anew):
            return None
    found = authentication.judge(identity, resolver())
    with unit_of_work() as session:
        authentication.keep_check(session, identity, found, now)
    return found


def _keys(keyring: Keyring) -> tuple[tuple[PublicKey, ...], str]:
    keys: list[PublicKey] = []
    fault = ""
    try:
        chosen = keyring.chosen()
    except OSError as refused:
        return (), str(refused)
    for selector in sorted({*keyring.selectors(), *chosen}):
        try:
            keys.append(PublicKey(selector, keyring.find(selector).record(), selector in chosen))
        except KeyRefused as refused:
            fault = str(refused) if selector in chosen else fault
    return tuple(keys), fault
