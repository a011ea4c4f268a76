"""``flask doctor records``: text that a zone file takes as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dns.zone
import pytest

from newsletter_app import organisation
from newsletter_app.mail import Keyring
from tests.cli.conftest import Shell
from tests.cli.outside import OUTSIDE
from tests.factories import content


@pytest.fixture
def outside(empty: Shell, make_shell: Callable[..., Shell]) -> Shell:
    """Give an installation that sends through a provider, with two keys of which one signs."""
    data_dir = empty.ports.settings.data_dir
    keyring = Keyring(data_dir / "dkim")
    for selector in ("n2026", "n2027"):
        keyring.make(selector, "ed25519")
    (data_dir / "dkim" / "in-use").write_text("n2026\n")
    return make_shell(data_dir, OUTSIDE)


def test_all_of_it_can_be_pasted(outside: Shell) -> None:  # M35
    told = outside.told("doctor", "records")
    zone = dns.zone.from_text("$TTL 3600\n" + told, origin="charity.example.", check_origin=False)
    names = {str(name) for name in zone.nodes}
    assert names == {"bounce", "n2026._domainkey", "n2027._domainkey", "_dmarc"}
    assert "include: of their own" in told
    assert "signs nothing yet" in told


def test_as_data_with_the_text_that_a_form_wants(outside: Shell) -> None:
    found = {row["name"]: row for row in outside.data("doctor", "records") if row["type"] == "TXT"}
    assert found["_dmarc.charity.example"]["value"] == "v=DMARC1; p=none"
    assert found["_dmarc.charity.example"]["zone"] == '_dmarc.charity.example. IN TXT "v=DMARC1; p=none"'


def test_reports_go_to_who_hears_of_trouble(outside: Shell) -> None:  # M36
    with outside.look() as session:
        content.make_organisation(session)
        organisation.set_facts(session, alert_address="ops@charity.example")
    assert "rua=mailto:ops@charity.example" in outside.told("doctor", "records")


def test_without_key_and_database_it_says_what_comes_first(
    tmp_path: Path, make_shell: Callable[..., Shell]
) -> None:
    told = make_shell(tmp_path / "var", OUTSIDE).told("doctor", "records")
    assert "there is no key yet. Make one: flask dkim new" in told
