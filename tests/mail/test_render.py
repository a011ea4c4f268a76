"""The template environment of the mails: strict, escaping, and never half in another language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from newsletter_app.kernel.errors import Breach
from newsletter_app.mail.render import environment

AT = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
EDMONTON = "America/Edmonton"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with one template of each kind."""
    for suffix in ("txt", "html"):
        (tmp_path / f"hello.{suffix}").write_text('{{ _("Hello %(name)s.", name=name) }} {{ name }}')
    return tmp_path


def test_html_escapes_and_text_does_not(folder: Path, translations: Path) -> None:
    made = environment("fr", folder, translations)
    assert made.get_template("hello.txt").render(name="A & <b>") == "Bonjour A & <b>. A & <b>"
    escaped = "A &amp; &lt;b&gt;"
    assert made.get_template("hello.html").render(name="A & <b>") == f"Bonjour {escaped}. {escaped}"


def test_a_missing_word_is_never_mailed(folder: Path, translations: Path) -> None:  # M12
    with pytest.raises(UndefinedError):
        environment("en", folder, translations).get_template("hello.txt").render()


def test_author_text_is_no_template(folder: Path, translations: Path) -> None:  # S14
    made = environment("en", folder, translations)
    assert made.get_template("hello.txt").render(name="{{ 7*7 }}%(x)s").count("{{ 7*7 }}%(x)s") == 2


def test_french_without_its_catalogue_is_refused(folder: Path, tmp_path: Path) -> None:  # L20
    with pytest.raises(Breach, match="catalogue-missing"):
        environment("fr", folder, tmp_path / "nothing")
    assert environment("en", folder, tmp_path / "nothing").globals["language"] == "en"


@pytest.mark.parametrize(
    ("expression", "english", "french"),
    [
        ("at|day(zone)", "Tuesday, March 3", "mardi 3 mars"),
        ("at|hour(zone)", "9\u00a0a.m.", "9\u00a0h"),
        ("at|when(zone)", "Tuesday, March\u00a03, about 9\u00a0a.m.", "le mardi 3\u00a0mars, vers 9\u00a0h"),
        ("at|full_date(zone)", "March 3, 2026", "3 mars 2026"),
        ("at|hour(zone)|sentence", "9\u00a0a.m.", "9\u00a0h."),
    ],
)
def test_filters(folder: Path, translations: Path, expression: str, english: str, french: str) -> None:
    source = "{{ " + expression + " }}"
    assert environment("en", folder, translations).from_string(source).render(at=AT, zone=EDMONTON) == english
    assert environment("fr", folder, translations).from_string(source).render(at=AT, zone=EDMONTON) == french
