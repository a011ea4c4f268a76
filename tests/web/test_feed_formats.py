"""Feeds as octets: read back by another's parser, whatever stands in a title."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.web.feed_formats import ATOM, Entry, Feed, atom, json_feed, lawful, moment

AT = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=-7)))
HOME = "https://news.example.org/tips"


def feed(*entries: Entry) -> Feed:
    own = "https://news.example.org/feeds/tips.atom"
    return Feed("Tips – Society", "One a week.", "en", "Society", HOME, own, AT, entries)


def entry(title: str = "Walk", html: str = "<p>Walk.</p>", updated: datetime = AT) -> Entry:
    url = "https://news.example.org/tips/1-walk"
    return Entry("tag:news.example.org,2026-03-02:tip-1-en", url, title, "Walk.", html, AT, updated)


def test_another_parser_reads_what_was_meant() -> None:
    read = feedparser.parse(atom(feed(entry("Salt & <sugar>"))))
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.language) == ("atom10", "Tips – Society", "en")
    assert (read.feed.link, read.feed.author) == (HOME, "Society")
    [item] = read.entries
    assert (item.id, item.link) == (entry().id, entry().url)
    titles = ElementTree.fromstring(atom(feed(entry("Salt & <sugar>")))).iter(f"{{{ATOM}}}title")
    assert [title.text for title in titles] == ["Tips – Society", "Salt & <sugar>"]
    assert item.published == "2026-03-02T16:00:00Z"
    assert item.content[0].value == "<p>Walk.</p>"
    assert item.content[0].base == entry().url


@given(st.text(max_size=40))
def test_any_title_makes_a_document_that_can_be_read(title: str) -> None:
    """What no XML can hold is left out; the rest comes back as it was."""
    found = ElementTree.fromstring(atom(feed(entry(title))))
    read = found.findtext(f"{{{ATOM}}}entry/{{{ATOM}}}title") or ""
    # A parser makes every line end a line feed (XML 1.0, 2.11).
    assert read == lawful(title).replace("\r\n", "\n").replace("\r", "\n")
    assert json.loads(json_feed(feed(entry(title))))["items"][0]["title"] == title


def test_a_json_feed_has_what_its_specification_asks_for() -> None:
    read = json.loads(json_feed(feed(entry(updated=AT + timedelta(days=1)))))
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert (read["home_page_url"], read["language"]) == (HOME, "en")
    [item] = read["items"]
    assert item["content_html"] == "<p>Walk.</p>"
    assert (item["date_published"], item["date_modified"]) == ("2026-03-02T16:00:00Z", "2026-03-03T16:00:00Z")
    assert "image" not in item


def test_a_feed_changed_when_its_newest_entry_did() -> None:
    later = entry(updated=AT + timedelta(days=2))
    assert feed(entry(), later).updated == later.updated
    assert feed().updated == AT


def test_times_are_told_in_utc() -> None:
    assert moment(AT) == "2026-03-02T16:00:00Z"
    assert moment(AT.astimezone(UTC)) == "2026-03-02T16:00:00Z"
