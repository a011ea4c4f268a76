"""A link as facts: purpose, ids and nonce are stored, the signed address is derived when the mail is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from newsletter_app.kernel.links import Links, Purpose

PATHS: Final[dict[Purpose, str]] = {
    Purpose.CONFIRM: "confirm",
    Purpose.CHOICES: "choices",
    Purpose.MANAGE: "choices",
    Purpose.STOP: "stop",
    Purpose.UNDO: "restart",
    Purpose.RESTART: "restart",
    Purpose.ADDRESS_CONFIRM: "address",
    Purpose.ADDRESS_KEEP: "address",
    Purpose.PASSWORD: "console/password",
    Purpose.FIRST_START: "console/begin",
}


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """What a signed link is derived from."""

    purpose: Purpose
    ids: tuple[int, ...]
    nonce: bytes = b""

    def to_facts(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        return {"purpose": self.purpose.name, "ids": list(self.ids), "nonce": self.nonce.hex()}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> LinkSpec:
        """Read back what ``to_facts`` gave."""
        return cls(Purpose[facts["purpose"]], tuple(facts["ids"]), bytes.fromhex(facts["nonce"]))

    def url(self, links: Links) -> str:
        """Return the absolute, signed address."""
        return links.url(PATHS[self.purpose], links.token(self.purpose, self.ids, self.nonce))
