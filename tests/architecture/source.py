"""The product's source as parsed trees, for the checks that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "newsletter_app"
ROOMS = sorted(
    folder.name
    for folder in PRODUCT.iterdir()
    if (folder / "__init__.py").exists()
    and folder.name not in {"kernel", "mail", "web", "cli", "intake", "adapters", "migrations", "sample"}
)
INNER = [*ROOMS, "kernel", "mail"]


def product_files(*folders: str) -> Iterator[Path]:
    """Yield the Python files of these folders of newsletter_app (all of them when none is named)."""
    for start in [PRODUCT / folder for folder in folders] or [PRODUCT, ROOT / "workers"]:
        yield from sorted(
            path for path in start.rglob("*.py") if "migrations/versions" not in path.as_posix()
        )


def tree_of(path: Path) -> ast.Module:
    """Return the parsed source of ``path``."""
    return ast.parse(path.read_text(), filename=str(path))


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted names that ``path`` imports, ``from a import b`` as ``a``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
