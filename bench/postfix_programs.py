"""Postfix's smtp-sink and smtp-source, from this machine or unpacked beside it; nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config import ROOT

UNPACKED: Final = ROOT / "build" / "postfix"
SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")
LIBRARIES: Final = ("usr/lib/postfix", "usr/lib/*-linux-gnu", "lib/*-linux-gnu")
DEPENDS_ONLY: Final = [
    f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
]
ADVICE: Final = "install Debian's postfix package, or put its smtp-sink and smtp-source on PATH"


class NoPostfix(Exception):
    """The programs cannot be had; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the two programs lie, and what their libraries ask of the environment."""

    sink: str
    source: str
    environment: dict[str, str] = field(default_factory=dict)


def find_programs(unpacked: Path = UNPACKED, *, is_fresh: bool = False) -> Programs:
    """Return the programs of this machine, else those of Debian's package unpacked into ``unpacked``.

    ``is_fresh`` passes over those of the machine. Raises NoPostfix.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    found = {name: shutil.which(name, path=path) for name in ("smtp-sink", "smtp-source")}
    sink, source = found.values()
    if sink and source and not is_fresh:
        return Programs(sink, source)
    if not (unpacked / "usr/sbin/smtp-sink").exists():
        _unpack("postfix", unpacked)
    programs = _unpacked(unpacked)
    for package in _lacking(programs):
        _unpack(package, unpacked)
    return _unpacked(unpacked)


def _unpacked(root: Path) -> Programs:
    folders = [str(folder) for pattern in LIBRARIES for folder in root.glob(pattern)]
    sbin = root / "usr/sbin"
    return Programs(
        str(sbin / "smtp-sink"), str(sbin / "smtp-source"), {"LD_LIBRARY_PATH": os.pathsep.join(folders)}
    )


def _lacking(programs: Programs) -> list[str]:
    """Return the packages of libraries that this machine may lack, or none when the programs would run."""
    linked = subprocess.run(
        ["ldd", programs.sink, programs.source],
        env={**os.environ, **programs.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "not found" not in linked.stdout:
        return []
    listed = _run(["apt-cache", "depends", "--recurse", *DEPENDS_ONLY, "postfix"], ROOT)
    libraries = {line.strip() for line in listed.splitlines() if line.startswith("lib")}
    return sorted(name for name in libraries if not name.startswith(("libc6", "libcrypt")))


def _unpack(package: str, folder: Path) -> None:
    """Fetch a Debian package and lay its files out in ``folder``; no root is needed for it."""
    folder.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", package], folder)
    for archive in folder.glob(f"{package}_*.deb"):
        _run(["dpkg", "-x", str(archive), str(folder)], folder)
        archive.unlink()


def _run(command: list[str], folder: Path) -> str:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise NoPostfix(f"This machine has no {command[0]}: {ADVICE}.") from None
    except subprocess.CalledProcessError as fault:
        reason = (fault.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoPostfix(f"`{' '.join(command)}` failed ({reason}): {ADVICE}.") from fault
