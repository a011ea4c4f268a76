"""A command that runs a module, taken to pieces."""

from __future__ import annotations

import pytest

from newsletter_app.adapters.module_command import ModuleCommand


def test_it_is_taken_to_pieces() -> None:
    read = ModuleCommand.read(["python", "-W", "ignore:You're", "-W", "ignore:b", "-m", "celery", "-A", "x"])
    assert read.ignored == ("You're", "b")
    assert read.module == "celery"
    assert read.arguments == ("-A", "x")


@pytest.mark.parametrize(
    "command", [["redis-server"], ["python", "-c", "-m"], ["python", "-W", "error", "-m", "flask"]]
)
def test_another_command_is_refused(command: list[str]) -> None:
    with pytest.raises(ValueError, match="no command that runs a module"):
        ModuleCommand.read(command)
