"""How long one reader's message takes to fill and to sign, in CPU time of this process; it sends nothing.

Beside it stand the naive way, a template rendered and an EmailMessage built for each reader, and what the
signatures alone cost. Each figure is the best of many short rounds taken in turn, since neighbours on the
machine can only add to it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import islice
from time import process_time

from jinja2 import Environment
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.delivery import ClaimedDelivery, Filling, Postmark, fill
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.links import Links
from newsletter_app.mail import Content, Keyring, Signing, SigningKey, compile_message, mark
from newsletter_app.mail.dkim_keys import new_key
from newsletter_app.notices import Notice
from newsletter_app.tables import metadata
from tests.factories.content import make_notice, make_organisation
from tests.factories.engine import ROOT, make_composer

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SAMPLE = ROOT / "newsletter_app" / "sample" / "tips"
TIPS = 3  # of the sample: a mail of about 30 KB
MESSAGES = 100  # a round
NAMES = ("", "", "", "Rose Roy", "", "", "", "Éloïse Côté-L’Heureux")
POSTMARK = Postmark(
    Links("https://news.example.org", [b"link key of the bench, 32 octets"]),
    "bounce.example.org",
    "America/Edmonton",
    Keyring(ROOT / "no keys"),
)

Way = Callable[[ClaimedDelivery], bytes]


@dataclass(frozen=True)
class Figure:
    """One line of the table: CPU microseconds a message (best round) and its size in octets."""

    name: str
    micros: float
    octets: int


def main() -> None:
    """Measure, then print a table, or JSON with --json."""
    options = argparse.ArgumentParser(prog="python -m bench.filling", description=__doc__)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    figures = measure(chosen.rounds)
    if chosen.json:
        print(json.dumps([vars(figure) for figure in figures]))
        return
    print(f"{'':44}{'µs CPU':>10}{'messages/s':>12}{'octets':>9}")
    for one in figures:
        print(f"{one.name:44}{one.micros:>10.1f}{1e6 / one.micros:>12,.0f}{one.octets:>9,}")


def measure(rounds: int) -> list[Figure]:
    """Return every figure; each way fills the same readers, who all differ."""
    content, filling = compiled_digest()
    rsa, ed25519 = new_key("r1", "rsa"), new_key("e1", "ed25519")
    signed = {
        name: replace(filling, signer=Signing(filling.compiled, keys))
        for name, keys in {
            "fill, DKIM RSA-2048": [rsa],
            "fill, DKIM RSA-2048 and Ed25519": [rsa, ed25519],
            "fill, DKIM, no time for the key's own work": [NoKey("r0", "rsa", rsa.private)],
        }.items()
    }
    ways: dict[str, Way] = {"fill": filled_by(filling)}
    ways |= {name: filled_by(one) for name, one in signed.items()}
    ways["the RSA-2048 signature alone"] = lambda row: rsa.sign(row.nonce * 64)
    ways["the Ed25519 signature alone"] = lambda row: ed25519.sign(row.nonce * 64)
    ways["template and EmailMessage for each reader"] = NaiveWay(content).message
    return timed(ways, list(readers(MESSAGES)), rounds)


def filled_by(filling: Filling) -> Way:
    """Return what fills an edition for one reader."""
    return lambda row: fill(filling, row, POSTMARK).message


class NoKey(SigningKey):
    """A key whose signature costs nothing, to see what signing costs besides."""

    def sign(self, octets: bytes) -> bytes:
        """Return as many octets as an RSA-2048 signature has."""
        return bytes(256)


def timed(ways: dict[str, Way], rows: Sequence[ClaimedDelivery], rounds: int) -> list[Figure]:
    """Let every way do every row once a round, and take each one's best round."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(max(1, rounds)):
        for name, way in ways.items():
            begun = process_time()
            for row in rows:
                way(row)
            best[name] = min(best[name], process_time() - begun)
    return [Figure(name, best[name] / len(rows) * 1e6, len(way(rows[0]))) for name, way in ways.items()]


def readers(count: int) -> Iterator[ClaimedDelivery]:
    """Yield readers as a claim gives them, 500 a second, who asked in the course of three years."""
    for number in range(1, count + 1):
        yield ClaimedDelivery(
            ids=(7, number),
            claim_no=3,
            attempts=0,
            expires_at=None,
            edition_id=1,
            first_attempt_at=NOW + timedelta(seconds=number // 500),
            address=f"reader{number}@example.ca",
            name=NAMES[number % len(NAMES)],
            nonce=number.to_bytes(16, "big"),
            asked_at=NOW - timedelta(minutes=number * 7919 % 1_576_800),
        )


class NaiveWay:
    """What most newsletter programs do: words into a template, its output into the standard library."""

    def __init__(self, content: Content) -> None:
        """Make templates of the digest as composed."""
        environment = Environment(autoescape=True)
        self._content = content
        self._text = environment.from_string(_as_template(content.text))
        self._html = environment.from_string(_as_template(content.html))

    def message(self, row: ClaimedDelivery) -> bytes:
        """Return the message of one reader."""
        links = POSTMARK.links
        words = {
            "asked_on": f"{row.asked_at:%B %d, %Y}",
            "choices_url": links.url("choices", f"token-of-{row.subscriber_id}"),
            "stop_url": links.url("stop", f"token-of-{row.subscriber_id}"),
        }
        message = EmailMessage(policy=SMTP)
        message["From"] = f"{self._content.from_name} <{self._content.from_address}>"
        message["To"] = row.address
        message["Subject"] = self._content.subject
        message["Date"] = row.first_attempt_at
        message["Message-ID"] = f"<{row.subscriber_id}@example.org>"
        message["List-Unsubscribe"] = f"<{words['stop_url']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self._text.render(words), cte="quoted-printable")
        message.add_alternative(self._html.render(words), subtype="html", cte="quoted-printable")
        return message.as_bytes()


def _as_template(text: str) -> str:
    for name in ("asked_on", "choices_url", "stop_url"):
        text = text.replace(mark(name), f"{{{{ {name} }}}}")
    return text


def compiled_digest() -> tuple[Content, Filling]:
    """Compose and compile a digest of the sample's first tips, from the project's own templates."""
    with a_database() as session:
        make_organisation(session)
        notice = make_notice(session, NOW)
        ids = tuple(save_tips(session, notice))
        composer = make_composer(ROOT / "newsletter_app" / "translations")
        content = composer.compose(session, DigestOf(ids, (notice,), "en", "standard", None))
        compiled = compile_message(content, boundary_seed="edition:1")
        return content, Filling(1, compiled, (notice.id,), "en", NOW)


@contextmanager
def a_database() -> Iterator[Session]:
    """Give a session on an empty database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/bench.db")
        metadata.create_all(engine)
        with Session(engine) as session:
            yield session
        engine.dispose()


def save_tips(session: Session, notice: Notice) -> Iterable[int]:
    """Save the sample's first tips, both sides, and yield their ids."""
    for english in islice(sorted(SAMPLE.glob("*.en.md")), TIPS):
        french = english.with_name(english.name.replace(".en.", ".fr."))
        tip = None
        for file in (english, french):
            draft = replace(tips.read_file(file.name, file.read_bytes(), "en").draft, topics=None)
            tip = tips.save_draft(session, draft, notice=notice, now=NOW, into=tip).tip
        tips.publish(session, tip, NOW)
        yield tip.id


if __name__ == "__main__":
    main()
