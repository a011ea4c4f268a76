"""Backup and restore: everything there and back, on both databases; what is damaged or unfit is refused."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import stat
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from config import Settings
from newsletter_app.adapters import backup as module
from newsletter_app.adapters.archive import ArchiveRefused
from newsletter_app.adapters.backup import BackupRefused, backup, restore
from newsletter_app.adapters.database_copy import CopyRefused
from newsletter_app.adapters.instance_lock import AlreadyRunning, InstanceLock
from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.keys import write_once
from newsletter_app.ledger import is_locked, note_restored
from newsletter_app.mail import Keyring
from newsletter_app.service_mail import ServiceMail
from newsletter_app.subscribers import AddressChange, Subscriber
from newsletter_app.subscriptions import Signup
from tests.factories.signing import signing_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def installation(database_url: URL, tmp_path: Path) -> Settings:
    """Give a small installation on each database: one row, one upload, keys of its own."""
    settings = settings_for(tmp_path / "data", database_url)
    run_sql(settings, "DROP TABLE IF EXISTS alembic_version")  # PostgreSQL's may be there from the last test.
    run_sql(settings, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    run_sql(settings, "INSERT INTO alembic_version VALUES ('0001')")
    lock(settings, "first")
    (settings.data_dir / "media").mkdir()
    (settings.data_dir / "media" / "walk.png").write_bytes(b"\x89PNG picture")
    return settings


def settings_for(data_dir: Path, url: URL) -> Settings:
    return Settings.from_env(
        {"DATA_DIR": str(data_dir), "DATABASE_URL": url.render_as_string(hide_password=False)},
        read_dotenv=False,
    )


def run_sql(settings: Settings, statement: str) -> list[str]:
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = [str(row[0]) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def lock(settings: Settings, reason: str) -> None:
    run_sql(settings, f"INSERT INTO sending_locks VALUES ('{reason}', '', '2026-11-23 09:00:00')")


def reasons(settings: Settings) -> list[str]:
    return sorted(run_sql(settings, "SELECT reason FROM sending_locks"))


def test_what_was_backed_up_comes_back(installation: Settings, tmp_path: Path) -> None:
    archive = tmp_path / "backups" / "one.tar.gz"
    backup(installation, archive, NOW)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    lock(installation, "second")
    (installation.data_dir / "media" / "walk.png").write_bytes(b"changed")
    (installation.data_dir / "media" / "later.png").write_bytes(b"later")
    (installation.data_dir / "keys" / "hash_key").write_text("another key of thirty-two characters")

    restore(installation, archive, LATER, replace=True)

    assert reasons(installation) == ["first"]
    media = installation.data_dir / "media"
    assert {path.name: path.read_bytes() for path in media.iterdir()} == {"walk.png": b"\x89PNG picture"}
    again = Settings.from_env(
        {"DATA_DIR": str(installation.data_dir), "DATABASE_URL": installation.database_url}, read_dotenv=False
    )
    assert again == installation, "the keys are the old ones"
    assert stat.S_IMODE((installation.data_dir / "keys" / "hash_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((installation.data_dir / "keys").stat().st_mode) == 0o700


def test_keys_that_sign_mails_come_back_as_they_were(installation: Settings, tmp_path: Path) -> None:  # M34
    keyring = Keyring(installation.dkim_dir)
    for selector in ("r1", "r2"):
        path = installation.dkim_dir / f"{selector}.pem"
        installation.dkim_dir.mkdir(mode=0o700, exist_ok=True)
        write_once(path, signing_key(selector).to_pem())
    keyring.use(["r2"])
    backup(installation, tmp_path / "one.tar.gz", NOW)
    shutil.rmtree(installation.dkim_dir)
    restore(installation, tmp_path / "one.tar.gz", LATER, replace=True)
    assert keyring.in_use()[0].record() == signing_key("r2").record()
    assert keyring.find("r1").record() == signing_key("r1").record(), "mails under way may need it"
    assert stat.S_IMODE(installation.dkim_dir.stat().st_mode) == 0o700


def test_what_stood_there_is_kept_aside(installation: Settings, tmp_path: Path) -> None:
    backup(installation, tmp_path / "one.tar.gz", NOW)
    journals = installation.data_dir / "journals"
    journals.mkdir()
    (journals / "kept").write_text("what was sent since")
    restore(installation, tmp_path / "one.tar.gz", LATER, replace=True)
    (aside,) = installation.data_dir.glob("before-restore-*")
    assert (aside / "media" / "walk.png").exists()
    assert [
        path for path in aside.iterdir() if "newsletter.db" in path.name or path.name == "database.pgdump"
    ]
    assert (journals / "kept").exists(), "they alone know what was sent after the backup"


def test_a_restored_installation_sends_nothing_by_itself(
    installation: Settings, tmp_path: Path
) -> None:  # S33
    backup(installation, tmp_path / "one.tar.gz", NOW)
    run_sql(installation, "DELETE FROM sending_locks")
    backup(installation, tmp_path / "two.tar.gz", NOW)
    restore(installation, tmp_path / "two.tar.gz", LATER, replace=True)
    marker = json.loads((installation.data_dir / "restored").read_text())
    assert marker["created_at"] == NOW.isoformat()
    engine = make_engine(installation.database_url)
    with Session(engine) as session:
        assert not is_locked(session)
        assert note_restored(session, installation.data_dir, LATER)
        assert is_locked(session)
    engine.dispose()


def test_a_restore_that_was_cut_off_leaves_the_marker(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # S33
    backup(installation, tmp_path / "one.tar.gz", NOW)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.database_copy, "copy_in", cut_off)
    with pytest.raises(KeyboardInterrupt):
        restore(installation, tmp_path / "one.tar.gz", LATER, replace=True)
    assert (installation.data_dir / "restored").exists()


def test_a_database_is_not_overwritten_unasked(installation: Settings, tmp_path: Path) -> None:
    backup(installation, tmp_path / "one.tar.gz", NOW)
    lock(installation, "second")
    with pytest.raises(BackupRefused, match="add --replace"):
        restore(installation, tmp_path / "one.tar.gz", LATER)
    assert reasons(installation) == ["first", "second"]
    assert not (installation.data_dir / "restored").exists()


def test_a_running_installation_is_not_restored(installation: Settings, tmp_path: Path) -> None:
    backup(installation, tmp_path / "one.tar.gz", NOW)
    running = InstanceLock(installation.data_dir, ["bulk"])
    with pytest.raises(AlreadyRunning, match="already running"):
        restore(installation, tmp_path / "one.tar.gz", LATER, replace=True)
    running.close()


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", URL.create("sqlite", database=str(tmp_path / "none.db")))
    with pytest.raises(BackupRefused, match="no database to back up"):
        backup(settings, tmp_path / "one.tar.gz", NOW)
    assert not (tmp_path / "none.db").exists(), "looking must not make one"


@pytest.fixture
def small(sqlite_url: URL, tmp_path: Path) -> tuple[Settings, Path]:
    """Give an installation on SQLite and its archive."""
    settings = settings_for(tmp_path / "data", sqlite_url)
    run_sql(settings, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    run_sql(settings, "INSERT INTO alembic_version VALUES ('0001')")
    backup(settings, tmp_path / "one.tar.gz", NOW)
    return settings, tmp_path / "one.tar.gz"


def test_a_new_machine_takes_a_backup(small: tuple[Settings, Path], tmp_path: Path) -> None:
    old, archive = small
    fresh = Settings.from_env({"DATA_DIR": str(tmp_path / "fresh")}, read_dotenv=False)
    restore(fresh, archive, LATER)
    now = Settings.from_env({"DATA_DIR": str(tmp_path / "fresh")}, read_dotenv=False)
    assert now.key_fingerprints == old.key_fingerprints
    assert reasons(now) == []


def test_a_damaged_database_can_be_replaced(small: tuple[Settings, Path]) -> None:
    settings, archive = small
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    file.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    restore(settings, archive, LATER, replace=True)
    assert reasons(settings) == []


def test_a_damaged_database_is_not_backed_up_as_if_whole(
    small: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, _ = small
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    file.write_bytes(content)
    with pytest.raises(CopyRefused, match=r"damaged|cannot be (copied|read)"):
        backup(settings, tmp_path / "two.tar.gz", NOW)
    assert not (tmp_path / "two.tar.gz").exists()


def test_a_backup_of_another_kind_of_database_is_refused(small: tuple[Settings, Path]) -> None:
    settings, archive = small
    other = replace(settings, database_url="postgresql+psycopg://nowhere/news")
    with pytest.raises(BackupRefused, match=r"is of sqlite, but DATABASE_URL is postgresql"):
        restore(other, archive, LATER)


def test_a_backup_of_a_newer_version_is_refused(small: tuple[Settings, Path], tmp_path: Path) -> None:
    settings, _ = small
    run_sql(settings, "UPDATE alembic_version SET version_num = '9999'")
    backup(settings, tmp_path / "new.tar.gz", NOW)
    with pytest.raises(BackupRefused, match="newer version"):
        restore(settings, tmp_path / "new.tar.gz", LATER, replace=True)


Entry = tuple[tarfile.TarInfo, bytes]


def tampered(source: Path, target: Path, change: Callable[[list[Entry]], None]) -> Path:
    """Write ``source`` to ``target`` with its entries changed."""
    with tarfile.open(source) as tar:
        entries = [(member, (tar.extractfile(member) or io.BytesIO()).read()) for member in tar]
    change(entries)
    with tarfile.open(target, "w:gz") as tar:
        for member, content in entries:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return target


def entry(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> Entry:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member, content if kind == tarfile.REGTYPE else b""


def listed(name: str) -> Callable[[list[Entry]], None]:
    """Add a file that the manifest vouches for: only its name is wrong."""

    def change(entries: list[Entry]) -> None:
        member, content = entry(name)
        manifest = json.loads(entries[0][1])
        manifest["files"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        entries[0] = (entries[0][0], json.dumps(manifest).encode())
        entries.append((member, content))

    return change


CHANGES: dict[str, Callable[[list[Entry]], None]] = {
    "a file was changed": lambda entries: entries.__setitem__(-1, (entries[-1][0], entries[-1][1] + b" ")),
    "a file is missing": lambda entries: entries.__delitem__(-1),
    "a file came in": lambda entries: entries.append(entry("media/more.png")),
    "a file comes twice": lambda entries: entries.append(entries[-1]),
    "the manifest is missing": lambda entries: entries.__delitem__(0),
    "a link came in": lambda entries: entries.append(entry("media/link", kind=tarfile.SYMTYPE, link="/etc")),
    "a path leads out": listed("media/../../escaped"),
    "a path is absolute": listed("/tmp/escaped"),
    "a path is of another place": listed("run/web.lock"),
    "a path is the data folder's own": listed("restored"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_archive_changes_nothing(small: tuple[Settings, Path], tmp_path: Path, what: str) -> None:
    settings, archive = small
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(ArchiveRefused):
        restore(settings, tampered(archive, tmp_path / "bad.tar.gz", CHANGES[what]), LATER, replace=True)
    (tmp_path / "bad.tar.gz").unlink()
    shutil.rmtree(settings.data_dir / "run")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_what_is_no_archive_is_refused(small: tuple[Settings, Path], tmp_path: Path) -> None:
    settings, archive = small
    for content in (b"", b"a letter", archive.read_bytes()[:-200]):
        (tmp_path / "bad.tar.gz").write_bytes(content)
        with pytest.raises(ArchiveRefused, match="cannot be read as a backup"):
            restore(settings, tmp_path / "bad.tar.gz", LATER, replace=True)


def next_ids(settings: Settings, now: datetime) -> list[int]:
    """Add a row to each table that links name, and return the ids they got."""
    engine = make_engine(settings.database_url)
    with Session(engine) as session:
        reader = Subscriber(
            address="a@b.example", address_key=secrets.token_hex(8), domain="b.example", language="en",
            created_at=now,
        )  # fmt: skip
        signup = Signup(address="a@b.example", language="en", created_at=now)
        session.add_all([reader, signup])
        session.flush()
        change = AddressChange(
            subscriber_id=reader.id, old_address="a@b.example", new_address="c@b.example", created_at=now
        )
        mail = ServiceMail(
            kind="confirm", language="en", address="a@b.example", address_key="k", state="queued",
            due_at=now, created_at=now,
        )  # fmt: skip
        session.add_all([change, mail])
        session.commit()
        found = [reader.id, signup.id, change.id, mail.id]
    engine.dispose()
    return found


@pytest.mark.parametrize("had_rows", [True, False])
def test_no_number_is_given_twice(installation: Settings, tmp_path: Path, had_rows: bool) -> None:
    if had_rows:
        next_ids(installation, NOW)
    backup(installation, tmp_path / "one.tar.gz", NOW)
    lost = next_ids(installation, NOW)
    restore(installation, tmp_path / "one.tar.gz", LATER, replace=True)
    for before, after in zip(lost, next_ids(installation, LATER), strict=True):
        assert after > before + 100_000  # M30: a lost reader's stop link must not stop a new one
