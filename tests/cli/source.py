"""What the source says of its codes: which a call gives, and with which facts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[2] / "newsletter_app"


class Call(NamedTuple):
    """A call with a code: where it stands, the code, and the names of its keywords."""

    place: str
    code: str
    keywords: frozenset[str]


def calls(folder: Path, names: set[str], position: int) -> Iterator[Call]:
    """Give every call of one of ``names`` whose argument at ``position`` is a code written out."""
    for path in sorted(folder.rglob("*.py")):
        for node in _calls_of(path):
            if _name(node.func) not in names:
                continue
            given = node.args[position] if len(node.args) > position else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                keywords = frozenset(keyword.arg or "" for keyword in node.keywords)
                yield Call(f"{path.name}:{node.lineno}", given.value, keywords)


@cache
def _calls_of(path: Path) -> tuple[ast.Call, ...]:
    """Return every call in a module; it is asked once for each name of a code, and read once."""
    return tuple(
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    )


def keys(path: Path, table: str) -> set[str]:
    """Return the keys of a table (a dict written out) of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if [_name(target) for target in targets] == [table] and isinstance(node.value, ast.Dict):
            return {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    raise LookupError(f"{path.name} has no table {table}")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
