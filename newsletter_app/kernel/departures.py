"""Who left, came back or was erased, kept outside the database so that no restored backup forgets it (S33).

Files made to be read by people, one a month and machine, with a line for each act and never an address:

    2026-11-23T08:00:00.000000+00:00 5bb5fd08… withdrawn 1,3

The second word is the address's keyed hash; behind the act stand notices, or the scope and reason of a
suppression. A line is written after the commit of what it tells of; a torn or foreign one is ignored.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.kernel import outermost

FOLDER: Final = "departures"
# No older backup can be made good again: after that the erasures of a month are known to nobody.
KEPT: Final = timedelta(days=3 * 366)
ERASED: Final = "erased"
SUPPRESSED: Final = "suppressed"

_WAITING: Final = "departures_waiting"
_LINE: Final = re.compile(r"(\S+\+00:00) ([0-9a-f]{64}) ([a-z]{1,12})(?: (\S{1,500}))?", re.ASCII)
_log: Final = logging.getLogger("newsletter_app.departures")


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, or what was done to their address; ``about`` is "1,3" (notices) or "bulk,bounce"."""

    at: datetime
    address_key: str
    act: str
    about: str = ""


def note(session: Session, act: Act) -> None:
    """Have ``act`` written once the outermost transaction of ``session`` has committed."""
    outermost.collect(session, _WAITING, act)


def attach(sessions: sessionmaker[Session] | type[Session], write: Callable[[Sequence[Act]], None]) -> None:
    """Have every session of ``sessions`` hand what was noted in it to ``write``."""
    outermost.attach(sessions, _WAITING, write)


class Departures:
    """The files of one machine; any number of its processes append to them."""

    def __init__(self, data_dir: Path, host: str) -> None:
        """Keep where they lie; the folder is made with the first line."""
        self.folder = data_dir / FOLDER
        self._host = re.sub(r"[^A-Za-z0-9._-]", "-", host)[:100] or "localhost"

    def write(self, acts: Sequence[Act]) -> None:
        """Append the acts, durably. It raises nothing: what they tell of is committed, and holds."""
        lines = "".join(map(_line, acts))
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.folder / f"{self._host}-{acts[0].at.astimezone(UTC):%Y-%m}.txt"
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # One write to a file opened for appending is whole among those of other processes (POSIX).
                os.write(fd, lines.encode("ascii"))
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as fault:
            _log.error("departures_unwritten %s: %s acts are in no file", fault.strerror, len(acts))


def read(folder: Path) -> Iterator[Act]:
    """Yield every act in the files of ``folder``, those copied there from other machines too, in no order."""
    for path in sorted(folder.glob("*.txt")):
        with path.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                found = _LINE.fullmatch(line.rstrip("\n"))
                at = _moment(found[1]) if found else None
                if found and at:
                    yield Act(at, found[2], found[3], found[4] or "")


def sweep(folder: Path, now: datetime) -> int:
    """Delete the files whose last line is older than three years; return how many."""
    old = [path for path in folder.glob("*.txt") if path.stat().st_mtime < (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _line(act: Act) -> str:
    at = act.at.astimezone(UTC).isoformat(timespec="microseconds")
    return " ".join(word for word in (at, act.address_key, act.act, act.about) if word) + "\n"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
