"""``flask suppressions import|export``: other programs' lists, our own export, and what else a file holds."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter_app import audit, suppression
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.csv_writing import written
from tests.cli.conftest import Shell

BY = ("--by", "bo@example.org")


def given(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode(encoding))
    return file


def standing(shell: Shell, address: str) -> list[tuple[str, str]]:
    with shell.look() as session:
        key = address_key(shell.ports.settings.hash_key, parse_address(address))
        return [(row.scope, row.reason) for row in suppression.of_address(session, key)]


@pytest.mark.parametrize(
    "text",
    [
        "rose@example.ca\nleo@example.ca\n",
        "Email\nrose@example.ca\nleo@example.ca",
        "Email Address,First Name\nrose@example.ca,Rose\nleo@example.ca,Leo\n",
        "Nom,Adresse courriel\nRose,rose@example.ca\nLeo,leo@example.ca\n",
        'name,"e-mail"\n"Roy, R.",ROSE@example.ca\nLeo, leo@example.ca \n\n',
        "\ufeffAdresse;Nom\r\nrose@example.ca;Zoé\r\nleo@example.ca;Léo\r\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_lists_of_other_programs(shell: Shell, tmp_path: Path, text: str, encoding: str) -> None:
    if encoding == "cp1252":
        text = text.removeprefix("\ufeff")
    told = shell.told("suppressions", "import", given(tmp_path, text, encoding), *BY)
    assert told == "2 addresses are suppressed.\n"
    assert standing(shell, "rose@example.ca") == standing(shell, "leo@example.ca") == [("bulk", "bounce")]
    with shell.look() as session:
        entry = audit.newest(session)[0]
        assert (entry.action, entry.details) == ("suppressions.imported", {"count": 2})
        assert suppression.listed(session)[0].source == "import of list.csv by bo@example.org"


def test_a_line_says_scope_and_reason(shell: Shell, tmp_path: Path) -> None:
    file = given(tmp_path, "email,scope,reason\nrose@example.ca,all,legal\nleo@example.ca,,\n")
    shell.told("suppressions", "import", file, "--reason", "complaint", *BY)
    assert standing(shell, "rose@example.ca") == [("all", "legal")]
    assert standing(shell, "leo@example.ca") == [("bulk", "complaint")]


def test_what_another_program_gives_as_the_reason_is_not_ours(shell: Shell, tmp_path: Path) -> None:
    """As SendGrid's list of bounces has it: the words of the server."""
    file = given(tmp_path, "status,reason,email,created\n5.1.1,550 no such user,rose@example.ca,1700000000\n")
    assert shell.told("suppressions", "import", file, *BY) == "1 addresses are suppressed.\n"
    assert standing(shell, "rose@example.ca") == [("bulk", "bounce")]


def test_what_is_no_address_is_told_and_the_rest_is_taken(shell: Shell, tmp_path: Path) -> None:
    lines = ["rose@example.ca", "no address", "@", "leo@example.ca"]
    ended = shell.run("suppressions", "import", given(tmp_path, "\n".join(["email", *lines])), *BY)
    assert ended.exit_code == 1
    assert ended.stdout == "2 addresses are suppressed.\n"
    assert ended.stderr.splitlines() == [
        "Left out, line 3: this is no address.",
        "Left out, line 4: this is no address.",
    ]
    assert standing(shell, "leo@example.ca") == [("bulk", "bounce")]


def test_a_dry_run_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    told = shell.told("suppressions", "import", given(tmp_path, "rose@example.ca"), "--dry-run", *BY)
    assert told == "1 addresses would be suppressed.\n"
    assert standing(shell, "rose@example.ca") == []


def export_of(shell: Shell) -> list[list[str]]:
    return list(csv.reader(io.StringIO(shell.told("suppressions", "export"), newline="")))


def test_an_export_is_read_back(shell: Shell, tmp_path: Path) -> None:
    """With its moments and sources; no address stands in it."""
    shell.told("suppressions", "add", "rose@example.ca", "--scope", "all", "--reason", "legal", *BY)
    before = export_of(shell)
    assert "rose" not in str(before)
    assert len(before) == 2
    file = given(tmp_path, shell.told("suppressions", "export"))
    shell.told("suppressions", "lift", "rose@example.ca", "--scope", "all", *BY)
    assert shell.told("suppressions", "import", file, *BY) == "1 addresses are suppressed.\n"
    assert export_of(shell) == before


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (0, "ab", "the address_key is none."),
        (1, "some", "is no scope"),
        (2, "dislike", "is no reason"),
        (4, "yesterday", "its created_at is no moment."),
        (4, "2026-03-02T16:00:00", "its created_at has no zone."),
        (5, "00000000", "with another HASH_KEY"),
    ],
)
def test_a_spoilt_export_is_told(shell: Shell, tmp_path: Path, column: int, value: str, told: str) -> None:
    shell.told("suppressions", "add", "rose@example.ca", "--scope", "all", *BY)
    header, row = export_of(shell)
    row[column] = value
    file = given(tmp_path, written(header, [row]))
    shell.told("suppressions", "lift", "rose@example.ca", "--scope", "all", *BY)
    assert told in shell.run("suppressions", "import", file, *BY).stderr
    assert standing(shell, "rose@example.ca") == []


def test_a_moment_to_come_is_now(shell: Shell, tmp_path: Path, now: datetime) -> None:
    shell.told("suppressions", "add", "rose@example.ca", "--scope", "all", *BY)
    header, row = export_of(shell)
    row[4] = datetime(2099, 1, 1, tzinfo=UTC).isoformat()
    shell.told("suppressions", "lift", "rose@example.ca", "--scope", "all", *BY)
    shell.told("suppressions", "import", given(tmp_path, written(header, [row])), *BY)
    with shell.look() as session:
        assert suppression.listed(session)[0].created_at == now
