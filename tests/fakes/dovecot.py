"""Debian's Dovecot as an IMAP server of one mailbox, with a certificate of our own authority."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter_app.kernel.imap_url import ImapUrl
from tests.factories.certificates import make_certificates
from tests.waiting import until

PROGRAM = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
NOBODY = 65_534  # Dovecot lets nobody read mail as root.
CONFIGURATION = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = yes
disable_plaintext_auth = no
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 1
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
passdb {{
  driver = static
  args = password=s3cr%%t
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """The server, which may be killed and started again with the same mailbox."""

    folder: Path
    port: int
    plain_port: int
    owner: tuple[int, int]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> ImapUrl:
        """The mailbox."""
        return ImapUrl("127.0.0.1", self.port, "rose@example.org", "s3cr%t")

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert PROGRAM is not None
        command = [PROGRAM, "-F", "-c", str(self.folder / "conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        until(self._answers, "Dovecot answers")

    def kill(self) -> None:
        """End all of its processes at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            shutil.rmtree(self.folder / "run", ignore_errors=True)

    def deliver(self, name: str, octets: bytes) -> None:
        """Put a mail into the inbox."""
        path = self.folder / "mail" / "new" / name
        path.write_bytes(octets)
        os.chown(path, *self.owner)

    def empty(self) -> None:
        """Take every mail away."""
        for path in self.folder.glob("mail/**/*"):
            if path.parent.name in ("new", "cur") and path.is_file():
                path.unlink()

    def lying_in(self, folder: str = "") -> int:
        """Tell how many mails lie in a folder."""
        place = self.folder / "mail" / folder
        return sum(len(os.listdir(place / part)) for part in ("new", "cur") if (place / part).is_dir())

    def _answers(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a server with an empty mailbox until the block ends."""
    is_root = os.geteuid() == 0
    owner = (NOBODY, NOBODY) if is_root else (os.getuid(), os.getgid())
    with socket.socket() as one, socket.socket() as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        port, plain = one.getsockname()[1], two.getsockname()[1]
    # Its sockets have long names, and nobody must get in to the mailbox.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    folder.chmod(0o755)
    make_certificates(folder)
    for place in ("mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / place).mkdir()
        os.chown(folder / place, *owner)
    internal, login = ("dovecot", "dovenull") if is_root else (getpass.getuser(),) * 2
    facts = {
        "internal": internal,
        "login": login,
        "uid": owner[0],
        "gid": owner[1],
        "port": port,
        "plain": plain,
    }
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, **facts))
    server = Dovecot(folder, port, plain, owner)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)
