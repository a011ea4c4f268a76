"""``flask subscribers erase``: for somebody who wrote or called."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

from newsletter_app import audit, subscribers
from newsletter_app.kernel.addresses import parse_address
from tests.cli.conftest import Shell

EMAIL = "Rosalind.Zwy@example.ca"
BY = ("--by", "staff@example.org")


def a_reader(shell: Shell) -> None:
    shell.told("subscribers", "add", EMAIL, "--source", "phone", "--notice", "tips", *BY)


def test_somebody_is_erased_once_it_was_confirmed(shell: Shell) -> None:
    a_reader(shell)
    asked = shell.run("subscribers", "erase", EMAIL, *BY)
    assert asked.exit_code == 1, "nobody said yes"
    hash_key = shell.ports.settings.hash_key
    with shell.look() as session:
        assert subscribers.find_by_address(session, parse_address(EMAIL), hash_key) is not None
    done = shell.data("subscribers", "erase", EMAIL.lower(), "--yes", *BY)  # L13
    assert (done["subscriber"], done["service mails"]) == ("erased", 1)
    assert "suppressions: ['bulk: erased (" in shell.told("subscribers", "show", EMAIL)
    with shell.look() as session:
        newest = audit.newest(session)[0]
        assert (newest.action, newest.actor) == ("subscriber.erased", "staff@example.org")
    assert shell.data("subscribers", "erase", EMAIL, "--yes", *BY)["subscriber"] == "none"


def test_a_restored_backup_undoes_no_erasure(make_shell: Callable[[Path], Shell], shell: Shell) -> None:
    """What the commands wrote beside the database is read back before sending is unlocked."""
    a_reader(shell)
    database = shell.ports.settings.data_dir / "newsletter.sqlite3"
    shell.ports.engine.dispose()
    backup = database.read_bytes()
    shell.told("subscribers", "erase", EMAIL, "--yes", *BY)
    shell.ports.engine.dispose()
    for left in database.parent.glob("newsletter.sqlite3*"):
        left.unlink()
    database.write_bytes(backup)
    again = make_shell(database.parent)
    assert f"address: {EMAIL}" in again.told("subscribers", "show", EMAIL)
    told = again.told("campaigns", "reconcile", "--unlock", *BY)
    assert "1 addresses suppressed, 1 people erased" in told  # S33
    assert EMAIL not in again.told("subscribers", "show", EMAIL)


def test_a_copy_is_written_for_the_person_alone(shell: Shell, tmp_path: Path) -> None:
    a_reader(shell)
    out = tmp_path / "copy.zip"
    shell.told("subscribers", "data", EMAIL, "--out", out, "--language", "fr", *BY)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with ZipFile(out) as archive:
        (profile,) = json.loads(archive.read("data.json"))["profile"]
        assert "à votre sujet" in archive.read("readme.txt").decode()
    assert profile["address"] == EMAIL
    assert "exists" in shell.refusal("subscribers", "data", EMAIL, "--out", out, *BY), (
        "nothing is overwritten"
    )
    with shell.look() as session:
        assert audit.newest(session)[0].action == "subscriber.data"
