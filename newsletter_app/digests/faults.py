"""A template that cannot be rendered, told by file, line and reason; what else goes wrong passes through."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from newsletter_app.kernel.errors import Breach

# What an expression in a template can raise of itself.
OF_EXPRESSIONS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@contextmanager
def telling_the_template(folder: Path) -> Iterator[None]:
    """Turn a fault of a template below ``folder`` into Breach ``template-faulty``: template, line, reason."""
    try:
        yield
    except TemplateSyntaxError as fault:
        raise _breach(folder, fault.filename or fault.name or "", fault.lineno, fault) from fault
    except (TemplateError, *OF_EXPRESSIONS) as fault:
        place = _place(folder, fault)
        if place is None and not isinstance(fault, TemplateError):
            raise
        raise _breach(folder, *(place or ("", 0)), fault) from fault


def _place(folder: Path, fault: Exception) -> tuple[str, int] | None:
    """Return the innermost template on the way to the fault, and the line in it."""
    frames = traceback.extract_tb(fault.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    return (inside[-1].filename, inside[-1].lineno or 0) if inside else None


def _breach(folder: Path, file: str, line: int, fault: Exception) -> Breach:
    name = Path(file).relative_to(folder) if file and Path(file).is_relative_to(folder) else file
    reason = f"there is no template {fault}" if isinstance(fault, TemplateNotFound) else str(fault)
    return Breach("template-faulty", template=str(name), line=line, reason=" ".join(reason.split()))
