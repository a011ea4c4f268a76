"""smtp-sink and smtp-source on a machine without them: unpacked beside, or a sentence that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.postfix_programs import NoPostfix, find_programs

APT = """#!/bin/sh
[ "$1 $2" = "download postfix" ] || exit 1
: >postfix_3.7_amd64.deb
"""
DPKG = """#!/bin/sh
[ "$1" = -x ] || exit 1
mkdir -p "$3/usr/sbin" "$3/usr/lib/postfix"
for name in smtp-sink smtp-source; do cp /bin/true "$3/usr/sbin/$name"; done
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that stands first on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def write(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)


def test_the_package_is_unpacked_beside(tmp_path: Path, programs: Path) -> None:
    write(programs / "apt-get", APT)
    write(programs / "dpkg", DPKG)
    unpacked = tmp_path / "postfix"
    found = find_programs(unpacked, is_fresh=True)
    assert (found.sink, found.source) == (
        str(unpacked / "usr/sbin/smtp-sink"),
        str(unpacked / "usr/sbin/smtp-source"),
    )
    assert found.environment == {"LD_LIBRARY_PATH": str(unpacked / "usr/lib/postfix")}
    assert not list(unpacked.glob("*.deb"))


def test_it_is_fetched_once(tmp_path: Path, programs: Path) -> None:
    write(programs / "apt-get", APT)
    write(programs / "dpkg", DPKG)
    find_programs(tmp_path / "postfix", is_fresh=True)
    write(programs / "apt-get", "#!/bin/sh\nexit 1\n")
    find_programs(tmp_path / "postfix", is_fresh=True)


def test_a_failure_says_what_to_do(tmp_path: Path, programs: Path) -> None:
    write(programs / "apt-get", "#!/bin/sh\necho 'E: no network' >&2\nexit 100\n")
    with pytest.raises(NoPostfix, match=r"no network.*install Debian's postfix package"):
        find_programs(tmp_path / "postfix", is_fresh=True)


def test_another_distribution_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPostfix, match=r"no apt-get: install Debian's postfix package"):
        find_programs(tmp_path / "postfix", is_fresh=True)
