"""Digests: the mail that gathers one or more tips for a reader, composed with slots; it knows no campaign."""

from newsletter_app.digests.composing import SLOTS, Composer, DigestOf, Folders, identity
from newsletter_app.digests.fragments import Fragment, Link, anchor_of, render_fragment
from newsletter_app.digests.list_fields import list_fields

__all__ = [
    "SLOTS",
    "Composer",
    "DigestOf",
    "Folders",
    "Fragment",
    "Link",
    "anchor_of",
    "identity",
    "list_fields",
    "render_fragment",
]
