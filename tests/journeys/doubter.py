"""A receiving server that believes nobody: Postfix behind OpenDKIM and OpenDMARC, with a DNS of the test.

It lets in what passes DMARC, and writes what it found into Authentication-Results (RFC 8601).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.fakes.dns_server import name_server
from tests.fakes.zone import Records
from tests.journeys.machine import free_port, listens
from tests.journeys.postfix import Postfix, postfix
from tests.waiting import until

NAME = "mx.example.net"
# Both know 127.0.0.1 for a friend, whose mail they look at less.
FRIENDS = "192.0.2.1\n"
OPENDKIM = """Mode v
Socket inet:{port}@127.0.0.1
AuthservID {name}
AlwaysAddARHeader yes
InternalHosts {friends}
ExternalIgnoreList {friends}
Nameservers {names}
Syslog no
"""
OPENDMARC = """Socket inet:{port}@127.0.0.1
AuthservID {name}
TrustedAuthservIDs {name}
SPFSelfValidate true
SPFIgnoreResults true
RejectFailures true
IgnoreHosts {friends}
Syslog false
"""
# In a mount space of its own the filter sees another resolv.conf, and nobody else does.
ELSEWHERE = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'


@contextmanager
def doubter(records: Records, *more: str) -> Iterator[Postfix]:
    """Run the server until the block ends; ``records`` are all of the DNS, ``more`` lines of its main.cf."""
    folder = Path(tempfile.mkdtemp(prefix="doubter-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            # resolv.conf knows no port, so it is an address of loopback that nobody else has.
            own_number = os.getpid()
            address = f"127.53.{own_number // 250 % 250}.{own_number % 250 + 1}"
            stack.enter_context(name_server(folder, records, address, "53"))
            (folder / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:2\n")
            (folder / "friends").write_text(FRIENDS)
            facts = {"name": NAME, "names": address, "friends": str(folder / "friends")}
            filters = [
                stack.enter_context(_filter(folder, "opendkim", "-x", OPENDKIM, facts)),
                stack.enter_context(_filter(folder, "opendmarc", "-c", OPENDMARC, facts)),
            ]
            milters = ", ".join(f"inet:127.0.0.1:{port}" for port in filters)
            lines = (
                f"smtpd_milters = {milters}",
                "milter_default_action = tempfail",
                f"myhostname = {NAME}",
                # A filter of SPF trusts whoever comes from loopback; a test says where it comes from.
                "smtpd_authorized_xclient_hosts = 127.0.0.1",
                "mynetworks = 127.0.0.0/8, 198.51.100.0/24",
            )
            yield stack.enter_context(postfix((), *lines, *more))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _filter(
    folder: Path, program: str, option: str, settings: str, facts: Mapping[str, str]
) -> Iterator[int]:
    """Run a milter until the block ends; give its port."""
    port, file, log = free_port(), folder / f"{program}.conf", folder / f"{program}.log"
    file.write_text(settings.format(port=port, **facts))
    with log.open("ab") as out:
        command = [f"/usr/sbin/{program}", "-f", option, str(file)]
        process = subprocess.Popen(
            ["unshare", "-m", "sh", "-ec", ELSEWHERE, program, str(folder / "resolv.conf"), *command],
            stdout=out,
            stderr=out,
        )
        try:
            until(lambda: listens(port) or process.poll() is not None, f"{program} listens")
            assert process.poll() is None, log.read_text()
            yield port
        finally:
            process.kill()  # It keeps nothing, and would take five seconds over a polite end.
            process.wait()
