"""The sign-up form: every state of it, in both languages, and the one row it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from newsletter_app import organisation, subscriptions, suppression
from newsletter_app.extensions import db
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.kernel.rings import Ring
from newsletter_app.notices import Notice
from newsletter_app.subscriptions import Signup
from newsletter_app.web.public import limits
from tests.factories import people
from tests.web.conftest import World
from tests.web.dom import Page

PATHS = {"en": "/subscribe", "fr": "/fr/abonnement"}


def fill(world: World, path: str = "/subscribe", **changes: Any) -> dict[str, Any]:
    """Open the form, wait as a person does, and fill it in."""
    page = world.page(path)
    world.clock.forward(seconds=30)
    form = {
        "token": page.values("token")[0],
        "address": "rose@example.ca",
        "notice": page.values("notice")[:1],
    }
    return form | changes


def signups(world: World) -> list[Signup]:
    """Return every row that the form left."""
    with world.write() as session:
        return list(session.scalars(select(Signup).order_by(Signup.id)))


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Collect the SQL that the application runs."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with world.app.app_context():
        engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_form_ticks_nothing_and_identifies_the_sender(world: World, language: str) -> None:
    response = world.get(PATHS[language])
    page = Page(response.text)
    boxes = page.all("input", type="checkbox")
    assert len(boxes) == 3
    assert not [box for box in page.all("input") if "checked" in box]  # L2
    promise = page.one("form", id="signup").text
    side = {"en": ("Example Society", "12 Main Street"), "fr": ("Société Exemple", "12, rue Main")}[language]
    for identification in (*side, "1 780 555-0123"):  # L3
        assert identification in promise
    withdraw = {"en": "Stop at any time with one press.", "fr": "Arrêtez quand vous voulez"}[language]
    assert withdraw in response.text  # L3
    assert page.one("input", id="address")["autocomplete"] == "email"


@pytest.mark.parametrize("missing", ["name", "postal_address"])
def test_form_is_not_shown_without_identification(world: World, missing: str) -> None:
    with world.write() as session:
        organisation.set_words(session, "fr", **{missing: ""})
    for path in PATHS.values():
        page = world.page(path)
        assert not page.all("form", id="signup")  # L3
        assert page.one("h1").text in ("You cannot sign up here yet", "On ne peut pas encore s'abonner ici")
    assert world.post("/subscribe", {"address": "rose@example.ca"}).status_code == 200
    assert signups(world) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_filled_form_leaves_one_row_with_the_words_shown(world: World, language: str) -> None:
    path = PATHS[language]
    shown = world.page(path)
    response = world.post(path, fill(world, path))
    assert response.status_code == 303
    assert "rose" not in response.headers["Location"]
    (signup,) = signups(world)
    assert (signup.address, signup.language, signup.ip) == ("rose@example.ca", language, "127.0.0.1")
    assert signup.page_url == f"https://news.example.org{path}"
    words = shown.one("main").text
    assert len(signup.wording.splitlines()) == 10
    for line in signup.wording.splitlines():  # L1: exactly what stood on the page
        name, _, rest = " ".join(line.split()).partition(" – ")
        assert name in words
        assert rest in words
    assert world.rung == [Ring("decide_signups")]


@pytest.mark.parametrize(
    ("language", "changes", "sentence", "field"),
    [
        ("en", {"notice": []}, "Choose at least one notice.", "notice-1"),
        ("fr", {"notice": []}, "Choisissez au moins un avis.", "notice-1"),
        ("en", {"address": "rose"}, "Your address needs an @ sign, as in rose@example.ca.", "address"),
        ("fr", {"address": "rose"}, "Il manque le signe @ dans votre adresse", "address"),
        ("en", {"address": ""}, "Type your email address", "address"),
        ("en", {"address": "rose@@x y"}, "Look at your address again.", "address"),
        ("fr", {"address": "a" * 400 + "@example.ca"}, "Regardez encore votre adresse.", "address"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    world: World, language: str, changes: dict[str, Any], sentence: str, field: str
) -> None:
    form = fill(world, PATHS[language], **changes)
    response = world.post(PATHS[language], form)
    page = Page(response.text)
    assert response.status_code == 422
    assert page.one("title").text.startswith({"en": "Error: ", "fr": "Erreur : "}[language])
    box = page.one("div", role="alert")
    assert "autofocus" in box
    link = next(a for a in page.all("a") if a["href"] == f"#{field}")
    assert sentence in link.text  # A5
    faulty = next(one for one in page.all("input") if one["id"] == field)
    assert faulty["aria-invalid"] == "true"
    described = faulty["aria-describedby"].split()[0]
    assert sentence in next(one for one in page.elements if one["id"] == described).text
    assert page.values("address") == [form["address"]]
    ticked = [one["value"] for one in page.all("input", type="checkbox") if "checked" in one]
    assert ticked == form["notice"]
    assert signups(world) == []


def no_token(form: dict[str, Any], _world: World) -> None:
    del form["token"]


def forged_token(form: dict[str, Any], _world: World) -> None:
    form["token"] = form["token"][:-2] + "xx"


def old_token(_form: dict[str, Any], world: World) -> None:
    world.clock.forward(hours=25)


def too_quick(_form: dict[str, Any], world: World) -> None:
    world.clock.forward(seconds=-29)


def in_the_trap(form: dict[str, Any], _world: World) -> None:
    form["reference_code"] = "buy now"


def words_changed(_form: dict[str, Any], world: World) -> None:
    with world.write() as session:
        organisation.set_words(session, "en", postal_address="99 Other Street")


@pytest.mark.parametrize("spoil", [no_token, forged_token, old_token, too_quick, in_the_trap, words_changed])
def test_a_doubtful_form_is_shown_again_filled_in(
    world: World, spoil: Callable[[dict[str, Any], World], None]
) -> None:
    form = fill(world)
    spoil(form, world)
    response = world.post("/subscribe", form)
    page = Page(response.text)
    assert response.status_code == 200  # S4: never an error
    assert "Please press the button once more." in response.text
    assert page.values("address") == ["rose@example.ca"]
    assert [one["value"] for one in page.all("input", type="checkbox") if "checked" in one] == form["notice"]
    assert page.values("reference_code") == [""]
    assert signups(world) == []
    world.clock.forward(seconds=3)
    again = {"token": page.values("token")[0], "address": "rose@example.ca", "notice": form["notice"]}
    assert world.post("/subscribe", again).status_code == 303


@pytest.mark.parametrize("address", ["rose@example.ca", "rose"])
def test_whoever_mends_a_form_at_once_is_not_asked_to_press_once_more(world: World, address: str) -> None:
    form = {"token": world.page("/subscribe").values("token")[0], "notice": "1"}
    world.clock.forward(seconds=1)
    page = Page(world.post("/subscribe", form | {"address": address}).text)
    world.clock.forward(seconds=1)
    mended = {"token": page.values("token")[0], "notice": "1", "address": "rose@example.ca"}
    assert world.post("/subscribe", mended).status_code == 303  # S4: two seconds since it was first shown


def test_trap_is_hidden_from_people(world: World) -> None:
    page = world.page("/subscribe")
    trap = page.one("input", name="reference_code")  # S4
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert any(parent["aria-hidden"] == "true" for parent in trap.ancestors)


def test_a_foreign_site_may_embed_the_form(world: World) -> None:
    headers = {"Origin": "https://charity.example", "Sec-Fetch-Site": "cross-site"}  # S5
    response = world.post("/subscribe", {"address": "rose@example.ca", "notice": "1"}, headers=headers)
    assert response.status_code == 200
    assert "Please press the button once more." in response.text


@pytest.mark.parametrize(("answer", "kept"), [("use", "rose@gmail.com"), ("keep", "rose@gmial.com")])
def test_a_likely_slip_is_asked_about(world: World, answer: str, kept: str) -> None:
    form = fill(world, address="rose@gmial.com")
    page = Page(world.post("/subscribe", form).text)
    assert page.one("h1").text == "Is this right?"
    assert [one.text for one in page.all("button", name="answer")] == [
        "Use rose@gmail.com",
        "No, keep rose@gmial.com",
    ]
    assert signups(world) == []
    fields = {name: page.values(name) for name in ("token", "address", "notice")}
    assert world.post("/subscribe", fields | {"answer": answer}).status_code == 303
    assert [signup.address for signup in signups(world)] == [kept]


def test_a_notice_gone_meanwhile_is_told_and_the_rest_kept(world: World) -> None:
    form = fill(world)
    form["notice"] = ["1", "2"]
    with world.write() as session:
        session.execute(update(Notice).where(Notice.id == 1).values(offered=False))
    page = Page(world.post("/subscribe", form).text)
    assert page.one("div", role="status").text == "One notice is no longer on offer. We kept the rest."
    assert [one["value"] for one in page.all("input", type="checkbox") if "checked" in one] == ["2"]
    assert page.values("address") == ["rose@example.ca"]


def test_a_single_notice_stands_in_the_button(world: World) -> None:
    with world.write() as session:
        session.execute(update(Notice).where(Notice.id > 1).values(offered=False))
    page = world.page("/subscribe")
    assert not page.all("input", type="checkbox")
    assert page.all("button")[-4].text == "Send me Health tips"
    assert world.post("/subscribe", fill(world)).status_code == 303
    (signup,) = signups(world)
    assert signup.notice_ids == [1]
    for line in signup.wording.splitlines():
        assert " ".join(line.split()) in page.one("main").text  # L1


def test_the_other_language_keeps_what_was_typed(world: World) -> None:
    form = {"address": "rose@", "notice": ["2"], "switch": "1"}
    response = world.post("/fr/abonnement", form)
    page = Page(response.text)
    assert page.one("html")["lang"] == "fr"
    assert page.values("address") == ["rose@"]
    assert [one["value"] for one in page.all("input", type="checkbox") if "checked" in one] == ["2"]
    assert not page.all("div", role="alert")


def suppressed_address(world: World) -> None:
    with world.write() as session:
        key = address_key(people.HASH_KEY, parse_address("rose@example.ca"))
        suppression.suppress(session, key, "all", "by-hand", "test", world.clock())


def pending_address(world: World) -> None:
    with world.write() as session:
        people.sign_up(session, [1], world.clock())


def active_address(world: World) -> None:
    with world.write() as session:
        people.an_active_reader(session, [1], world.clock())


def ended_address(world: World) -> None:
    active_address(world)
    with world.write() as session:
        reader = people.a_subscriber(session)
        subscriptions.stop(session, reader.id, None, source="one-click", now=world.clock())


def new_address(_world: World) -> None:
    """Leave the address unknown."""


def answer_of(response: TestResponse) -> tuple[int, str, list[str]]:
    """Return what can be told apart of an answer, the signed token aside."""
    location = response.headers["Location"].rpartition("/")[0]
    return response.status_code, location, sorted(name for name, _text in response.headers)


@pytest.mark.parametrize(
    "prepare", [new_address, pending_address, active_address, ended_address, suppressed_address]
)
def test_every_address_gets_the_same_answer_by_the_same_work(
    world: World, prepare: Callable[[World], None]
) -> None:
    stranger = answer_of(world.post("/subscribe", fill(world, address="nobody@example.net")))
    prepare(world)
    form = fill(world)
    with statements(world) as seen:
        response = world.post("/subscribe", form)
    assert answer_of(response) == stranger  # S1
    assert [one for one in seen if one.startswith("INSERT")] == [
        one for one in seen if one.startswith("INSERT INTO signups")
    ]
    for table in ("subscribers", "subscriptions", "suppressions", "service_mails"):
        assert not [one for one in seen if table in one]  # S1: the address is never looked up
    page = world.page(response.headers["Location"])
    assert "rose@example.ca" in page.one("main").text


def test_too_many_from_one_place_are_asked_to_wait(world: World) -> None:
    for number in range(60):  # S2: a class of sixty may sign up together
        assert world.post("/subscribe", fill(world, address=f"r{number}@example.ca")).status_code == 303
    response = world.post("/subscribe", fill(world))
    assert response.status_code == 429
    assert "Many people are signing up from here." in response.text
    assert "1 780 555-0123" in response.text
    elsewhere = fill(world, address="other@example.ca")
    response = world.post("/subscribe", elsewhere, environ_overrides={"REMOTE_ADDR": "198.51.100.4"})
    assert response.status_code == 303


def test_a_flood_from_one_place_uses_up_nobody_elses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVERYWHERE", 70)
    form = fill(world)
    codes = [
        world.post("/subscribe", form | {"address": f"r{number}@example.ca"}).status_code
        for number in range(80)
    ]
    assert codes == [303] * 60 + [429] * 20  # S2
    elsewhere = world.post("/subscribe", fill(world), environ_overrides={"REMOTE_ADDR": "198.51.100.4"})
    assert elsewhere.status_code == 303


def test_a_proxy_that_tells_ports_makes_no_new_places(world: World) -> None:
    form = fill(world)
    codes = []
    for number in range(61):
        place = {"REMOTE_ADDR": f"198.51.100.4:{40000 + number}"}
        answer = world.post("/subscribe", form | {"address": f"r{number}@e.ca"}, environ_overrides=place)
        codes.append(answer.status_code)
    assert codes == [303] * 60 + [429]  # S2


def test_a_site_of_many_networks_does_not_use_up_what_all_share(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_SITE", 5)
    form, codes = fill(world), []
    for number in range(6):
        place = {"REMOTE_ADDR": f"2001:db8:1:{number}::4"}
        answer = world.post("/subscribe", form | {"address": f"r{number}@e.ca"}, environ_overrides=place)
        codes.append(answer.status_code)
    assert codes == [303] * 5 + [429]  # S2
    elsewhere = world.post("/subscribe", form, environ_overrides={"REMOTE_ADDR": "2001:db8:2::4"})
    assert elsewhere.status_code == 303


@pytest.mark.parametrize(
    ("ip", "networks"),
    [
        ("198.51.100.4", ("198.51.100.0/24", "198.51.100.0/24")),
        ("::ffff:198.51.100.4", ("198.51.100.0/24", "198.51.100.0/24")),
        ("2001:db8:1:2:3::4", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("no address", ("no address", "no address")),
    ],
)
def test_who_owns_many_networks_is_one_site(ip: str, networks: tuple[str, str]) -> None:
    assert limits.networks_of(ip) == networks  # S2


def test_trouble_with_the_database_keeps_what_was_typed(world: World) -> None:
    form = fill(world)
    with world.write() as session:
        session.execute(text("ALTER TABLE signups RENAME TO away"))
    response = world.post("/subscribe", form)
    page = Page(response.text)
    assert response.status_code == 503
    assert "call 1 780 555-0123" in response.text
    assert page.values("address") == ["rose@example.ca"]
    assert page.values("notice") == form["notice"]
    with world.write() as session:
        session.execute(text("ALTER TABLE away RENAME TO signups"))
    again = {name: page.values(name) for name in ("token", "address", "notice")}
    assert world.post("/subscribe", again).status_code == 303


@pytest.mark.parametrize("field", ["address", "notice", "token", "reference_code", "answer", "switch"])
def test_template_marks_in_a_field_are_inert(world: World, field: str) -> None:
    form = fill(world) | {field: "{{ 99991 * 99989 }}{% for x in y %}{{config}}"}  # S14
    response = world.post("/subscribe", form)
    assert response.status_code in (200, 422, 303)
    assert str(99991 * 99989) not in response.text
    assert "secret key of the tests" not in response.text


def test_nothing_is_counted_for_a_form_with_faults(world: World) -> None:
    for _ in range(70):
        assert world.post("/subscribe", fill(world, notice=[])).status_code == 422
    assert world.post("/subscribe", fill(world)).status_code == 303


def test_one_mailbox_of_many_spellings_is_not_flooded(world: World) -> None:
    """Each spelling is an address of its own, with its own one mail a day."""
    codes = []
    for number in range(21):
        place = {"REMOTE_ADDR": f"198.51.{number}.4"}
        form = fill(world, address=f"rose+{number}@example.ca")
        codes.append(world.post("/subscribe", form, environ_overrides=place).status_code)
    assert codes == [303] * 20 + [429]  # S2
    assert world.post("/subscribe", fill(world, address="rosa@example.ca")).status_code == 303
