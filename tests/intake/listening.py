"""The listener as a process of its own, and a client of LMTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT, Settings
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.kernel.listening import Place, read_place
from newsletter_app.ports import Ports, open_ports

BOUNCE_DOMAIN = "bounce.example.org"


@dataclass
class Listener:
    """A listener that runs, where it listens, and the ports of its installation."""

    process: subprocess.Popen[str]
    place: Place
    ports: Ports

    def stop(self) -> tuple[int, str]:
        """End it by SIGTERM; give its status and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@contextmanager
def listener(
    folder: Path, database_url: str, listen: str = "127.0.0.1:0", *, tls: str = ""
) -> Iterator[Listener]:
    """Run a listener until the block ends."""
    environ = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "MAIL_FROM": "tips@example.org",
        "BOUNCE_DOMAIN": BOUNCE_DOMAIN,
        "EHLO_NAME": "news.example.org",
        "BOUNCE_LISTEN": listen,
        "BOUNCE_TLS": tls,
    }
    settings = Settings.from_env(environ, read_dotenv=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter_app.intake"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    ports = open_ports(settings, CeleryRinger(settings.broker_url))
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        place = read_place(said.removeprefix("What comes back is taken at ").strip())
        assert place is not None, "the listener did not start"
        yield Listener(process, place, ports)
    finally:
        process.kill()
        process.communicate()
        ports.engine.dispose()
