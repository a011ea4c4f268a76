"""Who sends, as settings and keys say it, and whether anybody outside is to believe it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings
from newsletter_app.adapters.sender_check import checked_sender, is_known_outside, sender_of
from newsletter_app.mail import Keyring

PUBLIC = {"PUBLIC_URL": "https://tips.charity.example", "MAIL_FROM": "tips@charity.example"}
REMOTE = "smtp://me:word@smtp.provider.example:587"
LOCAL = "smtp://127.0.0.1:25"


def settings(folder: Path, **environment: str) -> Settings:
    return Settings.from_env({"DATA_DIR": str(folder), **environment}, read_dotenv=False)


@pytest.mark.parametrize(
    ("environment", "remote", "itself", "checked", "known"),
    [
        ({}, (), False, False, False),
        ({"SMTP_URL": LOCAL}, (), True, False, False),
        ({**PUBLIC, "SMTP_URL": LOCAL}, (), True, False, True),
        ({**PUBLIC, "SMTP_URL": REMOTE}, ("smtp.provider.example",), False, True, True),
        ({**PUBLIC, "SMTP_URL": f"{LOCAL} {REMOTE}"}, ("smtp.provider.example",), True, True, True),
    ],
)
def test_whose_mail_leaves_for_other_machines(
    tmp_path: Path,
    environment: dict[str, str],
    remote: tuple[str, ...],
    itself: bool,
    checked: bool,
    known: bool,
) -> None:  # M35
    found = settings(tmp_path, **environment)
    sender = sender_of(found)
    assert (sender.remote_servers, sender.sends_itself) == (remote, itself)
    assert (checked_sender(found) is not None) is checked
    assert is_known_outside(found) is known


def test_keys_that_sign_and_keys_that_wait(tmp_path: Path) -> None:
    found = settings(tmp_path)
    keyring = Keyring(found.dkim_dir)
    records = {selector: keyring.make(selector, "ed25519").record() for selector in ("n1", "n2")}
    (found.dkim_dir / "in-use").write_text("n2\n")
    told = {key.selector: (key.record, key.signs) for key in sender_of(found).keys}
    assert told == {"n1": (records["n1"], False), "n2": (records["n2"], True)}


def test_a_key_that_is_to_sign_and_cannot_is_told_and_another_is_left_out(tmp_path: Path) -> None:
    found = settings(tmp_path)
    keyring = Keyring(found.dkim_dir)
    for selector in ("n1", "n2"):
        keyring.make(selector, "ed25519")
        (found.dkim_dir / f"{selector}.pem").chmod(0o644)
    assert (sender_of(found).keys, sender_of(found).key_fault) == ((), "")
    (found.dkim_dir / "in-use").write_text("n2\n")
    assert "n2.pem: Other users can open it" in sender_of(found).key_fault
    (found.dkim_dir / "in-use").unlink()
    (found.dkim_dir / "in-use").mkdir()
    assert sender_of(found).key_fault
