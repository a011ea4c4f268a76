"""A copy of what is held about a person, in one file: JSON for programs, CSV for people, and what it means.

A structured, commonly used format (GDPR art. 20, Quebec's Law 25 s. 27). It is written as it is read, row by
row, and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.kernel.csv_writing import csv_lines
from newsletter_app.kernel.data_subject import DataSubject
from newsletter_app.kernel.languages import as_language
from newsletter_app.privacy.holdings import Holding, holdings

FORM: Final = "personal-data-1"
README: Final = "data/readme.txt"
BOM: Final = "\ufeff"  # Without it spreadsheets take UTF-8 for something else.


def pack(
    session: Session, whose: DataSubject, out: IO[bytes], environment: Environment, now: datetime
) -> None:
    """Write a zip to ``out``: ``readme.txt`` in the environment's language, ``data.json``, a CSV each."""
    owner = organisation.get(session)
    name = owner.side(as_language(str(environment.globals["language"]))).name
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        words = environment.get_template(README).render(organisation=name, now=now, zone=owner.time_zone)
        _write(archive, "readme.txt", iter([BOM, words]))
        tables = holdings(whose)
        _write(archive, "data.json", _json(session, tables, now))
        for table in tables:
            _write(archive, f"{table.name}.csv", _csv(session, table))


def _write(archive: ZipFile, name: str, texts: Iterator[str]) -> None:
    with archive.open(name, "w") as file:
        for text in texts:
            file.write(text.encode())


def _json(session: Session, tables: list[Holding], now: datetime) -> Iterator[str]:
    yield json.dumps({"form": FORM, "made_at": now.isoformat()})[:-1]
    for table in tables:
        yield f',\n"{table.name}": ['
        for place, row in enumerate(table.rows(session)):
            yield (",\n" if place else "\n") + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "}\n"


def _csv(session: Session, table: Holding) -> Iterator[str]:
    yield BOM
    rows = ([_cell(row[name]) for name in table.columns] for row in table.rows(session))
    yield from csv_lines(table.columns, rows)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)
