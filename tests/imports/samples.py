"""Files as other programs write them, in our own words: a page, Word, a WordPress export, feeds, zips."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

BODY = """\
<p>Cold muscles complain. <strong>Five quiet minutes </strong>help them.</p>
<h2>Why</h2>
<p>Older people who warmed up first said that walking felt easier.<sup>1</sup>
See <a href="https://example.org/steps_(new)">the study</a> and <a href="/local">our page</a>.</p>
<figure><img src="7_files/coat.png" alt="Woman in a blue coat">
<figcaption>Photo: Rosehip from Pexels</figcaption></figure>
<ul><li>March <em>on the spot</em></li><li><p>Roll your shoulders</p></li></ul>
<h3>With a cane</h3><p>Hold the back of a chair. (2)</p>
<h2>Talk to your doctor</h2><p>Ask before you begin if your heart is weak.</p>
<h2>References</h2>
<ol><li>Roy R. Steps and balance. J Walk 2020;5:1-9.
<a href="https://doi.org/10.1000/Steps.2020">Full text</a></li>
<li>Doe J. A chair is a friend. Ex J Balance. 2012;3(2):45-51. PMID: 1234567</li></ol>
"""

PAGE = f"""\
<!DOCTYPE html><html lang="en-CA"><head><title>Warm up – Walk On</title><style>p {{}}</style>
<script>alert("never")</script></head><body><a href="#c">Skip to content</a>
<header><nav><ul><li><a href="/">Home</a><li><a href="/tips">All tips</a></ul></nav><h1>Walk On</h1></header>
<main><article><header><h1>#7 Warm <em>Up</em> Slowly</h1></header>
{BODY}</article>
<aside><h2>Food for thought…</h2><ul>
<li><a href="/25">#25 Sleep well</a></li></ul></aside></main>
<h3>We can’t do it alone</h3><form>
<h2>Subscribe to our newsletter</h2><p>Choose notices to receive:</p></form>
<footer>PO Box 100 Red Deer, Alberta, Canada T4N 0A1</footer></body></html>
"""

POST = """\
<item><title>{title}</title><link>https://old.example.org/{slug}/</link>
<content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded><![CDATA[{excerpt}]]></excerpt:encoded>
<wp:post_id>{at}</wp:post_id><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>
<wp:post_date_gmt>2019-05-0{at} 15:00:00</wp:post_date_gmt><wp:post_password>{password}</wp:post_password>
{more}</item>
"""
EXPORT = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Walk On</title><wp:wxr_version>1.2</wp:wxr_version>{posts}</channel></rss>
"""

RSS = """\
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Tips</title>
<link>https://old.example.org/</link>
<description>Tips</description><language>en-ca</language>
<item><title>Tip 8: Stretch &amp;amp; breathe</title>
<link>https://old.example.org/8</link>
<pubDate>Tue, 05 May 2020 15:00:00 GMT</pubDate>
<enclosure url="https://old.example.org/8.jpg" length="1" type="image/jpeg"/>
<content:encoded><![CDATA[
<p>Stretching is for you and for the whole of your day.</p>
<h2>How</h2><p>Slowly.</p>]]></content:encoded>
</item></channel></rss>
"""
ATOM = """\
<feed xmlns="http://www.w3.org/2005/Atom"><title>Conseils</title>
<id>urn:x</id><updated>2020-05-05T15:00:00Z</updated>
<entry xml:lang="fr"><title type="html">Conseil 9 : &lt;b&gt;Buvez&lt;/b&gt;</title>
<id>urn:9</id>
<updated>2020-05-05T15:00:00Z</updated><link href="https://old.example.org/9"/>
<content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>De l’eau, c’est bien.</p>
<h2>Pourquoi</h2><p>Parce que.</p></div></content>
</entry></feed>
"""

_DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>{body}</w:body></w:document>
"""
_TYPES = """\
<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="png" ContentType="image/png"/>
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>
"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_STYLES = """\
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>
"""
_PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="Woman in a blue coat"/>'
    "<a:graphic><a:graphicData><pic:pic>"
    '<pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
    "</wp:inline></w:drawing></w:r></w:p>"
)


def png(colour: str = "red") -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(out, "PNG")
    return out.getvalue()


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def post(title: str, body: str = BODY, *, at: int = 1, **facts: str) -> str:
    """Return an item of an export; ``facts`` are its status, kind, password, excerpt and more."""
    standing = {"status": "publish", "kind": "post", "password": "", "excerpt": "", "more": "", "slug": "a"}
    return POST.format(title=title, body=body, at=at, **(standing | facts))


def export(*posts: str) -> bytes:
    """Return a WordPress export."""
    return EXPORT.format(posts="".join(posts)).encode()


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of a Word document."""
    shape = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{shape}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx(*paragraphs: str, head: str = "", link: str = "r:embed", **more: str | bytes) -> bytes:
    """Return a Word document, by default with a title, a lead, a picture and a section."""
    body = "".join(paragraphs) or "".join(
        [
            paragraph("#7 Warm Up Slowly", "Title"),
            paragraph("Cold muscles complain, and the rest of you with them."),
            _PICTURE.replace("r:embed", link),
            paragraph("Photo: Rosehip from Pexels"),
            paragraph("Why", "Heading1"),
            paragraph("It is easier to walk when you are warm. (1)"),
            paragraph("References", "Heading1"),
            paragraph("1. Roy R. Steps and balance. J Walk 2020;5:1-9. doi:10.1000/steps.2020"),
        ]
    )
    picture = f'<Relationship Id="rId9" Type="{RELATION}/image" Target="media/image1.png"/>'
    main = f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>'
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": RELATIONS.format(main),
            "word/_rels/document.xml.rels": RELATIONS.format(picture),
            "word/styles.xml": _STYLES,
            "word/document.xml": head + _DOCUMENT.format(body=body),
            "word/media/image1.png": png(),
            **more,
        }
    )
