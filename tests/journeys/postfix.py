"""Debian's Postfix in a folder of its own, on 127.0.0.1: keeps what it takes, refuses whom it is told."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from tests.journeys.machine import free_port, listens
from tests.waiting import until

PROGRAM = "/usr/sbin/postfix"
OWNER = "postfix"
REFUSAL = "550 5.1.1 No such reader"
MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/state
mail_owner = postfix
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.net
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/etc/refused, permit_mynetworks, reject
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {folder}/taken
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
# service, type, private, unprivileged, chroot, wake-up, most processes, program
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Taken:
    """A message that Postfix took: its envelope, and the header that tells for whom it was written."""

    sender: str
    recipient: str
    to: str


@dataclass(frozen=True)
class Postfix:
    """A running Postfix."""

    folder: Path
    port: int

    def taken(self) -> list[Taken]:
        """Return what was delivered; virtual(8) writes the envelope above each message."""
        files = (self.folder / "taken").glob("**/new/*")
        parsed = [message_from_bytes(file.read_bytes()) for file in files]
        return [
            Taken(str(mail["Return-Path"]).strip("<>"), str(mail["Delivered-To"]), str(mail["To"]))
            for mail in parsed
        ]

    def log(self) -> str:
        """Return Postfix's own log."""
        path = self.folder / "log/mail.log"
        return path.read_text() if path.exists() else ""


@contextmanager
def postfix(refused: Iterable[str] = (), *more: str) -> Iterator[Postfix]:
    """Run Postfix until the block ends; it answers RCPT of ``refused`` with 550.

    ``more`` are lines for its main.cf, in which ``{folder}`` is its own.
    """
    folder = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))
    server = Postfix(folder, free_port())
    try:
        _lay_out(server, refused, more)
        _control(folder, "start")
        try:
            until(lambda: listens(server.port), f"Postfix listens: {server.log()}")
            yield server
        finally:
            _control(folder, "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(server: Postfix, refused: Iterable[str], more: Iterable[str]) -> None:
    folder, owner = server.folder, pwd.getpwnam(OWNER)
    folder.chmod(0o755)
    for name in ("etc", "queue", "state", "taken", "log"):
        (folder / name).mkdir()
    for name in ("state", "taken"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    facts = {"folder": folder, "port": server.port, "uid": owner.pw_uid, "gid": owner.pw_gid}
    main = "".join([MAIN, *(f"{line}\n" for line in more)])
    (folder / "etc/main.cf").write_text(main.format(**facts))
    (folder / "etc/master.cf").write_text(MASTER.format(**facts))
    (folder / "etc/refused").write_text("".join(f"{address} {REFUSAL}\n" for address in refused))


def _control(folder: Path, word: str) -> None:
    with (folder / "control.log").open("ab") as log:
        done = subprocess.run(
            [PROGRAM, "-c", str(folder / "etc"), word], stdout=log, stderr=log, timeout=60, check=False
        )
    assert done.returncode == 0, (folder / "control.log").read_text()
