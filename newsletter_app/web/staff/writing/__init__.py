"""The pages on which a tip is written; importing this package registers all of them."""

from __future__ import annotations

from newsletter_app.web.staff.writing import (
    beginning,
    checks,
    edit,
    importing,
    link_trying,
    pictures,
    previews,
    references,
    revisions,
    stages,
    tip_list,
)

PAGES = (
    beginning,
    checks,
    edit,
    importing,
    link_trying,
    pictures,
    previews,
    references,
    revisions,
    stages,
    tip_list,
)
