"""``POST /hooks/PROVIDER``: proven first, then each event in the order it was told, then one commit.

No session, no cookie, no origin to check and no limit by address: the signature is what counts (S26, S32).
"""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, request

from newsletter_app import feedback
from newsletter_app.kernel.hook_keys import MAILGUN, POSTMARK, SENDGRID, SES
from newsletter_app.web.database import commit, session
from newsletter_app.web.hooks import mailgun, postmark, sendgrid, ses, sns
from newsletter_app.web.hooks.asking import Answer, Call, Refused
from newsletter_app.web.ports import fetcher, ports

MAX_OCTETS: Final = 2 * 1024 * 1024
REALM: Final = 'Basic realm="hooks", charset="UTF-8"'
EXTENSION: Final = "hooks"

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


def install(app: Flask) -> None:
    """Give ``app`` its hooks, and each of them what reads its provider's calls."""
    tellers: dict[str, Answer] = {
        SES: partial(ses.told, sns.Certificates()),
        POSTMARK: postmark.told,
        SENDGRID: sendgrid.told,
        MAILGUN: mailgun.told,
    }
    app.extensions[EXTENSION] = tellers
    app.register_blueprint(blueprint)


@blueprint.post("/<provider>")
def hook(provider: str) -> Response:
    """Take what a provider tells; one without a key in the settings has no hook."""
    keys = ports().settings.hook_keys.get(provider)
    if not keys:
        abort(404)
    request.max_content_length = MAX_OCTETS
    headers = {name.lower(): text for name, text in request.headers}
    now = ports().clock()
    try:
        call = Call(request.get_data(cache=False), headers, keys, now, fetcher())
        told = current_app.extensions[EXTENSION][provider](call)
    except Refused as refused:
        return _answer(refused.sentence, refused.status)
    for one in told:
        feedback.take(session(), one, source=f"hook:{provider}", links=ports().links, now=now)
    commit()
    return _answer("Taken.", 200)


def _answer(sentence: str, status: int) -> Response:
    answer = Response(f"{sentence}\n", status, mimetype="text/plain")
    if status == 401:
        answer.headers["WWW-Authenticate"] = REALM
    return answer
