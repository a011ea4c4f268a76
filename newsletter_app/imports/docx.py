"""Reads a tip from a Word document (DOCX): mammoth turns it into HTML, which is read like any other."""

from __future__ import annotations

import hashlib
import io
from typing import Any, Final

from newsletter_app.imports import xml
from newsletter_app.imports.archives import Archive
from newsletter_app.imports.html import Given, read_html
from newsletter_app.tips import ImportFault, Reading, Unreadable

_PICTURES: Final = "word/media/"
_STYLES: Final = """
p[style-name='Title'] => h1:fresh
p[style-name='Titre'] => h1:fresh
p[style-name='Titre 1'] => h2:fresh
p[style-name='Titre 2'] => h3:fresh
p[style-name='Caption'] => figcaption:fresh
"""


def read_docx(content: bytes, default_language: str, *, language: str | None = None) -> Reading:
    """Read one side of a tip; its picture is named as the archive names it ("word/media/image1.png").

    Raises Unreadable: archive-damaged, archive-bomb, xml-unsafe, xml-damaged, docx-damaged, no-title and the
    others of read_page.
    """
    archive = Archive(content)
    _check(archive)
    return read_html(_to_html(content, archive), default_language, language=language, given=Given())


def _check(archive: Archive) -> None:
    if "word/document.xml" not in archive.names:
        raise Unreadable(ImportFault(1, "docx-damaged"))
    for name in archive.all_names:
        _check_part(name, archive.read(name) or b"")


def _check_part(name: str, content: bytes) -> None:
    """Refuse a member that is unsafe as XML: mammoth trusts whichever one the relations name."""
    try:
        xml.parse(content)
    except Unreadable as unreadable:
        if name.endswith((".xml", ".rels")) or unreadable.faults[0].code != "xml-damaged":
            raise


def _to_html(content: bytes, archive: Archive) -> str:
    # Loaded here: it costs 17 MB, which no web process or worker shall pay.
    import mammoth

    names = {_digest(archive.read(name) or b""): name for name in archive.names if name.startswith(_PICTURES)}

    def named(image: Any) -> dict[str, str]:
        with image.open() as stream:
            return {"src": names.get(_digest(stream.read()), "")}

    try:
        done = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLES,
            include_embedded_style_map=False,
            external_file_access=False,
            convert_image=mammoth.images.img_element(named),
        )
    except Exception as fault:
        # It says nowhere what it raises over a document out of shape: KeyError, RecursionError and others.
        raise Unreadable(ImportFault(1, "docx-damaged")) from fault
    return str(done.value)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
