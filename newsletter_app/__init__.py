"""The newsletter and subscription manager; rooms below import without Flask."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flask import Flask

# Rows and mails hold no cycles, so that to look for some after every 700 objects finds nothing; it
# takes a tenth of a process's work and start. Set here, before anything else is imported.
BETWEEN_COLLECTIONS: Final = (20_000, 20, 20)
gc.set_threshold(*BETWEEN_COLLECTIONS)


def create_app(**options: Any) -> Flask:
    """Return the web application (see ``newsletter_app.app.create_app`` for the options)."""
    # Deferred, because every room imports this package and none of them may load Flask.
    from newsletter_app.app import create_app as make

    return make(**options)
