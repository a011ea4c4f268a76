"""Who may do what, written out a second time: a slip in the table is a right that nobody meant to give."""

from __future__ import annotations

import pytest

from newsletter_app.identity import (
    NEEDS_SECOND_FACTOR,
    ROLES,
    VERBS,
    Actor,
    Role,
    may,
    may_approve,
    may_change_staff,
)

RIGHTS = """
            own look write approve publish send serve export import arrange audit appoint
viewer       x   x    -      -       -      -    -      -      -      -      -      -
editor       x   x    x      x       -      -    -      -      -      -      -      -
publisher    x   x    x      x       x      x    x      -      -      -      -      -
owner        x   x    x      x       x      x    x      x      x      x      x      x
"""


def actor(role: Role, email: str = "ann@example.org") -> Actor:
    """Return a person of this role."""
    return Actor(1, role, email)


def test_the_table_is_what_was_meant() -> None:  # S23
    first, *rows = RIGHTS.strip().splitlines()
    verbs = first.split()
    meant = {
        (row.split()[0], verb): sign == "x"
        for row in rows
        for verb, sign in zip(verbs, row.split()[1:], strict=True)
    }
    found = {(role, verb): may(actor(role), verb) for role in ROLES for verb in VERBS}
    assert found == meant


@pytest.mark.parametrize(
    ("role", "email", "writer_may_approve", "expected"),
    [
        ("editor", "ann@example.org", True, True),
        ("editor", "ann@example.org", False, False),
        ("editor", "Ann@Example.org", False, False),
        ("editor", "bob@example.org", False, True),
        ("owner", "ann@example.org", False, False),
        ("viewer", "bob@example.org", True, False),
    ],
)
def test_who_approves(role: Role, email: str, writer_may_approve: bool, expected: bool) -> None:
    who = actor(role, email)
    assert may_approve(who, written_by="ann@example.org", writer_may_approve=writer_may_approve) is expected


def test_nobody_changes_their_own_role() -> None:
    owner = actor("owner")
    assert may_change_staff(owner, staff_id=2)
    assert not may_change_staff(owner, staff_id=owner.id)
    assert not may_change_staff(actor("publisher"), staff_id=2)


def test_whoever_reaches_all_readers_proves_it_twice() -> None:  # S22
    assert {role for role in ROLES if may(actor(role), "send")} == NEEDS_SECOND_FACTOR
