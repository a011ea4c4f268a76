"""``./run``: finds a Python that works, installs once, rebuilds what was moved, and says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pip
import pytest

from config import ROOT

TOOLS = ("sh", "dirname", "cat", "awk", "rm", "find", "ln", "apt-get")
# Unpacking pip is nine tenths of what a venv costs, so that a new one gets ours by a link.
OUR_PIP = Path(pip.__file__).parent
PYTHON = f"""
case $1$2 in
    -mvenv) "{sys.executable}" -m venv --without-pip "$3" && ln -s "{OUR_PIP}" "$3"/lib/*/*/ ;;
    *) exec "{sys.executable}" "$@" ;;
esac"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a checkout in a folder with a space in its name, with nothing to install."""
    folder = tmp_path / "my checkout"
    folder.mkdir()
    shutil.copy(ROOT / "run", folder)
    (folder / "requirements.txt").write_text("# nothing\n")
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Give a folder for PATH that holds what a shell script needs and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or "/usr/bin/false")
    return folder


def install(checkout: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./run", "--install", "requirements.txt"],
        cwd=checkout, env={"PATH": path, "HOME": str(checkout)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def put(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_a_python_it_prints_the_line_to_type(checkout: Path, tools: Path) -> None:
    put(tools, "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    ended = install(checkout, str(tools))
    assert ended.returncode == 1
    assert "This needs Python 3.11 or newer with venv." in ended.stderr
    assert "    sudo apt-get install python3 python3-venv\n" in ended.stderr
    assert not (checkout / ".venv").exists()


def test_a_python_without_venv_is_named_in_the_line(checkout: Path, tools: Path) -> None:
    # As Debian splits them: the interpreter is there and new enough, ensurepip is another package.
    put(tools, "python3", f'case "$*" in *ensurepip*) exit 1 ;; esac; exec "{sys.executable}" "$@"')
    named = "python{}.{}".format(*sys.version_info)
    assert f"sudo apt-get install {named} {named}-venv" in install(checkout, str(tools)).stderr


def test_a_shim_that_fails_is_passed_over_and_a_second_start_installs_nothing(
    checkout: Path, tools: Path, tmp_path: Path
) -> None:
    put(tmp_path / "shims", "python3.11", "exit 127")
    put(tmp_path / "shims", "python3.12", "exit 127")
    put(tools, "python3.11", PYTHON)
    path = f"{tmp_path / 'shims'}{os.pathsep}{tools}"
    first = install(checkout, path)
    assert first.returncode == 0, first.stderr
    assert "Installing requirements.txt" in first.stdout
    second = install(checkout, path)
    assert (second.returncode, second.stdout) == (0, "")

    (checkout / "requirements.txt").write_text("# nothing either\n")
    assert "Installing requirements.txt" in install(checkout, path).stdout, "newer pins are installed"

    moved = checkout.rename(tmp_path / "moved")
    assert "Installing requirements.txt" in install(moved, path).stdout
    activate = (moved / ".venv" / "bin" / "activate").read_text()
    assert str(moved) in activate, "scripts name the folder they were made in"
    assert str(checkout) not in activate
