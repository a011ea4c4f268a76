"""A campaign's accounts held against each other: the SMTP server's own and the ledger's, reader by reader."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Status, status
from newsletter_app.kernel.base import READ_ONLY
from newsletter_app.ports import Ports
from tests.journeys.house import House, sender_of

Line = dict[str, Any]
Mails = dict[str, list[Line]]
NAMED = 100  # How many uncertain readers a campaign's status names.

# Everybody who was a reader at the launch, with their delivery if they have one.
LEDGER = text(
    "SELECT s.id, s.address, d.state, d.reason FROM campaigns c"
    " JOIN campaign_notices n ON n.campaign_id = c.id"
    " JOIN subscriptions p ON p.notice_id = n.notice_id AND p.confirmed_at <= c.started_at"
    " JOIN subscribers s ON s.id = p.subscriber_id"
    " LEFT JOIN deliveries d ON d.campaign_id = c.id AND d.subscriber_id = s.id"
    " WHERE c.id = :id ORDER BY s.id"
)


class Taken:
    """What the SMTP server has taken; asked often, it reads on from where it had read to."""

    def __init__(self, house: House) -> None:
        """Begin at the first line of the account."""
        self._path = house.machine.folder / "account.jsonl"
        self._at = self._told = self._lines = 0

    def __call__(self) -> int:
        """Return the number of whole lines so far."""
        octets = read_on(self._path, self._at)
        self._at += len(octets)
        self._lines += octets.count(b"\n")
        return self._lines

    def lines(self) -> list[Line]:
        """Return the lines since this was last asked."""
        octets = read_on(self._path, self._told)
        self._told += len(octets)
        return [json.loads(line) for line in octets.splitlines()]


def read_on(path: Path, start: int) -> bytes:
    """Return what stands in a file from ``start`` on; nothing while there is no file."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(start)
        return file.read()


@dataclass
class Tally:
    """What became of a campaign's readers; ``faults`` says in words what is not as promised."""

    accepted: int = 0
    uncertain: set[int] = field(default_factory=set)
    uncertain_taken: int = 0
    lost: int = 0
    doubled: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, row: Row[Any], mails: list[Line]) -> None:
        """Count one reader: the ledger's row, and the mails of this campaign that the server took."""
        if row.state == "uncertain":
            self.uncertain.add(row.id)
            self.uncertain_taken += bool(mails)
        elif row.state == "accepted":
            self.accepted += 1
            if not mails:
                self.lost += 1
                self.faults.append(f"reader {row.id} got no mail, though the ledger says so")
        else:
            self.faults.append(f"reader {row.id} is {row.state} ({row.reason})")
        if len(mails) > 1:
            self.doubled += 1
            self.faults.append(f"reader {row.id} got {len(mails)} mails")

    def words(self) -> str:
        """Return the counts in a line."""
        return (
            f"accepted {self.accepted}, uncertain {len(self.uncertain)}"
            f" (of these taken {self.uncertain_taken}), lost {self.lost}, doubled {self.doubled}"
        )


def compare(house: House, number: int) -> Tally:
    """Hold the whole account of the house's server against the finished campaign of tip ``number``."""
    with house.ports() as ports:
        return hold_together(ports, number, house.server.account())


def hold_together(ports: Ports, number: int, lines: Iterable[Line]) -> Tally:
    """Hold lines of the server's account against the ledger of the finished campaign of tip ``number``.

    Accepted in the ledger: once in the account, with this reader's own sender, recipient and message-id.
    Uncertain: at most once. Nothing else is allowed, and nobody who was active may be missing. Lines of
    other campaigns are left out.
    """
    with Session(ports.engine.execution_options(**{READ_ONLY: True})) as session:
        campaign = session.query(Campaign).filter_by(occurrence=f"tip:{number}").one()
        told, rows = status(session, campaign), session.execute(LEDGER, {"id": campaign.id}).all()
    mails = _by_recipient(lines, campaign.id)
    tally = Tally()
    for row in rows:
        tally.add(row, mails.get(row.address, []))
    tally.faults += _foreign(ports, campaign.id, rows, mails) + _miscounted(told, rows, tally)
    return tally


def _by_recipient(lines: Iterable[Line], campaign_id: int) -> Mails:
    """Return recipient → the lines that bear this campaign's message-id."""
    mark, found = f"<c{campaign_id}.", Mails()
    for line in lines:
        if line["message_id"].startswith(mark):
            found.setdefault(line["recipient"], []).append(line)
    return found


def _foreign(ports: Ports, campaign_id: int, rows: Iterable[Row[Any]], mails: Mails) -> list[str]:
    """Return what of the taken mails is somebody else's, or nobody's."""
    readers = {row.address: row.id for row in rows}
    faults = [f"a mail to {address}, who is no reader" for address in mails.keys() - readers.keys()]
    named = Counter(line["message_id"] for lines in mails.values() for line in lines)
    faults += [f"{many} mails are named {name}" for name, many in named.items() if many > 1]
    for address, lines in mails.items():
        id_ = readers.get(address, 0)
        sender, mark = sender_of(ports, campaign_id, id_), f"<c{campaign_id}.{id_}."
        for line in lines:
            is_own = line["sender"] == sender and address in line["to"]
            if not (is_own and line["message_id"].startswith(mark)):
                faults.append(f"reader {id_} got {line['message_id']} from {line['sender']}")
    return faults


def _miscounted(told: Status, rows: Iterable[Row[Any]], tally: Tally) -> list[str]:
    """Return what the campaign's status says otherwise than its rows."""
    counted = Counter(row.state for row in rows if row.state)
    faults = [] if told.states == counted else [f"the status counts {told.states}, the rows {dict(counted)}"]
    if told.uncertain != tuple(sorted(tally.uncertain)[:NAMED]):
        faults.append(f"the status names as uncertain {told.uncertain}")
    return faults
