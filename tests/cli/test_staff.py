"""``flask staff``: people are invited, given roles and let in no more; the record says by whom."""

from __future__ import annotations

from sqlalchemy import select

from newsletter_app import audit, identity
from newsletter_app.identity import Staff
from newsletter_app.service_mail import ServiceMail
from tests.cli.conftest import Shell


def invite(shell: Shell, email: str = "eve@example.org", role: str = "owner") -> str:
    """Invite a person and return the link that is printed."""
    told = shell.told("staff", "create", email, "--role", role, "--by", "bo@example.org")
    return told.splitlines()[-1].strip()


def one(shell: Shell, email: str = "eve@example.org") -> Staff:
    """Return a person's row."""
    with shell.look() as session:
        return session.scalars(select(Staff).where(Staff.address == email)).one()


def test_an_invitation_is_mailed_and_printed(shell: Shell) -> None:
    link = invite(shell)
    assert link.startswith("http://127.0.0.1:8000/console/password/")
    assert link == identity.password_link(one(shell)).url(shell.ports.links)
    with shell.look() as session:
        mail = session.scalars(select(ServiceMail)).one()
        assert (mail.kind, mail.address) == ("invite", "eve@example.org")
        entry = audit.newest(session)[0]
        assert (entry.actor, entry.action, entry.details) == (
            "bo@example.org",
            "staff.invited",
            {"role": "owner"},
        )


def test_before_there_is_an_organisation_it_is_only_printed(empty: Shell) -> None:
    assert invite(empty)
    with empty.look() as session:
        assert session.scalars(select(ServiceMail)).all() == []


def test_the_list_is_data(shell: Shell) -> None:
    assert "Nobody yet" in shell.told("staff", "list")
    invite(shell)
    (row,) = shell.data("staff", "list")
    assert (row["email"], row["role"], row["state"]) == ("eve@example.org", "owner", "invited")
    assert (row["language"], row["second_factor"], row["signed_in_at"]) == ("en", False, None)
    assert "eve@example.org: owner, invited, without codes, last in never" in shell.told("staff", "list")


def test_roles_and_states_change(shell: Shell) -> None:
    invite(shell)
    shell.told("staff", "role", "eve@example.org", "editor")
    shell.told("staff", "disable", "EVE@example.org")
    assert (one(shell).role, one(shell).state) == ("editor", "disabled")
    assert "Let them in again first" in shell.refusal("staff", "reset", "eve@example.org")
    shell.told("staff", "enable", "eve@example.org")
    assert one(shell).state == "invited"


def test_a_reset_revokes_the_link_before(shell: Shell) -> None:
    before = invite(shell)
    told = shell.told("staff", "reset", "eve@example.org", "--second-factor")
    assert "within one hour" in told
    assert before not in told


def test_what_is_refused(shell: Shell) -> None:
    invite(shell)
    with shell.look() as session:
        staff = identity.find(session, 1)
        assert staff is not None
        staff.state = "active"
    assert "already (active)" in shell.refusal("staff", "create", "eve@example.org", "--role", "viewer")
    assert "only owner" in shell.refusal("staff", "disable", "eve@example.org")
    assert "only owner" in shell.refusal("staff", "role", "eve@example.org", "viewer")
    assert "Nobody on the staff" in shell.refusal("staff", "disable", "bob@example.org")
    assert "Invalid value" in shell.refusal("staff", "create", "bob@example.org", "--role", "king")
