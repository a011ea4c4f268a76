"""``python -m newsletter_app.intake``: takes what comes back at BOUNCE_LISTEN until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from config import ConfigError, Settings
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.adapters.gathering import GatheringRinger
from newsletter_app.intake.certificate import Certificate, CertificateRefused
from newsletter_app.intake.server import Server
from newsletter_app.intake.taking import Taking
from newsletter_app.kernel.listening import Place
from newsletter_app.ports import open_ports


def main() -> int:
    """Return 0 when stopped, 1 when the place cannot be opened, 2 for settings."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    # It logs addresses, of strangers and of readers (S28).
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    try:
        settings = Settings.from_env()
    except ConfigError as refusal:
        return _refuse(str(refusal), 2)
    if settings.bounce_listen is None:
        return _refuse("BOUNCE_LISTEN is not set, so there is no place to listen at.", 2)
    try:
        asyncio.run(_serve(settings, settings.bounce_listen))
    except CertificateRefused as fault:
        return _refuse(f"BOUNCE_TLS names files that cannot be used: {fault}.", 2)
    except OSError as fault:
        return _refuse(f"BOUNCE_LISTEN is {settings.bounce_listen}, which cannot be opened: {fault}.", 1)
    return 0


async def _serve(settings: Settings, place: Place) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ports = open_ports(settings, GatheringRinger(CeleryRinger(settings.broker_url)))
    certificate = Certificate(*settings.bounce_tls) if settings.bounce_tls else None
    server = Server(Taking(ports, place.protocol), place, settings.ehlo_name, certificate)
    print(f"What comes back is taken at {await server.listen()}", flush=True)
    await stop.wait()
    await server.leave()
    ports.engine.dispose()


def _refuse(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
