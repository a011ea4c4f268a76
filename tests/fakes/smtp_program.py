"""An SMTP server of our own: scripted per recipient and command, the account of truth in kill tests.

    python -m tests.fakes.smtp_program --port 0 --account FILE [--script FILE.json]
        [--no-pipelining] [--no-esmtp] [--size N] [--smtputf8] [--auth USER:PASSWORD]
        [--tls-cert FILE --tls-key FILE [--implicit-tls]] [--idle SECONDS] [--pair TEMPLATE]
        [--pairs FILE.json] [--keep FOLDER] [--delay-ms N]
        [--stall-ms N]

It prints "listening PORT". Each accepted message is one JSON line in FILE, written with os.write before its
250 leaves: {"sender", "recipient", "message_id", "to", "size", "sha256", "connection", "at"}, "at" being the
second of time.time() at which it was taken. What else it saw goes
to FILE.log: {"event", "what", "connection"}, event being connected, tls, tls-failed, auth, closed,
idle or violation. With --pair 'b-{local}@' a sender that does not begin so for its recipient is a violation;
with --pairs, a file of recipients and senders that is read at each RCPT, any other sender for one of them is.
With --keep each accepted message is also written to FOLDER/SHA256.eml, before its line; with --keep '' sha256
stays empty, which is quicker. --delay-ms makes the server slow: it greets so late, and of the time between a
final dot and its reply three quarters pass before the message is taken (who is gone by then has not handed it
over), the rest after. With --stall-ms every twentieth message of a connection takes so much longer, parted
alike.

The script maps a recipient, or the beginning of one ("" is everybody; the longest wins), to what happens:
{"mail" | "rcpt" | "data" | "dot": ACTION, "few-replies": true, "many-replies": true, "times": N}, where
"mail" looks for the *sender* and "times" ends the entry after N uses. ACTION is a reply ("550 5.1.1 no such
user"; "\\n" parts its lines), "raw:…" (sent as it stands), "drop" (close now), "hang" (say nothing more), and
for the dot "drop-before-reply" (not taken) or "accept-then-drop" (taken). few-replies leaves out RCPT's
reply, many-replies says it twice. The key "@server" takes {"greeting", "ehlo", "starttls", "quit", "idle":
ACTION}; idle is what it says after so many SECONDS without a command, before it closes (not
after "raw:…"). It also takes {"delay_ms", "stall_ms", "idle_s": NUMBER} in place of what the options say.
SIGHUP makes it read the script anew, for the connections that are open too.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
LONGEST_LINE = 1000  # RFC 5321 4.5.3.1.6, CRLF included.
# Looked for rather than parsed: a thorough parser would cost more than all the rest of a message.
MESSAGE_ID, TO = (
    re.compile(rb"^%s:[ \t]*((?:[^\r\n]|\r\n[ \t])*)" % name, re.IGNORECASE | re.MULTILINE)
    for name in (b"Message-ID", b"To")
)


class Script:
    """What the server was told to do, with its counters."""

    def __init__(self, entries: dict[str, dict[str, Any]]) -> None:
        self._server = entries.pop("@server", {})
        self._entries = sorted(entries.items(), key=lambda item: -len(item[0]))
        self._left = {key: entry.get("times", float("inf")) for key, entry in self._entries}

    @classmethod
    def read(cls, path: str) -> Self:
        return cls(json.loads(Path(path).read_text()) if path else {})

    def server(self, step: str) -> str | None:
        return self._server.get(step)

    def number(self, name: str, usual: float) -> float:
        return float(self._server.get(name, usual))

    def action(self, step: str, address: str) -> Any:
        for key, entry in self._entries:
            if step in entry and address.startswith(key) and self._left[key] > 0:
                self._left[key] -= 1
                return entry[step]
        return None


@dataclass
class House:
    """What all connections share."""

    options: argparse.Namespace
    script: Script
    account: int
    log: int
    context: ssl.SSLContext | None
    connections: count[int] = field(default_factory=lambda: count(1))

    @property
    def delay_ms(self) -> float:
        return self.script.number("delay_ms", self.options.delay_ms)

    @property
    def stall_ms(self) -> float:
        return self.script.number("stall_ms", self.options.stall_ms)

    @property
    def idle_s(self) -> float:
        return self.script.number("idle_s", self.options.idle)

    def read_script(self) -> None:
        self.script = Script.read(self.options.script)
        self.note("obeys", 0)

    def keep(self, message: bytes) -> str:
        if self.options.keep == "":
            return ""
        name = hashlib.sha256(message).hexdigest()
        if self.options.keep:
            Path(self.options.keep, f"{name}.eml").write_bytes(message)
        return name

    def expected_sender(self, recipient: str) -> str | None:
        path = Path(self.options.pairs) if self.options.pairs else None
        return json.loads(path.read_text()).get(recipient) if path and path.exists() else None

    def accept(self, line: dict[str, Any]) -> None:
        os.write(self.account, json.dumps(line | {"at": time.time()}).encode() + b"\n")

    def note(self, event: str, connection: int, what: str = "") -> None:
        os.write(
            self.log, json.dumps({"event": event, "what": what, "connection": connection}).encode() + b"\n"
        )


class Session(asyncio.Protocol):
    """One connection, in the manners of Postfix: replies leave together when all is read."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.number = next(house.connections)
        self.buffer = b""
        self.looked_through = 0  # Octets of the buffer that hold no end of a message.
        self.replies: list[bytes] = []
        self.in_message = self.mute = self.secure = self.greeted = self.pausing = False
        self.messages = 0
        self.sender: str | None = None
        self.recipient: str | None = None
        self.asked_for: str | None = None
        self.idle: asyncio.TimerHandle | None = None
        self.pause: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport
        if self.secure:
            return
        self.secure = bool(self.house.context and self.house.options.implicit_tls)
        self.house.note("connected", self.number)
        self.after(self.house.delay_ms, self.greet)

    def greet(self) -> None:
        self.perform(self.house.script.server("greeting"), "220 fake.example ESMTP")
        self.flush()

    def eof_received(self) -> None:
        if self.pause:
            self.pause.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.idle, self.pause):
            if timer:
                timer.cancel()
        if not self.mute:
            self.house.note("closed", self.number)

    def data_received(self, octets: bytes) -> None:
        if self.mute:
            return
        self.buffer += octets
        self.read_on()

    def read_on(self) -> None:
        while not (self.mute or self.pausing) and (
            self.read_message() if self.in_message else self.read_command()
        ):
            pass
        self.flush()

    def after(self, delay_ms: float, step: Callable[[], None]) -> None:
        """Do the step, now or later; what arrives meanwhile waits its turn."""
        if delay_ms:
            self.pausing = True
            self.pause = asyncio.get_running_loop().call_later(delay_ms / 1000, self.resume, step)
        else:
            step()

    def resume(self, step: Callable[[], None]) -> None:
        self.pausing = False
        step()
        self.read_on()

    # Saying

    def say(self, reply: str) -> None:
        self.replies.append(on_the_wire(reply))

    def flush(self) -> None:
        if self.replies and not self.transport.is_closing():
            self.transport.write(b"".join(self.replies))
        self.replies.clear()
        if self.idle:
            self.idle.cancel()
        if self.house.idle_s and not self.mute:
            self.idle = asyncio.get_running_loop().call_later(self.house.idle_s, self.close_idle)

    def close_idle(self) -> None:
        self.perform(self.house.script.server("idle"), "421 4.4.2 idle for too long")
        if self.replies:
            self.transport.write(b"".join(self.replies))
            self.replies.clear()
        self.house.note("idle", self.number)

    def drop(self) -> None:
        self.flush()
        self.mute = True
        self.transport.close()

    def perform(self, action: str | None, usual: str) -> str:
        """Do what the script says, or say the usual; returns the reply's first digit, "" without one."""
        if action in ("drop", "drop-before-reply"):
            self.drop()
            return ""
        if action == "hang":
            self.flush()
            self.mute = True
            return ""
        if action and action.startswith("raw:"):
            self.replies.append(action[4:].encode())
            return action[4]
        reply = action or usual
        self.say(reply)
        if reply.startswith("421"):
            self.drop()
        return reply[0]

    def violation(self, what: str) -> None:
        self.house.note("violation", self.number, what)

    # Commands

    def read_command(self) -> bool:
        line, end, rest = self.buffer.partition(b"\n")
        if not end:
            return False
        self.buffer = rest
        if not line.endswith(b"\r"):
            self.violation("bare LF in a command")
        text = line.rstrip(b"\r").decode("utf-8", "surrogateescape")
        verb, _, argument = text.partition(" ")
        handler = getattr(self, f"on_{verb.lower()}", None)
        if handler:
            handler(argument)
        else:
            self.violation(f"unknown command {verb[:20]!r}")
            self.say("500 5.5.2 Error: bad syntax")
        return True

    def on_ehlo(self, name: str) -> None:
        options = self.house.options
        if options.no_esmtp:
            self.say("502 5.5.1 Error: command not implemented")
            return
        self.greeted = True
        offers = ["fake.example"]
        offers += [] if options.no_pipelining else ["PIPELINING"]
        offers += [f"SIZE {options.size}"] if options.size is not None else ["SIZE"]
        offers += ["STARTTLS"] if self.house.context and not self.secure else []
        offers += ["AUTH PLAIN"] if options.auth else []
        offers += ["8BITMIME", "CHUNKING"] + (["SMTPUTF8"] if options.smtputf8 else [])
        self.perform(self.house.script.server("ehlo"), "250 " + "\n".join(offers))

    def on_helo(self, name: str) -> None:
        self.greeted = True
        self.perform(self.house.script.server("ehlo"), "250 fake.example")

    def on_starttls(self, _: str) -> None:
        if self.perform(self.house.script.server("starttls"), "220 2.0.0 Ready to start TLS") == "2":
            self.flush()
            self.secure = True
            self.greeted = False  # RFC 3207 4.2: what was said before counts no more.
            self.task = asyncio.ensure_future(self.start_tls())

    async def start_tls(self) -> None:
        assert self.house.context
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self.transport, self, self.house.context, server_side=True
            )
        except OSError:
            self.house.note("tls-failed", self.number)
            return
        assert transport
        self.transport = transport
        self.house.note("tls", self.number)

    def on_auth(self, argument: str) -> None:
        proof = base64.b64encode(b"\0" + self.house.options.auth.replace(":", "\0").encode()).decode()
        self.house.note("auth", self.number, "tls" if self.secure else "clear")
        self.say("235 2.7.0 Ok" if argument == f"PLAIN {proof}" else "535 5.7.8 Error: authentication failed")

    def on_mail(self, argument: str) -> None:
        sender = path_of(argument, "FROM:")
        if not self.greeted:
            self.violation("MAIL without EHLO")
        if self.sender is not None:
            self.violation("MAIL inside a transaction")
            self.say("503 5.5.1 Error: nested MAIL command")
        elif self.perform(self.house.script.action("mail", sender), "250 2.1.0 Ok") == "2":
            self.sender = sender

    def on_rcpt(self, argument: str) -> None:
        recipient = self.asked_for = path_of(argument, "TO:")
        if self.sender is None:
            self.say("503 5.5.1 Error: need MAIL command")
            return
        local = recipient.partition("@")[0]
        if self.house.options.pair and not self.sender.startswith(
            self.house.options.pair.format(local=local)
        ):
            self.violation("a foreign sender")
        if self.house.expected_sender(recipient) not in (None, self.sender):
            self.violation("somebody else's sender")
        if self.house.script.action("few-replies", recipient):
            self.recipient = recipient
            return
        if self.perform(self.house.script.action("rcpt", recipient), "250 2.1.5 Ok") == "2":
            self.recipient = recipient
            if self.house.script.action("many-replies", recipient):
                self.say("250 2.1.5 Ok again")

    def on_data(self, _: str) -> None:
        if self.asked_for is None:
            self.violation("DATA without RCPT")
        usual = "354 End data with <CR><LF>.<CR><LF>"
        if self.recipient is None:
            usual = (
                "554 5.5.1 Error: no valid recipients"
                if self.sender is not None
                else "503 5.5.1 Error: need RCPT"
            )
        action = self.house.script.action("data", self.asked_for or "")
        self.in_message = self.perform(action, usual) == "3"

    def on_rset(self, _: str) -> None:
        self.forget()
        self.say("250 2.0.0 Ok")

    def on_noop(self, _: str) -> None:
        self.say("250 2.0.0 Ok")

    def on_quit(self, _: str) -> None:
        if self.perform(self.house.script.server("quit"), "221 2.0.0 Bye") == "2":
            self.drop()

    def forget(self) -> None:
        self.sender = self.recipient = self.asked_for = None

    # Messages

    def read_message(self) -> bool:
        if self.buffer.startswith(b".\r\n"):
            message, self.buffer = b"", self.buffer[3:]
        else:
            end = self.buffer.find(b"\r\n.\r\n", self.looked_through)
            if end < 0:
                self.looked_through = max(0, len(self.buffer) - 4)
                return False
            self.looked_through = 0
            message, self.buffer = self.buffer[: end + 2], self.buffer[end + 5 :]
        self.in_message = False
        self.end_of_message(message)
        return True

    def end_of_message(self, stuffed: bytes) -> None:
        sender, recipient = self.sender, self.recipient
        self.forget()
        if recipient is None:
            if stuffed:
                self.violation("body after a refused RCPT")
            self.say("554 5.5.1 Error: no valid recipients")
            return
        self.inspect(stuffed)
        action = self.house.script.action("dot", recipient)
        self.messages += 1
        stall_ms = 0 if self.messages % 20 else self.house.stall_ms
        delay_ms = self.house.delay_ms + stall_ms

        def take() -> None:
            if action is None or action.startswith("2") or action == "accept-then-drop":
                self.take(sender, recipient, stuffed)
            self.after(delay_ms / 4, answer)

        def answer() -> None:
            self.perform("drop" if action == "accept-then-drop" else action, "250 2.0.0 Ok: queued as FAKE")

        self.after(delay_ms * 3 / 4, take)

    def inspect(self, stuffed: bytes) -> None:
        if not stuffed:
            self.violation("an empty message")
        lines = stuffed.split(b"\r\n")
        if not stuffed.count(b"\n") == stuffed.count(b"\r") == len(lines) - 1:
            self.violation("bare LF or CR")
        if max(map(len, lines)) + 2 > LONGEST_LINE:
            self.violation("line too long")

    def take(self, sender: str | None, recipient: str, stuffed: bytes) -> None:
        message = stuffed.replace(b"\r\n.", b"\r\n").removeprefix(b".")
        end = message.find(b"\r\n\r\n")
        headers = message[:end] if end >= 0 else message
        name = self.house.keep(message)
        self.house.accept({
            "sender": sender,
            "recipient": recipient,
            "message_id": header(MESSAGE_ID, headers),
            "to": header(TO, headers),
            "size": len(message),
            "sha256": name,
            "connection": self.number,
        })  # fmt: skip


@lru_cache
def on_the_wire(reply: str) -> bytes:
    code, _, text = reply.partition(" ")
    lines = text.split("\n")
    parts = [f"{code}-{line}\r\n" for line in lines[:-1]] + [f"{code} {lines[-1]}\r\n"]
    return "".join(parts).encode()


def header(name: re.Pattern[bytes], headers: bytes) -> str:
    found = name.search(headers)
    return found[1].decode("utf-8", "replace") if found else ""


def path_of(argument: str, keyword: str) -> str:
    return argument[len(keyword) :].strip().partition(">")[0].removeprefix("<")


async def serve(options: argparse.Namespace) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    context = None
    if options.tls_cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert, options.tls_key)
    house = House(
        options,
        Script.read(options.script),
        os.open(options.account, flags),
        os.open(f"{options.account}.log", flags),
        context,
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Session(house),
        "127.0.0.1",
        options.port,
        ssl=context if options.implicit_tls else None,
        backlog=200,
    )
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGHUP, house.read_script)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    server.close()


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", required=True)
    for name in ("--script", "--auth", "--tls-cert", "--tls-key", "--pair", "--pairs"):
        parser.add_argument(name, default="")
    parser.add_argument("--keep")
    for name in ("--no-pipelining", "--no-esmtp", "--smtputf8", "--implicit-tls"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--size", type=int)
    parser.add_argument("--idle", type=float, default=0)
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--stall-ms", type=float, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(serve(parse(sys.argv[1:])))
