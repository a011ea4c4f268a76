"""The console, each page in a module of its own; importing this package registers all of them."""

from __future__ import annotations

from newsletter_app.web.staff import (
    account,
    again,
    begin,
    board,
    frame,
    home,
    log,
    mails,
    own_language,
    password,
    people,
    second_factor,
    set_up,
    sign_in,
)
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.sending import PAGES as SENDING
from newsletter_app.web.staff.writing import PAGES as WRITING

PAGES = (
    account,
    again,
    begin,
    board,
    frame,
    home,
    log,
    mails,
    own_language,
    password,
    people,
    second_factor,
    set_up,
    sign_in,
    *WRITING,
    *SENDING,
)

__all__ = ["PAGES", "blueprint"]
