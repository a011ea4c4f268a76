"""What is imported before the parts are forked: all that it names, and nothing that does anything."""

from __future__ import annotations

import json
import subprocess
import sys

from config import ROOT

PRELOAD = """
import gc, json, os, sys
from newsletter_app.adapters import preloading
for name in sys.argv[2:]:
    sys.modules[name] = None
before = os.listdir("/proc/self/fd")
may_fork = preloading.preload(sys.argv[1].split(","))
import celery._state, logging, structlog
from celery.signals import setup_logging, worker_process_init
print(json.dumps({
    "may fork": may_fork,
    "descriptors": len(os.listdir("/proc/self/fd")) - len(before),
    "threads": len(os.listdir("/proc/self/task")),
    "applications": len(celery._state._get_active_apps()),
    "listeners": len(setup_logging.receivers) + len(worker_process_init.receivers),
    "logs": structlog.is_configured() or bool(logging.getLogger().handlers),
    "frozen": gc.get_freeze_count() > 10_000,
}))
"""


def preload(parts: str, *missing: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELOAD, parts, *missing],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_nothing_but_modules_is_handed_on() -> None:
    assert preload("broker,web,service,bulk,beat") == {
        "may fork": True,
        "descriptors": 0,
        "threads": 1,
        "applications": 0,
        "listeners": 0,
        "logs": False,
        "frozen": True,
    }


def test_a_module_that_is_missing_is_the_parts_own_affair() -> None:
    assert preload("beat", "celery.beat")["may fork"] is False
