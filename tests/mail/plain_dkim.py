"""DKIM read from RFC 6376 and 8463 word by word, as plain as they are; it shares nothing with the product.

``signatures`` takes a signed message apart; what each signature ought to be is said by ``signed_octets`` and
``body_hash``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """A DKIM-Signature field: as it stands, and its tags without white space."""

    field: tuple[str, str]
    tags: dict[str, str]

    @property
    def names(self) -> list[str]:
        return self.tags["h"].lower().split(":")


def parted(message: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Return the header's fields, values folded as they are, and the body (section 2.1)."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields: list[tuple[str, str]] = []
    for line in head.decode("ascii").split("\r\n"):
        if line[0] in " \t":
            name, value = fields.pop()
            fields.append((name, f"{value}\r\n{line}"))
        else:
            name, _, value = line.partition(":")
            fields.append((name, value))
    return fields, body


def signatures(message: bytes) -> list[Signature]:
    """Return the message's signatures in the order they stand."""
    fields, _ = parted(message)
    return [Signature(field, tags_of(field[1])) for field in fields if field[0].lower() == "dkim-signature"]


def tags_of(value: str) -> dict[str, str]:
    """Read a list of tags (section 3.2); a tag that stands twice makes it void."""
    tags: dict[str, str] = {}
    for part in value.split(";"):
        name, _, content = part.partition("=")
        assert name.strip() not in tags
        tags[name.strip()] = re.sub(r"[ \t\r\n]", "", content)
    return tags


def signed_octets(message: bytes, signature: Signature) -> bytes:
    """Return what a signature signs (section 3.7): the fields it names, the last one of a name first."""
    fields, _ = parted(message)
    left = [field for field in fields if field[0].lower() != "dkim-signature"]
    octets = ""
    for name in signature.names:
        standing = [place for place, field in enumerate(left) if field[0].lower() == name]
        if standing:
            octets += relaxed_field(*left.pop(standing[-1])) + "\r\n"
    name, value = signature.field
    bare = re.sub(r"(;[ \t\r\n]*b[ \t\r\n]*=)[^;]*", r"\1", value)
    return (octets + relaxed_field(name, bare)).encode("ascii")


def body_hash(message: bytes) -> str:
    """Return what ``bh=`` ought to be."""
    return base64.b64encode(hashlib.sha256(relaxed_body(parted(message)[1])).digest()).decode()


def relaxed_field(name: str, value: str) -> str:
    """Section 3.4.2, step by step."""
    unfolded = value.replace("\r\n", "")
    single = re.sub(r"[ \t]+", " ", unfolded)
    return f"{name.lower().rstrip()}:{single.strip(' ')}"


def relaxed_body(body: bytes) -> bytes:
    """Section 3.4.4, line by line."""
    lines = body.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    reduced = [re.sub(rb"[ \t]+", b" ", line.rstrip(b" \t")) for line in lines]
    while reduced and reduced[-1] == b"":
        reduced.pop()
    return b"".join(line + b"\r\n" for line in reduced)
