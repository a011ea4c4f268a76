"""``flask feedback``: a maildir read to its end, whatever lies in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter_app import suppression
from newsletter_app.feedback.models import Strangers
from newsletter_app.feedback.strangers import MOST_A_DAY
from tests.cli.conftest import Shell
from tests.cli.outside import stamp
from tests.factories.service_mails import a_service_mail_to_rose
from tests.fakes.dovecot import dovecot
from tests.feedback.letters import DSN

BOUNCE = DSN.format(action="failed", status="5.1.1", diagnosis="smtp; 550 5.1.1 no such user")
ANSWER = "From: rose@example.ca\nSubject: Re: Tip 24 from rose@example.ca\n\nThank you!\n"


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """Give an empty maildir."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "back" / name).mkdir(parents=True)
    return tmp_path / "back"


def lying_in(maildir: Path) -> tuple[list[str], list[str]]:
    return sorted(os.listdir(maildir / "new")), sorted(os.listdir(maildir / "cur"))


def test_a_bounce_is_read_from_a_maildir_once(shell: Shell, maildir: Path) -> None:
    """Its reader is suppressed, the file moved; the same mail in another file changes nothing."""  # M42
    with shell.look() as session:
        mail = a_service_mail_to_rose(session, shell.ports.clock())
        local = shell.ports.links.bounce_local((0, mail.id))
    raw = f"Delivered-To: {local}@bounce.example.org\n{BOUNCE}"
    (maildir / "new" / "2.b").write_text(ANSWER)
    (maildir / "new" / "1.a").write_text(raw)
    assert shell.data("feedback", "read", maildir) == {"reply, waiting": 1, "report, suppressed": 1}
    assert lying_in(maildir) == ([], ["1.a:2,S", "2.b:2,S"])
    (maildir / "new" / "3.c").write_text(raw)
    assert shell.told("feedback", "read", maildir) == "known before: 1\n"
    with shell.look() as session:
        assert [row.reason for row in suppression.listed(session)] == ["bounce"]


def test_what_waits_is_listed_without_addresses_and_shown_as_it_came(shell: Shell, maildir: Path) -> None:
    """A person reads it in a mail program."""  # S28
    (maildir / "new" / "1.a").write_text(ANSWER)
    (maildir / "new" / "2.b").write_text(BOUNCE)
    shell.told("feedback", "read", maildir)
    told = shell.told("feedback", "list", "--waiting")
    assert told.startswith("1: reply, waiting, ")
    assert "Event 2 waits for nobody" in shell.refusal("feedback", "done", "1", "2")
    assert "rose@" not in told
    assert [row["state"] for row in shell.data("feedback", "list")] == ["unproven", "waiting"]
    assert shell.told("feedback", "show", "1") == ANSWER
    assert shell.told("feedback", "forget") == "0 mails forgotten.\n"
    assert "There is no event 9" in shell.refusal("feedback", "show", "9")


def test_what_was_turned_away_is_told(shell: Shell, maildir: Path) -> None:
    """By whom most of it was; the mails themselves lie in the maildir, as read."""  # S35
    with shell.look() as session:
        session.add(Strangers(day=shell.ports.clock().date(), domain="evil.example", mails=MOST_A_DAY))
    for number in range(3):
        (maildir / "new" / f"{number}.a").write_text(f"From: max@flood.example\n\n{number}\n")
    assert shell.data("feedback", "read", maildir) == {"reply, turned away": 3}
    assert lying_in(maildir)[0] == []
    told = "Turned away since yesterday, beyond the room for strangers' mail: 3, most from flood.example."
    assert told in shell.run("feedback", "list").stderr
    stamp(shell)
    assert "3 times since yesterday, most of it from flood.example" in shell.run("doctor").stdout


def test_what_is_no_mail_stays_where_it_is(shell: Shell, maildir: Path) -> None:
    """A link, a pipe and a folder are told and left; the mails around them are taken."""  # M46
    new = maildir / "new"
    (new / "0.link").symlink_to("/etc/hostname")
    os.mkfifo(new / "1.pipe")
    (new / "2.folder").mkdir()
    (new / ".hidden").write_text("x")
    (new / "3.mail").write_bytes(b"\xff\0 no mail at all")
    done = shell.run("feedback", "read", maildir)
    assert (done.exit_code, done.stdout) == (0, "unreadable, ignored: 1\n")
    assert done.stderr.count("Left where it is") == 3
    assert lying_in(maildir) == ([".hidden", "0.link", "1.pipe", "2.folder"], ["3.mail:2,S"])


@pytest.mark.dovecot
def test_a_mailbox_is_fetched_once(
    shell: Shell, make_shell: Callable[..., Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken lies in Read; a refused login is told with what to do."""
    data_dir = shell.ports.settings.data_dir
    with dovecot() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "ca.pem"))
        well, ill = (f"imaps://us:{word}@127.0.0.1:{server.port}/INBOX" for word in ("s3cr%25t", "wrong"))
        server.deliver("1.a", ANSWER.encode())
        fetching = make_shell(data_dir, {"FEEDBACK_IMAP_URL": well})
        assert fetching.data("feedback", "fetch") == {"reply, waiting": 1}
        assert fetching.told("feedback", "fetch") == "read: 0\n"
        assert (server.lying_in(), server.lying_in(".Read")) == (0, 1)
        assert [row["source"] for row in fetching.data("feedback", "list")] == ["imap"]
        refusal = make_shell(data_dir, {"FEEDBACK_IMAP_URL": ill}).refusal("feedback", "fetch")
    assert "refuses user and password" in refusal
    assert "wrong" not in refusal


def test_without_a_mailbox_there_is_nothing_to_fetch(shell: Shell) -> None:
    assert "FEEDBACK_IMAP_URL is not set" in shell.refusal("feedback", "fetch")


def test_the_maildir_of_the_settings_is_read(
    shell: Shell, make_shell: Callable[..., Shell], maildir: Path
) -> None:
    """Where none is named; without either there is nothing to read."""
    (maildir / "new" / "1.a").write_text(ANSWER)
    reading = make_shell(shell.ports.settings.data_dir, {"FEEDBACK_MAILDIR": str(maildir)})
    assert reading.data("feedback", "read") == {"reply, waiting": 1}
    assert "FEEDBACK_MAILDIR" in shell.refusal("feedback", "read")


def test_a_folder_that_is_no_maildir_is_refused(shell: Shell, tmp_path: Path) -> None:
    """With what would make it one."""
    assert "is no maildir" in shell.refusal("feedback", "read", tmp_path)
