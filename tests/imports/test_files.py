"""Word, WordPress, feeds and archives: read by their kind; a damaged or dangerous one is told, not raised."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter_app.imports import Archive, Batch, Document, read
from newsletter_app.tips import Unreadable
from tests.fakes.web_server import web_server
from tests.imports import samples


def one(name: str, content: bytes, **wishes: str | bool) -> Document:
    (document,) = read(name, content, "en", **wishes).documents
    return document


def faults(batch: Batch) -> list[str]:
    return [fault.code for document in batch.documents for fault in document.faults]


def test_a_word_document_with_its_picture() -> None:
    document = one("7.docx", samples.docx())
    draft = document.draft
    assert (draft.number, draft.title) == (7, "Warm Up Slowly")
    assert draft.body == "## Why\n\nIt is easier to walk when you are warm.[^1]"
    assert draft.image is not None
    assert (draft.image.path, draft.image.creator) == ("word/media/image1.png", "Rosehip")
    assert draft.image.alt == "Woman in a blue coat"
    assert draft.references[0].doi == "10.1000/steps.2020"
    assert document.lenient


def test_an_export_gives_its_published_posts() -> None:
    posts = [
        samples.post("Tip 7: Warm up"),
        samples.post("Tip 8: Draft", at=2, status="draft"),
        samples.post("A page", at=3, kind="page"),
        samples.post("Private", at=4, status="private"),
        samples.post("Protected", at=5, password="x"),
        samples.post("a.jpg", at=6, kind="attachment", status="inherit"),
    ]
    batch = read("wp.xml", samples.export(*posts), "en")
    (document,) = batch.documents
    assert (document.draft.number, document.draft.title, document.place) == (7, "Warm up", "post 1")
    assert document.published_at == datetime(2019, 5, 1, 15, tzinfo=UTC)
    assert document.draft.image is not None
    # A picture's address is made whole from the post's.
    assert document.draft.image.path == "https://old.example.org/a/7_files/coat.png"
    assert dict(batch.passed_over) == {"drafts": 1, "pages": 1, "private": 1, "protected": 1}


def test_drafts_come_along_as_drafts() -> None:
    batch = read("wp.xml", samples.export(samples.post("#8 Rest", status="pending")), "en", drafts=True)
    assert [(one.draft.number, one.published_at) for one in batch.documents] == [(8, None)]


@pytest.mark.parametrize(
    "mark",
    [
        '<category domain="language" nicename="fr">Français</category>',
        "<wp:postmeta><wp:meta_key>_wpml_import_language_code</wp:meta_key><wp:meta_value>fr</wp:meta_value>"
        "</wp:postmeta>",
    ],
)
def test_the_language_is_that_of_the_mark_before_that_of_the_flag(mark: str) -> None:
    assert (
        one("wp.xml", samples.export(samples.post("#8 Rest", more=mark)), language="en").draft.language
        == "fr"
    )


def test_a_language_that_nobody_knows_is_asked_for() -> None:
    export = samples.export(samples.post("#8 OK", "<p>OK.</p>"))
    assert faults(read("wp.xml", export, "en")) == ["language-unknown"]
    assert one("wp.xml", export, language="fr").draft.language == "fr"


def test_translations_share_their_group() -> None:
    mark = '<category domain="post_translations" nicename="pll_1"/><category domain="post_tag">y</category>'
    batch = read("wp.xml", samples.export(samples.post("Rest", more=mark)), "en")
    assert batch.documents[0].group == "pll_1"
    assert dict(batch.passed_over) == {"terms": 1}


def test_what_wordpress_keeps_apart_is_put_together() -> None:
    """The excerpt is the lead; notes and the featured picture stand elsewhere in the export."""
    meta = "<wp:postmeta><wp:meta_key>{}</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>"
    notes = meta.format("footnotes", '[{"content": "Roy R. J Walk 2020;5:1-9.", "id": "a"}]')
    body = '<!-- wp:p --><p>It helps you and all of the rest.<sup class="fn"><a href="#a">1</a></sup></p>'
    posts = [
        samples.post(
            "#8 Rest", body, excerpt="A short lead.", more=notes + meta.format("_thumbnail_id", "9")
        ),
        samples.post(
            "x",
            at=9,
            kind="attachment",
            more="<wp:attachment_url>https://o.example/x.jpg</wp:attachment_url>",
        ),
    ]
    draft = one("wp.xml", samples.export(*posts)).draft
    assert (draft.lead, draft.body) == ("A short lead.", "It helps you and all of the rest.[^1]")
    assert [reference.text for reference in draft.references] == ["Roy R. J Walk 2020;5:1-9."]
    assert draft.image is not None
    assert draft.image.path == "https://o.example/x.jpg"


@pytest.mark.parametrize(
    "notes", ['[{"content": "x \\ud800 y"}]', '["\\udfff"]', "[[]]", "1", '{"a": 1}', "[" * 9999]
)
def test_notes_out_of_shape_are_read_or_told(notes: str) -> None:
    """JSON can spell half a character, which no text may hold."""
    meta = f"<wp:meta_key>footnotes</wp:meta_key><wp:meta_value>{notes}</wp:meta_value>"
    document = one(
        "wp.xml", samples.export(samples.post("#8 Rest", more=f"<wp:postmeta>{meta}</wp:postmeta>"))
    )
    assert document.draft.title == "Rest"


def test_blank_lines_and_shortcodes_of_older_posts() -> None:
    body = (
        '[caption id="a" width="9"]<img src="a.jpg" alt="A"/> Photo: Ann[/caption]\n\n'
        'For you and the rest [sic] of us (1) [gallery ids="1"].\n\nMore [button]of it[/button] is to come.'
    )
    reading = one("wp.xml", samples.export(samples.post("#8 Rest", body))).reading
    assert reading is not None
    assert reading.draft.lead == r"For you and the rest \[sic\] of us (1) ."
    assert reading.draft.body == "More of it is to come."
    assert {finding.text for finding in reading.not_understood if finding.code == "shortcode"} == {
        "[gallery]",
        "[button]",
    }


def test_feeds() -> None:
    rss, atom = one("a.rss", samples.RSS.encode()), one("b.xml", samples.ATOM.encode())
    assert (rss.draft.number, rss.draft.title, rss.draft.body) == (
        8,
        "Stretch & breathe",
        "## How\n\nSlowly.",
    )
    assert rss.draft.image is not None
    assert rss.draft.image.path == "https://old.example.org/8.jpg"
    assert rss.published_at == datetime(2020, 5, 5, 15, tzinfo=UTC)
    assert (atom.draft.number, atom.draft.title, atom.draft.language) == (9, "Buvez", "fr")
    assert atom.draft.lead == "De l’eau, c’est bien."


def test_an_archive_of_documents() -> None:
    content = samples.zipped(
        {
            "a/7.html": samples.PAGE,
            "a/7_files/coat.png": samples.png(),
            "8.fr.md": "# #8 Rest\n\nLead.\n",
            "9.docx": samples.docx(),
            "bad.html": "<p></p>",
            "__MACOSX/._8.md": "x",
            "inner.zip": samples.zipped({"10.md": "# #10 Ten\n\nLead.\n"}),
        }
    )
    batch = read("tips.zip", content, "en")
    assert [document.member for document in batch.documents] == ["a/7.html", "8.fr.md", "9.docx", "bad.html"]
    assert batch.documents[1].draft.language == "fr"
    assert faults(batch) == ["no-title"]


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xml", DOCTYPE.encode() + b"<rss>&a;</rss>", "xml-unsafe"),
        ("a.xml", LAUGHS.encode() + b"<rss>&b;</rss>", "xml-unsafe"),
        ("a.xml", f"{DOCTYPE}<rss>&a;</rss>".encode("utf-16"), "xml-unsafe"),
        ("a.atom", b'<!DOCTYPE rss PUBLIC "x" "http://dtd.example/rss.dtd"><rss/>', "xml-unsafe"),
        ("a.xml", b"<rss><channel></rss>", "xml-damaged"),
        ("a.xml", b'<?xml version="1.0" encoding="no-such"?><rss/>', "xml-damaged"),
        ("a.xml", b"<a/>" * 1_500_001, "xml-too-large"),
        ("a.xml", b"<svg/>", "feed-unknown"),
        ("a.docx", b"PK\x03\x04no", "archive-damaged"),
        ("a.docx", samples.zipped({"x": "y"}), "docx-damaged"),
        ("a.docx", samples.docx(head=DOCTYPE), "xml-unsafe"),
        ("a.docx", samples.docx(**{"word/settings.xml": LAUGHS + "<x>&b;</x>"}), "xml-unsafe"),
        # Which member is the document, its relations say; a name or an ending tells nothing.
        ("a.docx", samples.docx(**{"_rels/.rels": LAUGHS + samples.RELATIONS.format("")}), "xml-unsafe"),
        ("a.docx", samples.docx(**{"word/media/x.png": LAUGHS + "<x>&b;</x>"}), "xml-unsafe"),
        ("a.docx", samples.docx(**{"word/.x": f"{LAUGHS}<x>&b;</x>".encode("utf-16")}), "xml-unsafe"),
        ("a.docx", samples.docx("<w:p><w:r><w:drawing/></w:r></w:p>"), "no-title"),
        ("a.zip", samples.zipped({"x.png": b"y"}), "archive-empty"),
        ("a.zip", samples.zipped({"x.md": b"# T\n\n" + b" " * 2_000_000}), "archive-bomb"),
        ("a.zip", samples.zipped({f"{n}.md": "" for n in range(5_001)}), "archive-bomb"),
        ("a.txt", b"\x00", "binary"),
    ],
)
def test_what_is_refused(name: str, content: bytes, code: str) -> None:  # S18
    assert faults(read(name, content, "en")) == [code]


def test_a_word_document_reaches_out_for_no_picture() -> None:  # S16, S18
    with web_server() as server:
        target = f"http://127.0.0.1:{server.port}/x.png"
        kind = f'Type="{samples.RELATION}/image" Target="{target}" TargetMode="External"'
        relations = samples.RELATIONS.format(f'<Relationship Id="rId9" {kind}/>')
        content = samples.docx(link="r:link", **{"word/_rels/document.xml.rels": relations})
        document = one("a.docx", content)
        assert server.asked == []
    assert document.draft.image is not None
    assert not document.draft.image.path.startswith(("http", "file"))


def test_a_member_that_lies_about_its_size_is_damaged() -> None:  # S18
    honest = samples.zipped({"x.md": "# T\n\n" + "word " * 500})
    lying = honest.replace((2505).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(Unreadable, match="archive-damaged"):
        Archive(lying).read("x.md")


def test_members_behind_a_password_are_damaged() -> None:
    content = bytearray(samples.zipped({"x.md": "# T"}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        at = archive.start_dir
    content[at + 8] |= 1
    content[6] |= 1
    assert faults(read("a.zip", bytes(content), "en")) == ["archive-damaged"]


@settings(max_examples=20)
@given(
    st.sampled_from(["docx", "xml", "zip", "html", "rss"]),
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=20),
)
def test_a_file_that_was_damaged_on_its_way_is_read_or_told(ending: str, at: int, noise: bytes) -> None:
    whole = {
        "docx": samples.docx(),
        "xml": samples.export(samples.post("Tip 7: Warm up")),
        "zip": samples.zipped({"a.html": samples.PAGE, "b.docx": samples.docx()}),
        "html": samples.PAGE.encode(),
        "rss": samples.RSS.encode(),
    }[ending]
    at %= len(whole)
    batch = read(f"a.{ending}", whole[:at] + noise + whole[at + len(noise) :], "en")
    assert all(bool(document.faults) is not bool(document.reading) for document in batch.documents)
