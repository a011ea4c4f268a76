"""Header fields as octets, folded and encoded; refuses addresses, ids, names and raw values out of shape.

Every function that writes a field returns it whole, name to final CRLF. What a person typed is cleaned and
encoded; what a program made (List-*, ids, addresses) is written as it is or refused, never encoded: one
encoded-word in List-Unsubscribe silently ends one-click unsubscribing.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from newsletter_app.mail import slots
from newsletter_app.mail.encoding import clean_header, encoded_words

_FOLD_AT = 78  # RFC 5322 section 2.1.1: lines SHOULD be no more than this.
_WORD_LINE = 76  # RFC 2047 section 2: a line that holds an encoded-word MUST be no more than this.
_LINE_LIMIT = 998  # RFC 5322 section 2.1.1: lines MUST be no more than this.
_LONGEST_PLAIN_WORD = 60

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
# Possessive, since these run once per reader and nothing is gained by going back over what was read.
_DOT_ATOM = rf"[{_ATEXT}]++(?:\.[{_ATEXT}]++)*+"
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}+(?<!-)"
_ADDRESS = re.compile(rf"{_DOT_ATOM}@{_LABEL}(?:\.{_LABEL})*")
_MESSAGE_ID = re.compile(rf"<{_DOT_ATOM}@{_LABEL}(?:\.{_LABEL})+>")
_ATOMS = re.compile(rf"[{_ATEXT} ]+")
_PRINTABLE = re.compile(r"[ -~]++")
_FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9-]*")
# "=?" would begin an encoded-word; an angle bracket would close the URI it stands in and open another one.
_RAW_VALUE = re.compile(r"[!-;=?-~]++")
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3: a path of 256 with its angle brackets.

# What compiling writes itself, or what a message to one reader never has (RFC 5322 section 3.6).
_OWN_FIELDS = frozenset(
    {"from", "to", "subject", "date", "message-id", "mime-version", "reply-to"}
    | {"sender", "cc", "bcc", "return-path", "received"}
)
_ONE_CLICK = "List-Unsubscribe=One-Click"
# Plain http is for trying the product out on one's own machine; elsewhere RFC 8058 section 3.1 wants https.
_WEB_URI = re.compile(r"<(?:https://|http://(?:localhost|127(?:\.\d+){3}|\[::1\])[:/])[^<>\s]+>")
_MAILTO_URI = re.compile(r"<mailto:[^<>\s]+>")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HeaderRefused(ValueError):
    """A value cannot lawfully stand in the header it was meant for."""


def text_field(name: str, text: str) -> bytes:
    """Write an unstructured field such as Subject from any text; HeaderRefused if nothing is left of it."""
    text = clean_header(text)
    if not text:
        raise HeaderRefused(f"{name} is empty")
    words = text.split(" ")
    if _stay_plain(words):
        return _fold(name, words)
    return _fold(name, encoded_words(text, _WORD_LINE - len(f"{name}: ")), _WORD_LINE)


def address_field(name: str, display_name: str, address: str) -> bytes:
    """Write a field with one mailbox (RFC 5322 section 3.4); a blank display name leaves the address alone.

    HeaderRefused for an address that is not ASCII `dot-atom@domain`: such a mail needs SMTPUTF8, which the
    product does not speak, and domains come here as A-labels.
    """
    check_address(address)
    phrase = clean_header(display_name) if display_name else ""
    if not phrase:
        return _fold(name, [address])
    words, limit = _phrase(name, phrase)
    return _fold(name, [*words, f"<{address}>"], limit)


def raw_field(name: str, value: str) -> bytes:
    """Write a field whose value is ASCII and stays as it is, folded at its spaces only."""
    if not _PRINTABLE.fullmatch(value) or "=?" in value:
        raise HeaderRefused(f"{name} must be printable ASCII on one line, and no encoded-word")
    return _fold(name, value.split())


# All readers of one claim share their time.
@lru_cache(maxsize=64)
def date_field(at: datetime) -> bytes:
    """Write Date (RFC 5322 section 3.3) in UTC, with the zone as `+0000`; `at` must be aware."""
    if at.utcoffset() is None:
        raise HeaderRefused("Date needs a time with its zone")
    utc = at.astimezone(UTC)
    day = f"{_DAYS[utc.weekday()]}, {utc.day:02d} {_MONTHS[utc.month - 1]} {utc.year:04d}"
    return f"Date: {day} {utc.hour:02d}:{utc.minute:02d}:{utc.second:02d} +0000\r\n".encode("ascii")


def message_id_field(message_id: str) -> bytes:
    """Write Message-ID from `<left@fqdn>` (RFC 5322 section 3.6.4), ASCII."""
    if len(message_id) > _LONGEST_ADDRESS or not _MESSAGE_ID.fullmatch(message_id):
        raise HeaderRefused("Message-ID must have the shape <left@host.domain>")
    return _fold("Message-ID", [message_id])


def check_address(address: str) -> None:
    """Raise HeaderRefused unless `address` is an ASCII `dot-atom@domain` of at most 254 octets."""
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise HeaderRefused("the address is not ASCII of the shape local@domain")


def check_raw_value(slot: str, value: str) -> None:
    """Raise HeaderRefused unless a slot's value may stand raw: printable ASCII, no space, < or >."""
    if not _RAW_VALUE.fullmatch(value) or "=?" in value:
        raise HeaderRefused(f"slot {slot} stands raw in a header: printable ASCII only, no space, <, > or =?")


def check_extra_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Raise HeaderRefused for a fixed field that is misnamed, written elsewhere, repeated, or unlawful."""
    names = [name.lower() for name, _ in fields]
    for name, lower in zip((name for name, _ in fields), names, strict=True):
        if not _FIELD_NAME.fullmatch(name) or lower in _OWN_FIELDS or lower.startswith("content-"):
            raise HeaderRefused(f"not a field that can be added: {name!r}")
    if len(set(names)) < len(names):
        raise HeaderRefused("a field may be added once only")
    for name, value in fields:
        raw_field(name, value)
    _check_unsubscribe({name.lower(): value for name, value in fields})


def _check_unsubscribe(fields: dict[str, str]) -> None:
    """RFC 8058 section 3.1: one web URI and perhaps one mailto; the Post field's value is fixed."""
    post = fields.get("list-unsubscribe-post")
    if post is not None and (post != _ONE_CLICK or "list-unsubscribe" not in fields):
        raise HeaderRefused(f"List-Unsubscribe-Post is {_ONE_CLICK}, beside List-Unsubscribe")
    if "list-unsubscribe" not in fields:
        return
    # A lone mark stands for a whole URI, which whoever fills it has built from the product's own address.
    uris = [uri.strip() for uri in fields["list-unsubscribe"].split(",")]
    mailtos = [uri for uri in uris if _MAILTO_URI.fullmatch(uri)]
    webs = [uri for uri in uris if _WEB_URI.fullmatch(uri) or slots.split(uri)[::2] == ("<", ">")]
    if len(webs) != 1 or len(mailtos) > 1 or len(webs) + len(mailtos) != len(uris):
        raise HeaderRefused("List-Unsubscribe holds exactly one <https:…> and at most one <mailto:…>")


def _phrase(name: str, phrase: str) -> tuple[list[str], int]:
    """Return a display name's words and the line limit: atoms, a quoted-string, or encoded-words."""
    words = phrase.split(" ")
    if not _ATOMS.fullmatch(phrase):
        escaped = phrase.replace("\\", "\\\\").replace('"', '\\"')
        words = f'"{escaped}"'.split(" ")
    if _stay_plain(words):
        return words, _FOLD_AT
    return encoded_words(phrase, _WORD_LINE - len(f"{name}: ")), _WORD_LINE


def _stay_plain(words: Sequence[str]) -> bool:
    """Tell whether words are read back as themselves: ASCII, no look-alike of an encoded-word, foldable."""
    return (
        all(map(str.isascii, words))
        and max(map(len, words)) <= _LONGEST_PLAIN_WORD
        and not any("=?" in word for word in words)
    )


def _fold(name: str, words: Sequence[str], limit: int = _FOLD_AT) -> bytes:
    """Join words by single spaces, each line as full as `limit` allows, folding where a space stands."""
    if len(words) == 1:
        return _one_word(name, words[0], limit)
    lines, line = [], f"{name}:"
    for place, word in enumerate(words):
        if len(line) + 1 + len(word) > limit and (place or len(word) < limit):
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    lines.append(line)
    if max(map(len, lines)) > _LINE_LIMIT:
        raise HeaderRefused(f"{name} has a line of more than {_LINE_LIMIT} octets")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _one_word(name: str, word: str, limit: int) -> bytes:
    """Do what `_fold` does, in a third of its time, for most fields that differ per reader."""
    # Folding before the first word helps only if the word then fits: else it would leave a bare name.
    folds = len(name) + 2 + len(word) > limit > len(word)
    if not folds and len(name) + 2 + len(word) > _LINE_LIMIT:
        raise HeaderRefused(f"{name} has a line of more than {_LINE_LIMIT} octets")
    space = "\r\n " if folds else " "
    return f"{name}:{space}{word}\r\n".encode("ascii")
