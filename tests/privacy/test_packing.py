"""The copy: all that is held about one person, nothing of anybody else, and nothing that opens a door."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter_app import privacy, subscribers, suppression
from newsletter_app.kernel.addresses import parse_address
from newsletter_app.kernel.languages import Language
from newsletter_app.mail.render import environment
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import Untold, consents_of
from newsletter_app.tips import Correction, Tip
from tests.factories import people
from tests.privacy.conftest import ADDRESS, FORMER, OTHER

TABLES = [
    *("profile", "address_changes", "notices", "consent", "signups", "emails", "tips_to_come"),
    *("service_emails", "came_back", "not_mailed"),
]


class Copy:
    """A packed copy, opened."""

    def __init__(
        self,
        session: Session,
        address: str,
        templates: Path,
        translations: Path,
        now: datetime,
        language: Language,
    ) -> None:
        out = io.BytesIO()
        whose = privacy.subject_at(session, parse_address(address), people.HASH_KEY)
        privacy.pack(session, whose, out, environment(language, templates, translations), now)
        with ZipFile(out) as archive:
            self.files = {name: archive.read(name).decode() for name in archive.namelist()}
        self.data: dict[str, Any] = json.loads(self.files["data.json"])


@pytest.fixture
def copy(session: Session, rose: Subscriber, templates: Path, translations: Path, now: datetime) -> Copy:
    """Give the copy that a reader gets, who gets no newsletters at present."""
    suppression.suppress(session, rose.address_key, "bulk", "bounce", "by staff@example.org", now)
    return Copy(session, ADDRESS, templates, translations, now, "en")


def test_everything_about_the_person_is_in_it(copy: Copy, session: Session, rose: Subscriber) -> None:
    assert sorted(copy.data) == sorted([*TABLES, "form", "made_at"])
    (profile,) = copy.data["profile"]
    assert (profile["address"], profile["name"], profile["language"]) == (ADDRESS, "Rosalind", "en")
    assert [row["old_address"] for row in copy.data["address_changes"]] == [FORMER]
    assert [(row["notice"], row["state"]) for row in copy.data["notices"]] == [
        ("tips", "active"),
        ("events", "ended"),
    ]
    records = consents_of(session, rose.id)
    assert [(row["act"], row["wording"]) for row in copy.data["consent"]] == [
        (record.act, record.wording) for record in records
    ]  # L13, L19
    assert [row["kind"] for row in copy.data["signups"]] == ["subscribe", "link"]
    assert copy.data["signups"][0]["notices"] == ["tips", "events"]
    assert [(row["email"], row["state"]) for row in copy.data["emails"]] == [("tip:1", "queued")]
    assert {row["kind"] for row in copy.data["service_emails"]} >= {
        "confirm",
        "welcome",
        "address",
        "goodbye",
    }
    assert [row["what"] for row in copy.data["came_back"]] == ["reply"]
    assert [(row["scope"], row["reason"]) for row in copy.data["not_mailed"]] == [("bulk", "bounce")]


def test_what_is_still_to_be_told_is_in_it(
    session: Session, rose: Subscriber, templates: Path, translations: Path, now: datetime
) -> None:
    """A correction of a tip that a mail may have brought."""
    (tip,) = session.scalars(select(Tip)).all()
    told = Correction(tip_id=tip.id, corrected_at=now, note_en="A.", note_fr="B.")
    session.add(told)
    session.flush()
    session.add(Untold(subscriber_id=rose.id, correction_id=told.id))
    session.flush()
    copy = Copy(session, ADDRESS, templates, translations, now, "en")
    assert copy.data["tips_to_come"] == [{"tip": tip.number, "notice": None, "why": "correction"}]  # L13


def test_tables_say_the_same_as_the_data(copy: Copy) -> None:
    for name in TABLES:
        text = copy.files[f"{name}.csv"]
        assert text.startswith("\ufeff"), "spreadsheets would take it for another encoding"
        rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
        assert len(rows) == len(copy.data[name])
        for row, same in zip(rows, copy.data[name], strict=True):
            assert list(row) == list(same)
        assert name in copy.files["readme.txt"].splitlines(), "every table is explained"


def test_nothing_in_it_opens_a_door_or_names_another(copy: Copy, rose: Subscriber) -> None:
    whole = "\n".join(copy.files.values())
    for secret in (rose.nonce.hex(), rose.address_key, "staff@example.org", OTHER, "nonce", "address_key"):
        assert secret not in whole  # S9
    assert '"recorded_by_staff": false' in copy.files["data.json"]


def test_no_cell_of_it_is_a_formula(
    session: Session, rose: Subscriber, templates: Path, translations: Path, now: datetime
) -> None:
    subscribers.set_name(session, rose, "=HYPERLINK(1)")
    copy = Copy(session, ADDRESS, templates, translations, now, "fr")
    assert ",'=HYPERLINK(1)," in copy.files["profile.csv"]  # S17
    assert "Ce que Société Exemple garde à votre sujet" in copy.files["readme.txt"]  # L20


def test_somebody_without_a_row_gets_what_the_form_left(
    session: Session, rose: Subscriber, templates: Path, translations: Path, now: datetime
) -> None:
    people.sign_up(session, [1], now, address="new@example.ca")
    copy = Copy(session, "nobody@example.ca", templates, translations, now, "en")
    assert {name: len(copy.data[name]) for name in TABLES} == dict.fromkeys(TABLES, 0)
