"""The pages from which mail goes out, and on which it is watched; importing this package registers them."""

from __future__ import annotations

from newsletter_app.web.staff.sending import (
    acts,
    campaign_list,
    campaign_page,
    explaining,
    rehearsing,
    scheduling,
)

PAGES = (acts, campaign_list, campaign_page, explaining, rehearsing, scheduling)
