"""The sections of the choices page as acts: each reads its own form fields and calls one verb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import request

from newsletter_app import subscribers, subscriptions
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.languages import LANGUAGES, as_language
from newsletter_app.subscribers import Subscriber
from newsletter_app.subscriptions import can_restart
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language, use_language
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.public.acts import evidence, notices_of
from newsletter_app.web.public.outcomes import Outcome, Section
from newsletter_app.web.public.rhythm_sections import RHYTHM_SECTIONS, save_cadences
from newsletter_app.web.public.series_sections import SERIES, save_series
from newsletter_app.web.public.signup_form import address_sentence, typed
from newsletter_app.web.public.wording import notice_line


def _save_notices(subscriber: Subscriber) -> Outcome:
    chosen = typed().notice_ids
    lines = [notice_line(notice, current_language()) for notice in notices_of(chosen)]
    wording = "\n".join((_("What you get"), *lines))
    now = ports().clock()
    subscriptions.choose(session(), subscriber, chosen, evidence=evidence(wording), now=now)
    save_cadences(subscriber)
    return Outcome("notices", _("Saved"))


def _start_again(subscriber: Subscriber) -> Outcome:
    now = ports().clock()
    stopped = [
        row.notice_id
        for row in subscriptions.of_subscriber(session(), subscriber.id)
        if row.confirmed_at is not None and can_restart(row, now)
    ]
    proof = evidence(_("Start again"))
    subscriptions.start_again(session(), subscriber.id, stopped, source="choices", evidence=proof, now=now)
    return Outcome("notices", _("Saved"))


def _save_language(subscriber: Subscriber) -> Outcome:
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        subscribers.set_language(session(), subscriber, wanted)
        use_language(as_language(wanted))
    return Outcome("language", _("Saved"))


def _save_name(subscriber: Subscriber) -> Outcome:
    subscribers.set_name(session(), subscriber, request.form.get("name", ""))
    return Outcome("name", _("Saved"))


def _change_address(subscriber: Subscriber) -> Outcome:
    given = typed().address
    try:
        new = parse_address(given)
    except AddressFault as fault:
        return Outcome("address", faults={"address": address_sentence(fault.code)}, typed_address=given)
    hash_key, now = ports().settings.hash_key, ports().clock()
    asked = subscribers.ask_address_change(session(), subscriber, new, hash_key=hash_key, now=now)
    sentences = {
        "asked": _("Now open your email at the new address, and press the button in it."),
        "same": _("This is the address we write to already."),
        "too-many": _("You have asked for this several times today. Please try again tomorrow."),
    }
    return Outcome("address", sentences[asked.code])


def _try_again(subscriber: Subscriber) -> Outcome:
    subscribers.try_again(session(), subscriber)
    return Outcome("notices", _("Saved"))


def _stop_all(subscriber: Subscriber) -> Outcome:
    proof = evidence(_("Stop all emails"))
    subscriptions.stop(session(), subscriber.id, None, source="choices", evidence=proof, now=ports().clock())
    return Outcome(
        "stop", _("You will get no more emails from us. One that is already on its way may still come today.")
    )


SECTIONS: Final[Mapping[str, Section]] = {
    "notices": Section(_save_notices),
    "again": Section(_start_again),
    "language": Section(_save_language),
    "name": Section(_save_name, needs_fresh_link=True),
    "address": Section(_change_address, needs_fresh_link=True),
    "try-again": Section(_try_again),
    "stop": Section(_stop_all),
    SERIES: Section(save_series),
    **RHYTHM_SECTIONS,
}
