"""The mails of a try-out, for a browser on this machine only; elsewhere these pages do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from newsletter_app import campaigns, outbox, tips
from newsletter_app.kernel import words
from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.outbox import OutboxMessage
from newsletter_app.web.database import commit, session
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports
from newsletter_app.web.public.blueprint import blueprint
from newsletter_app.web.security import POLICY
from newsletter_app.web.shell import time_zone

NEWEST: Final = 100
BY: Final = "try-out"
PROXY_HEADERS: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
WITH_FRAME: Final = POLICY + "; frame-src 'self'"
MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; script-src 'none'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it would have arrived."""

    id: int
    recipient: str
    subject: str
    at: str
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""


@blueprint.get("/outbox")
def outbox_list() -> ResponseReturnValue:
    """Show the newest mails, and the button that makes the next tip due."""
    _only_here()
    found = [_mail(message) for message in outbox.newest(session(), NEWEST)]
    coming = campaigns.upcoming(session(), ports().clock())
    return render_template("public/outbox.html", mails=found, coming=_coming(coming[0]) if coming else "")


@blueprint.post("/outbox")
def send_next() -> ResponseReturnValue:
    """Make the next scheduled tip due now; the workers do the rest."""
    _only_here()
    now = ports().clock()
    coming = campaigns.upcoming(session(), now)
    tip = tips.find(session(), coming[0].tip_id) if coming and coming[0].tip_id else None
    if tip is not None:
        notice_ids = campaigns.notice_ids_of(session(), coming[0].id)
        campaigns.schedule(session(), tip, due_at=now, by=BY, now=now, notice_ids=notice_ids)
        commit()
    return redirect(url_for("public.outbox_list", lang=current_language()), 303)


@blueprint.get("/outbox/<int:message_id>")
def outbox_mail(message_id: int) -> ResponseReturnValue:
    """Show one mail: headers, the HTML part in a frame of its own, the text part."""
    _only_here()
    answer = Response(render_template("public/outbox_mail.html", mail=_mail(_message(message_id))))
    answer.headers["Content-Security-Policy"] = WITH_FRAME
    return answer


@blueprint.get("/outbox/<int:message_id>/html")
def outbox_html(message_id: int) -> ResponseReturnValue:
    """Show the HTML part alone, without scripts, its links opening in the whole window."""
    _only_here()
    html = _mail(_message(message_id)).html
    answer = Response(html.replace("<head>", '<head><base target="_top">', 1), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _only_here() -> None:
    # The host is looked at too: a name that resolves to this machine may belong to a stranger's page.
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    # So is what a proxy adds: one on this machine makes the whole world look like this machine.
    is_passed_on = any(name in request.headers for name in PROXY_HEADERS)
    here = is_loopback(request.remote_addr or "") and is_loopback(host) and not is_passed_on
    if not (ports().settings.is_tryout and here):
        abort(404)


def _message(message_id: int) -> OutboxMessage:
    found = outbox.find(session(), message_id) if message_id < 2**31 else None
    if found is None:
        abort(404)
    return found


def _mail(stored: OutboxMessage) -> Mail:
    parsed = message_from_bytes(stored.message, policy=policy.default)
    return Mail(
        id=stored.id,
        recipient=stored.recipient,
        subject=str(parsed["Subject"] or ""),
        at=words.clock_time(stored.created_at, time_zone(), current_language()),
        headers=tuple((name, str(text)) for name, text in parsed.items()),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
    )


def _part(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _coming(campaign: campaigns.Campaign) -> str:
    tip = tips.find(session(), campaign.tip_id) if campaign.tip_id else None
    title = tips.shown_side(tip, current_language()).title if tip and tip.sides else campaign.occurrence
    return f"{title}, {words.when(campaign.due_at, time_zone(), current_language())}"
