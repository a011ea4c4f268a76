"""The ways in that are set are told and tried; none at all is told where mail leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings
from newsletter_app.cli.doctor.ways_in import look_at_ways_in
from tests.cli.outside import OUTSIDE
from tests.fakes.dovecot import dovecot

LOGIN = "postmark=us:0123456789abcdef0123"


def codes(folder: Path, **names: str) -> dict[str, str]:
    """Return code → gravity of what is found."""
    settings = Settings.from_env({"DATA_DIR": str(folder), **names}, read_dotenv=False)
    return {one.code: one.gravity.value for one in look_at_ways_in(settings)}


def test_no_way_in_is_told_where_mail_leaves(tmp_path: Path) -> None:
    # M35: bounces that nobody hears of end in the spam folder.
    assert codes(tmp_path, **OUTSIDE) == {"no-way-in": "warning"}
    assert codes(tmp_path) == {}
    assert codes(tmp_path, **OUTSIDE, FEEDBACK_HOOK_KEYS=LOGIN) == {"way-hook": "ok"}


def test_a_listener_and_a_maildir_are_told(tmp_path: Path) -> None:
    """The second only where it is one."""
    ways = {"BOUNCE_LISTEN": "127.0.0.1:8025", "FEEDBACK_MAILDIR": str(tmp_path / "back")}
    assert codes(tmp_path, **ways) == {"way-listener": "ok", "maildir-none": "fault"}
    for name in ("new", "cur"):
        (tmp_path / "back" / name).mkdir(parents=True)
    assert codes(tmp_path, **ways) == {"way-listener": "ok", "way-maildir": "ok"}


def test_a_mailbox_nobody_answers_for_is_a_fault(tmp_path: Path) -> None:
    # Also in a try-out, where nothing leaves.
    found = codes(tmp_path, FEEDBACK_IMAP_URL="imap://us:x@127.0.0.1:1/INBOX")
    assert found == {"mailbox-unreachable": "fault"}


@pytest.mark.dovecot
def test_the_mailbox_is_logged_in_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its provider says of user, password and folder."""
    with dovecot() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "ca.pem"))
        for word, folder, code in (
            ("s3cr%25t", "INBOX", "way-mailbox"),
            ("wrong", "INBOX", "mailbox-login-refused"),
            ("s3cr%25t", "Elsewhere", "mailbox-no-folder"),
        ):
            url = f"imaps://us:{word}@127.0.0.1:{server.port}/{folder}"
            assert list(codes(tmp_path, FEEDBACK_IMAP_URL=url)) == [code]
