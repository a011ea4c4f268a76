"""The windows that a kill can fall into, read from the dead process's journal before anybody settles it."""

from __future__ import annotations

import fcntl
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from tests.waiting import until

CLAIMED, UNTOUCHED, DOTTED, REPLIED = "claim–hand-over", "whole claim", "dot–reply", "reply–record"
WINDOWS = (CLAIMED, DOTTED, REPLIED)
WORDS = re.compile(r"^(handing|replied) d:(\d+):(\d+) (\d+)", re.MULTILINE)
SENDER = re.compile(r"sender=(\d+)$")
OWN_ROWS = (
    "SELECT campaign_id, subscriber_id, claim_no FROM deliveries"
    " WHERE state = 'claimed' AND claim_sender = :sender"
)

Hand = tuple[int, int, int]  # Campaign, reader, claim.


@dataclass
class Moment:
    """What one blow found, ``at`` seconds in its round: processes, open connections, rows by their window.

    ``whole_claims`` counts claims of which not a single row had been handed over.
    """

    kind: str
    at: float = 0
    killed: int = 0
    connections: int = 0
    claimed: int = 0
    whole_claims: int = 0
    dotted: int = 0
    replied: int = 0

    def windows(self) -> Counter[str]:
        """Return which windows the kill fell into."""
        sizes = {CLAIMED: self.claimed, DOTTED: self.dotted, REPLIED: self.replied}
        return Counter(name for name, size in (sizes | {UNTOUCHED: self.whole_claims}).items() if size)

    def faults(self) -> list[str]:
        """Return what is not as promised: at most one final dot stands unanswered on each connection."""
        if self.dotted <= self.connections:
            return []
        return [f"{self.kind}: {self.dotted} final dots without a reply on {self.connections} connections"]

    def words(self) -> str:
        """Return the kill in short; rows are told as claimed/dotted/replied."""
        found = f" {self.claimed}/{self.dotted}/{self.replied} on {self.connections}"
        return f"{self.at:.1f} s {self.kind}" + found * bool(self.connections + self.claimed + self.replied)

    def look(self, journal: str, rows: Sequence[dict[str, Any]]) -> None:
        """Sort the rows that the dead process had claimed by what its journal says of each."""
        handed, replied = hands_of(journal)
        claims = {claim for _, _, claim in handed}
        for row in rows:
            hand = (row["campaign_id"], row["subscriber_id"], row["claim_no"])
            self.replied += hand in replied
            self.dotted += hand in handed and hand not in replied
            self.claimed += hand not in handed
        self.whole_claims += len({row["claim_no"] for row in rows} - claims)


class Journals:
    """The journals of some machines; what stood in them at the last ``mark`` is not read again."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Begin with nothing read."""
        self._folders = list(folders)
        self._marks: dict[int, int] = {}

    def mark(self) -> None:
        """Pass over all that stands there now."""
        for file in self._files():
            self._marks[_inode(file)] = self._marks.get(_inode(file), 0) + len(self._fresh(file))

    def unanswered(self, campaign_id: int) -> set[int]:
        """Return the readers of a campaign with a final dot whose reply no journal knows."""
        handed, replied = hands_of("".join(self._fresh(file).decode() for file in self._files()))
        return {reader for campaign, reader, _ in handed - replied if campaign == campaign_id}

    @contextmanager
    def held(self, process_ids: Iterable[int]) -> Iterator[list[tuple[int, str]]]:
        """Give sender and text of the dead processes' journals while nobody else can settle them.

        Should somebody have been quicker, the lock is waited for: the text is the same, the rows are settled.
        """
        with ExitStack() as stack:
            files = []
            for pattern in [f"*-{process_id}-*.journal" for process_id in process_ids]:
                files += [stack.enter_context(file) for file in self._opened(pattern)]
            for file in files:
                until(partial(_is_locked, file.fileno()), "the process is dead", every=0.001)
            yield [(_sender(file), self._fresh(file).decode()) for file in files]

    def _files(self) -> Iterator[BinaryIO]:
        # In this order, since a journal that is settled meanwhile would else be found under neither name.
        for pattern in ("*.journal", "*.settled"):
            for file in self._opened(pattern):
                with file:
                    yield file

    def _opened(self, pattern: str) -> Iterator[BinaryIO]:
        for path in [path for folder in self._folders for path in folder.glob(pattern)]:
            with suppress(FileNotFoundError):
                yield path.open("rb")

    def _fresh(self, file: BinaryIO) -> bytes:
        """Return what stands behind the mark, without the room allocated ahead."""
        file.seek(self._marks.get(_inode(file), 0))
        return file.read().rstrip(b"\0")


def hands_of(journal: str) -> tuple[set[Hand], set[Hand]]:
    """Return whose final dots a journal knows, and whose replies."""
    known: dict[str, set[Hand]] = {"handing": set(), "replied": set()}
    for word, *numbers in WORDS.findall(journal):
        campaign_id, reader, claim_no = map(int, numbers)
        known[word].add((campaign_id, reader, claim_no))
    return known["handing"], known["replied"]


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino


def _sender(file: BinaryIO) -> int:
    file.seek(0)
    found = SENDER.search(file.readline().decode().rstrip("\n"))
    assert found, "a journal without its first line"
    return int(found[1])


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
