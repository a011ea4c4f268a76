"""The beat: a tick every two seconds for each kind of work; a tick that waits longer than five is void."""

from __future__ import annotations

from typing import Any, Final

EVERY_S: Final = 2.0
EXPIRES_S: Final = 5

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    name: {"task": name, "schedule": EVERY_S, "options": {"expires": EXPIRES_S}}
    for name in ("service_tick", "bulk_tick")
}
