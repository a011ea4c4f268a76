"""What a resolver promises, held by the one in memory and by the one that asks a real name server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from newsletter_app.adapters.dns_resolver import DnsResolver
from newsletter_app.authentication import Answer, Kind, Resolver, Silence
from tests.fakes.dns_server import name_server
from tests.fakes.zone import Zone

LONG = "v=DKIM1; k=rsa; p=" + "A" * 700
RECORDS = {
    "charity.example": {
        "TXT": ["v=spf1 -all", 'a "quoted" \\ text'],
        "MX": ["10 mx.charity.example", "0 mx.other.example"],
        "A": ["192.0.2.7"],
        "AAAA": ["2001:db8::7"],
    },
    "deep.down.charity.example": {"A": ["192.0.2.8"]},
    "n2026._domainkey.charity.example": {"TXT": [LONG]},
    "null.example": {"MX": ["0 ."]},
    "192.0.2.7": {"PTR": ["mail.charity.example"]},
    "broken.example": "servfail",
    "closed.example": "refused",
    "silent.example": "timed-out",
    "half.example": {"A": ["192.0.2.7"], "AAAA": "servfail"},
}
CASES: list[tuple[str, Kind, Answer]] = [
    ("charity.example", "TXT", Answer(("v=spf1 -all", 'a "quoted" \\ text'))),
    ("Charity.Example.", "A", Answer(("192.0.2.7",))),
    ("charity.example", "AAAA", Answer(("2001:db8::7",))),
    ("charity.example", "MX", Answer(("10 mx.charity.example", "0 mx.other.example"))),
    ("n2026._domainkey.charity.example", "TXT", Answer((LONG,))),
    ("null.example", "MX", Answer(("0 .",))),
    ("192.0.2.7", "PTR", Answer(("mail.charity.example",))),
    ("192.0.2.9", "PTR", Answer(name_exists=False)),
    ("null.example", "TXT", Answer()),
    ("down.charity.example", "A", Answer()),
    ("nothing.example", "TXT", Answer(name_exists=False)),
    ("broken.example", "TXT", Answer(silence=Silence.servfail)),
    ("closed.example", "MX", Answer(silence=Silence.refused)),
    ("silent.example", "TXT", Answer(silence=Silence.timed_out)),
    ("half.example", "A", Answer(("192.0.2.7",))),
    ("half.example", "AAAA", Answer(silence=Silence.servfail)),
]
IDS = [f"{kind} {name}" for name, kind, _answer in CASES]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a name server that knows the records."""
    with name_server(tmp_path_factory.mktemp("dns"), RECORDS) as port:
        yield port


@pytest.fixture(params=["memory", "server"])
def resolver(request: pytest.FixtureRequest) -> Resolver:
    """Give each resolver in turn."""
    if request.param == "memory":
        return Zone(RECORDS)
    return DnsResolver(["127.0.0.1"], request.getfixturevalue("port"), question_s=0.4)


@pytest.mark.parametrize(("name", "kind", "answer"), CASES, ids=IDS)
def test_what_is_there_what_is_not_and_what_cannot_be_asked(
    resolver: Resolver, name: str, kind: Kind, answer: Answer
) -> None:  # M35
    found = resolver.ask(name, kind)
    assert sorted(found.values) == sorted(answer.values)
    assert (found.name_exists, found.silence) == (answer.name_exists, answer.silence)


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a." * 150 + "example", "two..dots.example"])
def test_a_name_that_no_server_could_hold_does_not_exist(resolver: Resolver, name: str) -> None:
    assert resolver.ask(name, "TXT") == Answer(name_exists=False)


@pytest.fixture
def asking(port: int) -> Callable[..., DnsResolver]:
    """Give a maker of resolvers on the real server."""
    return lambda **options: DnsResolver(["127.0.0.1"], port, **options)


def test_nobody_is_asked_once_the_time_is_over(asking: Callable[..., DnsResolver]) -> None:
    hands = [0.0]
    resolver = asking(all_s=20.0, seconds=lambda: hands[0])
    assert resolver.ask("charity.example", "A").values
    hands[0] = 20.0
    assert resolver.ask("charity.example", "AAAA") == Answer(silence=Silence.timed_out)
    assert resolver.ask("charity.example", "A").values, "what is known is not forgotten"


def test_where_nobody_listens_nothing_could_be_asked(port: int) -> None:
    resolver = DnsResolver(["127.0.0.2"], port, question_s=0.4)
    assert resolver.ask("charity.example", "A").silence in (Silence.timed_out, Silence.servfail)


def test_a_name_that_is_another_names_alias(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A provider has its key published by an alias (CNAME) that leads to a name of its own."""
    records = {
        "s1._domainkey.charity.example": {"CNAME": ["s1.provider.example"]},
        "s1.provider.example": {"TXT": ["v=DKIM1; p=AAAA"]},
    }
    with name_server(tmp_path_factory.mktemp("alias"), records) as port:
        found = DnsResolver(["127.0.0.1"], port).ask("s1._domainkey.charity.example", "TXT")
    assert found == Answer(("v=DKIM1; p=AAAA",))
