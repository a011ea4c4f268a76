"""The tip as readers will meet it: the very mail and page, in frames in which nothing can run (S13)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app import notices, tips
from newsletter_app.digests import Composer, DigestOf, Folders
from newsletter_app.identity import Actor
from newsletter_app.kernel import words
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import Content, mark
from newsletter_app.tips import Tip, writing
from newsletter_app.web.database import session
from newsletter_app.web.language import current_language, use_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.tip_page import rendered
from newsletter_app.web.shell import time_zone
from newsletter_app.web.staff.blueprint import CONSOLE_POLICY, blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.writing.finding_words import breach_words
from newsletter_app.web.staff.writing.found import side_of, tip_of
from newsletter_app.web.staff.writing.naming import PARTS, name_of

ROOT: Final = Path(__file__).parents[4]
FOLDERS: Final = Folders(ROOT / "templates", ROOT / "newsletter_app" / "translations")
LOOKS: Final = ("desktop", "phone", "dark", "no-pictures", "text", "page")
DARK: Final = "@media (prefers-color-scheme: dark)"
# Without scripts, forms, or a way out of the frame. Its origin stays ours, or our own pictures and style
# sheet, which other origins may not load, would be missing; nothing in it can make use of that.
SANDBOX: Final = (
    "sandbox allow-same-origin; default-src 'none'; script-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
FRAMING_POLICY: Final = CONSOLE_POLICY + "; frame-src 'self'"


@blueprint.get("/tips/<int:tip_id>/preview")
@may("look")
def preview(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Show one look of one side: a mail on a desk or phone, dark, without pictures, as text; the page."""
    found = tip_of(tip_id)
    side = side_of(request.args.get("side", current_language()))
    look = request.args.get("look", LOOKS[0])
    look = look if look in LOOKS else LOOKS[0]
    told = {"tip": found, "name": name_of(found), "side": side, "look": look, "looks": LOOKS, "parts": PARTS}
    subject, text, fault = "", "", ""
    if look != "page":
        try:
            content = composed(found, side)
            subject, text = content.subject, content.text
        except Breach as breach:
            fault = breach_words(breach)
    page = render_template("staff/tips/preview.html", **told, subject=subject, text=text, fault=fault)
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = FRAMING_POLICY
    return answer


@blueprint.get("/tips/<int:tip_id>/preview/mail")
@may("look")
def preview_mail(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Give the mail's HTML for a frame, light or dark, whatever the browser prefers."""
    found, side = tip_of(tip_id), side_of(request.args.get("side"))
    look = request.args.get("look")
    try:
        html = composed(found, side).html
    except Breach as breach:
        return framed(render_template("staff/tips/no_preview.html", fault=breach_words(breach)), "'none'")
    html = html.replace(DARK, "@media all" if look == "dark" else "@media not all")
    return framed(html, "'none'" if look == "no-pictures" else f"'self' {ports().settings.public_url}")


@blueprint.get("/tips/<int:tip_id>/preview/page")
@may("look")
def preview_page(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Give the page that readers will see, for a frame."""
    found, side = tip_of(tip_id), side_of(request.args.get("side"))
    use_language(side)
    with writing.as_written(session(), found):
        if not found.sides:
            return framed(render_template("staff/tips/no_preview.html", fault=""), "'none'")
        return framed(rendered(found, tips.shown_side(found, side)), "'self'")


def composed(found: Tip, language: Language) -> Content:
    """Return the mail of the tip as it is written. Raises Breach as composing does."""
    settings = ports().settings
    composer = Composer(FOLDERS, settings.public_url, settings.mail_from, ports().clock())
    notice = notices.find(session(), found.notice_id)
    with writing.as_written(session(), found):
        if not found.sides or notice is None:
            raise Breach("edition-empty")
        content = composer.compose(session(), DigestOf((found.id,), (notice,), language, "standard", None))
    return _as_read(content, language)


def _as_read(content: Content, language: Language) -> Content:
    """Return the mail with what differs from reader to reader filled in for a reader who asked today."""
    now, url = ports().clock(), ports().settings.public_url
    day = words.full_date(now, time_zone(), language)
    html, text = content.html, content.text
    for slot in content.slots:
        stand_in = day if not slot.name.endswith("_url") else f"{url}/{slot.name.removesuffix('_url')}/…"
        html, text = (part.replace(mark(slot.name), stand_in) for part in (html, text))
    return replace(content, html=html, text=text)


def framed(html: str, pictures: str) -> Response:
    """Return a document for a frame of the console: its styles and ``pictures`` are let in, nothing runs."""
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = (
        f"{SANDBOX}; style-src 'self' 'unsafe-inline'; img-src {pictures}"
    )
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer
