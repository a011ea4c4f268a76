"""The load generator against a server that answers in pieces, slowly, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.http_load import Request, ask

ANSWER = "HTTP/1.1 {status} Fine\r\nContent-Length: {length}\r\nX-Path: {path}\r\n\r\n{body}"


@contextmanager
def server(*, closes: bool = False) -> Iterator[int]:
    """Serve one octet at a time until the block ends; ``closes`` hangs up in the middle of an answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(connection: socket.socket) -> None:
            with connection, connection.makefile("rb") as lines:
                while line := lines.readline():
                    head = [line, *iter(lines.readline, b"\r\n")]
                    length = next((int(each[16:]) for each in head if each.startswith(b"Content-Length")), 0)
                    body = lines.read(length).decode()
                    path = line.split()[1].decode()
                    status = 303 if length else 200
                    answer = ANSWER.format(status=status, length=len(body), path=path, body=body).encode()
                    for place in range(len(answer) // (2 if closes else 1)):
                        connection.sendall(answer[place : place + 1])
                    if closes:
                        return

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,)).start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def test_answers_stand_in_the_order_of_the_requests() -> None:
    requests = [Request(f"/{number}", "198.18.0.1") for number in range(20)]
    requests.append(Request("/post", "198.18.0.2", b"address=a%40example.ca"))
    with server() as port:
        answers = ask(port, requests, 3)
    assert [answer.status for answer in answers] == [200] * 20 + [303]
    assert all(
        f"X-Path: {request.path}\r".encode() in answer.octets
        for request, answer in zip(requests, answers, strict=True)
    )
    assert answers[-1].octets.endswith(b"\r\n\r\naddress=a%40example.ca")
    assert all(answer.seconds > 0 for answer in answers)


def test_an_answer_cut_short_is_no_answer() -> None:
    with server(closes=True) as port, pytest.raises(ConnectionError):
        ask(port, [Request("/", "198.18.0.1")], 1)


def test_a_request_says_who_asks_and_from_where() -> None:
    octets = Request("/subscribe", "198.18.3.7", b"x=1").octets("127.0.0.1:8000")
    assert octets.startswith(b"POST /subscribe HTTP/1.1\r\n")
    assert b"\r\nX-Forwarded-For: 198.18.3.7\r\n" in octets
    assert b"\r\nOrigin: http://127.0.0.1:8000\r\n" in octets
    assert octets.endswith(b"\r\nContent-Length: 3\r\n\r\nx=1")
