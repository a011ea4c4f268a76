"""The public pages, each in a module of its own; importing this package registers all of them."""

from __future__ import annotations

from newsletter_app.web.public import (
    address,
    change,
    choices,
    confirm,
    embed,
    feeds,
    finding,
    home,
    library,
    outbox,
    personal_data,
    reading,
    restart,
    sent,
    stop,
    subscribe,
    tip_page,
    topic_page,
    useful,
)
from newsletter_app.web.public.blueprint import blueprint

PAGES = (
    address,
    change,
    choices,
    confirm,
    embed,
    feeds,
    finding,
    home,
    library,
    outbox,
    personal_data,
    reading,
    restart,
    sent,
    stop,
    subscribe,
    tip_page,
    topic_page,
    useful,
)

__all__ = ["PAGES", "blueprint"]
