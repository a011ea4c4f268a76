"""Parses XML from outside; refuses document types and entities, and whatever would fill the memory (S18)."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, ParseError

from newsletter_app.tips import ImportFault, Unreadable

__all__ = ["MAX_OCTETS", "Element", "parse"]

MAX_OCTETS: Final = 64_000_000
MAX_MARKS: Final = 1_500_000


def parse(content: bytes) -> Element:
    """Return the root. Raises Unreadable: xml-too-large, xml-unsafe, xml-damaged (at its line)."""
    # Loaded here, since web and workers load this room's commands and never read XML.
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(content) > MAX_OCTETS or content.count(b"<") > MAX_MARKS:
        raise Unreadable(ImportFault(1, "xml-too-large"))
    try:
        return fromstring(content, forbid_dtd=True)
    except DefusedXmlException as fault:
        raise Unreadable(ImportFault(1, "xml-unsafe")) from fault
    except ParseError as fault:
        raise Unreadable(ImportFault(max(1, fault.position[0]), "xml-damaged")) from fault
    except (LookupError, ValueError) as fault:
        # An encoding that nobody knows.
        raise Unreadable(ImportFault(1, "xml-damaged")) from fault
