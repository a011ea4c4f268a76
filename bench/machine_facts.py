"""The machine a run was made on, as far as the figures depend on it; nothing that names its owner."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any, Final

MODEL: Final = re.compile(r"^model name\s*: (.*)$", re.MULTILINE)
# More than this much work per core that is not ours makes a rate tell little.
BUSY_PER_CORE: Final = 0.25


def facts() -> dict[str, Any]:
    """Return cores, processor, kernel, Python and how busy the machine is before we begin."""
    model = MODEL.search(Path("/proc/cpuinfo").read_text())
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model[1] if model else platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def warning(known: dict[str, Any]) -> str:
    """Return a sentence when others used the machine at the start, else nothing."""
    if known["load_before"] <= BUSY_PER_CORE * known["cores"]:
        return ""
    return (
        f"The machine was busy before the run (load {known['load_before']}): rates are lower than they"
        " would be, CPU times somewhat higher."
    )
