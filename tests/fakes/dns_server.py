"""The name server of ``dns_program`` as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.zone import Records

ROOT = Path(__file__).parents[2]


@contextmanager
def name_server(folder: Path, records: Records, *place: str) -> Iterator[int]:
    """Run one until the block ends; give its port on 127.0.0.1, or at ``place``, an address and a port."""
    file = folder / "zone.json"
    file.write_text(json.dumps(records))
    command = [sys.executable, "-m", "tests.fakes.dns_program", str(file), *place]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            assert words[:1] == ["listening"], "the name server did not start"
            yield int(words[1])
        finally:
            process.terminate()
