"""Style sheets become attributes; what cannot stays, and nothing is fetched."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from newsletter_app.mail.inline import inline_css
from newsletter_app.mail.slots import find, mark

PAGE = """<!DOCTYPE html><html lang="fr" dir="ltr"><head><meta charset="utf-8"><style>
p { color: #111111; margin: 0 0 20px } .tab { background: #ffcc00 }
@media (prefers-color-scheme: dark) { p { color: #eeeeee !important } }
</style></head><body><p class="tab" style="margin: 0">« Bougez&nbsp;» &amp; souriez</p></body></html>"""


def test_rules_move_into_attributes_and_the_element_has_the_last_word() -> None:
    page = inline_css(PAGE)
    element = page[page.index("<p ") : page.index("« Bougez")]
    assert "color: #111111" in element
    assert "background: #ffcc00" in element
    assert "margin: 0 0 20px" not in element


def test_dark_colours_stay_and_moved_rules_do_not() -> None:
    page = inline_css(PAGE)
    assert "@media (prefers-color-scheme: dark)" in page
    assert "#ffcc00" not in page[: page.index("</style>")]


def test_the_document_and_its_words_stay() -> None:
    page = inline_css(PAGE)
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="fr" dir="ltr">' in page
    assert "« Bougez&nbsp;» &amp; souriez" in page


def test_marks_stay_in_text_and_attributes() -> None:
    stop = mark("stop_url")
    page = inline_css(PAGE.replace("« Bougez", f'<a href="{stop}">{stop}</a> « Bougez'))
    assert find(page) == ("stop_url", "stop_url")


def test_no_style_sheet_is_fetched(tmp_path: Path) -> None:
    local = tmp_path / "style.css"
    local.write_text("p { border: 7px solid }")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        addresses = (f"http://127.0.0.1:{server.getsockname()[1]}/style.css", local.as_uri(), str(local))
        for address in addresses:
            page = inline_css(PAGE.replace("<style>", f'<link rel="stylesheet" href="{address}"><style>'))
            assert "7px" not in page
            assert "<link" not in page
        with pytest.raises(BlockingIOError):
            server.accept()


def test_the_charset_stands_where_it_is_looked_for() -> None:
    """Style sheets go to the head's beginning, and theirs are longer than what is looked through."""
    assert inline_css(PAGE).index("<meta charset") < inline_css(PAGE).index("<style>")
