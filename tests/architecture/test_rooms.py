"""Rules 2, 3, 4, 6 and 7 of the house (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.architecture.source import INNER, PRODUCT, ROOMS, ROOT, imports_of, product_files, tree_of

EXCUSE = re.compile(r"#\s(?:noqa|type: ignore)")
FORBIDDEN = {"flask", "werkzeug", "celery", "kombu", "redis", "config"}


# Loading SQLAlchemy is most of a room's cost, so it is loaded once and each room in a fork of that process.
LOADING = """
import importlib, os, sys, sqlalchemy.orm
for name in sys.argv[1:]:
    if os.fork() == 0:
        importlib.import_module("newsletter_app." + name)
        print(name, *sorted({loaded.split(".")[0] for loaded in sys.modules}))
        sys.stdout.flush()
        os._exit(0)
    if os.wait()[1]:
        sys.exit(1)
"""


@pytest.fixture(scope="module")
def loaded_by() -> dict[str, set[str]]:
    """Give each room with the packages that are there once it is loaded, alone, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOADING, *INNER], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()}


@pytest.mark.parametrize("room", INNER)
def test_a_room_loads_without_any_face(room: str, loaded_by: dict[str, set[str]]) -> None:
    """Rule 2: a room brings neither web, broker nor settings with it."""
    assert "newsletter_app" in loaded_by[room]
    assert not loaded_by[room] & FORBIDDEN


def test_workers_load_without_flask() -> None:
    """Rule 2: a worker's process never pays for the web."""
    code = (
        "import sys, workers.celery_app, workers.service_tasks, workers.bulk_tasks;"
        "print(*[name for name in ('flask', 'werkzeug') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_a_room_is_entered_by_its_door() -> None:
    """Rule 3: outside a room nobody names a module inside it; the table of tables alone may."""
    trespasses = []
    for path in product_files():
        own = path.relative_to(PRODUCT).parts[0] if path.is_relative_to(PRODUCT) else "workers"
        if path == PRODUCT / "tables.py":
            continue
        for name in imports_of(path):
            parts = name.split(".")
            if parts[0] == "newsletter_app" and len(parts) > 2 and parts[1] in ROOMS and parts[1] != own:
                trespasses.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not trespasses, "\n".join(trespasses)


def test_only_faces_commit() -> None:
    """Rule 4: no room, and not the wire, ends a transaction; the unit of work does."""
    commits = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in product_files(*INNER)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert not commits


def test_rooms_never_read_the_clock() -> None:
    """Rule 6: ``now`` or a clock is an argument."""
    readings = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in product_files(*INNER)
        if path != PRODUCT / "kernel" / "clock.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today", "time"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]
    assert not readings


def test_rooms_speak_in_codes() -> None:
    """Rule 7: words live in templates and catalogues, so a room loads no translations."""
    speakers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in product_files(*ROOMS)
        for name in imports_of(path)
        if name.split(".")[0] in {"gettext", "babel", "flask_babel"}
    ]
    assert not speakers


def test_rooms_keep_within_their_size() -> None:
    """A module over 300 lines holds more than one noun; it is split, not excused."""
    long_ones = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in product_files()
        if (lines := len(path.read_text().splitlines())) > 300
    ]
    assert not long_ones


def test_no_name_says_nothing() -> None:
    """There is no place for a line that found no room."""
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert not [path for path in product_files() if path.stem in nameless]


def test_exceptions_from_the_linters_are_few() -> None:
    """At most ten in the tree, each with its reason beside it."""
    marks = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*product_files(), *(ROOT / "tests").rglob("*.py"), ROOT / "config.py"]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if EXCUSE.search(line)
    ]
    assert len(marks) <= 10, marks
