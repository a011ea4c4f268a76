"""What the workers load, and what they tell Celery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json, sys
from workers.celery_app import app
app.loader.import_default_modules()
names = ["accept_content", "task_serializer", "task_ignore_result", "task_acks_late",
         "worker_prefetch_multiplier", "worker_hijack_root_logger",
         "broker_connection_retry_on_startup", "task_routes", "beat_schedule"]
loaded = sorted({name.split(".")[0] for name in sys.modules})
tasks = sorted(name for name in app.tasks if not name.startswith("celery."))
print(json.dumps({"loaded": loaded, "tasks": tasks} | {name: app.conf[name] for name in names}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Load the workers in a process of their own."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_no_web_framework_is_loaded(told: dict[str, object]) -> None:
    """Flask costs every process 38 MB, and a task that needs it is in the wrong place."""
    loaded = told["loaded"]
    assert isinstance(loaded, list)
    assert not {"flask", "werkzeug", "flask_sqlalchemy"} & set(loaded)


def test_only_json_travels_and_nothing_is_kept(told: dict[str, object]) -> None:
    """Ids only, acked early, one at a time."""  # S31
    assert told["accept_content"] == ["json"]
    assert told["task_serializer"] == "json"
    assert told["task_ignore_result"] is True
    assert told["task_acks_late"] is False
    assert told["worker_prefetch_multiplier"] == 0
    assert told["worker_hijack_root_logger"] is False
    assert told["broker_connection_retry_on_startup"] is True


def test_every_task_has_a_queue_and_every_tick_expires(told: dict[str, object]) -> None:
    """A ring for a job without a task would be lost, and ticks must not pile up."""
    routes, beats = told["task_routes"], told["beat_schedule"]
    assert isinstance(routes, dict)
    assert isinstance(beats, dict)
    assert sorted(routes) == told["tasks"]
    assert {name: beat["options"]["expires"] for name, beat in beats.items()} == {
        "service_tick": 5,
        "bulk_tick": 5,
    }
    assert {beat["schedule"] for beat in beats.values()} == {2.0}


def test_beat_loads_neither_database_nor_task(tmp_path: Path) -> None:
    """All it does is to ring: half the memory and half the start of a worker."""
    code = (
        "import sys; from workers.beat_app import app;"
        " app.loader.import_default_modules(); app.conf.broker_url;"
        " print(*sorted({'sqlalchemy', 'jinja2', 'workers.base'} & set(sys.modules)),"
        " *[name for name in app.tasks if not name.startswith('celery.')], *sorted(app.conf.beat_schedule))"
    )
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["bulk_tick", "service_tick"], done.stderr
