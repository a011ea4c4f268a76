"""What handing over costs: ready-made parcels to smtp-sink, beside smtp-source; it plans and records nothing.

    python -m bench.wire [--messages 20000] [--sizes 1024,30720] [--connections 5] [--runs 5] [--profile]

The real transport and the real journal hand parcels over in claims of 200, as the sending loop does; filling
and the ledger are left out. Runs alternate with postfix's smtp-source on the same sink, with the same sizes
and sessions (one recipient per message, connections reused). One line per side and size: messages a second,
CPU of the sending process (user + system) in µs per message, its parts; medians over the runs, the best in
brackets. A message that was not accepted, or that the sink did not count, makes the run void.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from newsletter_app.kernel.clock import utc_now
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.mail.sound import proven
from newsletter_app.mail.transport import Parcel, Result

CLAIM = 200
WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])  # Debian keeps the two in sbin.
BODIES = 16  # A message is freshly filled when it leaves, so what the caches hold is a handful.
LINE = b"Walk for ten minutes after each meal; a friend makes it easier. (1)\r\n"


@dataclass(frozen=True)
class Cost:
    """One run: how many messages, seconds on the wall, CPU seconds of the process in user and system."""

    messages: int
    wall: float
    user: float
    system: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall

    @property
    def cpu(self) -> float:
        """CPU µs per message."""
        return (self.user + self.system) * 1e6 / self.messages


def main() -> None:
    """Measure as the command line says, and print."""
    options = _options()
    print(f"{options.messages} messages a run, {options.connections} connections, median (best) of", end=" ")
    print(f"{options.runs}; claims of {CLAIM}; journal on {options.folder}; smtp-sink on loopback, no TLS")
    with sink(options.connections) as port:
        for size in options.sizes:
            if options.profile:
                _profile(port, size, options)
            else:
                _compare(port, size, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.wire")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument(
        "--sizes", type=lambda text: [int(size) for size in text.split(",")], default=[1024, 30720]
    )
    parser.add_argument("--connections", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the journal lies")
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead")
    return parser.parse_args()


def _compare(port: int, size: int, options: argparse.Namespace) -> None:
    sides: dict[str, Callable[[], Cost]] = {
        "product": lambda: hand_over(port, size, options.messages, options.connections, options.folder),
        "smtp-source": lambda: smtp_source(port, size, options.messages, options.connections),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(options.runs):
        for name, run in sides.items():
            costs[name].append(run())
    for name, runs in costs.items():
        rates, cpus = [run.rate for run in runs], [run.cpu for run in runs]
        users = median(run.user * 1e6 / run.messages for run in runs)
        print(
            f"{size:6} B  {name:12} {median(rates):7.0f} ({max(rates):.0f}) messages/s"
            f"  {median(cpus):6.1f} ({min(cpus):.1f}) CPU µs/message, {users:.1f} of it user"
        )


def _profile(port: int, size: int, options: argparse.Namespace) -> None:
    profile = cProfile.Profile()
    profile.enable()
    hand_over(port, size, options.messages, options.connections, options.folder)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def parcels(size: int) -> Iterator[Parcel]:
    """Yield parcels without end: messages of ``size`` octets, each to a reader of its own."""
    bodies = [_message(size, number) for number in range(BODIES)]
    bodies = [proven(body) for body in bodies]  # As ``Compiled.fill`` hands them over.
    for number in range(10**9):
        sender, to = f"b-{number:08d}@bounces.example.org", f"reader{number:08d}@example.net"
        yield Parcel(f"d:7:{number}", 1 + number // CLAIM, sender, to, bodies[number % BODIES])


def _message(size: int, number: int) -> bytes:
    head = b"Message-ID: <%d.bench@example.org>\r\nSubject: Get Regular Exercise\r\n\r\n" % number
    lines, rest = divmod(size - len(head), len(LINE))
    return head + LINE * (lines - 1) + b"x" * (rest + len(LINE) - 2) + b"\r\n"


def hand_over(port: int, size: int, messages: int, connections: int, folder: str) -> Cost:
    """Hand messages over as the sending loop does; making them costs nothing here."""
    ready = list(islice(parcels(size), messages))
    server = SmtpServer("127.0.0.1", port, "none")
    with tempfile.TemporaryDirectory(dir=folder) as journals:
        journal = Journal.open(Path(journals), 1, "bench", utc_now())
        with (
            closing(journal),
            closing(SmtpTransport(server, "bench.example.org", utc_now, connections)) as transport,
        ):
            before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
            for first in range(0, messages, CLAIM):
                journal.reserve(CLAIM)
                for outcome in transport.hand_over(
                    iter(ready[first : first + CLAIM]), journal, lambda: False
                ):
                    if outcome.result is not Result.accepted:
                        raise SystemExit(f"void: {outcome}")
                journal.recorded(1 + first // CLAIM)
            wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
        answered = sum(line.startswith(b"replied") for line in journal.path.read_bytes().split(b"\n"))
    if answered != messages:
        raise SystemExit(f"void: {answered} replies in the journal for {messages} messages")
    return Cost(messages, wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def smtp_source(port: int, size: int, messages: int, connections: int) -> Cost:
    """Let postfix's own generator send the same."""
    command = ["smtp-source", "-d", "-N", "-s", str(connections), "-m", str(messages), "-l", str(size)]
    command += ["-f", "bounce@example.org", "-t", "reader@example.net", f"127.0.0.1:{port}"]
    begun = time.perf_counter()
    process = subprocess.Popen([_program(command[0]), *command[1:]])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("void: smtp-source failed")
    return Cost(messages, time.perf_counter() - begun, used.ru_utime, used.ru_stime)


@contextmanager
def sink(connections: int) -> Iterator[int]:
    """Run smtp-sink on a free port of loopback; it gives up root, which it does not need."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    command = [_program("smtp-sink"), *(["-u", "nobody"] if os.geteuid() == 0 else [])]
    process = subprocess.Popen([*command, "-m", str(connections + 10), f"127.0.0.1:{port}", "1000"])
    try:
        _await_greeting(port)
        yield port
    finally:
        process.terminate()
        process.wait(5)


def _await_greeting(port: int) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as peer:
                if peer.recv(3) == b"220":
                    return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit("smtp-sink does not answer") from None
            time.sleep(0.01)


def _program(name: str) -> str:
    found = shutil.which(name, path=WHERE)
    if found is None:
        raise SystemExit(f"{name} is missing: install Debian's postfix (packages.txt)")
    return found


if __name__ == "__main__":
    main()
