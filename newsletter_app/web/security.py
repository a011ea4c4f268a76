"""Headers on every response (S25, S10), and the site an unsafe request comes from (S26)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.datastructures import Headers

from newsletter_app.web.ports import ports

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
YEAR_S: Final = 365 * 24 * 3600
STRICT_TRANSPORT: Final = f"max-age={YEAR_S}; includeSubDomains"

NO_FRAMES: Final = "frame-ancestors 'none'"
# Scripts run on pages of tips and of the sign-up form; nowhere else are any allowed (docs/decisions/0019).
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; script-src 'none'; "
    f"object-src 'none'; base-uri 'none'; {NO_FRAMES}"
)
POLICY_WITH_SCRIPT: Final = POLICY.replace("script-src 'none'", "script-src 'self'")
FEATURES: Final = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
EVERYWHERE: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": FEATURES,
    "Cache-Control": "no-cache",
}
FRAMED: Final = frozenset({"public.embedded_form"})
# As shown, as kept, and shown again with what is still wrong in the form.
SCRIPTED: Final = frozenset({200, 304, 422})
WITH_SCRIPT: Final = frozenset({"public.tip", "public.print", "public.subscribe"})
BEHIND_A_LINK: Final = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def install(app: Flask) -> None:
    """Check unsafe requests before, and add the headers after, every view of ``app``."""
    app.before_request(refuse_nul)
    app.before_request(refuse_foreign_posts)
    app.after_request(add_headers)


def refuse_nul() -> None:
    """Answer an address with a NUL as the unknown one it is: PostgreSQL's texts cannot hold it (S27)."""
    if "\0" in request.path:
        abort(404)


def refuse_foreign_posts() -> None:
    """Refuse an unsafe request that another site made a browser send; no cookie or token is needed for it.

    Fetch Metadata decides where the browser sends it, else the Origin header; a client that
    sends neither is no browser and carries nobody's authority.
    """
    if request.method in SAFE_METHODS or _is_open_by_design() or not _is_foreign():
        return
    abort(403)


def add_headers(response: Response) -> Response:
    """Add what is missing; a view that set a header itself knows better."""
    # An address that leads nowhere may be somebody's link with a sign too many, or asked for in another way.
    is_private = is_behind_a_link() or request.url_rule is None
    wanted = EVERYWHERE | (BEHIND_A_LINK if is_private else {})
    if request.endpoint in FRAMED and response.status_code < 400:
        wanted = framed(wanted, ports().settings.embed_sites)
    # A browser takes the headers of a 304 for those of the page that it keeps (RFC 9111 3.2).
    if request.endpoint in WITH_SCRIPT and response.status_code in SCRIPTED:
        wanted = wanted | {"Content-Security-Policy": POLICY_WITH_SCRIPT}
    for name, text in wanted.items():
        response.headers.setdefault(name, text)
    if ports().settings.is_https:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


def framed(headers: Mapping[str, str], sites: Sequence[str]) -> dict[str, str]:
    """Return ``headers`` for the page that other sites may show in a frame: these ``sites``, or any."""
    policy = headers["Content-Security-Policy"]
    framing = {
        "Content-Security-Policy": policy.replace(NO_FRAMES, f"frame-ancestors {' '.join(sites) or '*'}"),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    # It has no word for other sites, and older browsers would heed it.
    return {name: text for name, text in headers.items() if name != "X-Frame-Options"} | framing


def static_headers(*, is_https: bool) -> Callable[[Headers, str, str], None]:
    """Return what adds the headers to a static file (the hook that WhiteNoise offers).

    A static file is answered before the application is asked, and keeps its own Cache-Control.
    """
    wanted = {name: text for name, text in EVERYWHERE.items() if name != "Cache-Control"}
    if is_https:
        wanted["Strict-Transport-Security"] = STRICT_TRANSPORT

    def add(headers: Headers, _path: str, _url: str) -> None:
        for name, text in wanted.items():
            headers[name] = text

    return add


def is_behind_a_link() -> bool:
    """Tell whether the present page is reached by a signed link, whose address must not leak."""
    return request.url_rule is not None and "token" in request.url_rule.arguments


def is_one_click() -> bool:
    """Tell whether this is the POST that a mail program sends for its reader (RFC 8058 3.2)."""
    name, text = ONE_CLICK
    return request.endpoint == "public.stop" and request.form.get(name) == text


def _is_open_by_design() -> bool:
    # The form may stand on the organisation's own site; the mail program has no site at all; a hook's caller
    # is proven by what it signs.
    return request.endpoint in ("public.subscribe", "hooks.hook") or is_one_click()


def _is_foreign() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    if origin == "null":
        # Our own no-referrer pages make older browsers say so; the token itself is the proof there.
        return not is_behind_a_link()
    return origin not in _own_origins()


def _own_origins() -> frozenset[str]:
    settings = ports().settings
    public = urlsplit(settings.public_url)
    own = {f"{public.scheme}://{public.netloc}"}
    if settings.is_tryout:
        own |= {f"http://{name}:{settings.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    return frozenset(own)
