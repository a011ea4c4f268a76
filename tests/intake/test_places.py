"""Who may converse at a time: so many of one host elsewhere, and as many as there are places of this one."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from sqlalchemy import URL

from config import Settings
from newsletter_app.adapters.celery_ring import CeleryRinger
from newsletter_app.intake.server import MOST_OF_HOST, Server, host_of
from newsletter_app.intake.taking import Taking
from newsletter_app.kernel.listening import Place
from newsletter_app.ports import open_ports

HERE = ("127.0.0.1", "127.0.0.2")


async def greetings(server: Server, hosts: list[str]) -> list[bytes]:
    """Converse from each of these addresses, all at once; give what each was told first."""
    place = await server.listen()
    streams = []
    for host in hosts:
        one = socket.socket()
        one.bind((host, 0))
        one.setblocking(False)
        await asyncio.get_running_loop().sock_connect(one, (place.host, place.port))
        streams.append(await asyncio.open_connection(sock=one))
    told = [await reader.readline() for reader, _ in streams]
    for _, writer in streams:
        writer.close()
    await server.leave()
    return told


@pytest.mark.parametrize(("of_house", "let_in"), [(False, MOST_OF_HOST), (True, MOST_OF_HOST + 2)])
def test_one_host_elsewhere_has_so_many_places(
    tmp_path: Path, sqlite_database: URL, of_house: bool, let_in: int
) -> None:
    """The others still get in; the mail server of this house hands over everything."""  # S35
    environ = {"DATA_DIR": str(tmp_path), "DATABASE_URL": sqlite_database.render_as_string(False)}
    settings = Settings.from_env(environ, read_dotenv=False)
    ports = open_ports(settings, CeleryRinger(settings.broker_url))

    async def ask() -> list[bytes]:
        taking = Taking(ports, "smtp")
        server = Server(taking, Place("smtp", HERE[0]), "mx.example.org", is_house=lambda _host: of_house)
        return await asyncio.wait_for(greetings(server, [HERE[0]] * (MOST_OF_HOST + 2) + [HERE[1]]), 20)

    told = asyncio.run(ask())
    ports.engine.dispose()
    assert [line[:3] for line in told].count(b"220") == let_in + 1
    assert {line[:10] for line in told if not line.startswith(b"220")} <= {b"421 4.7.0 "}
    assert told[-1].startswith(b"220")


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        (("192.0.2.7", 25), "192.0.2.7"),
        (("::ffff:192.0.2.7", 25, 0, 0), "192.0.2.7"),
        (("2001:db8:1:2:3::4", 25, 0, 0), "2001:db8:1:2::"),
        (("fe80::1%eth0", 25, 0, 2), "fe80::"),
        (("::1", 25, 0, 0), "::1"),
        ("", ""),
        (None, ""),
    ],
)
def test_who_counts_as_one_host(peer: object, host: str) -> None:
    # S35: whoever has a network of IPv6 changes its addresses at will.
    assert host_of(peer) == host
