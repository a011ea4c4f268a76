"""``flask campaigns retire``: what is history goes, under the name of who said so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from newsletter_app import audit
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery
from tests.cli.conftest import Shell
from tests.delivery.conftest import World
from tests.factories.engine import Hands, make_composer


def test_only_what_is_long_over_goes(empty: Shell, now: datetime, translations: Path) -> None:
    """Two years are kept whoever asks; then the rows go and the counts stay."""
    ports = empty.ports
    composer = make_composer(translations)
    journals = ports.settings.data_dir / "journals"
    world = World(ports.unit_of_work, Hands(now), journals, ports.links, composer)
    world.launched(readers=2)
    office = world.office()
    world.send(office)
    office.journal.close()
    assert "earlier day" in empty.refusal("campaigns", "retire", "--ended-before", f"{now:%Y-%m-%d}")
    with ports.unit_of_work() as session:
        session.execute(update(Campaign).values(finished_at=now - timedelta(days=800)))
    day = f"{now - timedelta(days=740):%Y-%m-%d}"
    told = empty.told("campaigns", "retire", "--ended-before", day, "--by", "eve@example.org")
    assert told == "Campaigns retired: 1. Their deliveries are gone, their counts stay.\n"
    with empty.look() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
        [entry] = audit.newest(session, 1)
        assert (entry.actor, entry.action) == ("eve@example.org", "campaigns.retired")
    assert empty.data("campaigns", "status", "tip:24", "--json")["tip:24"]["states"] == {"accepted": 2}
