"""Who may do what: one table of verbs and roles, and the two rules that look at more than the role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from newsletter_app.identity.actor import Actor, Role

Verb = Literal[
    "own",
    "look",
    "write",
    "approve",
    "publish",
    "send",
    "serve",
    "export",
    "import",
    "arrange",
    "audit",
    "appoint",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)

_ALL: Final = frozenset(ROLES)
_WRITERS: Final = frozenset[Role]({"editor", "publisher", "owner"})
_SENDERS: Final = frozenset[Role]({"publisher", "owner"})
_OWNER: Final = frozenset[Role]({"owner"})

ALLOWED: Final[Mapping[Verb, frozenset[Role]]] = {
    "own": _ALL,  # one's own password, second factor, sessions, language
    "look": _ALL,  # tips, campaigns, notices and figures; no reader's address
    "write": _WRITERS,  # drafts, pictures, references, corrections; ask for a review
    "approve": _WRITERS,  # say that a tip was checked
    "publish": _SENDERS,  # put a tip on the web, take it off
    "send": _SENDERS,  # put a tip into its notices; schedule, pause, resume, cancel a campaign
    "serve": _SENDERS,  # look one reader up, add or stop one by phone or on paper
    "export": _OWNER,  # take readers' addresses out (S23: a sender cannot)
    "import": _OWNER,  # bring readers or suppressions in
    "arrange": _OWNER,  # the organisation, its notices, looks, sender and rhythm
    "audit": _OWNER,  # read who did what
    "appoint": _OWNER,  # invite, change, disable
}
# Whoever can reach all readers, or let others do so, proves it twice (S22).
NEEDS_SECOND_FACTOR: Final[frozenset[Role]] = _SENDERS


def may(actor: Actor, verb: Verb) -> bool:
    """Tell whether this person's role lets them do it at all."""
    return actor.role in ALLOWED[verb]


def may_approve(actor: Actor, *, written_by: str, writer_may_approve: bool) -> bool:
    """Tell whether this person may approve a tip that ``written_by`` (an address) wrote.

    Where the organisation wants a second pair of eyes, the writer may not.
    """
    is_writer = actor.email.lower() == written_by.lower()
    return may(actor, "approve") and (writer_may_approve or not is_writer)


def may_change_staff(actor: Actor, *, staff_id: int) -> bool:
    """Tell whether this person may change the role or state of another: never their own.

    So an owner remains, and nobody raises themselves.
    """
    return may(actor, "appoint") and actor.id != staff_id
