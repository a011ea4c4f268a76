"""The organisation's own looks on its pages: a small style sheet over the house's tokens, and its logo."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Flask, make_response, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app.organisation import OrganisationView, Palette, palette
from newsletter_app.web.known import known
from newsletter_app.web.security import YEAR_S
from newsletter_app.web.shell import organisation

# Print stays black on white, and the size of a logo holds everywhere.
SHEET: Final = """\
@media screen {{ :root {{ --pine: {main}; --pine-strong: {main_strong}; --on-pine: {on_main};
  --gold: {accent}; --on-gold: {on_accent}; }} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ --pine: {main_dark};
  --pine-strong: {main_dark_strong}; --on-pine: {on_main_dark}; }} }}
.home {{ flex-wrap: wrap; gap: 0 var(--s1); padding: var(--s1) 0; }}
.home img {{ padding: .25rem; background: #FFFFFF; border-radius: 0; forced-color-adjust: none; }}
@media print {{ .home img {{ padding: 0; }} }}
"""

blueprint = Blueprint("brand", __name__)


def install(app: Flask) -> None:
    """Give every page of ``app`` the style sheet and the logo."""
    app.register_blueprint(blueprint)
    app.context_processor(looks)


def looks() -> dict[str, Any]:
    """Return what the layout needs; ``brand_url`` is "" where the organisation looks as the house does."""
    found = organisation()
    return {"brand_url": sheet_url(found), "logo": known().logo if found is not None else None}


@blueprint.get("/brand.css")
def sheet() -> ResponseReturnValue:
    """Give the style sheet; its address changes with its content, so that it can be kept for a year."""
    text = css(colours_of(organisation()))
    answer = make_response(text)
    answer.mimetype = "text/css"
    if request.args.get("v") == fingerprint(text):
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return answer


def sheet_url(found: OrganisationView | None) -> str:
    """Return the address of the organisation's style sheet; "" where it looks as the house does."""
    if found is None or (found.palette == palette() and not found.logo):
        return ""
    return url_for("brand.sheet", v=fingerprint(css(found.palette)))


def colours_of(found: OrganisationView | None) -> Palette:
    """Return the palette of the pages."""
    return found.palette if found is not None else palette()


@lru_cache(maxsize=8)
def css(colours: Palette) -> str:
    """Return the style sheet of ``colours``; each is a plain #RRGGBB, checked when it was set (S13)."""
    return SHEET.format(**{name: getattr(colours, name) for name in Palette.__slots__})


@lru_cache(maxsize=8)
def fingerprint(text: str) -> str:
    """Return what tells one style sheet from another."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
