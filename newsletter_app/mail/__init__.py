"""The wire: messages compiled once and filled per reader, and their way out; refuses databases and words.

This door holds the composing half. Sending is entered by its own modules.
"""

from newsletter_app.mail.compile import Compiled, CompiledRefused, Content, compile_message
from newsletter_app.mail.compiled import Signer
from newsletter_app.mail.dkim import Signing
from newsletter_app.mail.dkim_keys import KeyRefused, SigningKey
from newsletter_app.mail.headers import HeaderRefused
from newsletter_app.mail.inline import inline_css
from newsletter_app.mail.keyring import Keyring
from newsletter_app.mail.slots import MarkCollision, Slot, SlotUnfilled, contains_mark, mark
from newsletter_app.mail.text import render as render_text

__all__ = [
    "Compiled",
    "CompiledRefused",
    "Content",
    "HeaderRefused",
    "KeyRefused",
    "Keyring",
    "MarkCollision",
    "Signer",
    "Signing",
    "SigningKey",
    "Slot",
    "SlotUnfilled",
    "compile_message",
    "contains_mark",
    "inline_css",
    "mark",
    "render_text",
]
