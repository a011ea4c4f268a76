"""Trying the links of a tip's mails while somebody waits: some of them, some seconds, not too often (S16)."""

from __future__ import annotations

from typing import Final

from flask.typing import ResponseReturnValue

from newsletter_app import preflight
from newsletter_app.adapters.link_checking import Offline, try_within, while_online
from newsletter_app.adapters.redis_counts import Limit
from newsletter_app.digests import Composer
from newsletter_app.identity import Actor
from newsletter_app.tips import Link, Tip, link_to, writing
from newsletter_app.web.database import commit, forget, session
from newsletter_app.web.ports import fetcher, ports
from newsletter_app.web.public.limits import counted
from newsletter_app.web.staff.blueprint import blueprint
from newsletter_app.web.staff.guards import may
from newsletter_app.web.staff.telling import told
from newsletter_app.web.staff.writing.found import tip_of
from newsletter_app.web.staff.writing.previews import FOLDERS

MOST: Final = 20
SECONDS: Final = 9.0
MINUTE_S: Final = 60
# Each holds a thread that others' pages wait for.
EVERYWHERE: Final = 10


@blueprint.post("/tips/<int:tip_id>/checks/links")
@may("write")
def try_links(_actor: Actor, tip_id: int) -> ResponseReturnValue:
    """Try the links whose turn it is, keep what is found, and show what is to be mended."""
    found = tip_of(tip_id)
    if not counted(Limit(f"links:{tip_id}", 1, MINUTE_S), Limit("links:everywhere", EVERYWHERE, MINUTE_S)):
        return told("staff.checks", "links-tried-lately", tip_id=tip_id)
    links = _next_links(found)
    # No transaction is open while servers of the outside take their time.
    forget()
    try:
        tried = [*while_online(try_within(links, fetcher(), SECONDS))]
    except Offline:
        return told("staff.checks", "nobody-answered", tip_id=tip_id)
    # In one order, so that two who keep the same links never wait for each other.
    for link, seen in sorted(tried):
        preflight.keep_try(session(), link.address, seen, ports().clock())
    commit()
    return told("staff.checks", "links-tried", tip_id=tip_id)


def _next_links(found: Tip) -> list[Link]:
    settings, now = ports().settings, ports().clock()
    composer = Composer(FOLDERS, settings.public_url, settings.mail_from, now)
    with writing.as_written(session(), found):
        mails = preflight.specimens(session(), found, composer, now)
    addresses = frozenset[str]().union(*(mail.links for mail in mails.values()))
    return [link_to(address) for address in preflight.in_turn(session(), addresses, now)[:MOST]]
