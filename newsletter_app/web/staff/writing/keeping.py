"""Nothing typed is lost when a session ends: the words come back in a form that can be sent once more."""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app.identity import SignedIn
from newsletter_app.web.staff.guards import Guarded

# Sixty thousand letters, each of up to four octets, each octet written as three in a form.
TEXT_OCTETS: Final = 1_000_000
SIGNED_OUT: Final = 401


def keeping(view: Guarded) -> Guarded:
    """Show what was typed to whoever is signed out meanwhile; stands above ``may``, which would lead away.

    Nothing of a tip is shown to them: what comes back is what their browser sent.
    """

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        # Forms of texts are larger than any other of the product.
        request.max_content_length = TEXT_OCTETS
        request.max_form_memory_size = TEXT_OCTETS
        found: SignedIn | None = g.signed_in
        if (found is not None and found.stage == "full") or not request.form:
            return view(**values)
        sign_in = url_for("staff.sign_in")
        if "HX-Request" in request.headers:
            return render_template("staff/tips/signed_out.html", sign_in=sign_in)
        # No flat copy of the form: a name may stand in it twice.
        typed = list(request.form.items(multi=True))
        return render_template("staff/tips/kept.html", typed=typed, sign_in=sign_in), SIGNED_OUT

    return guarded
