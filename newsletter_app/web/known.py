"""What every page knows of the organisation and its notices: values, read once a second in each process.

What somebody changes elsewhere, on the command line say, is on every page within that second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from flask import Flask, current_app, g
from sqlalchemy import event

from newsletter_app import media, notices, organisation
from newsletter_app.kernel.base import read_only
from newsletter_app.media import Shown
from newsletter_app.notices import NoticeView
from newsletter_app.organisation import OrganisationView
from newsletter_app.ports import Ports
from newsletter_app.web.ports import ports

KEPT_S: Final = 1.0
EXTENSION: Final = "known"


@dataclass(frozen=True, slots=True)
class Known:
    """The organisation (None while there is none), its logo, and every notice in order, retired ones too."""

    organisation: OrganisationView | None = None
    notices: tuple[NoticeView, ...] = ()
    logo: Shown | None = None

    @property
    def offered(self) -> tuple[NoticeView, ...]:
        """The notices one can choose now, in their order."""
        return tuple(notice for notice in self.notices if notice.offered)


class Memory:
    """The newest ``Known`` of this process; threads share it, since it is only ever replaced whole."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing."""
        self._monotonic = monotonic
        self._writes = 0
        self._kept: tuple[float, Known] | None = None

    def known(self, read: Callable[[], Known]) -> Known:
        """Return what was read less than a second ago, else what ``read`` returns now."""
        kept, now, writes = self._kept, self._monotonic(), self._writes
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]
        found = read()
        if writes == self._writes:
            self._kept = now, found
        return found

    def forget(self, *_event: object) -> None:
        """Read anew at the next question; also what is being read at this moment is not kept."""
        self._writes += 1
        self._kept = None


def install(app: Flask) -> None:
    """Give ``app`` its memory; a unit of work of this process is seen at once, and no page writes these."""
    app.extensions[EXTENSION] = memory = Memory()
    opened: Ports = app.extensions["ports"]
    event.listen(opened.sessions, "after_commit", memory.forget)


def known() -> Known:
    """Return what this request knows, the same from its beginning to its end.

    Raises SQLAlchemyError where no database answers.
    """
    if "known" not in g:
        g.known = cast(Memory, current_app.extensions[EXTENSION]).known(_read)
    return cast(Known, g.known)


def know_nothing() -> None:
    """Let the rest of this request do without, since no database answers."""
    g.known = Known()


def _read() -> Known:
    # Not with the session of the request: where that writes, SQLite would be locked from here to its end.
    with ports().sessions(bind=read_only(ports().engine)) as session:
        found = organisation.view(session)
        logo = media.logo(session, found.logo, "") if found is not None else None
        return Known(found, notices.views(session), logo)
