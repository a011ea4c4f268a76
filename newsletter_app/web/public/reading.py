"""What helps with reading: the size of the text, kept in the one cookie there is, and the pictures."""

from __future__ import annotations

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import media
from newsletter_app.media import Image
from newsletter_app.web.database import session
from newsletter_app.web.paths import absolute, is_local, page_url
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.security import YEAR_S
from newsletter_app.web.shell import TEXT_SIZE_COOKIE, TEXT_SIZES


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


@blueprint.get("/media/<name>")
def show_media(name: str) -> ResponseReturnValue:
    """Show a stored picture with the type it was re-encoded to (S18); mails show it from elsewhere."""
    image = media.find_by_file(session(), name)
    content = ports().shelf.read(name) if image is not None else None
    if image is None or content is None:
        abort(404)
    answer = make_response(content)
    answer.mimetype = image.mime
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    # A name's content never changes, so the name tells whether a browser has it.
    answer.set_etag(name)
    answer.make_conditional(request)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
