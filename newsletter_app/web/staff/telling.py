"""What a page says after a press: a code in its address, the sentence from here, told by a live region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request
from flask_babel import LazyString, lazy_gettext

from newsletter_app.web.staff.guards import lead_to

SAID: Final[Mapping[str, LazyString]] = {
    "saved": lazy_gettext("Saved"),
    "asked": lazy_gettext("The tip waits for its approval."),
    "approved": lazy_gettext("The tip is approved."),
    "given-back": lazy_gettext("The tip is a draft again, with your comment."),
    "on-the-web": lazy_gettext("Readers see it now."),
    "waived": lazy_gettext("This stops the tip no more."),
    "links-tried": lazy_gettext("The links were tried."),
    "links-tried-lately": lazy_gettext("Links were tried a moment ago. Press again in a minute."),
    "nobody-answered": lazy_gettext("Not one server answered. Nothing was kept. Press again later."),
    "imported": lazy_gettext("The import is saved."),
    "password-set": lazy_gettext("Your new password is kept. You are signed out everywhere else."),
    "session-ended": lazy_gettext("Signed out there."),
    "invited": lazy_gettext("The invitation is on its way."),
    "last-owner": lazy_gettext("Nothing was changed. One owner must remain."),
    "nothing-changed": lazy_gettext("Nothing was changed. Please look again."),
    "mail-tried": lazy_gettext("The test mail is on its way."),
    "set-up-finished": lazy_gettext("Everything is set up."),
    "campaign-paused": lazy_gettext("Paused. What is under way still arrives."),
    "campaign-resumed": lazy_gettext("It goes on."),
    "campaign-called-off": lazy_gettext("Taken back. Nobody gets it."),
    "campaign-cancelled": lazy_gettext("Cancelled. What is under way still arrives."),
    "campaign-retried": lazy_gettext("Tried again."),
    "campaign-decided": lazy_gettext("What was uncertain counts as arrived."),
    "rehearsed": lazy_gettext("The test mail is on its way to you."),
    "scheduled": lazy_gettext("Scheduled. You can take it back until it goes out."),
    "signed-out": lazy_gettext("You are signed out."),
}


def told(endpoint: str, said: str = "saved", **values: Any) -> Response:
    """Return a redirect to a page of the console that will say ``said`` (a key of ``SAID``)."""
    return lead_to(endpoint, said=said, **values)


def sentence() -> str:
    """Return what the present page has to say, or ""."""
    found = SAID.get(request.args.get("said", ""))
    return str(found) if found is not None else ""
