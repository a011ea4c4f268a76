"""SPF as a receiver evaluates it: the zone and the results of RFC 7208 appendix A, and its limits."""

from __future__ import annotations

import time
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.authentication import Silence
from newsletter_app.authentication.spf import MOST_LOOKUPS, MOST_VOIDS, Result, evaluate
from newsletter_app.authentication.spf_macros import Letter, expand
from newsletter_app.authentication.spf_record import SpfFault, read_spf
from tests.fakes.zone import Zone

# RFC 7208 appendix A, its addresses included.
ZONE = {
    "example.com": {
        "MX": ["10 mail-a.example.com", "20 mail-b.example.com"],
        "A": ["192.0.2.10", "192.0.2.11"],
    },
    "amy.example.com": {"A": ["192.0.2.65"]},
    "bob.example.com": {"A": ["192.0.2.66"]},
    "mail-a.example.com": {"A": ["192.0.2.129"]},
    "mail-b.example.com": {"A": ["192.0.2.130"]},
    "example.org": {"MX": ["10 mail-c.example.org"]},
    "mail-c.example.org": {"A": ["192.0.2.140"]},
    "192.0.2.10": {"PTR": ["example.com"]},
    "192.0.2.65": {"PTR": ["amy.example.com"]},
    "192.0.2.140": {"PTR": ["mail-c.example.org"]},
    "10.0.0.4": {"PTR": ["bob.example.com"]},
}
RFC_CASES = [
    ("v=spf1 +all", "203.0.113.9", "pass"),
    ("v=spf1 a -all", "192.0.2.10", "pass"),
    ("v=spf1 a -all", "192.0.2.12", "fail"),
    ("v=spf1 a:example.org -all", "192.0.2.10", "fail"),
    ("v=spf1 mx -all", "192.0.2.129", "pass"),
    ("v=spf1 mx:example.org -all", "192.0.2.140", "pass"),
    ("v=spf1 mx mx:example.org -all", "192.0.2.140", "pass"),
    ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", "pass"),
    ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", "fail"),
    ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", "pass"),
    ("v=spf1 ptr -all", "192.0.2.65", "pass"),
    ("v=spf1 ptr -all", "192.0.2.140", "fail"),
    ("v=spf1 ptr -all", "10.0.0.4", "fail"),
    ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", "fail"),
    ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", "pass"),
]
OTHER_CASES = [
    ("v=spf1", "192.0.2.10", "neutral"),
    ("v=spf1 ?all", "192.0.2.10", "neutral"),
    ("V=SPF1 A ~ALL", "192.0.2.10", "pass"),
    ("v=spf1 ~all", "192.0.2.10", "softfail"),
    ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::25", "pass"),
    ("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.10", "fail"),
    ("v=spf1 a:amy.example.com//64 -all", "192.0.2.65", "pass"),
    ("v=spf1 -ip4:192.0.2.10 a -all", "192.0.2.10", "fail"),
    ("v=spf1 exists:%{ir}.sbl.example.net -all", "192.0.2.10", "fail"),
    ("v=spf1 exists:%{l}.example.com exp=why.example.com unknown=x -all", "192.0.2.10", "fail"),
    ("v=spf1 redirect=amy.example.com", "192.0.2.10", "permerror"),
    ("v=spf1 include:amy.example.com -all", "192.0.2.10", "permerror"),
    ("v=spf1 mx all redirect=nowhere.example", "203.0.113.9", "pass"),
]


def zone(record: str, **more: list[str]) -> Zone:
    names = {name: {"TXT": texts} for name, texts in more.items()}
    return Zone({**ZONE, "example.com": {**ZONE["example.com"], "TXT": ["other text", record]}, **names})


@pytest.mark.parametrize(("record", "address", "result"), RFC_CASES + OTHER_CASES)
def test_a_record_lets_a_server_pass_or_not(record: str, address: str, result: str) -> None:  # M35
    assert evaluate(zone(record), "example.com", address).result == result


WRONG = [
    "v=spf1 a:",
    "v=spf1 include -all",
    "v=spf1 ip4:192.0.2.300 -all",
    "v=spf1 ip4:192.0.2.1/33 -all",
    "v=spf1 ip4:2001:db8:: -all",
    "v=spf1 ip6:192.0.2.1 -all",
    "v=spf1 a/33 -all",
    "v=spf1 a//129 -all",
    "v=spf1 all:example.com",
    "v=spf1 all/24",
    "v=spf1 ipv4:192.0.2.1 -all",
    "v=spf1 include:é.example -all",
    "v=spf1 -all redirect=a.example redirect=b.example",
    "v=spf1 exists:%{z}.example -all",
    "v=spf1 exists:%.example -all",
]


@pytest.mark.parametrize("record", WRONG)
def test_a_faulty_term_is_named(record: str) -> None:
    found = evaluate(zone(record), "example.com")
    assert (found.result, found.code) == (Result.permerror, "spf-syntax")
    assert found.where in record


def test_two_records_count_as_none() -> None:  # M35
    both = Zone({"example.com": {"TXT": ["v=spf1 a -all", "v=spf1 mx -all"]}})
    assert evaluate(both, "example.com").code == "spf-several"


def test_a_record_of_another_version_is_none() -> None:
    assert evaluate(Zone({"example.com": {"TXT": ["v=spf10 -all"]}}), "example.com").result is Result.none


def test_an_include_lets_pass_and_never_forbids() -> None:
    found = zone(
        "v=spf1 include:provider.example ip4:192.0.2.99 ~all",
        **{
            "provider.example": ["v=spf1 include:deep.example -all"],
            "deep.example": ["v=spf1 ip4:192.0.2.50 -all"],
        },
    )
    assert evaluate(found, "example.com", "192.0.2.50").result is Result.passed
    assert evaluate(found, "example.com", "192.0.2.99").result is Result.passed
    assert evaluate(found, "example.com", "192.0.2.1").result is Result.softfail
    assert evaluate(found, "example.com").includes == ("provider.example", "deep.example")


def includes(count: int) -> Zone:
    """Return a zone whose record asks ``count`` times, none of them in vain."""
    names = [f"p{number}.example" for number in range(count)]
    words = " ".join(f"include:{name}" for name in names)
    return zone(f"v=spf1 {words} -all", **{name: ["v=spf1 ip4:192.0.2.50 -all"] for name in names})


@pytest.mark.parametrize(("count", "result"), [(10, "fail"), (11, "permerror")])
def test_ten_questions_are_allowed(count: int, result: str) -> None:  # M35
    found = evaluate(includes(count), "example.com")
    assert found.result == result
    assert found.code == ("" if result == "fail" else "spf-too-many-lookups")
    assert found.lookups == count


@pytest.mark.parametrize(("count", "result"), [(2, "fail"), (3, "permerror")])
def test_two_of_them_may_be_in_vain(count: int, result: str) -> None:  # M35
    words = " ".join(f"a:gone{number}.example" for number in range(count))
    found = evaluate(zone(f"v=spf1 {words} -all"), "example.com")
    assert (found.result, found.code) == (result, "" if result == "fail" else "spf-too-many-voids")


def test_a_record_that_includes_itself_ends() -> None:
    assert evaluate(zone("v=spf1 include:example.com -all"), "example.com").code == "spf-too-many-lookups"


def test_what_cannot_be_asked_is_no_verdict() -> None:  # M35
    found = Zone(
        {"example.com": {"TXT": ["v=spf1 include:provider.example -all"]}, "provider.example": "servfail"}
    )
    verdict = evaluate(found, "example.com")
    assert (verdict.result, verdict.where) == (Result.temperror, "provider.example")
    assert verdict.silence is Silence.servfail


# RFC 7208 section 7.4.
LETTER = Letter(ip_address("192.0.2.3"), "strong-bad@email.example.com", "")
V6 = Letter(ip_address("2001:db8::cb01"), "strong-bad@email.example.com", "")


@pytest.mark.parametrize(
    ("text", "letter", "name"),
    [
        ("%{s}", LETTER, "strong-bad@email.example.com"),
        ("%{o}", LETTER, "email.example.com"),
        ("%{d4}", LETTER, "email.example.com"),
        ("%{d2}", LETTER, "example.com"),
        ("%{d1}", LETTER, "com"),
        ("%{dr}", LETTER, "com.example.email"),
        ("%{d2r}", LETTER, "example.email"),
        ("%{l}", LETTER, "strong-bad"),
        ("%{l-}", LETTER, "strong.bad"),
        ("%{lr}", LETTER, "strong-bad"),
        ("%{lr-}", LETTER, "bad.strong"),
        ("%{l1r-}", LETTER, "strong"),
        ("%{ir}.%{v}._spf.%{d2}", LETTER, "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", LETTER, "bad.strong.lp._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", LETTER, "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", LETTER, "example.com.trusted-domains.example.net"),
        (
            "%{ir}.%{v}._spf.%{d2}",
            V6,
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com",
        ),
        ("%{S}", LETTER, "strong-bad%40email.example.com"),
        ("a%%b%_c%-d", LETTER, "a%b c%20d"),
    ],
)
def test_macros(text: str, letter: Letter, name: str) -> None:
    assert expand(text, letter, "email.example.com") == name


def test_a_name_that_grows_too_long_loses_its_first_labels() -> None:
    name = expand("%{l}." + "x." * 125 + "%{d}", LETTER, "example.com")
    assert len(name) <= 253
    assert name.endswith("x.example.com")


def test_a_record_that_names_a_megabyte_is_read_at_once() -> None:
    """Label by label it would be copied half a million times."""
    assert expand("x." * 500_000 + "example.com", LETTER, "example.com") == "x." * 121 + "example.com"


@pytest.mark.parametrize(
    ("record", "end", "anybody"),
    [
        ("v=spf1 -all", "-", False),
        ("v=spf1 ~all", "~", False),
        ("v=spf1 ip4:192.0.2.1 -all", "-", True),
        ("v=spf1 ?include:a.example -all", "-", False),
        ("v=spf1 redirect=a.example", "", True),
        ("v=spf1 +all", "+", False),
    ],
)
def test_what_a_record_ends_with_and_whether_it_lets_anybody_in(record: str, end: str, anybody: bool) -> None:
    read = read_spf(record)
    assert (read.end, read.lets_anybody_in) == (end, anybody)


@pytest.mark.parametrize(
    "word", ["include:" + "/" * 60_000 + "x", "a" + "/1" * 30_000, "x" * 60_000, "%{" * 30_000]
)
def test_what_a_stranger_wrote_is_read_in_no_time(word: str) -> None:
    """A record may have 64 KB, and reading it must not take longer for being hostile."""
    began = time.process_time()
    with pytest.raises(SpfFault):
        expand("".join(term.domain for term in read_spf(f"v=spf1 {word}").terms) + "%", LETTER, "example.com")
    assert time.process_time() - began < 1


NAMES = st.sampled_from(["example.com", "a.example", "b.example", "c.example", "gone.example"])
TERMS = st.one_of(
    st.builds(
        "{}{}".format, st.sampled_from(["", "+", "-", "~", "?"]), st.sampled_from(["a", "mx", "ptr", "all"])
    ),
    st.builds("{}:{}".format, st.sampled_from(["a", "mx", "include", "exists", "?include"]), NAMES),
    st.builds("include:{}".format, NAMES),
    st.builds("redirect={}".format, NAMES),
    st.sampled_from(["ip4:192.0.2.0/24", "ip6:2001:db8::/32", "a/24", "exists:%{ir}.%{d2}", "x=y"]),
    st.text(st.characters(codec="latin-1"), max_size=12),
)
TEXTS = st.lists(TERMS, max_size=8).map(lambda terms: " ".join(["v=spf1", *terms]))
ANSWERS = st.fixed_dictionaries(
    {"TXT": TEXTS.map(lambda text: [text])},
    optional={
        "A": st.just(["192.0.2.7"]),
        "AAAA": st.just(["2001:db8::7"]),
        "MX": st.lists(NAMES.map("10 {}".format), max_size=12),
    },
)
WHAT = st.one_of(
    ANSWERS, ANSWERS, ANSWERS, st.sampled_from(["servfail", "timed-out", "refused"]), st.just({})
)
ZONES = st.fixed_dictionaries(
    {"example.com": ANSWERS, **dict.fromkeys(("a.example", "b.example", "c.example"), WHAT)}
)


@given(ZONES, st.sampled_from(["192.0.2.7", "2001:db8::7", "203.0.113.1"]))
def test_whatever_strangers_publish_an_evaluation_ends_within_its_limits(
    records: dict[str, Any], address: str
) -> None:  # M35
    dns = Zone({**records, "192.0.2.7": {"PTR": ["a.example"]}})
    found = evaluate(dns, "example.com", address)
    assert found.lookups <= MOST_LOOKUPS + 1
    assert found.voids <= MOST_VOIDS + 1
    # Eleven records, and for each of the ten that are named one address or ten, and a name that is checked.
    assert len(dns.asked) <= 11 + 10 * 11 + 10 * 11
    assert (found.result is Result.permerror) is bool(found.code)
    assert (found.result is Result.temperror) is (found.silence is not None)


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_text_is_a_record_or_a_fault(text: str) -> None:
    with suppress(SpfFault):
        assert len(read_spf(f"v=spf1 {text}").terms) <= len(text.split(" "))
