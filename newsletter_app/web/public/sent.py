"""The page after the form, "now open your email": the same for every address, and its one re-send."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import ledger, subscriptions
from newsletter_app.kernel import words
from newsletter_app.kernel.addresses import mask
from newsletter_app.kernel.languages import as_language
from newsletter_app.kernel.links import Purpose
from newsletter_app.subscriptions import AgainResult, Signup
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import bilingual
from newsletter_app.web.phrases import gettext as _
from newsletter_app.web.phrases import in_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.links import signup_of
from newsletter_app.web.shell import organisation, time_zone

# A service worker that has not shown itself for so long will not write within minutes.
SLOW_AFTER: Final = timedelta(minutes=5)
SERVICE_TICK: Final = "service_tick"


@bilingual(blueprint, "sent", "GET", "POST")
def sent(token: str) -> ResponseReturnValue:
    """Show what to do now; POST asks for the mail once more."""
    _token, signup = signup_of(token, Purpose.SENT)
    again = ""
    if request.method == "POST":
        again = _again_sentence(subscriptions.ask_again(session(), signup, ports().clock()))
        commit()
    return _page(signup, again=again, shown=signup.address)


def show_sent(signup: Signup) -> ResponseReturnValue:
    """Show the page for a mail asked for with a link; whoever was forwarded it learns no address (S9)."""
    return _page(signup, again="", shown="")


def _page(signup: Signup, *, again: str, shown: str) -> str:
    return render_template(
        "public/sent.html",
        signup=signup,
        shown=shown or mask(signup.address),
        is_typed=bool(shown),
        again=again,
        **_mail_to_look_for(signup),
        is_slow=_is_slow(),
    )


def _again_sentence(result: AgainResult) -> str:
    if result.code == "too-early" and result.not_before is not None:
        at = words.clock_time(result.not_before, time_zone(), current_language())
        return words.sentence(_("Please wait a little. You can ask for it again at %(time)s", time=at))
    if result.code == "used":
        return _("We have sent it again already. We do this once.")
    return _("We are sending it again.")


def _mail_to_look_for(signup: Signup) -> dict[str, str]:
    """Return sender and subject in the language of the mail, whatever the page is read in by now."""
    language, found = as_language(signup.language), organisation()
    name = found.side(language).name if found else ""
    with in_language(language):
        if signup.kind == "link":
            subject = _("Your link to change or stop emails from %(org)s", org=name)
        else:
            subject = _("Confirm your emails from %(org)s", org=name)
    return {"mail_language": language, "sender": name, "subject": subject}


def _is_slow() -> bool:
    beat = ledger.last_beat(session(), SERVICE_TICK)
    return beat is None or ports().clock() - beat > SLOW_AFTER
