"""What is said of a charity's DNS: nothing while all is well, and each wrong thing by its own code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.judging import judge, refusals
from newsletter_app.kernel.observations import Gravity, Observation
from tests.authentication.published import BOUNCE, DKIM, DMARC, IDENTITY, KEY, PUBLISHED, published, spf


def wrong(changed: dict[str, Any] | None = None, identity: Identity = IDENTITY) -> dict[str, str]:
    """Return code → gravity of what is not well."""
    found = judge(identity, published(changed))
    return {one.code: one.gravity for one in found if one.gravity is not Gravity.ok}


def test_all_is_well() -> None:  # M35
    found = judge(IDENTITY, published())
    assert [one.code for one in found] == [
        *("spf-ok", "spf-server-ok", "dkim-ok", "dmarc-ok", "bounce-aligned", "mx-ok", "ehlo-ok"),
    ]
    assert {one.gravity for one in found} == {Gravity.ok}
    assert refusals(found) == []


BOUNCE_WITHOUT = {kind: values for kind, values in PUBLISHED[BOUNCE].items() if kind != "MX"}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({BOUNCE: {"MX": ["10 tips.charity.example"]}}, "spf-missing"),
    (spf("v=spf1 a -all", "v=spf1 -all"), "spf-several"),
    (spf("v=spf1 include:gone.example -all"), "spf-include-missing"),
    (spf("v=spf1 ipv4:192.0.2.1 -all"), "spf-syntax"),
    (spf("v=spf1 include:bounce.charity.example -all"), "spf-too-many-lookups"),
    (spf("v=spf1 a:g1.example a:g2.example a:g3.example -all"), "spf-too-many-voids"),
    (spf("v=spf1 -all"), "spf-nobody"),
    ({DKIM: None}, "dkim-missing"),
    ({DKIM: {"TXT": [KEY, KEY]}}, "dkim-several"),
    ({DKIM: {"TXT": ["v=DKIM1; k=rsa; p=another"]}}, "dkim-differs"),
    ({DKIM: {"TXT": ["v=DKIM1; k=rsa; p="]}}, "dkim-differs"),
    ({DKIM: {"TXT": [KEY.replace("rsa", "ed25519")]}}, "dkim-differs"),
    ({DKIM: {"TXT": [KEY.replace("DKIM1", "DKIM2")]}}, "dkim-differs"),
    ({DKIM: {"TXT": [KEY + "; h=sha1"]}}, "dkim-differs"),
    ({DKIM: {"TXT": [KEY + "; s=tlsrpt"]}}, "dkim-differs"),
    ({DMARC: None}, "dmarc-missing"),
    ({DMARC: {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=none"]}}, "dmarc-several"),
    ({DMARC: {"TXT": ["v=DMARC1; p=some"]}}, "dmarc-faulty"),
    ({BOUNCE: BOUNCE_WITHOUT}, "mx-missing"),
    ({BOUNCE: {**BOUNCE_WITHOUT, "MX": ["0 ."]}}, "mx-null"),
    ({BOUNCE: {**BOUNCE_WITHOUT, "MX": ["10 gone.example"]}}, "mx-dead"),
]


@pytest.mark.parametrize(("changed", "code"), FAULTS)
def test_what_launches_are_refused_for(changed: dict[str, Any], code: str) -> None:  # M35
    found = judge(IDENTITY, published(changed))
    assert [one.code for one in refusals(found)] == [code]


@pytest.mark.parametrize("lacking", ["spf-missing", "dkim-missing", "dmarc-missing"])
def test_each_of_the_three_that_providers_ask_for(lacking: str) -> None:  # M48 M49 M50
    changed = next(changed for changed, code in FAULTS if code == lacking)
    assert wrong(changed)[lacking] == "fault"


WARNINGS: list[tuple[dict[str, Any], str]] = [
    (spf("v=spf1 include:spf.provider.example +all"), "spf-anybody"),
    (spf("v=spf1 include:spf.provider.example ?all"), "spf-open-end"),
    (spf("v=spf1 include:spf.provider.example"), "spf-open-end"),
    (spf("v=spf1 ip4:192.0.2.77 -all"), "spf-server-unnamed"),
    ({DKIM: {"TXT": [KEY + "; t=y:s"]}}, "dkim-testing"),
    ({DMARC: {"TXT": ["v=DMARC1; p=none; aspf=s"]}}, "bounce-unaligned"),
    ({BOUNCE: {**BOUNCE_WITHOUT, "A": ["192.0.2.9"]}}, "mx-address-only"),
    (
        {"tips.charity.example": None, BOUNCE: {**BOUNCE_WITHOUT, "MX": ["1 mx.charity.example"]}},
        "ehlo-unknown",
    ),
    (
        {"default._bimi.charity.example": {"TXT": ["v=BIMI1; l=https://charity.example/logo.svg"]}},
        "bimi-idle",
    ),
    (
        {"default._bimi.charity.example": {"TXT": ["v=BIMI1; l=http://charity.example/logo.svg"]}},
        "bimi-faulty",
    ),
]


@pytest.mark.parametrize(("changed", "code"), WARNINGS)
def test_what_is_only_warned_of(changed: dict[str, Any], code: str) -> None:
    assert wrong(changed) == {code: "warning"}


UNASKED: list[tuple[str, set[str]]] = [
    (BOUNCE, {"spf-unasked", "mx-unasked"}),
    ("spf.provider.example", {"spf-unasked"}),
    ("smtp.provider.example", {"spf-server-unasked"}),
    (DKIM, {"dkim-unasked"}),
    (DMARC, {"dmarc-unasked"}),
    ("_dmarc.bounce.charity.example", set()),
    ("tips.charity.example", {"mx-unasked", "ehlo-unasked"}),
]


@pytest.mark.parametrize("silence", ["timed-out", "servfail", "refused"])
@pytest.mark.parametrize(("name", "codes"), UNASKED)
def test_what_could_not_be_asked_is_no_fault(name: str, codes: set[str], silence: str) -> None:  # M35
    found = judge(IDENTITY, published({name: silence}))
    unasked = [one for one in found if one.gravity is not Gravity.ok]
    assert {one.code for one in unasked} == codes
    assert {one.gravity for one in unasked} <= {Gravity.unasked}
    assert {one.facts["why"] for one in unasked} <= {silence}
    assert refusals(found) == []


def test_an_address_that_is_there_counts_though_another_kind_is_silent() -> None:
    half = {"A": ["192.0.2.9"], "AAAA": "servfail"}
    assert wrong({"tips.charity.example": half}) == {}
    assert wrong({BOUNCE: {**BOUNCE_WITHOUT, **half}}) == {"mx-address-only": "warning"}
    assert wrong({"smtp.provider.example": {"A": ["192.0.2.25"], "AAAA": "timed-out"}}) == {}


def test_without_a_key_mails_leave_unsigned() -> None:  # M35
    spare = PublicKey("n2026", KEY, signs=False)
    assert wrong(identity=replace(IDENTITY, keys=(spare,))) == {"dkim-none": "fault"}


def test_a_key_that_cannot_sign_is_told() -> None:
    assert wrong(identity=replace(IDENTITY, keys=(), key_fault="It is open to others.")) == {
        "dkim-key-refused": "fault"
    }


def test_white_space_in_a_published_key_means_nothing() -> None:
    assert wrong({DKIM: {"TXT": ["v=DKIM1 ; k=rsa; p= MIIB IjAN\tBgkq"]}}) == {}


def test_a_policy_that_stands_higher_up_holds() -> None:  # M36
    identity = replace(IDENTITY, from_domain="news.charity.example")
    key = {"n2026._domainkey.news.charity.example": {"TXT": [KEY]}}
    assert wrong(key, identity) == {}
    assert wrong({**key, DMARC: "timed-out"}, identity) == {"dmarc-unasked": "unasked"}


def test_bounces_that_come_back_to_a_stranger_are_warned_of() -> None:  # M36
    identity = replace(IDENTITY, bounce_domain="bounces.provider.example")
    theirs = {"bounces.provider.example": PUBLISHED[BOUNCE]}
    assert wrong(theirs, identity) == {"bounce-unaligned": "warning"}


OWN = replace(IDENTITY, remote_servers=(), sends_itself=True)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, {"spf-server-unnamed": "fault"}),
        (spf("v=spf1 a:tips.charity.example -all"), {}),
        ({**spf("v=spf1 a:tips.charity.example -all"), "192.0.2.9": None}, {"ptr-missing": "fault"}),
        (
            {**spf("v=spf1 a:tips.charity.example -all"), "192.0.2.9": {"PTR": ["host9.cloud.example"]}},
            {"ptr-differs": "fault"},
        ),
        ({**spf("v=spf1 a:tips.charity.example -all"), "192.0.2.9": "servfail"}, {"ptr-unasked": "unasked"}),
    ],
)
def test_a_machine_that_sends_itself_is_known_by_its_name(
    changed: dict[str, Any], codes: dict[str, str]
) -> None:  # M21
    assert wrong(changed, OWN) == codes


def test_a_logo_is_shown_where_the_policy_lets_it() -> None:  # M38
    found = judge(
        IDENTITY,
        published(
            {
                DMARC: {"TXT": ["v=DMARC1; p=reject"]},
                "default._bimi.charity.example": {"TXT": ["v=BIMI1; l=https://charity.example/logo.svg"]},
            }
        ),
    )
    text = "v=BIMI1; l=https://charity.example/logo.svg"
    assert found[-1] == Observation("bimi-ok", Gravity.ok, "default._bimi.charity.example", {"record": text})


def test_a_server_given_by_its_address_needs_no_name() -> None:
    identity = replace(IDENTITY, remote_servers=("192.0.2.25", "2001:db8::25"))
    assert wrong(identity=identity) == {"spf-server-unnamed": "warning"}


def test_the_fingerprint_follows_what_is_asked_about() -> None:
    others = [
        replace(IDENTITY, bounce_domain="b.example"),
        replace(IDENTITY, remote_servers=()),
        replace(IDENTITY, keys=(PublicKey("n2027", KEY),)),
        replace(IDENTITY, key_fault="no"),
    ]
    assert len({one.fingerprint for one in [IDENTITY, *others]}) == 5
    assert replace(IDENTITY, keys=(*IDENTITY.keys, PublicKey("x", KEY, signs=False))).fingerprint == (
        IDENTITY.fingerprint
    )
