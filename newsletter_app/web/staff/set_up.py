"""The guided set-up: who sends, from where, and the first notice; left and taken up again at any step.

What is set already, a try-out's sample for one, is shown filled in.
"""

from __future__ import annotations

from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import identity, notices
from newsletter_app import organisation as organisations
from newsletter_app.identity import Actor
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.notices import Words
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.rhythm_page import CANADA
from newsletter_app.web.staff.again import person
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import note
from newsletter_app.web.staff.guards import fresh, may
from newsletter_app.web.staff.sign_in import REFUSED
from newsletter_app.web.staff.telling import told

FACTS: Final = ("email", "phone", "time_zone", "default_language")
WORDS: Final = ("name", "postal_address")
NOTICE_WORDS: Final = ("name", "sentence", "how_often")
FIRST_KEY: Final = "tips"


@blueprint.get("/set-up")
@may("arrange")
def set_up(_actor: Actor) -> ResponseReturnValue:
    """Show the steps, and which are done."""
    done = identity.steps_done(session())
    return render_template("staff/set_up.html", done=done, is_finished=identity.is_finished(session()))


@blueprint.post("/set-up")
@may("arrange")
def finish_set_up(actor: Actor) -> ResponseReturnValue:
    """Note that it is over, once every step is done."""
    if not identity.finish(session(), ports().clock()):
        return told("staff.set_up", "nothing-changed")
    note(actor.email, "set-up.finished")
    commit()
    return told("staff.home", "set-up-finished")


@blueprint.get("/set-up/organisation")
@may("arrange")
def set_up_organisation(_actor: Actor) -> ResponseReturnValue:
    """Show who sends, as it is set now."""
    return _organisation(_kept(), {})


@blueprint.post("/set-up/organisation")
@may("arrange")
def save_organisation(actor: Actor) -> ResponseReturnValue:
    """Save it; what the law still misses is asked for at its field (L3, L7)."""
    typed = {name: request.form.get(name, "").strip() for name in _kept()}
    try:
        organisations.set_facts(session(), **{name: typed[name] for name in FACTS})
        for language in LANGUAGES:
            words = {name: typed[f"{name}_{language}"] for name in WORDS}
            organisations.set_words(session(), language, **words)
    except Breach as breach:
        forget()
        name = {"email-unreadable": "email", "time-zone-unknown": "time_zone"}.get(
            breach.code, "default_language"
        )
        city, other = _("Please choose a city."), _("We cannot use this. Please look at it again.")
        sentence = city if name == "time_zone" else other
        return _organisation(typed, {name: sentence}), REFUSED
    missing = organisations.missing_identification(organisations.find(session()))
    if missing:
        forget()
        return _organisation(typed, _asked_for(missing)), REFUSED
    note(actor.email, "organisation.set", names=", ".join(sorted(typed)))
    commit()
    return told("staff.set_up")


@blueprint.get("/set-up/sender")
@may("arrange")
def set_up_sender(actor: Actor) -> ResponseReturnValue:
    """Show from where mails leave, and the button for a test mail."""
    settings = ports().settings
    return render_template(
        "staff/set_up_sender.html",
        mail_from=settings.mail_from,
        servers=[server.host for server in settings.smtp],
        to=actor.email,
        is_ready=identity.steps_done(session())["organisation"],
    )


@blueprint.post("/set-up/sender")
@may("arrange")
@fresh
def try_sender(actor: Actor) -> ResponseReturnValue:
    """Queue the test mail; it goes the way of every other, in a try-out into the outbox."""
    if not identity.steps_done(session())["organisation"]:
        return told("staff.set_up", "nothing-changed")
    identity.try_mail(session(), person(actor), ports().clock())
    commit()
    return told("staff.set_up_sender", "mail-tried")


@blueprint.get("/set-up/notice")
@may("arrange")
def set_up_notice(_actor: Actor) -> ResponseReturnValue:
    """Show the notices there are, or the form for the first."""
    return _notice({}, {})


@blueprint.post("/set-up/notice")
@may("arrange")
def save_notice(actor: Actor) -> ResponseReturnValue:
    """Add the first notice, in both languages."""
    names = [f"{name}_{language}" for name in NOTICE_WORDS for language in LANGUAGES]
    typed = {name: request.form.get(name, "").strip() for name in names}
    if faults := {name: _("Please write something here.") for name, text in typed.items() if not text}:
        return _notice(typed, faults), REFUSED
    if notices.find_by_key(session(), FIRST_KEY) is not None:
        return told("staff.set_up", "nothing-changed")
    notices.add(
        session(),
        key=FIRST_KEY,
        words={
            language: Words(*(typed[f"{name}_{language}"] for name in Words._fields))
            for language in LANGUAGES
        },
        now=ports().clock(),
        **{rule: rule in request.form for rule in ("numbered", "needs_references", "needs_disclaimer")},
    )
    note(actor.email, "notice.added", f"notice:{FIRST_KEY}")
    commit()
    return told("staff.set_up")


def _kept() -> dict[str, str]:
    """Return every field of the organisation's form with what is set now."""
    found = organisations.find(session())
    kept = {name: str(getattr(found, name, "") or "") for name in FACTS}
    for name in WORDS:
        for language in LANGUAGES:
            kept[f"{name}_{language}"] = getattr(found.side(language), name) if found else ""
    return kept


def _asked_for(missing: tuple[str, ...]) -> dict[str, str]:
    fields = {code.replace("postal-address", "postal_address").replace("-", "_"): code for code in missing}
    sentence = _("Please write something here. The law asks for it in every mail.")
    contact = _("Please give a phone number or an email address. The law asks for one of them.")
    return {
        "phone" if name == "contact" else name: contact if name == "contact" else sentence for name in fields
    }


def _organisation(values: dict[str, str], faults: dict[str, str]) -> str:
    zones = dict.fromkeys([values["time_zone"], *CANADA])
    cities = [(zone, zone.rpartition("/")[2].replace("_", " ") or _("Choose a city")) for zone in zones]
    return render_template("staff/set_up_organisation.html", values=values, faults=faults, zones=cities)


def _notice(values: dict[str, str], faults: dict[str, str]) -> str:
    there = notices.views(session())
    return render_template("staff/set_up_notice.html", values=values, faults=faults, there=there)
