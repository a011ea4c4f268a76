"""Real sockets against a scripted SMTP server in a process of its own."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from newsletter_app.kernel.clock import utc_now
from newsletter_app.mail.accounts import Account, Handed
from newsletter_app.mail.journal import Journal, JournalFull
from newsletter_app.mail.opening import TlsPolicy
from newsletter_app.mail.replies import Reply
from newsletter_app.mail.smtp import SmtpServer, SmtpTransport, Timeouts, Trouble
from newsletter_app.mail.transport import Outcome, Parcel, Result
from tests.factories.certificates import make_certificates, tls_options, trusting
from tests.fakes.smtp_server import SmtpServerProcess

PAIR = ("--pair", "b-{local}@")
SHORT = Timeouts(connect=0.8, command=0.8, data=0.8, block=0.8, dot=0.8, quit=0.8, grace=0.8)


def letter(number: int, text: bytes = b"Hello.\r\n") -> bytes:
    return b"Message-ID: <%d@b.example>\r\nTo: r%d@example.org\r\n\r\n" % (number, number) + text


def parcel(number: int, text: bytes = b"Hello.\r\n", recipient: str = "") -> Parcel:
    to = recipient or f"r{number}@example.org"
    return Parcel(f"d:1:{number}", 9, f"b-{to.partition('@')[0]}@b.example", to, letter(number, text))


def never() -> bool:
    return False


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal", 1, "mail-1", utc_now())
    yield journal
    journal.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., SmtpServerProcess]]:
    """Start scripted servers that are stopped at the end, each found free of violations unless asked."""
    started: list[SmtpServerProcess] = []

    def start(script: dict[str, dict[str, Any]] | None = None, *options: str) -> SmtpServerProcess:
        folder = tmp_path / f"server-{len(started)}"
        folder.mkdir()
        started.append(SmtpServerProcess(folder, script, *PAIR, *options))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()
    assert [what for server in started for what in server.violations()] == []


@contextmanager
def transport_to(
    server: SmtpServerProcess, tls: TlsPolicy = "none", host: str = "127.0.0.1", user: str = "", **more: Any
) -> Iterator[SmtpTransport]:
    where = SmtpServer(host, server.port, tls, user, "pass word" if user else "")
    with closing(SmtpTransport(where, "mail.b.example", utc_now, **more)) as transport:
        yield transport


def results(outcomes: Iterator[Outcome]) -> dict[int, str]:
    found = [(int(one.key.rpartition(":")[2]), one.result.value) for one in outcomes]
    assert len(dict(found)) == len(found), "a parcel had two outcomes"
    return dict(found)


def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        pause.wait(0.005)


def numbers(server: SmtpServerProcess) -> list[int]:
    return sorted(int(line["recipient"][1:].partition("@")[0]) for line in server.account())


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("options", [[], ["--no-pipelining"], ["--no-esmtp"]])
def test_everybody_gets_their_own_mail(  # M19
    serve: Any, journal: Journal, connections: int, options: list[str]
) -> None:
    server, parcels = serve(None, *options), [parcel(number) for number in range(60)]
    with transport_to(server, connections=connections) as transport:
        outcomes = list(transport.hand_over(parcels, journal, never))
        assert transport.trouble is None
    assert Counter(one.result for one in outcomes) == {Result.accepted: 60}
    assert {one.key for one in outcomes} == {one.key for one in parcels}
    assert {one.server for one in outcomes} == {f"127.0.0.1:{server.port}"}
    assert all(one.at.tzinfo and one.reply == Reply(250, "2.0.0", "Ok: queued as FAKE") for one in outcomes)
    arrived = {(line["sender"], line["recipient"], line["sha256"]) for line in server.account()}
    assert arrived == {(one.sender, one.recipient, sha256(one.message).hexdigest()) for one in parcels}
    assert len(server.account()) == 60
    assert 1 <= len(server.log("connected")) <= connections
    fates = Account(journal.path).fates()
    assert fates == {(one.key, one.claim_no): one.reply for one in outcomes}


@pytest.mark.parametrize("options", [[], ["--no-pipelining"]])
def test_refusals_in_the_middle_change_nobody_elses_mail(  # M14, M19
    serve: Any, journal: Journal, options: list[str]
) -> None:
    script = {
        "r3@": {"rcpt": "550 5.1.1 no such\n5.1.1 user <r3@example.org>"},
        "r5@": {"rcpt": "451 4.7.1 greylisted"},
        "b-r7@": {"mail": "550 5.1.8 bad sender"},
        "r9@": {"data": "451 4.3.0 not now"},
        "r11@": {"dot": "450 4.2.0 busy"},
        "r13@": {"dot": "554 5.7.1 no"},
        "r15@": {"rcpt": "550 5.1.1 no", "data": "354 go on all the same"},
        "r17@": {"rcpt": "550 no"},
        "r18@": {"rcpt": "550 no"},
    }
    server = serve(script, *options)
    with transport_to(server) as transport:
        outcomes = {
            int(one.key[4:]): one for one in transport.hand_over(map(parcel, range(20)), journal, never)
        }
    not_accepted = {number: one.result.value for number, one in outcomes.items() if one.result != "accepted"}
    assert not_accepted == {
        3: "refused", 5: "deferred", 7: "refused", 9: "deferred", 11: "deferred", 13: "refused",
        15: "refused", 17: "refused", 18: "refused",
    }  # fmt: skip
    assert numbers(server) == [number for number in range(20) if number not in not_accepted]
    assert outcomes[3].reply == Reply(550, "5.1.1", "no such user <(address)>")
    assert outcomes[17].reply == Reply(550, None, "no")
    assert len(server.log("connected")) == 1
    fates = Account(journal.path).fates()
    assert fates == {(one.key, one.claim_no): one.reply for one in outcomes.values()}


ENDINGS = [
    # (the script of r2, what becomes of 2, whether the server took it)
    ({"rcpt": "421 4.3.2 bye"}, "unsent", False),
    ({"data": "421 4.3.2 bye"}, "unsent", False),
    ({"dot": "421 4.3.2 bye"}, "deferred", False),
    ({"rcpt": "drop"}, "deferred", False),
    ({"data": "drop"}, "deferred", False),
    ({"dot": "drop-before-reply"}, "uncertain", False),
    ({"dot": "accept-then-drop"}, "uncertain", True),
    ({"dot": "drop"}, "uncertain", False),
    ({"many-replies": True}, "unsent", False),
    ({"rcpt": "250 2.1.5 ok", "few-replies": True}, "unsent", False),
    # Hanging (M16): what it means depends on the final dot alone.
    ({"rcpt": "hang"}, "deferred", False),
    ({"data": "hang"}, "deferred", False),
    ({"dot": "hang"}, "uncertain", False),
]


@pytest.mark.parametrize(("entry", "result", "taken"), ENDINGS)
def test_a_connection_that_ends_costs_nobody_but_its_message(  # M14, M16, M17
    serve: Any, journal: Journal, entry: dict[str, Any], result: str, taken: bool
) -> None:
    server = serve({"r2@": entry})
    with transport_to(server, timeouts=SHORT) as transport:
        found = results(transport.hand_over(map(parcel, range(6)), journal, never))
        assert transport.trouble is None
    # 3 may stand behind the dot of 2: its commands left, its body did not. Replies out of step make doubtful
    # what the same octets said about the dot of 1.
    out_of_step = "few-replies" in entry or "many-replies" in entry
    assert found[1] in (("accepted", "uncertain") if out_of_step else ("accepted",))
    assert found[2] == result
    assert found[3] in ("accepted", "unsent")
    assert [found[number] for number in (0, 4, 5)] == ["accepted"] * 3
    assert 1 in numbers(server)
    assert (2 in numbers(server)) == taken
    unanswered = {key for (key, _), fate in Account(journal.path).fates().items() if fate == Handed()}
    assert unanswered == {f"d:1:{number}" for number, what in found.items() if what == "uncertain"}


def test_a_sender_that_is_dropped_or_hung_upon_is_put_off(serve: Any, journal: Journal) -> None:  # M16
    server = serve({"b-r1@": {"mail": "drop"}, "b-r3@": {"mail": "hang"}})
    with transport_to(server, timeouts=SHORT) as transport:
        found = results(transport.hand_over(map(parcel, range(5)), journal, never))
    assert {number: found[number] for number in (0, 4)} == {0: "accepted", 4: "accepted"}
    # Behind a final dot that was answered they are put off.
    assert (found[1], found[3]) == ("deferred", "deferred")


TROUBLES = [
    ({"greeting": "554 5.7.1 go away"}, Trouble.greeting, 554),
    ({"greeting": "421 4.3.2 too busy"}, Trouble.greeting, 421),
    ({"greeting": "drop"}, Trouble.greeting, None),
    ({"greeting": "hang"}, Trouble.timed_out, None),
    ({"ehlo": "550 5.7.1 who are you"}, Trouble.hello, 550),
    ({"ehlo": "hang"}, Trouble.timed_out, None),
    ({"ehlo": "raw:250 fake\r\n421 4.3.2 and good-bye\r\n"}, Trouble.greeting, None),
]


@pytest.mark.parametrize(("entry", "trouble", "code"), TROUBLES)
def test_trouble_before_the_first_message_puts_off_only_what_is_in_hand(  # M16
    serve: Any, journal: Journal, entry: dict[str, Any], trouble: Trouble, code: int | None
) -> None:
    server, source = serve({"@server": entry}), map(parcel, range(100))
    with transport_to(server, timeouts=SHORT, connections=2) as transport:
        outcomes = list(transport.hand_over(source, journal, never))
        assert transport.trouble is trouble
    assert {one.result for one in outcomes} == {Result.deferred}
    assert len(outcomes) == 2  # One per connection; nothing more was pulled.
    assert next(source) == parcel(2)
    assert (outcomes[0].reply.code if outcomes[0].reply else None) == code
    assert Account(journal.path).fates().keys() <= {(one.key, 9) for one in outcomes if one.reply}


def test_nobody_listening_is_trouble_and_later_is_not(serve: Any, journal: Journal) -> None:
    server = serve()
    server.kill()
    with transport_to(server) as transport:
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "deferred"}
        assert transport.trouble is Trouble.unreachable
        server.start()
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "accepted"}
        assert transport.trouble is None


def test_no_parcel_opens_no_connection(serve: Any, journal: Journal) -> None:
    server = serve()
    with transport_to(server) as transport:
        assert list(transport.hand_over([], journal, never)) == []
    assert server.log() == []


def test_a_server_that_keeps_closing_is_trouble(serve: Any, journal: Journal) -> None:
    server, source = serve({"": {"mail": "421 4.7.0 too fast"}}), map(parcel, range(100))
    with transport_to(server) as transport:
        outcomes = list(transport.hand_over(source, journal, never))
        assert transport.trouble is Trouble.keeps_closing
        assert transport.trouble_reply == Reply(421, "4.7.0", "too fast")
    assert [one.result for one in outcomes] == [Result.unsent, Result.unsent, Result.deferred]
    assert {one.reply.code for one in outcomes if one.reply} == {421}
    assert next(source) == parcel(3)


def test_a_message_that_ends_every_connection_is_put_off_in_the_end(serve: Any, journal: Journal) -> None:
    server = serve({"r1@": {"rcpt": "421 4.7.0 not this one"}})
    found: list[str] = []
    with transport_to(server) as transport:
        for _ in range(3):  # The caller finds it queued and due each time.
            found += results(transport.hand_over([parcel(1)], journal, never)).values()
        assert found == ["unsent", "unsent", "deferred"]
        assert transport.trouble is Trouble.keeps_closing
        assert results(transport.hand_over([parcel(2)], journal, never)) == {2: "accepted"}
        assert transport.trouble is None


def test_a_server_killed_in_mid_flight_loses_and_doubles_nobody(serve: Any, journal: Journal) -> None:  # M18
    server, found, pulled = serve(), {}, []

    def source() -> Iterator[Parcel]:
        for number in range(500):
            pulled.append(number)
            yield parcel(number)

    with transport_to(server, connections=3) as transport:
        for outcome in transport.hand_over(source(), journal, never):
            found[int(outcome.key[4:])] = outcome.result
            if len(found) == 100:
                server.kill()
        assert transport.trouble in (Trouble.unreachable, Trouble.keeps_closing)
    assert sorted(found) == pulled
    taken = numbers(server)
    assert len(taken) == len(set(taken))
    accepted = {number for number, result in found.items() if result is Result.accepted}
    uncertain = {number for number, result in found.items() if result is Result.uncertain}
    assert accepted <= set(taken) <= accepted | uncertain
    assert len(uncertain) <= 3  # At most one per connection.
    assert len(pulled) < 120


def test_size_is_honoured_before_data(serve: Any, journal: Journal) -> None:  # M19
    server = serve(None, "--size", "1000")
    with transport_to(server) as transport:
        outcomes = list(
            transport.hand_over(
                [parcel(1), parcel(2, b"x" * 900 + b"\r\n" + b"y" * 200), parcel(3)], journal, never
            )
        )
    assert [(one.key, one.result.value) for one in outcomes if one.reply and one.reply.code == 552] == [
        ("d:1:2", "refused")
    ]
    assert numbers(server) == [1, 3]


@pytest.mark.parametrize(("options", "result"), [([], "refused"), (["--smtputf8"], "accepted")])
def test_an_international_address_needs_smtputf8(  # M10
    serve: Any, journal: Journal, options: list[str], result: str
) -> None:
    server = serve(None, *options)
    with transport_to(server) as transport:
        found = results(
            transport.hand_over([parcel(1, recipient="hélène@example.org"), parcel(2)], journal, never)
        )
    assert found == {1: result, 2: "accepted"}
    assert [line["recipient"] for line in server.account() if "é" in line["recipient"]] == (
        ["hélène@example.org"] if result == "accepted" else []
    )


DOTS = [
    b".\r\n",
    b".\r\n.\r\n",
    b"a\r\n.\r\nb\r\n",
    b"..a\r\n",
    b"\r\n.",
    b"." * 900 + b"\r\n",
    b"MAIL FROM:<x@y.z>\r\n",
]


def test_dots_arrive_as_they_were_written(serve: Any, journal: Journal) -> None:  # M13
    server, parcels = serve(), [parcel(number, text) for number, text in enumerate(DOTS)]
    with transport_to(server) as transport:
        assert set(results(transport.hand_over(parcels, journal, never)).values()) == {"accepted"}
    wanted = [one.message if one.message.endswith(b"\r\n") else one.message + b"\r\n" for one in parcels]
    assert [line["sha256"] for line in server.account()] == [
        sha256(message).hexdigest() for message in wanted
    ]


def test_a_message_bigger_than_every_buffer_arrives(serve: Any, journal: Journal) -> None:
    server, text = serve(), (b"x" * 76 + b"\r\n") * 100_000
    with transport_to(server, connections=2) as transport:
        found = results(transport.hand_over([parcel(1, text), parcel(2), parcel(3, text)], journal, never))
    assert set(found.values()) == {"accepted"}
    assert {line["sha256"] for line in server.account()} >= {sha256(letter(1, text)).hexdigest()}


def test_a_connection_carries_so_many_messages_and_no_more(serve: Any, journal: Journal) -> None:  # M22
    server = serve()
    with transport_to(server, messages_per_connection=3) as transport:
        assert len(results(transport.hand_over(map(parcel, range(10)), journal, never))) == 10
    per_connection = Counter(line["connection"] for line in server.account())
    assert list(per_connection.values()) == [3, 3, 3, 1]


def test_a_server_that_never_answers_quit_holds_nobody_up(serve: Any, journal: Journal) -> None:
    server = serve({"@server": {"quit": "hang"}})
    with transport_to(server, messages_per_connection=1, timeouts=SHORT) as transport:
        assert set(results(transport.hand_over(map(parcel, range(3)), journal, never)).values()) == {
            "accepted"
        }


def test_connections_outlive_a_hand_over(serve: Any, journal: Journal) -> None:  # M22
    server = serve()
    with transport_to(server, connections=2) as transport:
        for first in (0, 20, 40):
            list(transport.hand_over(map(parcel, range(first, first + 20)), journal, never))
        assert len(server.log("connected")) <= 2
        assert server.log("closed") == []
    assert len(server.account()) == 60


def test_a_connection_closed_while_idle_costs_no_attempt(serve: Any, journal: Journal) -> None:
    server = serve(None, "--idle", "0.1")
    with transport_to(server) as transport:
        list(transport.hand_over([parcel(1)], journal, never))
        wait_until(lambda: server.log("idle"))
        assert results(transport.hand_over([parcel(2)], journal, never)) == {2: "accepted"}
    assert numbers(server) == [1, 2]


def test_a_connection_that_said_something_while_idle_is_not_used_again(serve: Any, journal: Journal) -> None:
    server = serve({"@server": {"idle": "raw:250 2.0.0 What was the question?\r\n"}}, "--idle", "0.1")
    with transport_to(server) as transport:
        list(transport.hand_over([parcel(1)], journal, never))
        wait_until(lambda: server.log("idle"))
        assert results(transport.hand_over([parcel(2)], journal, never)) == {2: "accepted"}
    assert len(server.log("connected")) == 2


@pytest.mark.parametrize("ending", ["drop", "421 4.4.2 idle for too long", "hang"])
def test_a_connection_found_dead_at_its_first_write_costs_no_attempt(
    serve: Any, journal: Journal, ending: str
) -> None:
    server = serve({"b-r2@": {"mail": ending, "times": 1}})
    with transport_to(server, timeouts=SHORT) as transport:
        list(transport.hand_over([parcel(1)], journal, never))
        assert results(transport.hand_over([parcel(2), parcel(3)], journal, never)) == {
            2: "accepted",
            3: "accepted",
        }
    assert numbers(server) == [1, 2, 3]
    assert len(server.log("connected")) == 2


def test_parcels_are_pulled_as_they_are_needed(serve: Any, journal: Journal) -> None:
    server, pulled, done = serve(), 0, 0

    def source() -> Iterator[Parcel]:
        nonlocal pulled
        for number in range(200):
            pulled += 1
            assert pulled - done <= 2 * 3 + 3  # Two per connection, and the outcomes of one look at them.
            yield parcel(number)

    with transport_to(server, connections=3) as transport:
        for _ in transport.hand_over(source(), journal, never):
            done += 1
    assert done == 200


def test_told_to_stop_it_waits_for_replies_and_frees_the_rest(serve: Any, journal: Journal) -> None:
    server, source = serve(), map(parcel, range(1000))
    found: dict[int, str] = {}
    with transport_to(server, connections=2) as transport:
        for outcome in transport.hand_over(source, journal, lambda: len(found) >= 20):
            found[int(outcome.key[4:])] = outcome.result.value
    assert set(found.values()) <= {"accepted", "unsent"}
    assert 20 <= len(found) <= 26
    assert numbers(server) == sorted(number for number, result in found.items() if result == "accepted")
    assert next(source).key == f"d:1:{len(found)}"  # Nothing was pulled that had no outcome.


def test_told_to_stop_it_begins_no_further_body(journal: Journal) -> None:
    body_came, stopped = threading.Event(), threading.Event()
    heard: list[bytes] = []

    def answer() -> None:
        peer, _ = listener.accept()
        with peer:
            for words in (b"220 hi\r\n", b"250-hi\r\n250 PIPELINING\r\n", b"250 a\r\n250 b\r\n354 go\r\n"):
                peer.sendall(words)
                peer.recv(10_000)
            body_came.set()
            stopped.wait(10)
            peer.sendall(b"250 queued\r\n250 a\r\n250 b\r\n354 go\r\n")
            heard.append(peer.recv(10_000))

    def stop() -> bool:
        if body_came.is_set():
            stopped.set()
        return stopped.is_set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer)
        server.start()
        where = SmtpServer("127.0.0.1", listener.getsockname()[1], "none")
        with closing(SmtpTransport(where, "mail.b.example", utc_now)) as transport:
            found = results(transport.hand_over(map(parcel, range(9)), journal, stop))
        server.join(10)
    assert found == {0: "accepted", 1: "unsent"}
    assert heard == [b""]  # The connection ended; no second body was written.


def test_told_to_stop_it_does_not_wait_for_ever(serve: Any, journal: Journal) -> None:  # M17
    server, begun = serve({"r0@": {"dot": "hang"}}), time.monotonic()
    with transport_to(server, timeouts=Timeouts(grace=0.3)) as transport:
        found = results(
            transport.hand_over(map(parcel, range(9)), journal, lambda: bool(Account(journal.path).fates()))
        )
    assert found == {0: "uncertain", 1: "unsent"}
    assert time.monotonic() - begun < 5


def test_told_to_stop_while_a_server_does_not_greet(serve: Any, journal: Journal) -> None:
    server, begun = serve({"@server": {"greeting": "hang"}}), time.monotonic()
    with transport_to(server) as transport:
        found = results(transport.hand_over([parcel(1)], journal, lambda: bool(server.log("connected"))))
    assert found == {1: "unsent"}
    assert time.monotonic() - begun < 5


def test_after_a_stop_the_connections_serve_again(serve: Any, journal: Journal) -> None:
    server = serve()
    with transport_to(server) as transport:
        list(transport.hand_over([parcel(1)], journal, never))
        assert list(transport.hand_over([parcel(2)], journal, lambda: True)) == []
        assert results(transport.hand_over([parcel(2)], journal, never)) == {2: "accepted"}
    assert len(server.log("connected")) == 1


def test_an_iterator_closed_early_leaves_no_half_said_connection(serve: Any, journal: Journal) -> None:
    server = serve()
    with transport_to(server) as transport:
        outcomes = cast(
            "Generator[Outcome, None, None]", transport.hand_over(map(parcel, range(50)), journal, never)
        )
        next(outcomes)
        outcomes.close()
        assert results(transport.hand_over([parcel(60)], journal, never)) == {60: "accepted"}
    assert len(server.log("connected")) == 2


def test_a_full_disk_stops_the_hand_over_before_the_dot(serve: Any, journal: Journal) -> None:
    server = serve()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))  # The journal's head is longer.
    try:
        with transport_to(server) as transport, pytest.raises(JournalFull):
            list(transport.hand_over([parcel(1)], journal, never))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert server.account() == []


# TLS and AUTH


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA of our own and a server's certificate of it for 127.0.0.1."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("tls", ["starttls-required", "starttls-opportunistic", "implicit"])
def test_mail_goes_over_verified_tls(
    serve: Any, journal: Journal, certificates: Path, tls: TlsPolicy
) -> None:  # M20
    server = serve(None, *tls_options(certificates, *(["--implicit-tls"] if tls == "implicit" else [])))
    text = (b"x" * 76 + b"\r\n") * 4000
    with transport_to(server, tls, tls_context=trusting(certificates), connections=2) as transport:
        found = results(transport.hand_over([parcel(n, text) for n in range(30)], journal, never))
    assert Counter(found.values()) == {"accepted": 30}
    assert len(server.account()) == 30
    # The server finds fault with MAIL when EHLO was not said again inside TLS.
    assert len(server.log("tls")) in ((0,) if tls == "implicit" else (1, 2))


@pytest.mark.parametrize("tls", ["starttls-required", "starttls-opportunistic", "implicit"])
def test_a_certificate_of_nobody_we_trust_is_refused(  # M20
    serve: Any, journal: Journal, certificates: Path, tls: TlsPolicy
) -> None:
    server = serve(None, *tls_options(certificates, *(["--implicit-tls"] if tls == "implicit" else [])))
    with transport_to(server, tls) as transport:
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "deferred"}
        assert transport.trouble is Trouble.tls_failed
    assert server.account() == []


def test_a_certificate_of_another_name_is_refused(
    serve: Any, journal: Journal, certificates: Path
) -> None:  # M20
    server = serve(None, *tls_options(certificates))
    with transport_to(
        server, "starttls-required", "localhost", tls_context=trusting(certificates)
    ) as transport:
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "deferred"}
        assert transport.trouble is Trouble.tls_failed


@pytest.mark.parametrize(
    ("tls", "trouble"), [("starttls-required", Trouble.tls_not_offered), ("starttls-opportunistic", None)]
)
def test_tls_that_is_not_offered(  # M20
    serve: Any, journal: Journal, tls: TlsPolicy, trouble: Trouble | None
) -> None:
    server = serve()
    with transport_to(server, tls) as transport:
        found = results(transport.hand_over([parcel(1)], journal, never))
        assert transport.trouble is trouble
    assert found == {1: "deferred" if trouble else "accepted"}


def test_a_password_travels_only_inside_tls(serve: Any, journal: Journal, certificates: Path) -> None:  # M20
    server = serve(None, *tls_options(certificates, "--auth", "me:pass word"))
    with transport_to(
        server, "starttls-required", user="me", tls_context=trusting(certificates)
    ) as transport:
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "accepted"}
    assert [line["what"] for line in server.log("auth")] == ["tls"]


# "127.1" leads to this machine, but only the resolver knows that.
@pytest.mark.parametrize(("host", "trouble"), [("127.1", Trouble.login_needs_tls), ("127.0.0.1", None)])
def test_a_password_is_not_said_in_the_clear_to_another_machine(  # M20
    serve: Any, journal: Journal, host: str, trouble: Trouble | None
) -> None:
    server = serve(None, "--auth", "me:pass word")
    with transport_to(server, "starttls-opportunistic", host, user="me") as transport:
        results(transport.hand_over([parcel(1)], journal, never))
        assert transport.trouble is trouble
    assert [line["what"] for line in server.log("auth")] == ([] if trouble else ["clear"])


@pytest.mark.parametrize("options", [["--auth", "me:another"], []])
def test_a_login_that_is_refused_is_trouble(serve: Any, journal: Journal, options: list[str]) -> None:
    server = serve(None, *options)
    with transport_to(server, user="me") as transport:
        assert results(transport.hand_over([parcel(1)], journal, never)) == {1: "deferred"}
        assert transport.trouble is Trouble.login_refused


def test_a_password_is_not_shown() -> None:  # S28
    assert "secret" not in repr(SmtpServer("mail.example.org", 587, user="me", password="secret"))
