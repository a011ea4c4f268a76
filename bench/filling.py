"""How long one reader's message takes to fill, in CPU time of this process; it sends nothing.

Beside it stands the naive way: a template rendered and an EmailMessage built for each reader. Each figure
is the best of many short rounds, since neighbours on the machine can only add to it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import islice
from pathlib import Path
from time import process_time

from jinja2 import Environment
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.delivery import ClaimedDelivery, Filling, Postmark, fill
from newsletter_app.digests import DigestOf
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.links import Links
from newsletter_app.mail import Content, compile_message, mark
from newsletter_app.notices import Notice
from newsletter_app.tables import metadata
from tests.factories.content import make_notice, make_organisation
from tests.factories.engine import ROOT, make_composer

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SAMPLE = ROOT / "newsletter_app" / "sample" / "tips"
TIPS = 3  # of the sample: a mail of about 30 KB
MESSAGES = 500  # a round
NAMES = ("", "", "", "Rose Roy", "", "", "", "Éloïse Côté-L’Heureux")
POSTMARK = Postmark(
    Links("https://news.example.org", [b"link key of the bench, 32 octets"]),
    "tips@example.org",
    "bounce.example.org",
    "America/Edmonton",
)


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
    figures = list(measure(chosen.rounds))
    if chosen.json:
        print(json.dumps([vars(figure) for figure in figures]))
        return
    print(f"{'':44}{'µs CPU':>10}{'messages/s':>12}{'octets':>9}")
    for one in figures:
        print(f"{one.name:44}{one.micros:>10.1f}{1e6 / one.micros:>12,.0f}{one.octets:>9,}")


def measure(rounds: int) -> Iterator[Figure]:
    """Yield every figure; each way fills the same readers, who all differ."""
    content, filling = compiled_digest()
    rows = list(readers(MESSAGES))
    yield timed("fill", lambda row: fill(filling, row, POSTMARK).message, rows, rounds)
    naive = NaiveWay(content)
    yield timed("template and EmailMessage for each reader", naive.message, rows[::25], rounds // 4)


def timed(
    name: str, act: Callable[[ClaimedDelivery], bytes], rows: Sequence[ClaimedDelivery], rounds: int
) -> Figure:
    """Run ``act`` over every row in each round, and take the best round."""
    taken = []
    for _ in range(max(1, rounds)):
        begun = process_time()
        for row in rows:
            act(row)
        taken.append(process_time() - begun)
    return Figure(name, min(taken) / len(rows) * 1e6, len(act(rows[0])))


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
        with tempfile.TemporaryDirectory() as words:
            composer = make_composer(Path(words))
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
            draft = tips.read_file(file.name, file.read_bytes(), "en").draft
            tip = tips.save_draft(session, draft, notice=notice, now=NOW, into=tip).tip
        tips.publish(session, tip, NOW)
        yield tip.id


if __name__ == "__main__":
    main()
