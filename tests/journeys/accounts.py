"""A campaign's accounts held against each other: the SMTP server's own and the ledger's, reader by reader."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.house import House, sender_of

Line = dict[str, Any]


class Taken:
    """How many messages the SMTP server has taken; asked often, it reads on from where it had read to."""

    def __init__(self, house: House) -> None:
        """Begin at the first line of the account."""
        self._path = house.machine.folder / "account.jsonl"
        self._at = self._lines = 0

    def __call__(self) -> int:
        """Return the number of whole lines."""
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._at)
                fresh = file.read()
            self._at += len(fresh)
            self._lines += fresh.count(b"\n")
        return self._lines


@dataclass
class Tally:
    """What became of a campaign's readers; ``faults`` says in words what is not as promised."""

    accepted: int = 0
    uncertain: set[int] = field(default_factory=set)
    uncertain_taken: int = 0
    lost: int = 0
    doubled: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, row: Line, mails: list[Line]) -> None:
        """Count one reader: the ledger's row, and the mails of this campaign that the server took."""
        reader = f"reader {row['subscriber_id']}"
        if row["state"] == "uncertain":
            self.uncertain.add(row["subscriber_id"])
            self.uncertain_taken += bool(mails)
        elif row["state"] == "accepted":
            self.accepted += 1
            if not mails:
                self.lost += 1
                self.faults.append(f"{reader} got no mail, though the ledger says so")
        else:
            self.faults.append(f"{reader} is {row['state']} ({row['reason']})")
        if len(mails) > 1:
            self.doubled += 1
            self.faults.append(f"{reader} got {len(mails)} mails")

    def words(self) -> str:
        """Return the counts in a line."""
        return (
            f"accepted {self.accepted}, uncertain {len(self.uncertain)}"
            f" (of these taken {self.uncertain_taken}), lost {self.lost}, doubled {self.doubled}"
        )


def compare(house: House, number: int) -> Tally:
    """Hold the server's account against the ledger of the finished campaign of tip ``number``.

    Accepted in the ledger: once in the account, with this reader's own sender, recipient and message-id.
    Uncertain: at most once. Nothing else is allowed, and nobody who was active may be missing.
    """
    tally, mails = Tally(), _mails_of(house, number)
    for row in _ledger(house, number):
        tally.add(row, mails.get(row["address"], []))
    tally.faults += _foreign(house, number, mails)
    told = status_of(house, number)
    if told["states"].get("uncertain", 0) != len(tally.uncertain):
        tally.faults.append(f"campaigns status counts {told['states']}")
    if told["uncertain"] != sorted(tally.uncertain)[:100]:
        tally.faults.append(f"campaigns status names as uncertain {told['uncertain']}")
    return tally


def status_of(house: House, number: int) -> dict[str, Any]:
    """Return what ``flask campaigns status`` tells of a tip's campaign."""
    printed = house.machine.flask("campaigns", "status", f"tip:{number}", "--json")
    # What stands behind the JSON is the error stream's.
    told, _ = json.JSONDecoder().raw_decode(printed[printed.index("{") :])
    facts: dict[str, Any] = told[f"tip:{number}"]
    return facts


def _campaign_id(house: House, number: int) -> int:
    found = house.machine.rows("SELECT id FROM campaigns WHERE occurrence = :it", it=f"tip:{number}")
    campaign_id: int = found[0]["id"]
    return campaign_id


def _ledger(house: House, number: int) -> list[Line]:
    """Return everybody who was a reader at the launch, with their delivery if they have one."""
    return house.machine.rows(
        "SELECT s.id AS subscriber_id, s.address, d.state, d.reason FROM campaigns c"
        " JOIN campaign_notices n ON n.campaign_id = c.id"
        " JOIN subscriptions p ON p.notice_id = n.notice_id AND p.confirmed_at <= c.started_at"
        " JOIN subscribers s ON s.id = p.subscriber_id"
        " LEFT JOIN deliveries d ON d.campaign_id = c.id AND d.subscriber_id = s.id"
        " WHERE c.occurrence = :it ORDER BY s.id",
        it=f"tip:{number}",
    )


def _mails_of(house: House, number: int) -> dict[str, list[Line]]:
    """Return recipient → the lines of the server's account that bear this campaign's message-id."""
    mark, found = f"<c{_campaign_id(house, number)}.", dict[str, list[Line]]()
    for line in house.server.account():
        if line["message_id"].startswith(mark):
            found.setdefault(line["recipient"], []).append(line)
    return found


def _foreign(house: House, number: int, mails: dict[str, list[Line]]) -> list[str]:
    """Return what of the taken mails is somebody else's, or nobody's."""
    campaign_id = _campaign_id(house, number)
    readers = {row["address"]: row["subscriber_id"] for row in _ledger(house, number)}
    faults = [f"a mail to {address}, who is no reader" for address in mails if address not in readers]
    named = Counter(line["message_id"] for lines in mails.values() for line in lines)
    faults += [f"{many} mails are named {name}" for name, many in named.items() if many > 1]
    with house.ports() as ports:
        for address, id_ in readers.items():
            sender = sender_of(ports, campaign_id, id_)
            for line in mails.get(address, []):
                is_own = line["sender"] == sender and address in line["to"]
                if not (is_own and line["message_id"].startswith(f"<c{campaign_id}.{id_}.")):
                    faults.append(f"reader {id_} got {line['message_id']} from {line['sender']}")
    return faults
