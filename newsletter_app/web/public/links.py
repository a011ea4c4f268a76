"""Signed links as views meet them: the row a token names, once it is proven for row and purpose.

A row that is gone took its nonce along, so that its links can no longer be proven; no id is given twice, and
whoever made such a token up learns only that nothing is held under a number (NothingHeld).
"""

from __future__ import annotations

from typing import Final

from newsletter_app import subscribers, subscriptions
from newsletter_app.kernel.links import Purpose, Token, read_token
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import Signup
from newsletter_app.web.database import session
from newsletter_app.web.errors import IncompleteLink, NothingHeld
from newsletter_app.web.ports import ports

# No database gives a row a higher id; PostgreSQL refuses the very question, which would be our fault (S27).
HIGHEST_ID: Final = 2**31 - 1


def token_of(text: str, *purposes: Purpose) -> Token:
    """Return the token if it is of one of these purposes. Raises IncompleteLink; nothing is proven yet."""
    token = read_token(text)
    if token is None or token.purpose not in purposes or token.row_id > HIGHEST_ID:
        raise IncompleteLink
    return token


def signup_of(text: str, *purposes: Purpose) -> tuple[Token, Signup]:
    """Return the token and the signup it was derived from. Raises IncompleteLink."""
    token = token_of(text, *purposes)
    signup = subscriptions.find_signup(session(), token.row_id)
    if signup is None:
        raise NothingHeld
    if not ports().links.proves(token, signup.nonce):
        raise IncompleteLink
    return token, signup


def subscriber_of(text: str, *purposes: Purpose) -> tuple[Token, Subscriber]:
    """Return the token and the subscriber it was derived from. Raises IncompleteLink."""
    token = token_of(text, *purposes)
    subscriber = subscribers.find(session(), token.row_id)
    if subscriber is None:
        raise NothingHeld
    if not ports().links.proves(token, subscriber.nonce):
        raise IncompleteLink
    return token, subscriber


def reader_of(text: str) -> tuple[Subscriber, bool]:
    """Return the subscriber of a newsletter's choices link, and whether the link is older than a new address.

    Raises IncompleteLink for a link that was never theirs.
    """
    token = token_of(text, Purpose.CHOICES)
    subscriber = subscribers.find(session(), token.row_id)
    if subscriber is None:
        raise NothingHeld
    if ports().links.proves(token, subscriber.nonce):
        return subscriber, False
    if subscriber.former_nonce is None or not ports().links.proves(token, subscriber.former_nonce):
        raise IncompleteLink
    return subscriber, True


def stopping_of(text: str) -> tuple[Token, Subscriber]:
    """Return the token and the subscriber of a stop link, which has no nonce so that it works for ever (M30).

    Raises IncompleteLink for a link that is not ours, NothingHeld when the subscriber is gone.
    """
    token = proven_stop(text)
    subscriber = subscribers.find(session(), token.row_id)
    if subscriber is None:
        raise NothingHeld
    return token, subscriber


def proven_stop(text: str) -> Token:
    """Return the token of a stop link. Raises IncompleteLink for a link that is not ours."""
    token = token_of(text, Purpose.STOP)
    if not ports().links.proves(token):
        raise IncompleteLink
    return token


def change_of(text: str) -> tuple[Token, AddressChange]:
    """Return the token and the change of address it was derived from. Raises IncompleteLink."""
    token = token_of(text, Purpose.ADDRESS_CONFIRM, Purpose.ADDRESS_KEEP)
    change = subscribers.find_change(session(), token.row_id)
    if change is None:
        raise NothingHeld
    if not ports().links.proves(token, change.nonce):
        raise IncompleteLink
    return token, change
