"""What the public pages cost the server with thousands of tips: milliseconds and octets, in one process.

    python -m bench.library [--tips 5000] [--requests 100] [--only sqlite,postgresql] [--folder /var/tmp]

The product's own schema, commands and application, given requests one after the other without a web server
around it, as a browser sends them (no kept page, then with the tag of one). The tips are made of the sample's
sections in another order each, with titles, references and topics of the sample's; every tenth has none.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, NamedTuple

from flask import Flask
from sqlalchemy import text

from bench import machine_facts
from config import ROOT, Settings
from newsletter_app import notices, tips
from newsletter_app.app import create_app
from newsletter_app.extensions import db
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.ports import Ports
from newsletter_app.tips import TipDraft
from tests.clusters import postgres_cluster

SAMPLE: Final = ROOT / "newsletter_app" / "sample" / "tips"
FIRST: Final = 11  # The sample has ten.
SECTIONS: Final = 6
WARM_UP: Final = 5
AT_ONCE: Final = 250
PAGES: Final = (
    ("search, one word", "/tips?q=foot"),
    ("search, two words", "/tips?q=balance+sleep"),
    ("search, nothing found", "/tips?q=zeppelin"),
    ("search, French, third page", "/fr/conseils?q=pieds&page=3"),
    ("all tips", "/tips"),
    ("a notice's last page", "/tips?notice=tips&page=99999"),
    ("a topic", "/fr/sujets/pieds"),
    ("first page", "/"),
    ("a tip", "/tips/{name}"),
    ("a tip, French", "/fr/conseils/{name_fr}"),
    ("a tip for paper", "/tips/{name}/print"),
    ("a feed", "/feeds/tips.atom"),
    ("the list of all addresses", "/sitemap.xml"),
)


class Figure(NamedTuple):
    """What one page costs, in milliseconds, and its octets.

    On a busy machine the best and the processor time of this process (SQLite's included) tell the most.
    """

    name: str
    best_ms: float
    cpu_ms: float
    median_ms: float
    p95_ms: float
    kept_ms: float
    octets: int


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return the status of the program."""
    asked = _parser().parse_args(arguments)
    facts = machine_facts.facts()
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(machine_facts.warning(facts))
    for dialect in asked.only.split(","):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.folder)))
            # PostgreSQL runs as a user of its own where we are root.
            folder.chmod(0o755)
            app = _open(dialect, folder, stack)
            began = time.monotonic()
            fill(app.extensions["ports"], asked.tips)
            print(f"\n{dialect}, {asked.tips} tips (filled in {time.monotonic() - began:.0f} s)")
            for figure in _measured(app, asked.tips, asked.requests):
                print(f"| {figure.name} | {_ms(figure)} | {figure.octets:,} |")
            print(f"a cold tip page, all but its picture: {_cold(app, asked.tips):,} octets")
    return 0


def _ms(figure: Figure) -> str:
    times = (figure.best_ms, figure.cpu_ms, figure.median_ms, figure.p95_ms, figure.kept_ms)
    return " | ".join(f"{time:.1f}" for time in times)


def _open(dialect: str, folder: Path, stack: ExitStack) -> Flask:
    environ = {"DATA_DIR": str(folder / "var")}
    if dialect == "postgresql":
        environ["DATABASE_URL"] = stack.enter_context(
            postgres_cluster(durable=True, below=folder, shared_buffers="1GB")
        )
    app = create_app(Settings.from_env(environ, read_dotenv=False), ringer=lambda _ring: None)
    stack.callback(_close, app)
    done = app.test_cli_runner().invoke(args=["prepare"])
    if done.exit_code:
        raise SystemExit(done.output)
    return app


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
    app.extensions["ports"].engine.dispose()


def fill(ports: Ports, count: int) -> None:
    """Publish tips until there are ``count``; the database knows afterwards how many there are."""
    sample = {language: _sample(language) for language in LANGUAGES}
    dice = random.Random(2026)
    for first in range(1, count + 1, AT_ONCE):
        with ports.unit_of_work() as session:
            notice = notices.offered(session)[0]
            for number in range(first, min(first + AT_ONCE, count + 1)):
                chosen = [dice.randrange(len(sample["en"])) for _section in range(SECTIONS)]
                for language in LANGUAGES:
                    draft = _draft(sample[language], chosen, number, language)
                    if number >= FIRST:
                        saved = tips.save_draft(session, draft, notice=notice, now=ports.clock())
                tip = saved.tip if number >= FIRST else tips.find_by_number(session, number)
                if tip is not None:
                    tips.publish(session, tip, ports.clock())
    with ports.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _draft(sample: list[TipDraft], chosen: list[int], number: int, language: Language) -> TipDraft:
    first = sample[chosen[0]]
    sections = "\n\n".join(_sections(sample[tip])[0] for tip in chosen)
    topics = () if number % 10 == 0 else first.topics
    title = f"{first.title} ({number})"
    facts = {"number": number, "language": language, "title": title, "body": sections, "topics": topics}
    return replace(first, **facts, related=(), image=None)


def _sections(draft: TipDraft) -> list[str]:
    return [f"## {section}" for section in draft.body.split("## ")[1:]] or [draft.body]


def _sample(language: Language) -> list[TipDraft]:
    files = sorted(SAMPLE.glob(f"*.{language}.md"))
    return [tips.read_file(file.name, file.read_bytes(), "en").draft for file in files]


def _measured(app: Flask, count: int, requests: int) -> Iterator[Figure]:
    names = _names(app, count)
    for name, template in PAGES:
        path = template.format(**names)
        first = _get(app, path)
        tag = first.headers.get("ETag", "")
        began = time.process_time()
        plain = sorted(_timed(app, path, {}, requests))
        cpu_ms = (time.process_time() - began) * 1000 / (WARM_UP + requests)
        kept = _timed(app, path, {"If-None-Match": tag}, requests) if tag else [float("nan")]
        yield Figure(
            name, plain[0], cpu_ms, median(plain), quantiles(plain, n=20)[-1], median(kept), len(first.data)
        )


def _names(app: Flask, count: int) -> dict[str, str]:
    with app.extensions["ports"].unit_of_work() as session:
        tip = tips.find_by_number(session, count // 2)
        if tip is None:
            raise SystemExit("there are too few tips; give --tips at least 40")
        english, french = (tips.shown_side(tip, language) for language in LANGUAGES)
        return {
            "name": tips.name(tip.number, english.slug),
            "name_fr": tips.name(tip.number, french.slug),
        }


def _timed(app: Flask, path: str, headers: dict[str, str], requests: int) -> list[float]:
    """Return the milliseconds of each request, without the first few."""
    taken = []
    for turn in range(WARM_UP + requests):
        began = time.perf_counter()
        _get(app, path, headers)
        if turn >= WARM_UP:
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def _cold(app: Flask, count: int) -> int:
    """Return the octets that a browser without anything fetches for a tip, its picture left out."""
    page = _get(app, f"/tips/{_names(app, count)['name']}")
    files = [_get(app, f"/static/{name}") for name in ("site.css", "print.css", "tip.js", "icon.svg")]
    return len(page.data) + sum(len(file.data) for file in files)


def _get(app: Flask, path: str, headers: dict[str, str] | None = None) -> Any:
    answer = app.test_client().get(path, headers=headers)
    if answer.status_code not in (200, 304):
        raise SystemExit(f"{path} answered {answer.status_code}")
    return answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.library", description=__doc__)
    parser.add_argument("--tips", type=int, default=5000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--only", default="sqlite,postgresql")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
