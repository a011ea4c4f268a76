"""Which mails a person of the staff gets: each kind that concerns their role, to be switched on or off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from newsletter_app import staff_mail
from newsletter_app.identity import Actor
from newsletter_app.web.database import commit, session
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told

KINDS: Final[Mapping[str, LazyString]] = {
    "review": lazy_gettext("A tip waits for approval"),
    "decided": lazy_gettext("My tip was approved or given back"),
    "tomorrow": lazy_gettext("A tip goes out tomorrow"),
    "went": lazy_gettext("A campaign is over: what became of it"),
    "gap": lazy_gettext("Nothing is scheduled for next week"),
    "stopped": lazy_gettext("Sending stands still"),
    "board": lazy_gettext("Last month in numbers, on the 1st"),
}


def mail_choices(actor: Actor) -> list[tuple[str, LazyString, bool]]:
    """Return each kind that this person may choose: its code, its words, whether they get it."""
    silent = staff_mail.silences(session(), actor.id)
    return [(kind, KINDS[kind], kind not in silent) for kind in staff_mail.offered(actor.role)]


@blueprint.post("/account/mails")
@may("own")
def choose_mails(actor: Actor) -> ResponseReturnValue:
    """Keep what is ticked."""
    staff_mail.choose(session(), actor.id, actor.role, request.form.getlist("kind"))
    commit()
    return told("staff.account")
