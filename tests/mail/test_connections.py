"""Connections to a server that is far away: each brings its own messages, whatever the others wait for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from time import monotonic

from bench.delay_proxy import far_away
from newsletter_app.kernel.clock import utc_now
from newsletter_app.mail.journal import Journal
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport
from newsletter_app.mail.transport import Parcel
from tests.fakes.smtp_server import SmtpServerProcess

ROUND_TRIP_MS = 50
WAVES = 6  # Messages of each connection; the first wave shows when all stand.
CONNECTIONS = (5, 10, 20)
TRIES = 5
# Twice the connections bring twice the mail; on a machine that does much else, less of it.
MORE = 1.4


def parcel(number: int) -> Parcel:
    text = b"Message-ID: <%d@b.example>\r\nTo: r%d@example.org\r\n\r\nHello.\r\n" % (number, number)
    return Parcel(f"d:1:{number}", 9, f"b-r{number}@b.example", f"r{number}@example.org", text)


def test_the_rate_to_a_server_far_away_grows_with_the_connections(tmp_path: Path) -> None:
    """A message costs a round trip, since one final dot a connection is unanswered; connections share it.

    A machine that stood still for a moment tells nothing, and is asked again.
    """
    rates = dict.fromkeys(CONNECTIONS, 0.0)
    journal = Journal.open(tmp_path / "journal", 1, "mail-1", utc_now())
    with closing(journal), SmtpServerProcess(tmp_path, None, "--keep", "") as server:
        with far_away(server.port, ROUND_TRIP_MS) as port:
            for _ in range(TRIES):
                for connections in CONNECTIONS:
                    rate = _rate(server, port, connections, journal)
                    rates[connections] = max(rates[connections], rate)
                if _grows(rates):
                    break
        assert server.violations() == []
    assert _grows(rates), rates


def _grows(rates: Mapping[int, float]) -> bool:
    return all(more / less >= MORE for less, more in pairwise(rates.values()))


def _rate(server: SmtpServerProcess, port: int, connections: int, journal: Journal) -> float:
    """Return the messages a second that the server took behind the first wave, by its own clock."""
    before, count, known = len(server.account()), WAVES * connections, len(server.log("connected"))
    where = SmtpServer("127.0.0.1", port, "none")
    with closing(SmtpTransport(where, "mail.b.example", utc_now, connections)) as transport:
        outcomes = list(transport.hand_over(map(parcel, range(count)), journal, lambda: False))
    assert {one.result.value for one in outcomes} == {"accepted"}
    assert len(server.log("connected")) - known == connections
    times = [line["at"] for line in server.account()[before:]]
    assert len(times) == count
    return (count - connections) / (times[-1] - times[0])


def test_goodbye_to_a_server_that_hangs_is_said_to_all_connections_at_once(tmp_path: Path) -> None:
    """Who leaves has eight seconds for replies that matter; five goodbyes in a row take five."""
    journal = Journal.open(tmp_path / "journal", 1, "mail-1", utc_now())
    script = {"@server": {"quit": "hang"}}
    with closing(journal), SmtpServerProcess(tmp_path, script, "--keep", "") as server:
        transport = SmtpTransport(SmtpServer("127.0.0.1", server.port, "none"), "mail.b.example", utc_now, 5)
        list(transport.hand_over(map(parcel, range(200)), journal, lambda: False))
        assert len(server.log("connected")) == 5
        began = monotonic()
        transport.close()
        assert monotonic() - began < 2.5
