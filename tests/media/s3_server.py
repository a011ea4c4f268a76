"""A server that speaks S3, as a process: moto, which keeps everything in its memory."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsletter_app.kernel.buckets import Bucket
from tests.waiting import until

BUCKET = "pictures"
STOP_S = 10
RUNS = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Run the server on a port of its own choice and yield its address; its log lies in ``folder``."""
    log = folder / "s3.log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=lines)
    try:
        yield until(lambda: RUNS.search(log.read_text()), f"the S3 server runs; see {log}")[1]
    finally:
        process.terminate()
        process.wait(STOP_S)


def make_bucket(url: str) -> Bucket:
    """Make an empty bucket there and return it."""
    # The first question loads all that moto knows of S3.
    with urllib.request.urlopen(urllib.request.Request(f"{url}/{BUCKET}", b"", method="PUT"), timeout=60):
        return Bucket(url, BUCKET, "news/2026", "us-east-1", "AKIAKEY", "HUSHHUSH")
