"""A reader whose browser runs no script: opens pages, fills in forms, presses buttons, reads mail."""

from __future__ import annotations

import email
import email.policy
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser


@dataclass
class Form:
    """A form as the page shows it: where it goes, what is filled in, what its buttons say."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str] | None] = field(default_factory=dict)


@dataclass
class Page:
    """What came back."""

    status: int
    url: str
    html: str

    @property
    def forms(self) -> list[Form]:
        """Return the page's forms in their order."""
        parser = _FormParser(self.url)
        parser.feed(self.html)
        return parser.forms

    @property
    def title(self) -> str:
        """Return the first heading's words."""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.html, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""

    def links(self, part: str) -> list[str]:
        """Return the absolute addresses of links that contain ``part``."""
        found = re.findall(r'href="([^"#]*)', self.html)
        return [urllib.parse.urljoin(self.url, link.replace("&amp;", "&")) for link in found if part in link]

    def press(self, button: str, **typed: str | list[str]) -> Page:
        """Fill in ``typed`` and press the button whose words contain ``button``."""
        form = next(form for form in self.forms if any(button in words for words in form.buttons))
        pressed = next(pair for words, pair in form.buttons.items() if button in words)
        kept = [(name, value) for name, value in form.fields if name not in typed]
        given = [
            (name, value)
            for name, values in typed.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return fetch(form.action, [*kept, *given, *([pressed] if pressed else [])], origin=self.url)


def fetch(
    url: str,
    form: list[tuple[str, str]] | None = None,
    *,
    method: str | None = None,
    origin: str | None = None,
) -> Page:
    """Ask for a page; with ``form`` as a POST that comes from the page at ``origin``, as browsers say."""
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    return _ask(urllib.request.Request(url, body, method=method), origin)


def one_click(url: str, *, multipart: bool = False) -> Page:
    """Stop as a mail program does (RFC 8058 3.1): no cookie, no origin, no name, in either encoding."""
    body, kind = b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
    if multipart:
        head = b'--part\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
        body, kind = head + b"One-Click\r\n--part--\r\n", "multipart/form-data; boundary=part"
    return _ask(urllib.request.Request(url, body, {"Content-Type": kind, "User-Agent": ""}), None)


def _ask(request: urllib.request.Request, origin: str | None) -> Page:
    if origin is not None:
        parts = urllib.parse.urlsplit(origin)
        request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
        request.add_header("Sec-Fetch-Site", "same-origin")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Page(answer.status, answer.url, answer.read().decode())
    except urllib.error.HTTPError as answer:
        with answer:
            return Page(answer.code, answer.url, answer.read().decode())


def read_mail(octets: bytes) -> EmailMessage:
    """Return a mail as the reader's program understands it."""
    return email.message_from_bytes(octets, policy=email.policy.default)


def mail_text(message: EmailMessage, kind: str = "plain") -> str:
    """Return the plain-text or HTML part's words."""
    part = message.get_body((kind,))
    assert part is not None
    words: str = part.get_content()
    return words


def mail_links(message: EmailMessage, part: str) -> list[str]:
    """Return the addresses in the plain-text part that contain ``part``."""
    return [link for link in re.findall(r"https?://[^\s<>\"]+", mail_text(message)) if part in link]


def every_link(message: EmailMessage) -> set[str]:
    """Return every address in the mail: links and pictures of the HTML part, links of the text part."""
    html = mail_text(message, "html")
    found = {unescape(link) for link in re.findall(r'(?:href|src)="([^"#]+)', html)}
    return found | set(mail_links(message, ""))


class _FormParser(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url = url
        self._open: Form | None = None
        self._button: tuple[str, str] | None = None
        self._words: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(urllib.parse.urljoin(self._url, given.get("action") or self._url))
            self.forms.append(self._open)
        elif self._open is not None and tag == "input":
            self._take_input(self._open, given)
        elif self._open is not None and tag == "button":
            self._button = (given["name"], given.get("value", "")) if "name" in given else None
            self._words = []

    def _take_input(self, form: Form, given: dict[str, str]) -> None:
        pair = (given.get("name", ""), given.get("value", ""))
        if given.get("type") in ("checkbox", "radio"):
            form.choices.append(pair)
            form.fields += [pair] if "checked" in given else []
        elif pair[0]:
            form.fields.append(pair)

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._open is not None and self._words is not None:
            self._open.buttons[" ".join("".join(self._words).split())] = self._button
            self._words = None
        elif tag == "form":
            self._open = None
