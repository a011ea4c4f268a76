"""The tip mail: its blocks, its headers, its slots, in both languages and every layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from newsletter_app import organisation
from newsletter_app.digests import Composer, DigestOf
from newsletter_app.kernel.errors import Breach
from newsletter_app.mail import compile_message
from newsletter_app.mail.compiled import Hole
from newsletter_app.media import Image
from newsletter_app.tips import Tip
from tests.factories.content import make_notice, make_organisation, make_tip
from tests.factories.engine import make_composer

STOP = "https://news.example.org/stop/" + "A" * 90
CHOICES = "https://news.example.org/choices/" + "B" * 40
DATE = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
BODY = "## Begin\n\nTen minutes are enough.[^1] Really.[^1]\n\n- one\n- two"


class Digest:
    """A composed mail as it arrives at a reader."""

    def __init__(self, raw: bytes) -> None:
        """Take it apart with Python's own reader of mails."""
        self.raw = raw
        self.message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(self.message, EmailMessage)
        plain, html = self.message.iter_parts()
        self.kinds = [plain.get_content_type(), html.get_content_type()]
        self.text, self.html = plain.get_content(), html.get_content()


class World:
    """An organisation, a notice, and tips to compose digests of."""

    def __init__(self, session: Session, composer: Composer, now: datetime) -> None:
        """Begin with tips 23 and 24."""
        self.session, self.composer = session, composer
        make_organisation(session)
        self.notice = make_notice(session, now)
        self.tips = [
            make_tip(session, self.notice, 24, now, body=BODY),
            make_tip(session, self.notice, 23, now),
        ]

    def digest(
        self, *tips: Tip, language: str = "en", layout: str = "standard", next_at: datetime | None = None
    ) -> Digest:
        """Compose, compile and fill a digest of ``tips``."""
        of = DigestOf(tuple(t.id for t in tips), (self.notice,), language, layout, next_at)
        compiled = compile_message(self.composer.compose(self.session, of), boundary_seed="e")
        values = {"asked_on": "March 3, 2026", "choices_url": CHOICES, "stop_url": STOP}
        return Digest(
            bytes(
                compiled.fill(
                    to_address="rose@example.ca",
                    to_name="Rose",
                    date=DATE,
                    message_id="<c1.1.a@example.org>",
                    values=values,
                )
            )
        )


@pytest.fixture
def world(session: Session, now: datetime, translations: Path) -> World:
    return World(session, make_composer(translations), now)


class Elements(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attrs for name, attrs in self.found if name == tag)


def test_list_headers(world: World) -> None:
    """One https address, unencoded whatever its length; the List-Id is stable and says nothing."""
    # M25, M26, M44, L21
    digest = world.digest(world.tips[0])
    assert digest.message["List-Unsubscribe"] == f"<{STOP}>"
    assert (
        f"List-Unsubscribe:\r\n <{STOP}>".encode() in digest.raw
        or f"List-Unsubscribe: <{STOP}>".encode() in digest.raw
    )
    assert digest.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert digest.message["List-Id"] == f"<n{world.notice.id}.list.example.org>"
    assert digest.message["List-Help"] == "<mailto:help@example.org>"
    assert digest.message["List-Archive"] == "<https://news.example.org/tips?notice=tips>"
    assert digest.message["Feedback-ID"] == f"c0:n{world.notice.id}:digest:bfabc3743295"
    assert digest.message["Precedence"] == "bulk"
    assert digest.message["Reply-To"] == "help@example.org"


def test_all_but_the_way_to_stop_is_written_once_for_all_readers(world: World) -> None:
    # M25: what readers share costs nothing per reader.
    of = DigestOf((world.tips[0].id,), (world.notice,), "en", "standard", None)
    compiled = compile_message(world.composer.compose(world.session, of), boundary_seed="e")
    own = [
        piece for piece in compiled.pieces if isinstance(piece, Hole) and piece.place not in ("text", "html")
    ]
    assert [hole.field or hole.place for hole in own] == ["to", "date", "message_id", "List-Unsubscribe"]


def test_both_parts_hold_the_same_addresses(world: World) -> None:
    """Text first, then HTML; identification and both buttons stand in each."""  # M7, L7, L8, A12
    digest = world.digest(world.tips[0])
    assert digest.kinds == ["text/plain", "text/html"]
    links = {attrs["href"] for attrs in Elements(digest.html).all("a")}
    web = {link for link in links if link and link.startswith("https:")}
    assert {STOP, CHOICES, "https://news.example.org/subscribe"} <= web
    for words in [*web, "Box 1, Calgary AB", "403-555-0100", "help@example.org", "Walk On"]:
        assert words.replace("&", "&amp;") in digest.html or words in digest.html
        assert words in digest.text


def test_every_block_in_its_order(world: World) -> None:
    """ux: web link, tab, title, lead, sections, doctor, references, forward, appeal, next, why, buttons."""
    html = world.digest(world.tips[0], next_at=DATE).html
    blocks = [
        *(
            "Walk On",
            "Read on the web, in larger type",
            "Lire en français",
            "Tip 24",
            "<h1",
            "A short walk may help.",
        ),
        *("Begin", "Consult your doctor", "References", "Food for thought…", "Forward this email."),
        *("We can't do it alone", "Tuesday, March\u00a03, about 9\u00a0a.m."),
        *("Was this forwarded to you?", "You get this because you asked for Health tips on March 3, 2026."),
        *("Change my choices", "Stop these emails"),
    ]
    body = unescape(html[html.index("<table") :])
    places = [body.find(block) for block in blocks]
    assert -1 not in places, blocks[places.index(-1)]
    assert places == sorted(places)


def test_the_body_slots_stand_last(world: World) -> None:
    """What all readers share comes first (the DKIM hash is shared up to it)."""
    digest = world.digest(world.tips[0])
    for part in (digest.html, digest.text):
        first_slot = min(part.index(value) for value in ("March 3, 2026", CHOICES, STOP))
        assert first_slot > part.index("Subscribe here.") > part.index("References")


def test_citations_lead_to_the_references_and_keep_to_their_tip(world: World) -> None:
    """Two tips in one mail: ids are unique, and every local link has its target."""
    elements = Elements(world.digest(*world.tips).html)
    ids = [attrs["id"] for _, attrs in elements.found if attrs.get("id")]
    targets = [attrs["href"] for attrs in elements.all("a") if (attrs["href"] or "").startswith("#")]
    assert len(ids) == len(set(ids))
    assert {"#t24r1", "#t23r1", "#t24", "#t23"} <= set(targets)
    assert {target[1:] for target in targets if target} <= set(ids)


def test_french(world: World) -> None:
    """Everything around the tip is in French; nothing English is left."""  # L20
    digest = world.digest(world.tips[0], language="fr", next_at=DATE)
    assert digest.message["Subject"] == "Conseil 24\u00a0: Marchez un peu 24"
    for words in (
        "Lire sur le Web, en plus gros",
        "Read in English",
        "Parlez-en à votre médecin",
        "Références",
    ):
        assert words in digest.text
    assert "Votre prochain conseil arrive le mardi 3\u00a0mars, vers 9" in digest.text
    assert not re.search(r"\b(Stop these|Your next|Was this|Consult|because you)\b", digest.html)
    assert next(Elements(digest.html).all("html"))["lang"] == "fr-CA"


def test_a_side_that_is_missing_is_stood_in_for(world: World) -> None:
    """The reader's language around it, the tip's own language on it, and a sentence that says so."""  # A5
    tip = world.tips[0]
    tip.sides = [side for side in tip.sides if side.language == "en"]
    world.session.flush()
    digest = world.digest(tip, language="fr")
    assert "Ce conseil n'est pas encore en français." in digest.text
    assert "A short walk may help." in digest.text
    [title] = Elements(digest.html).all("h1")
    assert title["lang"] == "en-CA"
    # Its page, too, is the one that speaks the reader's language around the other one.
    assert "https://news.example.org/fr/conseils/24-walk-a-little-24" in digest.text
    other = world.digest(world.tips[1], language="fr")
    assert "https://news.example.org/fr/conseils/24-walk-a-little-24" in other.text


@pytest.mark.parametrize("layout", ["standard", "large", "text"])
def test_the_form_of_the_html(world: World, layout: str) -> None:
    """Language, title, tables for layout, words for pictures, no script, small style."""
    # A8, A9, A10, A11, M54, M56
    tip, session = world.tips[0], world.session
    image = Image(
        name="p.png", sha256="0", mime="image/png", width=900, height=450, octets=9, created_at=DATE
    )
    session.add(image)
    session.flush()
    tip.image_id = image.id
    for side in tip.sides:
        side.alt = "A path"
    html = world.digest(tip, layout=layout).html
    elements = Elements(html)
    assert next(elements.all("html"))["dir"] == "ltr"
    assert {"name": "color-scheme", "content": "light dark"} in list(elements.all("meta"))
    assert all(table["role"] == "presentation" for table in elements.all("table"))
    pictures = list(elements.all("img"))
    assert [picture["alt"] for picture in pictures] == ([] if layout == "text" else ["A path"])
    assert all(int(picture["width"] or 0) <= 560 for picture in pictures)
    style = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    assert len(style) < 8192
    assert not re.search(r"<(script|form|iframe|object|link)\b|@import", html)
    sizes = [int(size) for size in re.findall(r"font-size:\s*(\d+)px", html)]
    assert min(sizes) >= (22 if layout == "large" else 16)


def test_the_organisations_own_looks(world: World) -> None:
    """Its colours stand in the styles, its logo at the head, with words for whoever sees no pictures."""
    plain = world.digest(world.tips[0]).html
    assert "background-color: #FFC53D" in plain
    image = Image(
        name="ab.png", sha256="0", mime="image/png", width=600, height=120, octets=9, created_at=DATE
    )
    world.session.add(image)
    organisation.set_facts(world.session, main_colour="#7A1F5C", accent_colour="#F7D046", logo="ab.png")
    html = world.digest(world.tips[0]).html
    assert not re.search("#0B4A40|#8EDBC6|#FFC53D", html)
    assert "color: #7A1F5C" in html
    assert "color: #D7BCCE !important" in html.partition("prefers-color-scheme: dark")[2]  # M56
    logo = next(Elements(html).all("img"))
    assert logo["alt"] == "Walk On"  # A10
    assert (logo["src"], logo["width"], logo["height"]) == (
        "https://news.example.org/media/ab.png",
        "240",
        "48",
    )
    assert "background-color: #FFFFFF" in html.partition("<img")[0].rpartition("<span")[2]  # M56


@pytest.mark.parametrize(("last_day", "is_shown"), [(2, True), (1, False)])
def test_a_picture_whose_rights_have_ended_stays_away(world: World, last_day: int, is_shown: bool) -> None:
    """With its words and its credit, in both parts; today is March 2 where the organisation is."""
    tip = world.tips[0]
    image = Image(
        name="p.png", sha256="0", mime="image/png", width=900, height=450, octets=9, created_at=DATE
    )
    world.session.add(image)
    world.session.flush()
    tip.image_id, tip.image_creator = image.id, "Ada Lovelace"
    tip.image_rights_until = date(2026, 3, last_day)
    for side in tip.sides:
        side.alt = "A path"
    digest = world.digest(tip)
    for words in ("Ada Lovelace", "A path"):
        assert (words in digest.html) is is_shown
        assert (words in digest.text) is is_shown
    assert ("/media/p.png" in digest.html) is is_shown


def test_the_two_buttons_are_of_one_kind(world: World) -> None:
    """Stopping is as large as staying."""  # L8
    elements = Elements(world.digest(world.tips[0]).html)
    styles = {attrs["href"]: attrs.get("style") for attrs in elements.all("a")}
    assert styles[STOP] == styles[CHOICES]
    assert "display: block" in (styles[STOP] or "")


def test_several_tips_begin_with_their_list(world: World) -> None:
    """The newest gives the subject."""
    digest = world.digest(*world.tips)
    assert digest.message["Subject"] == "Tip 24: Walk a little 24, and one more"
    assert digest.text.index("- Tip 23: Walk a little 23") < digest.text.index("A short walk")


@pytest.mark.parametrize("text", ["{{ 7*7 }} {% for x in y %}", "{{config}}", "%(date)s %s"])
def test_an_authors_text_is_never_a_template(world: World, text: str) -> None:
    """It arrives as it was typed."""  # S14, M12
    tip = world.tips[0]
    for side in tip.sides:
        side.lead = text
    world.session.flush()
    assert text in world.digest(tip).text


STOP_MARK = "Slot7QxstopUurlQ7tolS"


def _cite(world: World, **facts: str) -> None:
    for name, fact in facts.items():
        setattr(world.tips[0].citations[0].reference, name, fact)


def _write(world: World, **texts: str) -> None:
    for side in world.tips[0].sides:
        for name, text in texts.items():
            setattr(side, name, text)


@pytest.mark.parametrize(
    "smuggle",
    [
        lambda world: _write(world, body=STOP_MARK),
        lambda world: _write(world, title=STOP_MARK),
        # Neither the Markdown nor the HTML holds it, but what is left without marks does.
        lambda world: _write(world, body=STOP_MARK.replace("lot", "**lot**")),
        lambda world: _write(world, lead=STOP_MARK.replace("lot", "*lot*")),
        # What a reference's words do not say may still be in its address.
        lambda world: _cite(world, doi=f"10.1/{STOP_MARK}"),
        lambda world: _cite(world, doi="", pmid=STOP_MARK, url=""),
        lambda world: _cite(world, text=STOP_MARK),
        # The neighbour is offered for further reading.
        lambda world: setattr(world.tips[1].side("en"), "title", STOP_MARK),
    ],
)
def test_an_authors_mark_is_refused(world: World, smuggle: Callable[[World], None]) -> None:
    """It would be filled with each reader's own link."""  # S14
    smuggle(world)
    world.session.flush()
    with pytest.raises(Breach, match="tip-holds-mark"):
        world.digest(world.tips[0])
