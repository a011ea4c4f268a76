"""A reader's own data: a copy to keep, and the end of it; only a fresh link to the address on file gets here.

A newsletter is forwarded, so its link shows and erases nothing (S9).
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Final

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue

from config import ROOT
from newsletter_app import privacy, subscribers
from newsletter_app.kernel.addresses import mask
from newsletter_app.mail.render import environment
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.fresh import owner_of, too_old

TEMPLATES: Final = ROOT / "templates"
TRANSLATIONS: Final = ROOT / "newsletter_app" / "translations"
READER: Final = "reader"
IN_MEMORY: Final = 1024 * 1024


@blueprint.route("/choices/<token>/copy", methods=["POST"])
def copy_data(token: str) -> ResponseReturnValue:
    """Hand over all that is held about the reader, as one file."""
    signup, owner = owner_of(token)
    if owner is None:
        return too_old(signup)
    whose = subscribers.data_subject(session(), owner, ports().settings.hash_key)
    words = environment(current_language(), TEMPLATES, TRANSLATIONS)
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  Flask closes it behind the last octet.
    privacy.pack(session(), whose, file, words, ports().clock())
    file.seek(0)
    name = {"en": "my-data.zip", "fr": "mes-donnees.zip"}[current_language()]
    sent = send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)
    sent.headers["Cache-Control"] = "no-store"  # As every page of theirs; Flask says less of files.
    return sent


@blueprint.route("/choices/<token>/erase", methods=["GET", "POST"])
def erase_data(token: str) -> ResponseReturnValue:
    """Say what goes and what stays, with one button; or let it go."""
    signup, owner = owner_of(token)
    if owner is None:
        return too_old(signup)
    if request.method != "POST":
        return render_template("public/erase.html", masked=mask(owner.address), token=token)
    whose = subscribers.data_subject(session(), owner, ports().settings.hash_key)
    privacy.erase(session(), whose, by=READER, now=ports().clock())
    commit()
    return render_template("errors/nothing_held.html", is_news=True)
