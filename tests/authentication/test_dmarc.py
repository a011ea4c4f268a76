"""The walk up the tree of RFC 9989: where it asks, what it takes for an organisation, whose policy holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.authentication import Silence
from newsletter_app.authentication.dmarc import DmarcRecord, is_aligned, policy_of, targets, walk
from tests.fakes.zone import Zone


def zone(**records: str | list[str]) -> Zone:
    """Return a DNS with these DMARC records, the domains' dots written as underscores."""
    told = {name.replace("_", "."): text for name, text in records.items()}
    return Zone(
        {
            f"_dmarc.{name}": {"TXT": [text] if isinstance(text, str) else text}
            if text != "silent"
            else "servfail"
            for name, text in told.items()
        }
    )


def test_at_most_eight_names_are_asked() -> None:  # M36
    assert targets("a.mail.example.com") == ["a.mail.example.com", "mail.example.com", "example.com", "com"]
    assert targets("a.b.c.d.e.f.example.com")[1] == "b.c.d.e.f.example.com"
    long = targets("a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert long[:3] == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
    ]
    assert (len(long), long[-1]) == (8, "com")


@pytest.mark.parametrize(
    ("records", "organisation", "policy"),
    [
        ({}, "a.mail.example.com", None),
        ({"example_com": "v=DMARC1; p=reject"}, "example.com", "example.com"),
        ({"mail_example_com": "v=DMARC1", "example_com": "v=DMARC1"}, "example.com", "example.com"),
        ({"a_mail_example_com": "v=DMARC1", "example_com": "v=DMARC1"}, "example.com", "a.mail.example.com"),
        ({"com": "v=DMARC1; psd=y"}, "example.com", "com"),
        ({"com": "v=DMARC1; psd=y", "example_com": "v=DMARC1"}, "example.com", "example.com"),
        (
            {"mail_example_com": "v=DMARC1; psd=n", "example_com": "v=DMARC1"},
            "mail.example.com",
            "mail.example.com",
        ),
        ({"a_mail_example_com": "v=DMARC1; psd=y"}, "a.mail.example.com", "a.mail.example.com"),
        ({"example_com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, "a.mail.example.com", None),
        ({"example_com": ["v=DMARC1; p=none", "some other text"]}, "example.com", "example.com"),
        ({"example_com": "v=dmarc1; p=none"}, "a.mail.example.com", None),
        ({"example_com": "p=none; v=DMARC1"}, "a.mail.example.com", None),
        ({"example_com": "v = DMARC1 ;p=none; pct=50; rf=afrf; ri=3600"}, "example.com", "example.com"),
    ],
)
def test_organisation_and_policy(
    records: dict[str, str], organisation: str, policy: str | None
) -> None:  # M36
    found = walk(zone(**records), "a.mail.example.com")
    assert found.organisation == organisation
    assert (found.policy.domain if found.policy else None) == policy


def test_the_walk_ends_where_a_record_says_so() -> None:
    dns = zone(mail_example_com="v=DMARC1; psd=n", example_com="v=DMARC1")
    walk(dns, "a.mail.example.com")
    assert [name for name, _kind in dns.asked] == ["_dmarc.a.mail.example.com", "_dmarc.mail.example.com"]


def test_what_could_not_be_asked_is_told() -> None:  # M36
    found = walk(zone(mail_example_com="silent", example_com="v=DMARC1; p=none"), "mail.example.com")
    assert found.unasked == (("mail.example.com", Silence.servfail),)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; p=Reject", "reject"),
        ("v=DMARC1; p=reject; sp=quarantine", "reject"),
        ("v=DMARC1; p=often; rua=mailto:d@example.com", "none"),
        ("v=DMARC1; p=often", None),
        ("v=DMARC1", None),
    ],
)
def test_the_policy_of_a_record(text: str, policy: str | None) -> None:
    assert policy_of(DmarcRecord("example.com", text), "example.com") == policy


def test_a_subdomain_has_a_policy_of_its_own() -> None:
    record = DmarcRecord("example.com", "v=DMARC1; p=reject; sp=quarantine")
    assert policy_of(record, "news.example.com") == "quarantine"


@pytest.mark.parametrize(
    ("other", "strict", "aligned"),
    [
        ("news.example.com", True, True),
        ("bounce.example.com", False, True),
        ("bounce.example.com", True, False),
        ("example.com", False, True),
        ("example.net", False, False),
        # Nobody publishes a record above it, so it is its own organisation.
        ("provider.example", False, False),
    ],
)
def test_alignment(other: str, strict: bool, aligned: bool) -> None:  # M36
    dns = zone(example_com="v=DMARC1; p=none", example_net="v=DMARC1; p=none")
    assert is_aligned(walk(dns, "news.example.com"), walk(dns, other), strict=strict) is aligned


def test_two_charities_under_one_suffix_are_strangers() -> None:  # M36
    dns = zone(org_example="v=DMARC1; psd=y; p=none")
    assert not is_aligned(walk(dns, "a.org.example"), walk(dns, "b.org.example"), strict=False)
    assert is_aligned(walk(dns, "a.org.example"), walk(dns, "news.a.org.example"), strict=False)


LABELS = st.lists(st.text("abcdefgh-", min_size=1, max_size=8), min_size=1, max_size=30)


@given(LABELS)
def test_any_name_is_walked_in_at_most_eight_steps_to_the_top(labels: list[str]) -> None:  # M36
    domain = ".".join(labels)
    names = targets(domain)
    assert names[0] == domain
    assert names[-1] == labels[-1]
    assert len(names) == min(len(labels), 8)
    assert all(domain.endswith(name) for name in names)
