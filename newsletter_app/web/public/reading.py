"""What helps with reading: the size of the text, kept in the one cookie there is, and the pictures."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import media, tips
from newsletter_app.media import Image
from newsletter_app.web.database import session
from newsletter_app.web.paths import absolute, is_local, page_url
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.security import YEAR_S
from newsletter_app.web.shell import TEXT_SIZE_COOKIE, TEXT_SIZES, organisation, time_zone

DAY: Final = timedelta(days=1)


@blueprint.post("/text-size")
def set_text_size() -> ResponseReturnValue:
    """Keep the size the reader pressed, and go back to the page they were on."""
    back, size = request.form.get("back", ""), request.form.get("size", "")
    answer = make_response(redirect(back if is_local(back) else page_url("home"), 303))
    answer.headers["Cache-Control"] = "no-store"
    if size in TEXT_SIZES:
        secure = ports().settings.is_https
        answer.set_cookie(
            TEXT_SIZE_COOKIE, size, max_age=YEAR_S, secure=secure, httponly=True, samesite="Lax"
        )
    return answer


def picture_url(image: Image) -> str:
    """Return a picture's address as feeds, mails and other sites spell it."""
    return absolute(url_for("public.show_media", name=image.name))


def _life_s(image: Image) -> int:
    """Return for how many seconds a picture may still be kept: a year, or until the rights to it end."""
    found = organisation()
    until = tips.picture_until(session(), image.id)
    if until is None or (found is not None and found.logo == image.name):
        return YEAR_S
    ends_at = datetime.combine(until + DAY, time(), ZoneInfo(time_zone()))
    return min(YEAR_S, int((ends_at - ports().clock()).total_seconds()))


@blueprint.get("/media/<name>")
def show_media(name: str) -> ResponseReturnValue:
    """Show a stored picture with the type it was re-encoded to (S18); mails show it from elsewhere.

    Once the rights to it have ended it is gone, also from mails that were sent before.
    """
    image = media.find_by_file(session(), name)
    if image is None:
        abort(404)
    life = _life_s(image)
    if life <= 0:
        abort(410)
    try:
        content = ports().shelf.read(name)
    except OSError:
        abort(503)
    if content is None:
        abort(404)
    answer = make_response(content)
    answer.mimetype = image.mime
    answer.headers["Cache-Control"] = f"public, max-age={life}, immutable"
    # A name's content never changes, so the name tells whether a browser has it.
    answer.set_etag(name)
    answer.make_conditional(request)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
