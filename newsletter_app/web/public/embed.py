"""The sign-up form elsewhere: as text to paste, in a frame, on paper, with the same promise (S5, L3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from urllib.parse import urlsplit

from flask import render_template, request
from flask.typing import ResponseReturnValue

from newsletter_app.web.language import current_language
from newsletter_app.web.paths import absolute, bilingual, page_url
from newsletter_app.web.public import elsewhere, paper, signup_form
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.elsewhere import Elsewhere

# What the frame needs on a phone of 320 px, measured: its words, and each notice.
FRAME_PX, NOTICE_PX = 1100, 190


@dataclass(frozen=True, slots=True)
class Snippets:
    """The three texts that can be pasted into another site."""

    plain: str
    wordpress: str
    frame: str


def _while_open(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Show ``view`` only where the law lets anybody sign up: with who asks, and notices to choose (L3)."""

    @wraps(view)
    def shown() -> ResponseReturnValue:
        return view() if signup_form.is_open() else render_template("public/not_open.html")

    return shown


@bilingual(blueprint, "embed")
@_while_open
def embed() -> ResponseReturnValue:
    """Show the form as text to paste, in the language of the page."""
    return render_template("embed/embed.html", snippets=_snippets())


@bilingual(blueprint, "embedded_form")
@_while_open
def embedded_form() -> ResponseReturnValue:
    """Show the bare form for a frame: without cookies, and its button opens our page in the whole window."""
    form = signup_form.page(signup_form.offered())
    site = elsewhere.site_of(request.headers.get("Referer", ""))
    shown = elsewhere.sign(Elsewhere(form.words.evidence(), site))
    return render_template("embed/frame.html", form=replace(form, elsewhere=shown))


@bilingual(blueprint, "sheet")
@_while_open
def sheet() -> ResponseReturnValue:
    """Show the sheet to print, one for each person, so that nobody reads another's address."""
    notices = signup_form.offered()
    language = current_language()
    wording = paper.paper_wording(signup_form.identified(), tuple(notices), language)
    url = absolute(page_url("subscribe"))
    return render_template(
        "embed/sheet.html",
        words=wording,
        rows=[signup_form.notice_row(notice, chosen=False) for notice in notices],
        command=paper.command(wording, notices, language),
        qr=paper.qr_code(url),
        address=url.removeprefix(f"{urlsplit(url).scheme}://"),
    )


def _snippets() -> Snippets:
    form = signup_form.page(signup_form.offered())
    shown = elsewhere.sign(Elsewhere(form.words.evidence()))
    plain = render_template("embed/snippet.html", form=form, shown=shown).strip()
    height = FRAME_PX + NOTICE_PX * len(form.rows)
    frame = render_template("embed/frame_snippet.html", words=form.words, height=height).strip()
    return Snippets(plain, f"<!-- wp:html -->\n{plain}\n<!-- /wp:html -->", frame)
