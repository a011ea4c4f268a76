"""``python -m newsletter_app``: starts and stops everything; faults are sentences and an exit status."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from config import ConfigError, Settings
from newsletter_app.adapters import instance_lock, launcher
from newsletter_app.adapters.instance_lock import PARTS, AlreadyRunning
from newsletter_app.adapters.launcher import Refused

FAULTY_SETTINGS = 2
MOST_BULK = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what ``arguments`` ask for; return 0 when stopped, 1 when refused or failed, 2 for settings."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_env(os.environ)
        if options.reload:
            return _reload(settings)
        return launcher.run(settings, options.only, sys.stdout, options.bulk)
    except ConfigError as refusal:
        _complain("It cannot start with these settings:", *(f"  - {fault}" for fault in refusal.faults))
        return FAULTY_SETTINGS
    except (AlreadyRunning, Refused) as refusal:
        _complain(str(refusal))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run", description="Run the newsletter on this machine.")
    parser.add_argument(
        "--only",
        type=_parts,
        default=frozenset(PARTS),
        metavar="PART,…",
        help=f"only some of {', '.join(PARTS)}",
    )
    parser.add_argument(
        "--bulk",
        type=_processes,
        default=1,
        metavar="N",
        help="how many processes send tips (1), about one for every core that nothing else uses",
    )
    parser.add_argument("--reload", action="store_true", help="let the running processes start anew")
    return parser


def _parts(text: str) -> frozenset[str]:
    parts = frozenset(text.split(","))
    if not parts <= frozenset(PARTS):
        raise argparse.ArgumentTypeError(f"{text!r} is not made of {', '.join(PARTS)}")
    return parts


def _processes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_BULK:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_BULK}")
    return int(text)


def _reload(settings: Settings) -> int:
    pids = {instance_lock.holder(settings.data_dir, part) for part in PARTS} - {None}
    for pid in pids:
        if pid is not None:
            os.kill(pid, signal.SIGHUP)
    print("The running processes start anew." if pids else "Nothing runs here now; `make run` starts it.")
    return 0


def _complain(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
