"""The SMTP server of ``smtp_program`` as a process of its own: started, told what to do, killed, asked."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fakes.nursery import Child
from tests.waiting import until

PATIENCE_S = 5


class SmtpServerProcess:
    """The server as a process of its own, in its own group, for ``with``; one account over restarts."""

    def __init__(self, folder: Path, script: dict[str, dict[str, Any]] | None = None, *options: str) -> None:
        self._account = Lines(folder / "account.jsonl")
        self._log = Lines(folder / "account.jsonl.log")
        self._script = folder / "script.json"
        self._script.write_text(json.dumps(script or {}))
        self._options = options
        self._process: Child | None = None
        self.port = 0

    def learn(self, script: dict[str, dict[str, Any]]) -> None:
        """Take another script, for the next start."""
        self._script.write_text(json.dumps(script))

    def start(self) -> None:
        """Start, or start again on the same port with a fresh script, and wait until it listens."""
        told = ["--port", str(self.port), "--account", str(self._account.path), "--script", str(self._script)]
        self._process = Child([*told, *self._options])
        words = self._process.line().split()
        assert words[:1] == ["listening"], "the SMTP server did not start"
        self.port = int(words[1])

    def obey(self, script: dict[str, dict[str, Any]]) -> None:
        """Do from now on what ``script`` says."""
        assert self._process
        before = len(self.log("obeys"))
        self._script.write_text(json.dumps(script))
        self._process.signal(signal.SIGHUP)
        until(lambda: len(self.log("obeys")) > before, "the SMTP server obeys")

    def stop(self) -> None:
        """End it by SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it by SIGKILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.signal(number)
        if not self._process.wait(PATIENCE_S):
            self._process.signal(signal.SIGKILL)
            assert self._process.wait(PATIENCE_S), "the SMTP server cannot be killed"
        self._process = None

    def account(self) -> list[dict[str, Any]]:
        """Every message accepted so far, in order; a line torn by a kill is no acceptance."""
        return self._account.read()

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """What else was seen, of one kind or of all."""
        return [line for line in self._log.read() if not event or line["event"] == event]

    def violations(self) -> list[str]:
        """What the client did wrong."""
        return [line["what"] for line in self.log("violation")]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Lines:
    """A file of JSON lines that grows; what was read once is not read again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0
        self._lines: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        """Return every whole line so far."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._at)
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._at += len(whole) + 1
                self._lines += [json.loads(line) for line in whole.split(b"\n")]
        return list(self._lines)
