"""This machine judged: where journals lie, room on the disk, files that others can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter_app.cli.doctor.machine import filesystem_of, judge_disk, judge_modes, judge_place

MOUNTS = r"""
22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw
23 22 0:21 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1024k
24 22 8:1 / /srv/news\040letter rw - ext4 /dev/sda1 rw
25 24 8:2 / /srv/news\040letter/var rw master:1 propagate_from:2 - xfs /dev/sda2 rw
26 22 0:30 / /hidden rw - ext4 /dev/sdb1 rw
27 22 0:31 / /hidden rw - tmpfs tmpfs rw
not a line of it
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/news", "overlay"),
        ("/tmp/var", "tmpfs"),
        ("/tmpfoo", "overlay"),
        ("/srv/news letter", "ext4"),
        ("/srv/news letter/var/journals", "xfs"),
        ("/hidden/var", "tmpfs"),
    ],
)
def test_the_file_system_below_a_folder(path: str, kind: str) -> None:
    assert filesystem_of(Path(path), MOUNTS) == kind


def test_without_a_table_of_mounts_nothing_is_known() -> None:
    assert filesystem_of(Path("/srv"), "") is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ext4", ("place-ok", "ok")),
        ("tmpfs", ("place-ephemeral", "warning")),
        ("overlay", ("place-ephemeral", "warning")),
        (None, ("place-unknown", "unasked")),
    ],
)
def test_a_place_that_vanishes_is_warned_of(kind: str | None, told: tuple[str, str]) -> None:
    found = judge_place(Path("/var"), kind)
    assert (found.code, found.gravity) == told


@pytest.mark.parametrize(
    ("megabytes", "code"),
    [(255, "disk-full"), (256, "disk-low"), (1023, "disk-low"), (1024, "disk-ok")],
)
def test_room_on_the_disk(megabytes: int, code: str) -> None:
    assert judge_disk(Path("/var"), megabytes * 2**20).code == code


def test_files_that_others_can_read_are_named(tmp_path: Path) -> None:  # M34
    tmp_path.chmod(0o755)
    key, dotenv, gone = tmp_path / "n1.pem", tmp_path / ".env", tmp_path / "gone"
    for file in (key, dotenv):
        file.write_text("secret")
        file.chmod(0o640)
    found = judge_modes([key, dotenv, gone])
    assert [(one.code, one.gravity, one.subject) for one in found] == [
        ("mode-open", "fault", str(key)),
        ("env-open", "warning", str(dotenv)),
    ]


def test_private_files_and_private_folders_are_well(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "open").write_text("secret")
    (private / "open").chmod(0o644)
    (tmp_path / "closed").write_text("secret")
    (tmp_path / "closed").chmod(0o600)
    [found] = judge_modes([private / "open", tmp_path / "closed"])
    assert (found.code, found.subject) == ("modes-ok", "2 files with secrets")
