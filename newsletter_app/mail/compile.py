"""Content compiled once into a message to be filled per reader; refuses undeclared marks and empty parts.

Compiling writes every octet that all readers share: folded headers, both quoted-printable parts, 7-bit
throughout. What differs stands in holes between those octets, each of which knows how its value must be
encoded where it stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from newsletter_app.mail import headers, slots
from newsletter_app.mail.compiled import Compiled, CompiledRefused, Hole
from newsletter_app.mail.encoding import SOFT_BREAK, clean_body, quote
from newsletter_app.mail.slots import Slot

__all__ = ["Compiled", "CompiledRefused", "Content", "compile_message"]


@dataclass(frozen=True)
class Content:
    """What one edition says. `subject`, `html`, `text` and the values of `headers` may hold slot marks.

    `headers` are further fixed ASCII fields in order, such as Precedence or List-Id; `slots` declares every
    slot that is marked anywhere.
    """

    subject: str
    html: str
    text: str
    from_name: str
    from_address: str
    reply_to: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    slots: tuple[Slot, ...] = ()


def compile_message(content: Content, boundary_seed: str) -> Compiled:
    """Compile `content`; the same content and seed give the same octets.

    Raises MarkCollision for a mark that is undeclared, broken or in a place that takes none, HeaderRefused
    for an address or header out of shape, ValueError for an empty part.
    """
    _check(content)
    # "=_" cannot stand in quoted-printable, so no value filled in later can ever look like the boundary
    # (RFC 2045 section 6.7, note).
    boundary = f"=_{sha256(boundary_seed.encode()).hexdigest()[:32]}"
    pieces = [
        *_header_pieces(content),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii"),
        _part_opening(boundary, "plain"),
        *_body_pieces("text", content.text),
        _part_opening(boundary, "html"),
        *_body_pieces("html", content.html),
        f"--{boundary}--\r\n".encode("ascii"),
    ]
    return Compiled(tuple(_joined(pieces)), content.slots)


def _check(content: Content) -> None:
    declared = {slot.name for slot in content.slots}
    if len(declared) < len(content.slots):
        raise ValueError("a slot is declared twice")
    for text in (content.subject, content.text, content.html, *(value for _, value in content.headers)):
        slots.check(text, declared)
    for text in (content.from_name, content.from_address, content.reply_to or ""):
        slots.check(text, ())
    if not content.text.strip() or not content.html.strip():
        raise ValueError("a message needs a text and an HTML part")
    headers.check_extra_fields(content.headers)


def _header_pieces(content: Content) -> Iterator[bytes | Hole]:
    yield headers.address_field("From", content.from_name, content.from_address)
    yield Hole("to")
    if slots.find(content.subject):
        yield Hole("unstructured", "Subject", slots.split(content.subject))
    else:
        yield headers.text_field("Subject", content.subject)
    yield Hole("date")
    yield Hole("message_id")
    yield b"MIME-Version: 1.0\r\n"
    if content.reply_to is not None:
        yield headers.address_field("Reply-To", "", content.reply_to)
    for name, value in content.headers:
        if slots.find(value):
            yield Hole("raw", name, slots.split(value))
        else:
            yield headers.raw_field(name, value)


def _part_opening(boundary: str, subtype: str) -> bytes:
    kind = f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
    return f"{kind}Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode("ascii")


def _body_pieces(place: str, text: str) -> Iterator[bytes | Hole]:
    """Encode one part. A soft break on either side lets a value of any length begin and end its own lines."""
    parts = slots.split(clean_body(text).rstrip("\n") + "\n")
    for index, part in enumerate(parts):
        if index % 2:
            yield Hole(place, parts=(part,))
            continue
        if index and not part.startswith("\n"):
            yield SOFT_BREAK
        yield quote(part)
        if index < len(parts) - 1 and part and not part.endswith("\n"):
            yield SOFT_BREAK


def _joined(pieces: Sequence[bytes | Hole]) -> Iterator[bytes | Hole]:
    """Join neighbouring octets, so that filling has as few pieces as there are holes."""
    octets: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            octets.append(piece)
            continue
        yield b"".join(octets)
        octets.clear()
        yield piece
    yield b"".join(octets)
