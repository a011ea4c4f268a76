"""A command ``python [-W ignore:TEXT]… -m MODULE ARGUMENT…`` in its pieces, done in this very process."""

from __future__ import annotations

import re
import runpy
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

IGNORE: Final = "ignore:"


@dataclass(frozen=True, slots=True)
class ModuleCommand:
    """What stands in such a command: warnings that are not to be told, a module, its arguments."""

    words: tuple[str, ...]
    ignored: tuple[str, ...]
    module: str
    arguments: tuple[str, ...]

    @classmethod
    def read(cls, command: Sequence[str]) -> Self:
        """Take ``command`` to pieces. Raises ValueError when it is of another kind."""
        ignored, rest = [], list(command[1:])
        while rest[:1] == ["-W"] and rest[1].startswith(IGNORE):
            ignored.append(rest[1].removeprefix(IGNORE))
            rest = rest[2:]
        if rest[:1] != ["-m"]:
            raise ValueError(f"no command that runs a module: {command}")
        return cls(tuple(command), tuple(ignored), rest[1], tuple(rest[2:]))

    def run(self) -> None:
        """Run the module as Python's own ``-m`` does, in this process."""
        for text in self.ignored:
            warnings.filterwarnings("ignore", re.escape(text))
            sys.warnoptions.append(f"{IGNORE}{text}")
        sys.orig_argv = list(self.words)
        sys.argv = [self.module, *self.arguments]
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)
