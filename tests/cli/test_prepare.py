"""``flask prepare`` in an empty try-out: the whole sample in one go, once; a second time changes nothing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from newsletter_app import campaigns, media, notices, organisation, preflight, tips
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.preflight import BLOCKS
from newsletter_app.tables import metadata
from tests.cli.conftest import Shell, open_shell
from tests.fakes.shelves import WatchfulShelf


@pytest.fixture(scope="module")
def watchful(tmp_path_factory: pytest.TempPathFactory) -> WatchfulShelf:
    """Give the shelf of the installation that is prepared; it watches its database."""
    data_dir = tmp_path_factory.mktemp("prepared") / "var"
    return WatchfulShelf(data_dir / "media", data_dir / "newsletter.sqlite3")


@pytest.fixture(scope="module")
def data_dir(watchful: WatchfulShelf, now: datetime) -> Path:
    """Give the DATA_DIR of an installation that was prepared out of nothing; each test copies it."""
    data_dir = watchful.folder.parent
    with open_shell(data_dir, now) as shell:
        shell.app.extensions["ports"] = replace(shell.ports, shelf=watchful)
        shell.told("prepare")
    return data_dir


@pytest.fixture
def prepared(data_dir: Path, make_shell: Callable[[Path], Shell], tmp_path: Path) -> Shell:
    """Give an installation that was prepared."""
    shutil.copytree(data_dir, tmp_path / "var")
    return make_shell(tmp_path / "var")


def content(shell: Shell) -> Iterator[tuple[str, list[Any]]]:
    """Give every table with its rows."""
    with shell.look() as session:
        for table in metadata.sorted_tables:
            yield table.name, sorted(map(tuple, session.execute(select(table))), key=repr)


def test_where_keys_come_from_outside_it_makes_the_folder(
    make_shell: Callable[[Path], Shell], tmp_path: Path
) -> None:
    """Nothing else had a reason to make DATA_DIR then, and SQLite makes a file but no folder."""
    shell = make_shell(tmp_path / "var")
    shutil.rmtree(tmp_path / "var")
    shell.told("prepare")
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_everything_is_there(prepared: Shell) -> None:
    listed = prepared.data("tips", "list")
    assert [row["number"] for row in listed] == [*range(1, 11), None, None, None, None]
    assert all([side["language"] for side in row["sides"]] == ["en", "fr"] for row in listed)
    assert [row["state"] for row in listed] == ["published"] * 3 + ["draft"] * 7 + ["published"] * 4
    sent = {row["key"]: row["sent"] for row in prepared.data("notices", "list")}
    assert sent == {"tips": 3, "events": 0, "news": 0}
    with prepared.look() as session:
        assert organisation.missing_identification(organisation.find(session)) == ()


def test_the_next_tips_come_by_themselves(prepared: Shell, now: datetime) -> None:
    """Two within minutes, then one a week at nine in the organisation's own time, summer or winter."""
    with prepared.look() as session:
        coming = campaigns.upcoming(session, now)
        whole = organisation.get(session)
        assert [campaign.due_at - now for campaign in coming[:2]] == [
            timedelta(minutes=3),
            timedelta(minutes=8),
        ]
        local = [campaign.due_at.astimezone(ZoneInfo(whole.time_zone)) for campaign in coming[2:]]
        assert [(at.weekday(), at.hour) for at in local] == [(1, 9)] * 5
        assert local[0].date() == datetime(2026, 3, 3, tzinfo=UTC).date()
        assert [(later - at).days for at, later in pairwise(local)] == [7, 7, 7, 7]


def test_nothing_of_it_would_be_held_at_its_time(prepared: Shell, now: datetime) -> None:
    with prepared.look() as session:
        for tip in tips.all_tips(session):
            found = preflight.check(session, tip, now=now)
            assert [finding for finding in found if finding.level == BLOCKS] == []


def test_pictures_have_a_maker_and_a_file(prepared: Shell) -> None:
    """The credit stands on the tip: the first side says it."""
    with prepared.look() as session:
        english = organisation.get(session).side("en").name
        for tip in tips.all_tips(session)[:10]:
            image = media.find(session, tip.image_id)
            assert image is not None
            assert all(prepared.ports.shelf.holds(file) for file in media.files(image).values())
            assert tip.image_creator == english
            assert all(side.alt for side in tip.sides)
    assert len([path for path in prepared.pictures if "-" not in path.name]) == 10


def test_nobody_waits_for_its_pictures(prepared: Shell, watchful: WatchfulShelf) -> None:
    assert sorted(watchful.kept) == [path.name for path in prepared.pictures]
    assert watchful.shut_out == []


def test_related_tips_lead_somewhere(prepared: Shell) -> None:
    with prepared.look() as session:
        one = tips.find_by_number(session, 1)
        assert one is not None
        assert [tip.number for tip in tips.related(session, one)] == [2, 3]


def test_a_second_time_changes_nothing(prepared: Shell) -> None:
    before = dict(content(prepared))
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in prepared.pictures}
    prepared.told("prepare")
    assert dict(content(prepared)) == before
    after = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in prepared.pictures}
    assert after == digests


def test_what_the_editor_changed_stays(prepared: Shell) -> None:
    prepared.told("organisation", "set", "--name-en", "Walk On")
    prepared.told("prepare")
    assert prepared.data("organisation", "show")["name_en"] == "Walk On"


def test_a_fault_in_the_sample_loads_none_of_it(make_shell: Callable[[Path], Shell], tmp_path: Path) -> None:
    """One transaction: the next start finds an empty try-out again, not half a one."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "media").write_text("a file where the folder of pictures should be")
    shell = make_shell(tmp_path / "var")
    assert shell.run("prepare").exit_code != 0
    with shell.look() as session:
        assert organisation.find(session) is None
        assert notices.offered(session) == []
    (tmp_path / "var" / "media").unlink()
    shell.told("prepare")
    assert len(shell.data("tips", "list")) == 14


def test_both_languages_name_the_organisation(prepared: Shell) -> None:
    shown = prepared.data("organisation", "show")
    assert all(shown[f"{name}_{language}"] for language in LANGUAGES for name in ("name", "postal_address"))


def test_the_first_start_is_told_to_a_person_and_to_no_log(prepared: Shell) -> None:  # S28
    assert "/console/begin/" not in prepared.told("prepare")
    told = prepared.told("prepare", "--on-terminal")
    assert prepared.told("staff", "begin").strip() in told
    prepared.told("staff", "create", "eve@example.org", "--role", "owner")
    assert "begin" not in prepared.told("prepare", "--on-terminal")
    assert "The first start is over" in prepared.refusal("staff", "begin")
