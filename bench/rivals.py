"""The rivals, against the same sink: postfix's own smtp-source, and the way everybody writes it first."""

from __future__ import annotations

import os
import smtplib
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from jinja2 import Environment, select_autoescape

from bench import processes
from bench.postfix_programs import Programs
from bench.sink import Sink

SESSIONS: Final = (5, 10, 20, 40)
SENDER, READER = "tips@example.ca", "reader@mail1.example.ca"
LIST_HEADERS: Final = (
    ("List-Unsubscribe", "<http://127.0.0.1/stop/token>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What one rival reached; CPU times are milliseconds per message."""

    name: str
    messages: int
    octets: int
    per_second: float
    sender_ms: float
    sink_ms: float
    void: str


def smtp_source(
    programs: Programs,
    sink: Sink,
    octets: int,
    messages: int,
    sessions: int,
    *,
    kept: bool,
    port: int | None = None,
) -> Rival:
    """Run postfix's generator: the same octets every time, no pipelining.

    By itself it opens a connection for each message; ``kept`` (its ``-d``) sends all over one a session.
    ``port`` is where the sink is reached, where that is not directly.
    """
    command = [programs.source, *(["-d"] if kept else []), "-s", str(sessions), "-m", str(messages)]
    command += ["-l", str(octets), "-f", SENDER, "-t", READER, f"127.0.0.1:{port or sink.port}"]

    def run() -> float:
        before = os.times()
        subprocess.run(command, env={**os.environ, **programs.environment}, check=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return used * 1000

    return _measured(f"smtp-source{' -d' if kept else ''}, {sessions} sessions", sink, octets, messages, run)


def best_sessions(
    programs: Programs, sink: Sink, octets: int, messages: int, *, kept: bool
) -> tuple[int, list[Rival]]:
    """Return the number of sessions with which smtp-source is fastest, and what it reached with each."""
    tried = [smtp_source(programs, sink, octets, messages, sessions, kept=kept) for sessions in SESSIONS]
    best = max(range(len(tried)), key=lambda place: tried[place].per_second)
    return SESSIONS[best], tried


def naive(sink: Sink, text: str, html: str, octets: int, messages: int) -> Rival:
    """Send as one writes it first: per reader a Jinja template, an EmailMessage and smtplib, in one process.

    ``text`` and ``html`` are the tip mail with ``{{ choices_url }}`` and the like for what differs; styles
    are inlined already, and one connection is kept, both of which a first attempt may well do otherwise.
    """
    environment = Environment(autoescape=select_autoescape(["html"]))
    templates = environment.from_string(text), environment.from_string(html)

    def run() -> float:
        began = time.process_time()
        with smtplib.SMTP("127.0.0.1", sink.port) as smtp:
            for number in range(messages):
                words = {name: f"http://127.0.0.1/{name}/{number}" for name in ("choices_url", "stop_url")}
                words["asked_on"] = "March 2, 2026"
                message = EmailMessage()
                message["From"], message["To"] = SENDER, f"reader-{number}@mail1.example.ca"
                message["Subject"] = "Look at your feet every day"
                for name, value in LIST_HEADERS:
                    message[name] = value
                message.set_content(templates[0].render(words))
                message.add_alternative(templates[1].render(words), subtype="html")
                smtp.send_message(message)
        return (time.process_time() - began) * 1000

    return _measured("Jinja, EmailMessage and smtplib", sink, octets, messages, run)


def _measured(name: str, sink: Sink, octets: int, messages: int, run: Callable[[], float]) -> Rival:
    """Run it and return what it reached; ``run`` tells the CPU time it used, in milliseconds."""
    taken, sink_ms, began = sink.taken(), processes.own_cpu_ms([sink.pid]), time.monotonic()
    sender_ms = run()
    seconds = time.monotonic() - began
    taken = sink.taken() - taken
    return Rival(
        name=name,
        messages=messages,
        octets=octets,
        per_second=messages / seconds,
        sender_ms=sender_ms / messages,
        sink_ms=(processes.own_cpu_ms([sink.pid]) - sink_ms) / messages,
        void="" if taken == messages else f"the sink counted {taken}",
    )
