"""The console's cookie: the session's key and when it was last used, signed; it holds nothing else (S20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from newsletter_app.identity import IDLE
from newsletter_app.web.ports import ports

NAME: Final = "desk"
SALT: Final = "console-session"


def name() -> str:
    """Return the cookie's name; over TLS the prefix binds it to this host and to TLS (RFC 6265bis 4.1.3)."""
    return f"__Host-{NAME}" if ports().settings.is_https else NAME


def read() -> str | None:
    """Return the key of the session, or None: no cookie, not ours, or unused for too long."""
    try:
        key, used_at = _signer().loads(request.cookies.get(name(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    idle = timedelta(seconds=ports().clock().timestamp() - used_at)
    return str(key) if idle <= IDLE else None


def written(key: str) -> str:
    """Return what the cookie holds for ``key`` at this moment."""
    return str(_signer().dumps([key, int(ports().clock().timestamp())]))


def hand_out(response: Response, key: str) -> Response:
    """Put the cookie on ``response``; it ends with the browser, and the server knows its limits."""
    g.desk_is_handed_out = True
    response.set_cookie(
        name(), written(key), secure=ports().settings.is_https, httponly=True, samesite="Lax", path="/"
    )
    return response


def drop(response: Response) -> Response:
    """Take the cookie back."""
    g.desk_is_handed_out = True
    response.delete_cookie(name(), secure=ports().settings.is_https, httponly=True, samesite="Lax", path="/")
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(ports().settings.secret_key, salt=SALT)
