"""The fields of a newsletter that programs read: stable, lawful, and silent about readers and conditions."""

from __future__ import annotations

import re

import pytest

from newsletter_app.digests.list_fields import archive_url, help_url, list_fields, sender_id
from newsletter_app.kernel.languages import Language
from newsletter_app.mail import mark
from newsletter_app.notices import Notice

HERE = "https://news.example.org"


def test_of_several_notices_it_has_an_id_of_its_own_always_the_same() -> None:
    # M25
    one, both = (dict(list_fields(ids, "tips@example.org")) for ids in ([3], [3, 12]))
    assert (one["List-Id"], both["List-Id"]) == ("<n3.list.example.org>", "<n3-12.list.example.org>")
    assert dict(list_fields([12, 3], "tips@example.org")) == both


def test_stopping_by_mail_is_offered_where_such_mail_is_read() -> None:
    # M26, M31: beside the one https address, never in its place; an address holds so many notices.
    by_link, by_mail, of_many = (
        dict(list_fields(ids, "tips@example.org", stop_domain=domain))["List-Unsubscribe"]
        for ids, domain in (([3], ""), ([3], "bounce.example.org"), (range(1, 40), "bounce.example.org"))
    )
    assert by_link == of_many == f"<{mark('stop_url')}>"
    assert by_mail == f"{by_link}, <mailto:{mark('stop_local')}@bounce.example.org>"


def test_what_gmail_counts_complaints_by() -> None:
    # M44, L21: campaign, notices, kind, sender; the last has 5 to 15 signs and stays.
    fields = dict(list_fields([3, 12], "tips@Example.org", campaign_id=7))
    assert fields["Feedback-ID"] == f"c7:n3-12:digest:{sender_id('example.org')}"
    assert re.fullmatch(r"[0-9a-f]{5,15}", sender_id("example.org"))
    assert sender_id("example.org") == "bfabc3743295"
    assert sender_id("neuropathy.example.org") != sender_id("example.org")


def test_an_address_that_is_not_there_has_no_field() -> None:
    # M25
    bare, whole = (
        dict(list_fields([3], "tips@example.org", help_url=address, archive_url=address))
        for address in ("", "https://example.org")
    )
    assert whole.keys() - bare.keys() == {"List-Help", "List-Archive"}
    assert whole["List-Archive"] == "<https://example.org>"


@pytest.mark.parametrize(
    ("email", "website", "address"),
    [
        ("help@example.org", "https://example.org", "mailto:help@example.org"),
        ("rose+tips@example.org", "", "mailto:rose+tips@example.org"),
        ("50%?subject=x&y@example.org", "", "mailto:50%25%3Fsubject%3Dx%26y@example.org"),
        ("", "https://example.org", "https://example.org"),
        ("", "https://société.example", ""),
        ("", "https://example.org/>,<https://evil.example", ""),
        ("", "", ""),
    ],
)
def test_help_is_a_person_else_the_website(email: str, website: str, address: str) -> None:
    # M11, M25
    assert help_url(email, website) == address


@pytest.mark.parametrize(
    ("keys", "language", "address"),
    [
        (["tips"], "en", "/tips?notice=tips"),
        (["tips"], "fr", "/fr/conseils?notice=tips"),
        (["a&b>"], "en", "/tips?notice=a%26b%3E"),
        (["tips", "events"], "fr", "/fr/conseils"),
    ],
)
def test_earlier_tips_stand_in_the_library(keys: list[str], language: Language, address: str) -> None:
    # M25
    notices = [Notice(key=key, offered=True) for key in keys]
    assert archive_url(notices, language, HERE) == HERE + address


def test_a_notice_that_is_offered_no_more_has_no_page() -> None:
    # M25
    assert archive_url([Notice(key="tips", offered=False)], "en", HERE) == f"{HERE}/tips"
