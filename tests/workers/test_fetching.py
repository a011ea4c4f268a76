"""The mailbox of the settings, read on behalf of the tick: once a minute, and less often after a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.feedback import FeedbackEvent
from newsletter_app.kernel.imap_url import ImapUrl
from tests.fakes.dovecot import Dovecot, dovecot
from workers.base import FETCH_AGAIN_S, FETCH_S, Process

pytestmark = pytest.mark.dovecot


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dovecot]:
    with dovecot() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.folder / "ca.pem"))
        yield server


def reading(process: Process, url: ImapUrl) -> Process:
    """Give another worker of that world, which has a mailbox."""
    ports = process.ports
    return Process(replace(ports, settings=replace(ports.settings, feedback_imap=url)), "mail-2")


def test_the_tick_takes_what_lies_in_the_mailbox(
    process: Process, sessions: sessionmaker[Session], server: Dovecot
) -> None:
    """Again after a minute; while the server is away it asks less often, and the tick goes on."""

    def kept() -> int:
        with sessions() as session:
            return session.scalar(select(func.count(FeedbackEvent.id))) or 0

    process.fetch_feedback()
    worker, seconds = reading(process, server.url), [0.0]
    worker.elapsed = lambda: seconds[0]
    for told, after in ((1, 0.0), (1, FETCH_S - 1), (3, 1.0)):
        seconds[0] += after
        server.deliver(f"{seconds[0]}", f"Subject: {seconds[0]}\n\nx\n".encode())
        worker.fetch_feedback()
        assert kept() == told
    server.kill()
    seconds[0] += FETCH_S
    worker.fetch_feedback()
    server.start()
    server.deliver("last", b"Subject: last\n\nx\n")
    seconds[0] += FETCH_S
    worker.fetch_feedback()
    assert kept() == 3
    seconds[0] += FETCH_AGAIN_S - FETCH_S
    worker.fetch_feedback()
    assert (kept(), server.lying_in()) == (4, 0)
