"""``flask dkim``: a key made, published, used, and followed by another."""

from __future__ import annotations

import stat

from newsletter_app import audit
from newsletter_app.campaigns import Campaign, Edition
from newsletter_app.mail import Keyring
from tests.cli.conftest import Shell


def keyring(shell: Shell) -> Keyring:
    return Keyring(shell.ports.settings.dkim_dir)


def begin_an_edition(shell: Shell, signed_by: str) -> None:
    """Leave an edition as it is once its first mails are under way."""
    now = shell.ports.clock()
    with shell.look() as session:
        campaign = Campaign(occurrence="tip:24", state="sending", due_at=now, created_at=now)
        session.add(campaign)
        session.flush()
        facts = {"key": "1", "language": "en", "layout": "standard", "created_at": now}
        session.add(Edition(campaign_id=campaign.id, compiled=b"{}", signed_by=signed_by, **facts))


def test_a_new_key_comes_with_its_record(empty: Shell) -> None:  # M33, M34
    """Ready to be pasted; and it signs nothing before somebody says so."""
    told = empty.told("dkim", "new", "--by", "op@example.org")
    key = keyring(empty).find("r20260302")
    assert f"\nr20260302._domainkey.nerves.example.\n{key.record_strings()}\n" in told
    assert "flask dkim use r20260302" in told
    assert "PRIVATE" not in told
    assert keyring(empty).in_use() == ()
    assert stat.S_IMODE((empty.ports.settings.dkim_dir / "r20260302.pem").stat().st_mode) == 0o600
    with empty.look() as session:
        [noted] = audit.newest(session)
    assert (noted.actor, noted.action, noted.subject) == ("op@example.org", "dkim.new", "dkim:r20260302")


def test_a_name_and_an_algorithm_can_be_chosen(empty: Shell) -> None:
    told = empty.told("dkim", "new", "--selector", "n1", "--algorithm", "ed25519")
    assert "k=ed25519" in told
    assert "use n1 and the selector of an RSA key" in told
    assert "There is a key n1 already" in empty.refusal("dkim", "new", "--selector", "n1")
    assert "is no selector" in empty.refusal("dkim", "new", "--selector", "../n1")


def test_rotation_with_two_selectors_live(shell: Shell) -> None:  # M34
    """The old one is named as needed for as long as mails begun with it are under way."""
    for selector in ("r1", "r2"):
        shell.told("dkim", "new", "--selector", selector)
    shell.told("dkim", "new", "--selector", "e1", "--algorithm", "ed25519")
    assert "signed by r1.\n" in shell.told("dkim", "use", "r1")
    begin_an_edition(shell, signed_by="r1")
    told = shell.told("dkim", "use", "e1", "r2", "--by", "op@example.org")
    assert "signed by r2 and e1.\n" in told
    assert "still need r1" in told
    rows = {row["selector"]: (row["signs"], row["needed"]) for row in shell.data("dkim", "list")}
    assert rows == {"r1": (False, True), "r2": (True, False), "e1": (True, False)}
    lines = shell.told("dkim", "list")
    assert "r1 (rsa, needed by mails under way)\n  r1._domainkey.nerves.example.\n" in lines
    with shell.look() as session:
        noted = audit.newest(session)[0]
    assert (noted.action, noted.details) == ("dkim.use", {"selectors": ["e1", "r2"]})


def test_a_key_that_cannot_sign_is_told_of(empty: Shell) -> None:  # M34
    """With the file's name and what to do; the other keys are listed all the same."""
    assert "no keys" in empty.told("dkim", "list")
    empty.told("dkim", "new", "--selector", "r1")
    empty.told("dkim", "use", "r1")
    path = empty.ports.settings.dkim_dir / "r1.pem"
    path.chmod(0o644)
    assert f"r1 (signs)\n  {path}: Other users can open it" in empty.told("dkim", "list")
    assert "give it the mode 600. Nothing was changed." in empty.refusal("dkim", "use", "r1")
    path.unlink()
    assert "no such key file" in empty.told("dkim", "list")
