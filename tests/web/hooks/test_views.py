"""Every hook alike: who may call, how much, and what a call leaves behind."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from newsletter_app.web.hooks.views import MAX_OCTETS
from tests.web.conftest import World
from tests.web.hooks.conftest import Hooked, message, signed
from tests.web.hooks.samples import ses_bounce


def test_a_provider_without_a_key_has_no_hook(hooked: Hooked, empty: World) -> None:
    assert empty.post("/hooks/ses").status_code == 404
    assert hooked.post("mandrill", "{}").status_code == 404
    assert hooked.world.get("/hooks/ses").status_code == 405


def test_a_call_needs_no_origin_and_leaves_no_cookie(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """The signature is what counts: such a call is nobody's browser."""  # S26
    local, _ = hooked.mail_to_rose()
    body = signed(message(now, ses_bounce(local)), sns_key)
    done = hooked.post("ses", body, Origin="https://elsewhere.example", Sec_Fetch_Site="cross-site")
    assert (done.status_code, done.text, done.content_type) == (200, "Taken.\n", "text/plain; charset=utf-8")
    assert "Set-Cookie" not in done.headers


def test_a_call_is_bounded(hooked: Hooked) -> None:
    """More is not read; what is no JSON is told so, plainly."""  # S32
    assert hooked.post("ses", b" " * (MAX_OCTETS + 1)).status_code == 413
    for body in (b"", b"\xff", b"[" * 100_000, b"{", b"1"):
        assert hooked.post("ses", body).status_code == 400


def test_many_calls_from_one_place_are_all_taken(
    hooked: Hooked, sns_key: rsa.RSAPrivateKey, now: datetime
) -> None:
    """A provider calls from few addresses: no limit by address."""  # M32
    local, _ = hooked.mail_to_rose()
    body = signed(message(now, ses_bounce(local)), sns_key)
    assert {hooked.post("ses", body).status_code for _ in range(65)} == {200}
