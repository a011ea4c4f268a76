"""What the parts import, imported once, so that they can be forked with it."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterable
from typing import Final

from newsletter_app.adapters import forked

# By their names, since adapters lean on no face. The modules of an application that Celery is to find
# (``workers.celery_app``) are left to the process that runs it: importing them listens to Celery's signals.
WEB: Final = (
    "newsletter_app.app",
    "flask_migrate.cli",
    "flask_sqlalchemy.cli",
    "jinja2.ext",
    "gunicorn.app.wsgiapp",
    "gunicorn.arbiter",
    "gunicorn.glogging",
    "gunicorn.workers.gthread",
)
CELERY: Final = (
    "celery.app.amqp",
    "celery.app.events",
    "celery.app.log",
    "celery.backends.base",
    "celery.bin.celery",
    "celery.fixups.django",
    "kombu.transport.redis",
)
WORKER: Final = (
    *CELERY,
    "celery.app.control",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.strategy",
    "billiard.pool",
    "workers.configuration",
    "workers.logs",
    "workers.offices",
    "workers.ticks",
    "newsletter_app.planning",
)
# The web's are for everybody: the database is prepared by a command of the same application.
MODULES: Final = {
    "web": WEB,
    "service": (*WEB, *WORKER),
    "bulk": (*WEB, *WORKER),
    "beat": (*WEB, *CELERY, "celery.apps.beat", "celery.beat"),
    "feedback": (*WEB, "aiosmtpd.smtp", "newsletter_app.feedback"),
}


def preload(parts: Iterable[str]) -> bool:
    """Import what ``parts`` have in common and tell whether they may be forked now."""
    if not forked.is_possible():
        return False
    try:
        for name in dict.fromkeys(name for part in parts for name in MODULES.get(part, ())):
            importlib.import_module(name)
    except Exception:
        # What is amiss is told by the process that needs it, which is executed and imports it anew.
        return False
    # What is here now is never looked at again by a collection, which would write to every page of it.
    gc.collect()
    gc.freeze()
    return forked.is_possible()
