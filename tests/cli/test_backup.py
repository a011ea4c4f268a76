"""``flask backup`` and ``flask restore`` at the terminal: where the file is, and refusals as one line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from newsletter_app.adapters.instance_lock import InstanceLock
from newsletter_app.cli.backup import backup, restore
from newsletter_app.kernel.buckets import read_bucket_url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give an installation with a database that holds its revision and nothing else."""
    made = Settings.from_env({"DATA_DIR": str(tmp_path / "data")}, read_dotenv=False)
    with closing(sqlite3.connect(made.data_dir / "newsletter.sqlite3")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('0001')")
        database.commit()
    return made


@pytest.fixture
def terminal(settings: Settings) -> FlaskCliRunner:
    """Give ``flask`` with the two commands."""
    return terminal_of(settings)


def terminal_of(settings: Settings) -> FlaskCliRunner:
    """Return the two commands; they need nothing of the application but its settings."""
    app = Flask(__name__)
    app.extensions["ports"] = SimpleNamespace(settings=settings)
    app.cli.add_command(backup)
    app.cli.add_command(restore)
    return app.test_cli_runner()


def test_there_and_back(terminal: FlaskCliRunner, settings: Settings) -> None:
    done = terminal.invoke(args=["backup"])
    assert done.exit_code == 0, done.output
    (archive,) = (settings.data_dir / "backups").glob("newsletter-*.tar.gz")
    assert done.output.startswith(f"{archive}: 4 files.")
    assert "holds the keys" in done.output

    refused = terminal.invoke(args=["restore", str(archive)])
    assert refused.exit_code == 1
    assert refused.output == "Error: There is a database here already: add --replace to move it aside.\n"

    restored = terminal.invoke(args=["restore", str(archive), "--replace"])
    assert restored.exit_code == 0, restored.output
    assert "sending stays locked" in restored.output
    marker = json.loads((settings.data_dir / "restored").read_text())
    assert marker["created_at"] in restored.output


def test_a_running_installation_is_told(terminal: FlaskCliRunner, settings: Settings) -> None:
    archive = settings.data_dir / "one.tar.gz"
    assert terminal.invoke(args=["backup", str(archive)]).exit_code == 0
    running = InstanceLock(settings.data_dir)
    refused = terminal.invoke(args=["restore", str(archive), "--replace"])
    running.close()
    assert refused.exit_code == 1
    assert "already running" in refused.output


def test_a_place_that_cannot_be_written_is_told(terminal: FlaskCliRunner) -> None:
    refused = terminal.invoke(args=["backup", "/proc/none/one.tar.gz"])
    assert refused.exit_code == 1
    assert refused.output == "Error: /proc/none: No such file or directory.\n"


def test_pictures_in_a_bucket_are_not_in_it_and_that_is_said(settings: Settings) -> None:
    bucket = read_bucket_url("s3://AKIAKEY:HUSHHUSH@s3.example.ca/pictures")
    (settings.data_dir / "media").mkdir()
    (settings.data_dir / "media" / "old.png").write_bytes(b"left from before")
    terminal = terminal_of(replace(settings, bucket=bucket))
    archive = settings.data_dir / "one.tar.gz"
    told = terminal.invoke(args=["backup", str(archive)]).output
    assert "Pictures are not in it: they lie in https://s3.example.ca/pictures." in told
    assert "HUSH" not in told  # S30
    told = terminal.invoke(args=["restore", str(archive), "--replace"]).output
    assert "Pictures stay as they are in https://s3.example.ca/pictures" in told
    told = terminal_of(settings).invoke(args=["restore", str(archive), "--replace"]).output
    assert "The backup holds no pictures" in told
