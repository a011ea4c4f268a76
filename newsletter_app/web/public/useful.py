"""Was this tip useful? One press is counted, for no name and with no cookie, and leads back to the tip."""

from __future__ import annotations

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from newsletter_app import tips
from newsletter_app.tips import ANSWERS
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.paths import bilingual, page_url
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.public.cards import name_of
from newsletter_app.web.public.limits import count_answer


@bilingual(blueprint, "useful", "POST")
def useful(tip_id: int) -> ResponseReturnValue:
    """Count one answer about a tip that is on the web."""
    found = tips.find(session(), tip_id) if tip_id < 2**31 else None
    if found is None or found.state != "published" or found.withdrawn_at is not None:
        abort(404)
    answer = next((one for one in ANSWERS if one == request.form.get("answer")), None)
    if answer is None:
        abort(400)
    count_answer(tip_id)
    tips.count_answer(session(), tip_id, answer)
    commit()
    name = name_of(found, tips.shown_side(found, current_language()))
    return redirect(page_url("tip", name=name, thanks=1) + "#useful", 303)
