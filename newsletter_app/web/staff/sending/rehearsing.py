"""A test mail to oneself: in a language and a layout, or as one reader would get it."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from newsletter_app import identity, rehearsal, subscribers, tips
from newsletter_app.identity import Actor
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, as_language
from newsletter_app.rehearsal import Seat
from newsletter_app.tips import Tip
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.ports import ports
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.entering import note
from newsletter_app.web.staff.guards import may, refused
from newsletter_app.web.staff.sending.first_lines import Remembering
from newsletter_app.web.staff.sending.scheduling import LAYOUTS, UNCLEAR, choosing
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.finding_words import breach_words
from newsletter_app.web.staff.writing.found import tip_of


@blueprint.post("/tips/<int:tip_id>/rehearse")
@may("send")
def rehearse_tip(actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Queue the mail for whoever asks; each language that is chosen is a mail of its own."""
    found = tip_of(tip_id)
    address = request.form.get("reader", "").strip()
    if address and not identity.may(actor, "serve"):
        return refused()
    seats, fault = _as_reader(address) if address else (_seats(found), "")
    if not seats:
        return choosing(
            found, {"reader": fault} if fault else {"language": _("Nothing is written yet.")}
        ), UNCLEAR
    try:
        for seat in seats:
            _rehearse(found, seat, actor)
    except Breach as breach:
        forget()
        return choosing(tip_of(tip_id), _why(breach)), UNCLEAR
    commit()
    return told("staff.send_tip", "rehearsed", tip_id=tip_id)


def _seats(found: Tip) -> list[Seat]:
    """Return a seat for each language that was asked for and is written; all of them where none was named."""
    asked, layout = request.form.get("language", ""), request.form.get("layout", "")
    wanted = [as_language(asked)] if asked in LANGUAGES else list(LANGUAGES)
    written = tips.languages_of(session(), found)
    chosen = layout if layout in LAYOUTS else LAYOUTS[0]
    return [Seat(each, chosen, ports().clock()) for each in wanted if each in written]


def _as_reader(address: str) -> tuple[list[Seat], str]:
    try:
        parsed = parse_address(address)
    except AddressFault:
        return [], _("This is no whole email address, such as rose@example.ca.")
    reader = subscribers.find_by_address(session(), parsed, ports().settings.hash_key)
    if reader is None:
        return [], _("Nobody with this address gets our mail.")
    return [rehearsal.seat_of(session(), reader)], ""


def _rehearse(found: Tip, seat: Seat, actor: Actor) -> None:
    settings, now = ports().settings, ports().clock()
    rehearsal.rehearse(
        session(), found, seat, to=actor.email, by=actor.email, composer=Remembering(),
        hash_key=settings.hash_key, now=now,
    )  # fmt: skip
    # The audit log names no reader by their address.
    whose = {"reader": str(seat.reader_id)} if seat.reader_id is not None else {}
    note(actor.email, "tip.rehearsed", f"tip:{found.id}", language=seat.language, layout=seat.layout, **whose)


def _why(breach: Breach) -> dict[str, str]:
    if breach.code == "reader-not-subscribed":
        return {"reader": _("This reader gets none of the notices of this tip.")}
    if breach.code == "address-suppressed":
        return {"language": _("Your own address is among those that get no mail.")}
    return {"language": breach_words(breach)}
