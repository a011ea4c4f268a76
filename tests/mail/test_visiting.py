"""Visits to a real SMTP server: what it offers is told, and no mail is ever begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter_app.mail.opening import SmtpServer, TlsPolicy, Trouble
from newsletter_app.mail.visiting import Visit, visit
from tests.factories.certificates import make_certificates, tls_options, trusting
from tests.fakes.smtp_server import SmtpServerProcess


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA of our own and a certificate for 127.0.0.1 that ends in five days."""
    return make_certificates(tmp_path_factory.mktemp("certificates"), days=5)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., SmtpServerProcess]]:
    """Start servers; afterwards each is found to have been told nothing wrong, and given no mail."""
    with ExitStack() as stack:
        servers: list[SmtpServerProcess] = []

        def start(*options: str) -> SmtpServerProcess:
            servers.append(stack.enter_context(SmtpServerProcess(tmp_path, None, *options)))
            return servers[-1]

        yield start
        for server in servers:
            assert server.violations() == []
            assert server.account() == []


def seen(
    server: SmtpServerProcess, certificates: Path, tls: TlsPolicy, host: str = "127.0.0.1", user: str = ""
) -> Visit:
    return visit(
        SmtpServer(host, server.port, tls, user, "pass word"),
        "tips.charity.example",
        2,
        trusting(certificates),
    )


@pytest.mark.parametrize("tls", ["starttls-required", "starttls-opportunistic", "implicit"])
def test_tls_and_its_certificate_are_told(
    serve: Callable[..., SmtpServerProcess], certificates: Path, tls: TlsPolicy
) -> None:  # M20
    options = tls_options(certificates, "--auth", "me:pass word")
    server = serve(*options, *(["--implicit-tls"] if tls == "implicit" else []))
    found = seen(server, certificates, tls, user="me")
    assert (found.trouble, found.tls, found.has_logged_in) == (None, "TLSv1.3", True)
    assert found.certificate_until is not None
    assert timedelta(days=4) < found.certificate_until - datetime.now(UTC) < timedelta(days=6)


def test_a_server_in_the_clear(serve: Callable[..., SmtpServerProcess], certificates: Path) -> None:
    found = seen(serve(), certificates, "starttls-opportunistic")
    assert found == Visit()


def test_why_a_certificate_is_not_believed(
    serve: Callable[..., SmtpServerProcess], certificates: Path
) -> None:  # M20
    found = seen(serve(*tls_options(certificates)), certificates, "starttls-required", host="localhost")
    assert found.trouble is Trouble.tls_failed
    assert "localhost" in found.why


def test_a_login_that_is_refused(serve: Callable[..., SmtpServerProcess], certificates: Path) -> None:
    server = serve(*tls_options(certificates, "--auth", "me:another"))
    found = seen(server, certificates, "starttls-required", user="me")
    assert found.trouble is Trouble.login_refused
    assert found.reply is not None
    assert found.reply.code == 535


def test_nobody_is_there(certificates: Path) -> None:
    found = visit(SmtpServer("127.0.0.1", 1), "tips.charity.example", 2, trusting(certificates))
    assert found == Visit(Trouble.unreachable)
