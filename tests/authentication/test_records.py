"""The records to publish, as a zone file takes them; what is published so passes our own eyes."""

from __future__ import annotations

from dataclasses import replace

import dns.zone
import pytest

from newsletter_app.authentication.identity import Identity, PublicKey
from newsletter_app.authentication.records import Record, records_to_publish
from newsletter_app.mail.dkim_keys import new_key
from tests.authentication.published import IDENTITY, KEY


def texts(identity: Identity, reports_to: str = "") -> dict[str, str]:
    """Return purpose → value."""
    return {record.purpose: record.value for record in records_to_publish(identity, reports_to)}


def test_every_record_for_a_charity_with_a_provider() -> None:  # M35
    identity = replace(IDENTITY, keys=(*IDENTITY.keys, PublicKey("next", "v=DKIM1; p=BBBB", signs=False)))
    assert records_to_publish(identity, "postmaster@charity.example") == [
        Record("spf-guessed", "bounce.charity.example", "TXT", "v=spf1 a:smtp.provider.example ~all"),
        Record("dkim", "n2026._domainkey.charity.example", "TXT", KEY),
        Record("dkim-spare", "next._domainkey.charity.example", "TXT", "v=DKIM1; p=BBBB"),
        Record(
            "dmarc",
            "_dmarc.charity.example",
            "TXT",
            "v=DMARC1; p=none; rua=mailto:postmaster@charity.example",
        ),
        Record("mx", "bounce.charity.example", "MX", "10 tips.charity.example."),
    ]


@pytest.mark.parametrize(
    ("servers", "itself", "spf"),
    [
        (("192.0.2.25", "2001:db8::25"), False, "v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 ~all"),
        (("email-smtp.ca-central-1.amazonaws.com",), False, "v=spf1 include:amazonses.com ~all"),
        (("smtp.gmail.com", "smtp-relay.gmail.com"), False, "v=spf1 include:_spf.google.com ~all"),
        (("notsmtp.gmail.com",), False, "v=spf1 a:notsmtp.gmail.com ~all"),
        ((), True, "v=spf1 a:tips.charity.example ~all"),
        ((), False, "v=spf1 ~all"),
    ],
)
def test_spf_names_what_each_server_needs(servers: tuple[str, ...], itself: bool, spf: str) -> None:  # M35
    found = records_to_publish(replace(IDENTITY, remote_servers=servers, sends_itself=itself))[0]
    assert found.value == spf
    guessed, nobody = "a:notsmtp" in spf, spf == "v=spf1 ~all"
    assert found.purpose == ("spf-guessed" if guessed else "spf-nobody" if nobody else "spf")


@pytest.mark.parametrize(
    ("reports_to", "rua"),
    [
        ("", ""),
        ("dmarc@charity.example", "; rua=mailto:dmarc@charity.example"),
        ("dmarc@news.charity.example", "; rua=mailto:dmarc@news.charity.example"),
        ("dmarc@elsewhere.example", ""),
        ("dmarc@notcharity.example", ""),
        ("a,b;c!d@charity.example", "; rua=mailto:a%2Cb%3Bc%21d@charity.example"),
    ],
)
def test_dmarc_asks_for_reports_where_they_may_go(reports_to: str, rua: str) -> None:  # M36
    text = texts(IDENTITY, reports_to)["dmarc"]
    assert text == f"v=DMARC1; p=none{rua}"
    assert "pct=" not in text


def test_a_bounce_domain_that_is_the_senders_keeps_its_mail_server() -> None:
    assert texts(replace(IDENTITY, bounce_domain="charity.example"))["mx-kept"] == ""


def test_a_zone_file_takes_them_as_they_are() -> None:  # M35
    long = new_key("n2026", "rsa").record()
    identity = replace(IDENTITY, keys=(PublicKey("n2026", long),))
    lines = [record.as_zone() for record in records_to_publish(identity)]
    zone = dns.zone.from_text("$TTL 3600\n" + "\n".join(lines), origin="charity.example.", check_origin=False)
    rdata = zone.get_rdataset("n2026._domainkey", "TXT")[0]
    assert b"".join(rdata.strings).decode() == long
    assert [len(part) <= 255 for part in rdata.strings] == [True, True]


def test_quotes_are_written_so_that_they_come_back() -> None:
    zone = dns.zone.from_text(
        "$TTL 60\n" + Record("dkim", "a.b.example", "TXT", 'say "a\\b"').as_zone(),
        origin="b.example.",
        check_origin=False,
    )
    assert zone.get_rdataset("a", "TXT")[0].strings == (b'say "a\\b"',)
