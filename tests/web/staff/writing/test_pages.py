"""The other pages of the desk: list, new tip, references, steps, what to mend, import; each verb once."""

from __future__ import annotations

import io

import pytest

from newsletter_app import audit, organisation, tips
from newsletter_app.tips import writing
from tests.web.conftest import SAME_SITE, World
from tests.web.staff.conftest import Desks
from tests.web.staff.writing.test_edit import base_of, save, texts

HTMX = SAME_SITE | {"HX-Request": "true"}
PAGE = """#31 Rest well

Sleep heals, and a nap may help. (1)

Share this article

References
1. Kim K. Sleep. J Rest 2021;3(1):1-9. doi:10.1000/sleep
"""


def test_the_list_is_searched(world: World, desk: Desks, on_the_web: int) -> None:
    """By number, by words of a title in either language, by where a tip stands."""
    viewer = desk("viewer")
    for query, found in [
        *(("q=24", 1), ("q=%2324", 1), ("q=WALK", 1), ("q=marchez", 1), ("q=9", 0), ("q=%25", 0)),
        *(("stage=published", 1), ("stage=draft", 0), ("stage=x", 1), ("q=%00&page=99999", 1)),
    ]:
        rows = [one for one in viewer.page(f"/console/tips?{query}").elements if one.tag == "th"]
        assert sum(one["scope"] == "row" for one in rows) == found, query
    assert "New tip" not in viewer.get("/console/tips").text


def test_a_tip_is_begun(world: World, desk: Desks) -> None:
    """The next number stands in the form; one that is taken is told at its field."""
    editor = desk("editor")
    page = editor.page("/console/tips/new")
    assert next(one["value"] for one in page.elements if one["id"] == "number") == "1"
    key = next(one["value"] for one in page.elements if one.tag == "option")
    answer = editor.post("/console/tips/new", {"notice": key, "number": "#7"})
    assert editor.get(answer.location).status_code == 200
    for data, words in [
        ({"notice": key, "number": "7"}, "There is a tip 7 already."),
        ({"notice": key, "number": "x"}, "Give the tip a number"),
        ({"notice": "none", "number": "8"}, "Choose a notice."),
    ]:
        answer = editor.post("/console/tips/new", data)
        assert (answer.status_code, words in answer.text) == (422, True)


def test_references_are_found_added_and_taken_out(world: World, desk: Desks, draft: int) -> None:
    """With script a part of the page is answered, without it the whole page; both do the same."""
    editor, url = desk("editor"), f"/console/tips/{draft}/references"
    found = editor.get(f"{url}?source=steps", headers=HTMX).text
    assert "Roy R. Steps and balance." in found
    assert "<html" not in found
    assert "Sources of the library" in editor.get(f"{url}?source=steps").text
    answer = editor.post(url, {"source": "Kim K. Falls. 2021."}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "saved"
    part = answer.text
    assert "[2] Kim K. Falls. 2021." in part
    assert 'hx-swap-oob="true"' in part
    assert "it is reference 1" in editor.post(url, {"reference": "1"}, headers=HTMX).text
    assert editor.post(url, {"source": " "}).status_code == 422
    assert editor.post(f"{url}/1/out").status_code == 422
    assert editor.post(f"{url}/2/out").status_code == 303
    assert "Kim K." not in editor.get(f"/console/tips/{draft}").text


def test_a_reference_stays_beside_what_is_being_typed(world: World, desk: Desks, draft: int) -> None:
    """Adding a source saves a part of its own: the side that somebody types in gets no newer revision."""
    editor = desk("editor")
    before = base_of(editor, draft)
    editor.post(f"/console/tips/{draft}/references", {"source": "Kim K. Falls. 2021."})
    assert base_of(editor, draft) == before


def test_the_steps_of_an_approval(world: World, desk: Desks, draft: int) -> None:
    """Asked, given back with words that stand beside the text, asked again, refused to the writer."""
    with world.write() as session:
        organisation.let_writer_approve(session, False)
    editor, other, url = desk("editor"), desk("editor", address="eve@example.org"), f"/console/tips/{draft}"
    save(editor, draft, texts() | {"base": "1"})
    assert "Somebody must ask" in other.post(f"{url}/approve").text
    editor.post(f"{url}/ask")
    assert "Say in 1 to 1000 letters" in other.post(f"{url}/give-back", {"comment": " "}).text
    other.post(f"{url}/give-back", {"comment": "Say <b>how</b> long."})
    assert "Say &lt;b&gt;how&lt;/b&gt; long." in editor.get(url).text
    editor.post(f"{url}/ask")
    assert "somebody else must approve it" in editor.post(f"{url}/approve").text
    assert other.post(f"{url}/approve").status_code == 303
    with world.write() as session:
        noted = [one.action for one in audit.newest(session) if one.subject == f"tip:{draft}"]
    assert noted[:4] == ["tip.approved", "tip.asked", "tip.given-back", "tip.asked"]


def test_half_a_tip_is_not_asked_about(world: World, desk: Desks, draft: int) -> None:
    """The page says what is missing, in words."""
    editor = desk("editor")
    save(editor, draft, texts(lead="") | {"base": "1"})
    answer = editor.post(f"/console/tips/{draft}/ask")
    assert answer.status_code == 422
    assert "English: the lead, the first paragraph, is missing." in answer.text


def test_findings_lead_to_their_field_and_pass_for_a_reason(world: World, desk: Desks, draft: int) -> None:
    """What a person may decide is let pass with a reason; what the law or a reader needs is not offered."""
    publisher, url = desk("publisher"), f"/console/tips/{draft}/checks"
    save(publisher, draft, texts(body="[https://a.example](https://b.example)[^1]", lead="") | {"base": "1"})
    page = publisher.page(url)
    assert f"/console/tips/{draft}#lead_en" in [one["href"] for one in page.elements]
    save(publisher, draft, texts(body="[https://a.example](https://b.example)[^1]") | {"base": "2"})
    assert "a link shows another address" in publisher.get(url, headers=HTMX).text
    data = {"code": "link-deceives", "where": "en"}
    refused = publisher.post(url, data | {"reason": " "})
    assert (refused.status_code, "Say in 1 to 300 letters" in refused.text) == (422, True)
    publisher.post(url, data | {"reason": "It leads there."})
    told = publisher.get(url).text
    assert "a link shows another address" not in told
    assert "It leads there." in told
    assert desk("editor").post(url, data).status_code == 403


def test_an_import_is_looked_over_and_saved(world: World, desk: Desks) -> None:
    """A pasted page shows what was recognised and left out; what is corrected there is what is saved."""
    editor = desk("editor")
    review = editor.post("/console/tips/import", {"text": PAGE}, content_type="multipart/form-data").text
    assert "Tip 31: Rest well" in review
    assert "Share this article" in review
    text = review[review.index('<textarea id="review"') :]
    text = text[text.index(">") + 2 : text.index("</textarea>")].replace("&#34;", '"').replace("&#39;", "'")
    with world.write() as session:
        assert tips.find_by_number(session, 31) is None
    answer = editor.post("/console/tips/import/save", {"review": text.replace("a nap", "a short nap")})
    assert answer.location == "/console/tips?said=imported"
    with world.write() as session:
        tip = tips.find_by_number(session, 31)
        assert tip is not None
        assert "a short nap" in writing.side_written(session, tip, "en").lead
        assert tip.state == "draft"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("", b"", "Paste a text, or choose a file."),
        ("a.zip", b"PK\x03\x04 broken", "The file is damaged."),
        ("a.txt", b"\x00\x01", "This is no text."),
        ("a.docx", b"no archive", "The file is damaged."),
        ("a.xml", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "The file is damaged."),
    ],
)
def test_what_cannot_be_read_is_told(
    world: World, desk: Desks, name: str, content: bytes, words: str
) -> None:  # S18
    """A page says why, and nothing is saved."""
    data = {"text": "", "file": (io.BytesIO(content), name)}
    answer = desk("editor").post("/console/tips/import", data, content_type="multipart/form-data")
    assert (answer.status_code, words in answer.text) == (422, True)


def test_an_import_writes_over_nothing_on_the_web(world: World, desk: Desks, on_the_web: int) -> None:
    """A published tip is changed on its own page, where its changes wait for an approval."""
    review = "- number: 24\n  language: en\n  title: Other\n  lead: x\n  body: ''\n  references: []\n"
    answer = desk("editor").post("/console/tips/import/save", {"review": review})
    assert (answer.status_code, "is on the web already" in answer.text) == (422, True)
    broken = desk("editor").post("/console/tips/import/save", {"review": "- nonsense: 1\n"})
    assert "Line 1:" in broken.text
