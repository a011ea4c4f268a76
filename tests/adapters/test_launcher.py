"""The launcher as its operator meets it: each refusal one sentence and a status, never a traceback."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config import ROOT, Settings
from newsletter_app.adapters import embedded_broker, instance_lock, launcher
from newsletter_app.adapters.instance_lock import AlreadyRunning, InstanceLock
from newsletter_app.adapters.launcher import Refused
from newsletter_app.adapters.module_command import ModuleCommand
from newsletter_app.adapters.supervisor import Child
from newsletter_app.kernel.base import POOL_SIZE
from tests.waiting import until


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "PORT": str(port)}


def launch(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsletter_app", *arguments],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.fixture
def broker_alone(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "newsletter_app", "--only", "broker"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    settings = Settings.from_env(environ, read_dotenv=False)
    until(lambda: embedded_broker.answers(settings), "the broker answers")
    yield process
    process.kill()
    process.communicate()
    # It answers no longer a moment before its socket is gone: it closes first, then removes.
    until(lambda: not settings.broker_socket.exists(), "the broker removes its socket")
    settings.broker_socket.parent.rmdir()


def refusal_of(data_dir: Path) -> str | None:
    try:
        InstanceLock(data_dir, ["broker"]).close()
    except AlreadyRunning as refusal:
        return str(refusal)
    return None


def test_faulty_settings_are_all_told_and_nothing_starts(environ: dict[str, str]) -> None:
    ended = launch({**environ, "PORT": "none", "SMTP_URL": "mail", "LOG_LEVEL": "loud"})
    assert ended.returncode == 2
    lines = ended.stderr.splitlines()
    assert lines[0] == "It cannot start with these settings:"
    assert [line.split()[1] for line in lines[1:]] == ["PORT", "SMTP_URL", "LOG_LEVEL"]
    assert ended.stdout == ""


def test_a_data_folder_that_cannot_be_written_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = launch({**environ, "DATA_DIR": str(tmp_path / "file")})
    assert ended.returncode == 2
    assert f"DATA_DIR is {tmp_path}/file, where keys cannot be kept" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_told(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environ["PORT"])))
        taken.listen(1)
        ended = launch(environ)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {environ['PORT']} on 127.0.0.1 is taken by another program: choose")
    assert len(ended.stderr.splitlines()) == 1


def test_a_refusal_waits_for_no_import(environ: dict[str, str]) -> None:
    code = "import sys; from newsletter_app.__main__ import main; main([]); print('celery' in sys.modules)"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environ["PORT"])))
        taken.listen(1)
        ended = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
    assert ended.stderr.startswith(f"Port {environ['PORT']} on 127.0.0.1 is taken")
    assert ended.stdout == "False\n"


def test_all_that_is_python_is_forked_as_its_command_says(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)}, read_dotenv=False)
    made = [child for some in launcher.children(settings).values() for child in some]
    assert all(child.forked for child in made)
    modules = [ModuleCommand.read(child.command).module for child in made]
    assert modules == ["gunicorn", "celery", "celery", "celery", "newsletter_app.intake"]


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(Refused, match=r"HOST is 192\.0\.2\.1, which is no address of this machine"):
        launcher.claim_port("192.0.2.1", 0)


def test_a_second_run_on_the_same_data_is_told(
    environ: dict[str, str], broker_alone: subprocess.Popen[str]
) -> None:
    ended = launch(environ, "--only", "broker")
    assert ended.returncode == 1
    assert f"already running on {environ['DATA_DIR']} (process {broker_alone.pid})" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_stop_leaves_no_broker_and_the_lock_free(
    environ: dict[str, str], broker_alone: subprocess.Popen[str]
) -> None:
    broker_alone.send_signal(signal.SIGTERM)
    output, _ = broker_alone.communicate(timeout=20)
    assert broker_alone.returncode == 0
    assert "Stopping." in output
    assert not embedded_broker.answers(Settings.from_env(environ, read_dotenv=False))
    InstanceLock(Path(environ["DATA_DIR"])).close()


def test_after_a_kill_the_data_stay_locked_until_the_last_child_has_gone(
    environ: dict[str, str], broker_alone: subprocess.Popen[str]
) -> None:
    data_dir = Path(environ["DATA_DIR"])
    settings = Settings.from_env(environ, read_dotenv=False)
    os.kill(broker_alone.pid, signal.SIGKILL)
    broker_alone.wait()
    deadline = time.monotonic() + 20
    while (refusal := refusal_of(data_dir)) is not None:
        assert "still stopping: try again" in refusal
        assert time.monotonic() < deadline, "the lock was never given back"
    assert not embedded_broker.answers(settings), "two brokers on the same files would spoil them"


def test_reload_finds_the_running_processes_and_says_when_there_are_none(
    environ: dict[str, str], broker_alone: subprocess.Popen[str]
) -> None:
    assert launch(environ, "--reload").stdout == "The running processes start anew.\n"
    assert broker_alone.stdout is not None
    assert broker_alone.stdout.readline() == "The processes start anew.\n"
    broker_alone.send_signal(signal.SIGTERM)
    broker_alone.communicate(timeout=20)
    assert "Nothing runs here now" in launch(environ, "--reload").stdout


def test_parts_that_do_not_exist_are_refused(environ: dict[str, str]) -> None:
    ended = launch(environ, "--only", "web,postman")
    assert ended.returncode == 2
    assert "'web,postman' is not made of broker, web, service, bulk, beat" in ended.stderr


def test_the_lock_is_all_or_nothing(tmp_path: Path) -> None:
    beat = InstanceLock(tmp_path, ["beat"])
    with pytest.raises(AlreadyRunning):
        InstanceLock(tmp_path)
    InstanceLock(tmp_path, ["web"]).close()
    assert instance_lock.holder(tmp_path, "beat") == os.getpid()
    beat.close()
    assert instance_lock.holder(tmp_path, "beat") is None
    InstanceLock(tmp_path).close()


def test_the_commands_keep_tokens_out_of_logs_and_trust_no_forwarded_header(
    tmp_path: Path,
) -> None:  # S10, S19
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "HOST": "::1"}, read_dotenv=False)
    web = list(launcher.children(settings)["web"][0].command)
    assert "--access-logfile" not in web
    assert web[web.index("--forwarded-allow-ips") + 1] == ""
    assert web[web.index("--bind") + 1] == "[::1]:8000"


def test_there_are_as_many_web_processes_as_asked_for(tmp_path: Path) -> None:
    for given, expected in (({}, "1"), ({"WEB_PROCESSES": "3"}, "3")):
        settings = Settings.from_env({"DATA_DIR": str(tmp_path), **given}, read_dotenv=False)
        assert after("--workers", launcher.children(settings)["web"][0]) == expected


def test_every_thread_can_keep_a_connection() -> None:
    """One more than are kept would be opened and closed again and again."""
    assert launcher.THREADS <= POOL_SIZE


def test_the_queues_have_processes_of_their_own(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)}, read_dotenv=False)
    made = launcher.children(settings)
    assert list(made) == ["web", "service", "bulk", "beat", "feedback"]
    for queue in ("service", "bulk"):
        (child,) = made[queue]
        assert after("-Q", child) == f"{queue},tick"


def test_there_are_as_many_bulk_processes_as_asked_for_each_with_its_own_name(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path)}, read_dotenv=False)
    made = launcher.children(settings, bulk=3)
    assert [child.name for child in made["bulk"]] == ["bulk", "bulk-2", "bulk-3"]
    assert {after("-Q", child) for child in made["bulk"]} == {"bulk,tick"}
    # Two nodes of one name would answer for each other.
    assert [after("-n", child) for child in made["bulk"]] == ["bulk@%h", "bulk-2@%h", "bulk-3@%h"]
    assert [len(made[part]) for part in ("web", "service", "beat")] == [1, 1, 1]


@pytest.mark.parametrize("number", ["0", "-1", "65", "two", "1.5", "²"])
def test_a_number_of_bulk_processes_that_cannot_be_is_refused(environ: dict[str, str], number: str) -> None:
    ended = launch(environ, f"--bulk={number}")
    assert ended.returncode == 2
    assert f"{number!r} is not a number from 1 to 64" in ended.stderr


def test_every_bulk_process_asked_for_runs(environ: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "newsletter_app", "--only", "broker,bulk", "--bulk", "2"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        until(lambda: node_names_of(process.pid) == {"bulk@%h", "bulk-2@%h"}, "both run")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    Settings.from_env(environ, read_dotenv=False).broker_socket.parent.rmdir()


def test_what_comes_back_is_taken_where_the_settings_say(environ: dict[str, str]) -> None:
    """Forked like the others, and stopped like them; a place that is taken or not named is told at once."""
    assert launch(environ, "--only", "feedback").stderr.startswith("BOUNCE_LISTEN is not set: name the place")
    place = f"127.0.0.1:{environ['PORT']}"
    environ |= {"BOUNCE_LISTEN": place}
    with subprocess.Popen(
        [sys.executable, "-m", "newsletter_app", "--only", "feedback"],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = next(line for line in process.stdout if "comes back" in line)
        assert said == f"feedback| What comes back is taken at {place}\n"
        with smtplib.SMTP("127.0.0.1", int(environ["PORT"]), timeout=20) as client:
            assert client.noop()[0] == 250
            other = {**environ, "DATA_DIR": f"{environ['DATA_DIR']}-2"}
            ended = launch(other, "--only", "feedback")
            assert (
                ended.stderr == f"BOUNCE_LISTEN is {place}, which cannot be opened: choose another place.\n"
            )
            process.send_signal(signal.SIGTERM)
            assert client.getreply()[0] == 421
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output


def node_names_of(launcher_pid: int) -> set[str]:
    """Return the celery node names among the children of a launcher."""
    children = Path(f"/proc/{launcher_pid}/task/{launcher_pid}/children").read_text().split()
    names = set()
    for child in children:
        # One of them prepares the database and leaves.
        with suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            names |= {words[words.index("-n") + 1]} if "-n" in words else set()
    return names


def after(option: str, child: Child) -> str:
    words = list(child.command)
    return words[words.index(option) + 1]
