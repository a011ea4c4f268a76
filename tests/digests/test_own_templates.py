"""A notice's own templates: one file stands in for the shared one, and a fault is told by file and line."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation, preflight
from newsletter_app.digests import Composer, DigestOf, Folders
from newsletter_app.kernel.errors import Breach
from newsletter_app.mail import Content
from newsletter_app.notices import Notice
from newsletter_app.preflight import BLOCKS, Finding
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import MARCH, make_composer


class Desk:
    """Templates that a test may change, and a tip to compose mails of."""

    def __init__(self, session: Session, folder: Path, translations: Path, now: datetime) -> None:
        """Begin with the product's own templates and two notices."""
        self.session, self.folder, self.translations = session, folder, translations
        make_organisation(session)
        self.notice, self.other = make_notice(session, now), make_notice(session, now, "events")
        self.tip = make_tip(session, self.notice, 24, now)

    @property
    def composer(self) -> Composer:
        """A composer as the next task makes it."""
        return Composer(
            Folders(self.folder, self.translations), "https://news.example.org", "tips@example.org", MARCH
        )

    def write(self, name: str, text: str, notice: str = "tips") -> None:
        """Put a template of its own into the notice's folder."""
        own = self.folder / "email" / "digest" / notice
        own.mkdir(exist_ok=True)
        (own / name).write_text(text)

    def compose(self, *notices: Notice, language: str = "en") -> Content:
        """Compose the tip's mail for readers of these notices (the tip's own unless told)."""
        of = DigestOf((self.tip.id,), notices or (self.notice,), language, "standard", None)
        return self.composer.compose(self.session, of)

    def fault(self) -> Breach:
        """Return why the mail cannot be made."""
        with pytest.raises(Breach, match="template-faulty") as refused:
            self.compose()
        return refused.value


@pytest.fixture
def desk(session: Session, templates: Path, translations: Path, tmp_path: Path, now: datetime) -> Desk:
    folder = tmp_path / "templates"
    shutil.copytree(templates / "email", folder / "email")
    return Desk(session, folder, translations, now)


def test_a_single_file_stands_in_and_the_rest_is_shared(desk: Desk) -> None:
    before = desk.compose()
    desk.write("subject.txt", "{{ notices[0] }}: {{ fragments[0].label }}")
    after = desk.compose()
    assert after.subject == "Health tips: Tip 24: Walk a little 24"
    assert after.text == before.text
    assert "background-color: #FFC53D" in after.html


def test_what_a_template_includes_is_its_own_too(desk: Desk) -> None:
    css = (desk.folder / "email/digest/digest.css").read_text()
    desk.write("digest.css", css.replace("{{ palette.accent }}", "#123456"))
    desk.write("fragment.html", '<h1 id="{{ anchor }}">Own {{ side.title }}</h1>{{ body|safe }}')
    html = desk.compose().html
    assert "background-color: #123456" in html
    assert "Own Walk a little 24" in html


def test_a_template_may_extend_the_one_it_stands_in_for(desk: Desk) -> None:
    desk.write(
        "tip.html",
        '{% extends "shared/email/digest/tip.html" %}'
        "{% block closing %}<p>Bring {{ 'un ami' if language == 'fr' else 'a friend' }}.</p>{% endblock %}",
    )
    assert "Bring a friend." in desk.compose().html
    french = desk.compose(language="fr").html
    assert "Bring un ami." in french
    assert "Marchez un peu 24" in french
    assert "Arrêter ces courriels" in french


def test_only_its_own_mails_wear_it(desk: Desk) -> None:
    desk.write("subject.txt", "Own")
    assert desk.compose(desk.other).subject == "Tip 24: Walk a little 24"
    assert desk.compose(desk.notice, desk.other).subject == "Tip 24: Walk a little 24"
    assert desk.compose(desk.notice).subject == "Own"


def test_a_file_that_comes_changes_or_goes_is_noticed_by_the_next_mail(desk: Desk) -> None:
    desk.write("other.txt", "")
    assert desk.compose().subject == "Tip 24: Walk a little 24"
    own = desk.folder / "email/digest/tips/subject.txt"
    for at, text in enumerate(("First", "Second")):
        own.write_text(text)
        os.utime(own, (at, at))
        assert desk.compose().subject == text
    own.unlink()
    assert desk.compose().subject == "Tip 24: Walk a little 24"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("{{ notices[0] }}\n{{ nam }}", 2, "'nam' is undefined"),
        ("a\n\n{% if %}", 3, "Expected an expression"),
        ("{% include 'email/digest/none.txt' %}", 1, "there is no template"),
        ("\n{{ fragments[0].label + 1 }}", 2, "can only concatenate str"),
        ("{{ fragments[7].label }}", 1, "has no element 7"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
    ],
)
def test_a_fault_is_told_by_file_and_line(desk: Desk, text: str, line: int, reason: str) -> None:
    desk.write("subject.txt", text)
    facts = desk.fault().facts  # M12: nothing is mailed with a hole in it
    assert facts["template"] == "email/digest/tips/subject.txt"
    assert facts["line"] == line
    assert reason in str(facts["reason"])


def test_a_fault_in_what_is_included_is_told_where_it_stands(desk: Desk) -> None:
    desk.write("digest.css", "\n\n.tip { color: {{ pallette.main }}; }")
    facts = desk.fault().facts
    assert (facts["template"], facts["line"]) == ("email/digest/tips/digest.css", 3)


def test_a_breach_of_the_room_passes_through(desk: Desk) -> None:
    desk.tip.sides[0].body = "Slot7QxstopUurlQ7tolS"
    with pytest.raises(Breach, match="tip-holds-mark"):
        desk.compose()


def test_preflight_says_which_line_to_mend(desk: Desk) -> None:
    desk.write("tip.txt", "{{ nam }}")
    place = "email/digest/tips/tip.txt, line 1: 'nam' is undefined"
    found = preflight.check(desk.session, desk.tip, desk.composer, now=MARCH)
    assert found == [Finding("template-faulty", BLOCKS, place)] * 2


@pytest.mark.parametrize(
    ("name", "taken_out", "code"),
    [
        ("tip.txt", "{{ stop_url }}", "mail-without-stop"),
        ("tip.html", "{{ stop_url }}", "mail-without-stop"),
        ("tip.txt", "{{ organisation.postal_address }}", "mail-without-address"),
        ("tip.html", "{{ lines(organisation.postal_address) }}", "mail-without-address"),
    ],
)
def test_what_the_law_wants_cannot_be_left_out(desk: Desk, name: str, taken_out: str, code: str) -> None:
    shared = (desk.folder / "email/digest" / name).read_text()
    assert taken_out in shared
    desk.write(name, shared.replace(taken_out, ""))
    found = preflight.check(desk.session, desk.tip, desk.composer, now=MARCH)
    assert [(one.code, one.level) for one in found] == [(code, BLOCKS)] * 2  # L7, L8


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% for x in y %}", "{{ nam }}"])
def test_an_authors_text_is_no_template_in_a_notices_own_either(desk: Desk, text: str) -> None:
    desk.write("subject.txt", "{{ fragments[0].label }}")
    for side in desk.tip.sides:
        side.title = text
    assert desk.compose().subject == f"Tip 24: {text}"  # S14


def test_the_shared_templates_are_lawful_with_any_name(
    session: Session, now: datetime, translations: Path
) -> None:
    """L7: marks of HTML in a name or an address are no reason to refuse a mail."""
    make_organisation(session)
    organisation.set_words(session, "en", name="Walk & <On>", postal_address="Box 1 <b>\n Calgary & AB")
    tip = make_tip(session, make_notice(session, now), 24, now)
    assert preflight.check(session, tip, make_composer(translations), now=now) == []
