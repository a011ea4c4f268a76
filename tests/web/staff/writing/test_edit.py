"""Writing a tip in the browser: saved by a press or a pause, kept beside a newer text, never lost."""

from __future__ import annotations

from typing import Any

from newsletter_app import tips
from newsletter_app.tips import Tip, writing
from tests.web.conftest import SAME_SITE, World
from tests.web.staff.conftest import Desk, Desks

HTMX = SAME_SITE | {"HX-Request": "true"}


def tip_of(world: World, tip_id: int) -> Tip:
    with world.write() as session:
        tip = tips.find(session, tip_id)
        assert tip is not None
        return tip


def texts(language: str = "en", **changes: str) -> dict[str, str]:
    """Return what the form of a side sends."""
    words = {"title": "Walk more", "lead": "A lead.", "body": "A body.[^1]", "disclaimer": "Ask.", "alt": ""}
    return {f"{name}_{language}": text for name, text in (words | changes).items()}


def base_of(desk: Desk, tip_id: int, language: str = "en") -> str:
    page = desk.page(f"/console/tips/{tip_id}")
    return next(one["value"] for one in page.elements if one["id"] == f"base-{language}")


def save(desk: Desk, tip_id: int, data: dict[str, Any], language: str = "en", **options: Any) -> Any:
    return desk.post(f"/console/tips/{tip_id}/sides/{language}", data, **options)


def test_a_press_saves(world: World, desk: Desks, draft: int) -> None:
    """The form works without script, and comes back where it stood, with the next revision."""
    editor = desk("editor")
    answer = save(editor, draft, texts() | {"base": base_of(editor, draft)})
    assert (answer.status_code, answer.location) == (303, f"/console/tips/{draft}?said=saved#side-en")
    assert base_of(editor, draft) == "2"
    page = editor.get(f"/console/tips/{draft}").text
    assert "A body.[^1]</textarea>" in page
    assert "Tip 24: Walk more" in page


def test_a_pause_saves_and_says_when(world: World, desk: Desks, draft: int) -> None:
    """The answer to a pause is the time and the base of the next save; the texts stay untouched (A6)."""
    answer = save(desk("editor"), draft, texts() | {"base": "1"}, headers=HTMX)
    assert "Saved at 9\u00a0a.m." in answer.text
    assert '<input type="hidden" id="base-en" name="base" value="2" hx-swap-oob="true">' in answer.text
    assert "<textarea" not in answer.text


def test_a_stale_save_leads_to_both_texts(world: World, desk: Desks, draft: int) -> None:
    """The second tab's words are kept, shown beside the newer ones, and replace them only by a press."""
    first, second = desk("editor"), desk("publisher")
    save(first, draft, texts(lead="Theirs.") | {"base": "1"})
    told = save(second, draft, texts(lead="Mine.") | {"base": "1"}, headers=HTMX).text
    assert "Somebody saved another text meanwhile." in told
    answer = save(second, draft, texts(lead="Mine.") | {"base": "1"})
    page = second.page(answer.location)
    assert [one.text for one in page.elements if one.tag in ("del", "ins")] == [
        *("[gone: Theirs.]", "[new: Mine.]"),
    ]
    assert "Theirs.</textarea>" in second.get(f"/console/tips/{draft}").text
    second.post(answer.location, {"base": base_of(second, draft)})
    assert "Mine.</textarea>" in second.get(f"/console/tips/{draft}").text


def test_words_are_kept_when_a_session_ends(world: World, desk: Desks, draft: int) -> None:
    """They come back in a form that saves them after signing in anew; a pause says what to do."""
    words = texts(lead="Long " * 20, body="Kept <b>so</b>.") | {"base": "1"}
    answer = world.post(f"/console/tips/{draft}/sides/en", words)
    assert answer.status_code == 401
    assert "Kept &lt;b&gt;so&lt;/b&gt;." in answer.text
    assert 'action="/console/tips/' in answer.text
    assert "You were signed out" in world.post(f"/console/tips/{draft}/sides/en", words, headers=HTMX).text
    assert tip_of(world, draft).sides[0].revision == 1


def test_what_is_too_long_is_told_and_kept(world: World, desk: Desks, draft: int) -> None:
    """Nothing is cut off: the words stay in the form, the fault stands at the field (A5)."""
    editor, words = desk("editor"), texts(title="x" * 201) | {"base": "1"}
    answer = save(editor, draft, words)
    assert answer.status_code == 422
    assert 'href="#title_en"' in answer.text
    assert 'id="title_en-fault"' in answer.text
    assert "x" * 201 in answer.text
    assert "Not saved." in save(editor, draft, words, headers=HTMX).text


def test_a_long_tip_fits_the_form(world: World, desk: Desks, draft: int) -> None:
    """Sixty thousand letters with accents are more octets than other forms of the product may have."""
    body = "é" * 60_000
    assert save(desk("editor"), draft, texts(body=body) | {"base": "1"}).status_code == 303
    with world.write() as session:
        assert writing.side_written(session, tip_of(world, draft), "en").body == body


def test_readers_see_changes_only_when_they_are_released(world: World, desk: Desks, on_the_web: int) -> None:
    """A tip on the web is changed, asked about, approved, and then shown."""
    editor, publisher = desk("editor"), desk("publisher")
    url, public = f"/console/tips/{on_the_web}", "/tips/24-walk-a-little-24"
    save(editor, on_the_web, texts(lead="Quite another lead.") | {"base": "1"})
    assert "Quite another" not in world.get(public).text
    assert "Quite another" in editor.get(f"{url}/preview/page?side=en").text
    assert "Changes that readers do not see yet" in editor.get("/console/tips").text
    editor.post(f"{url}/ask")
    publisher.post(f"{url}/approve")
    assert publisher.post(f"{url}/release").status_code == 303
    assert "Quite another" in world.get(public).text


def test_each_side_tells_what_changed_in_the_other(world: World, desk: Desks, draft: int) -> None:
    """After both were said to agree, a change of one stands beside the other, marked by words."""
    editor = desk("editor")
    editor.post(f"/console/tips/{draft}/same")
    save(
        editor, draft, texts(lead="A short stroll may help. Begin slowly.") | {"base": base_of(editor, draft)}
    )
    page = editor.page(f"/console/tips/{draft}")
    assert "The other side changed since" in [one.text for one in page.elements if one.tag == "summary"]
    assert "[new: stroll]" in [one.text for one in page.elements if one.tag == "ins"]
    assert "French: the other side changed" in editor.get("/console/tips").text


def test_looking_changes_nothing(world: World, desk: Desks, draft: int) -> None:  # S7
    """Every page can be opened by whoever may look, and leaves the database as it was."""
    viewer, url = desk("viewer"), f"/console/tips/{draft}"
    before = world.database.read_bytes()
    looks = [
        f"{url}/preview?look={look}" for look in ("desktop", "phone", "dark", "no-pictures", "text", "page")
    ]
    frames = [f"{url}/preview/mail?side=fr&look=dark", f"{url}/preview/page?side=fr"]
    pages = ["/console/tips", "/console/tips?q=walk&stage=draft", url, f"{url}/checks", f"{url}/revisions"]
    for path in [*pages, *looks, *frames]:
        assert viewer.get(path).status_code == 200, path
    assert world.database.read_bytes() == before
