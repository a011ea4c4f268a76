"""Filling: an edition of an earlier version is filled with what it has room for, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest

from newsletter_app.delivery.claiming import ClaimedDelivery
from newsletter_app.delivery.filling import Filling, Postmark, fill
from newsletter_app.digests.composing import METADATA
from newsletter_app.kernel.links import Links
from newsletter_app.mail import Content, Keyring, Signing, Slot, compile_message, mark
from tests.factories.signing import dns_of, signing_key

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
ROW = ClaimedDelivery((7, 1001), 1, None, 0, 3, AT, "rose@example.ca", "Rose", b"nonce", AT)
KEY = signing_key("r1")
OF_OLD = ("asked_on", "choices_url", "stop_url")
WEB = f"<{mark('stop_url')}>"
BOTH = f"{WEB}, <mailto:{mark('stop_local')}@bounce.example.org>"


def test_a_mail_names_itself_to_postmark(tmp_path: Path, links: Links) -> None:
    # M24, M33: by the envelope sender that Postmark replaces; under no signature, since it is taken out.
    words = f"{mark('asked_on')} {mark('choices_url')} {mark('stop_url')}"
    content = Content(
        subject="Tip 24",
        html=words,
        text=words,
        from_name="Nerves",
        from_address="tips@example.org",
        headers=(METADATA,),
        slots=tuple(map(Slot, (*OF_OLD, "bounce_local"))),
    )
    compiled = compile_message(content, "edition:3")
    signing = Signing(compiled, [KEY])
    filling = Filling(3, compiled, (1, 2), "en", AT, signing)
    parcel = fill(filling, ROW, Postmark(links, "bounce.example.org", "UTC", Keyring(tmp_path)))
    local, _, _ = parcel.sender.partition("@")
    assert f"\r\nX-PM-Metadata-mail: {local}\r\n".encode() in bytes(parcel.message)
    assert len(local) <= 80
    taken_out = bytes(parcel.message).replace(f"X-PM-Metadata-mail: {local}\r\n".encode(), b"")
    assert dkim.verify(taken_out, dnsfunc=dns_of([KEY], "example.org"))


@pytest.mark.parametrize(("slots", "field"), [(OF_OLD, WEB), ((*OF_OLD, "stop_local"), BOTH)])
def test_editions_of_before_and_after_mails_could_stop(
    tmp_path: Path, links: Links, slots: tuple[str, ...], field: str
) -> None:
    # M4, M31: an edition is filled for days; an upgrade in the middle of its campaign changes no mail.
    words = f"{mark('asked_on')} {mark('choices_url')}"
    content = Content(
        subject="Tip 24",
        html=words,
        text=words,
        from_name="Nerves",
        from_address="tips@example.org",
        headers=(("List-Unsubscribe", field),),
        slots=tuple(map(Slot, slots)),
    )
    filling = Filling(3, compile_message(content, "edition:3"), (1, 2), "en", AT)
    postmark = Postmark(links, "bounce.example.org", "UTC", Keyring(tmp_path))
    message = bytes(fill(filling, ROW, postmark).message).decode()
    address = f"<mailto:{links.stop_local((1001, 1, 2))}@bounce.example.org>"
    assert (address in message) is ("stop_local" in slots)
    assert message.count("https://news.example.org/stop/") == 1
