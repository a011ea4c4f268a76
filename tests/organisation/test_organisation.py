"""The organisation: one, in both languages, and honest about what the law still misses."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app import organisation
from newsletter_app.kernel.errors import Breach
from tests.factories.content import make_organisation


def test_nothing_is_missing_from_a_whole_one(session: Session) -> None:  # L3
    """Name and address in both languages and one way to reach it are enough."""
    assert organisation.missing_identification(organisation.find(session)) == ("organisation",)
    assert organisation.missing_identification(make_organisation(session)) == ()


@pytest.mark.parametrize(
    ("language", "word", "code"),
    [("en", "name", "name-en"), ("fr", "name", "name-fr"), ("fr", "postal_address", "postal-address-fr")],
)
def test_a_missing_word_is_named(session: Session, language: str, word: str, code: str) -> None:  # L7
    """White space is no address."""
    whole = make_organisation(session)
    organisation.set_words(session, "fr" if language == "fr" else "en", **{word: "  "})
    assert organisation.missing_identification(whole) == (code,)


def test_one_way_to_reach_it_is_enough(session: Session) -> None:  # L7
    """Phone, e-mail or website: any of them will do, none of them will not."""
    whole = make_organisation(session)
    organisation.set_facts(session, phone="", website="")
    assert organisation.missing_identification(whole) == ()
    organisation.set_facts(session, email="")
    assert organisation.missing_identification(whole) == ("contact",)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"motto": "x"}, "organisation-fact-unknown"),
        ({"time_zone": "Mars/Olympus"}, "time-zone-unknown"),
        ({"time_zone": "../../etc/passwd"}, "time-zone-unknown"),
        ({"time_zone": "America"}, "time-zone-unknown"),
        ({"default_language": "de"}, "language-unknown"),
        ({"donation_url": "javascript:alert(1)"}, "web-address-unreadable"),  # S13
        ({"website": "data:text/html,x"}, "web-address-unreadable"),
        ({"website": "https://a.example\nX: y"}, "web-address-unreadable"),
        # It stands in the Reply-To of every mail, so that one no header can hold would stop them all (M10).
        ({"email": "help at example.org"}, "email-unreadable"),
        ({"email": "aidé@example.org"}, "email-unreadable"),
        ({"email": "help@example.org\r\nBcc: a@b.example"}, "email-unreadable"),  # M11
    ],
)
def test_what_it_refuses(session: Session, facts: dict[str, str], code: str) -> None:
    """A wrong zone is met when it is set, not when a mail is due."""
    with pytest.raises(Breach, match=code):
        organisation.set_facts(session, **facts)


def test_a_domain_with_accents_is_written_as_headers_have_it(session: Session) -> None:  # M10
    make_organisation(session)
    assert organisation.set_facts(session, email=" aide@exempl\u00e9.ca ").email == "aide@xn--exempl-gva.ca"
    assert organisation.set_facts(session, email="").email == ""


def test_each_cadence_has_a_slot(session: Session) -> None:
    """A new organisation sends on Tuesdays at nine, and on the first of the month."""
    whole = make_organisation(session)
    each, monthly = organisation.slot(whole, "each"), organisation.slot(whole, "monthly")
    assert each is not None
    assert (each.weekday, each.hour) == (1, 9)
    assert monthly is not None
    assert (monthly.day_of_month, monthly.hour) == (1, 9)
    assert organisation.slot(whole, "hourly") is None


def test_a_view_is_whole_without_its_session(sessions: sessionmaker[Session]) -> None:
    """Pages share it between threads."""
    with sessions() as session:
        assert organisation.view(session) is None
    with sessions.begin() as session:
        make_organisation(session)
        organisation.set_words(session, "fr", postal_address="")
    with sessions() as session:
        view = organisation.view(session)
    assert view is not None
    assert (view.side("en").name, view.side("fr").name) == ("Walk On", "En marche")
    assert (view.phone, view.missing) == ("403-555-0100", ("postal-address-fr",))


def test_dates_are_written_in_its_zone_and_in_utc_before_there_is_one(session: Session) -> None:
    assert organisation.zone_of(session) == "UTC"
    organisation.set_facts(session, time_zone="America/Halifax")
    assert organisation.zone_of(session) == "America/Halifax"
