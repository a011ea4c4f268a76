"""A notice's own template that fails after the tip was scheduled holds the campaign until it is mended."""

from __future__ import annotations

import shutil
from pathlib import Path

from newsletter_app import campaigns
from newsletter_app.campaigns import Campaign
from newsletter_app.digests import Composer, Folders
from tests.delivery.conftest import World
from tests.factories.engine import MARCH
from tests.fakes.transports import ScriptedTransport


def test_a_faulty_template_holds_the_campaign_and_says_where(
    world: World, templates: Path, translations: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(templates / "email", folder / "email")
    own = folder / "email/digest/tips"
    own.mkdir()
    (own / "subject.txt").write_text("{{ notices[0] }}\n{{ nam }}")
    folders = Folders(folder, translations)
    world.composer = Composer(folders, "https://news.example.org", "tips@example.org", MARCH)
    transport = ScriptedTransport(world.clock)
    world.launched(readers=1)
    world.send(world.office(transport))
    with world.unit_of_work() as session:
        campaign = session.get_one(Campaign, world.campaign_id)
        assert campaign.state == "paused"
        assert campaign.pause_reason == "email/digest/tips/subject.txt, line 2: 'nam' is undefined"
        assert transport.taken == []
        (own / "subject.txt").unlink()
        campaigns.resume(session, campaign, "op@x.ca", world.clock())
    world.plan()
    world.clock.move(hours=1)  # The shard's lease of before has run out.
    world.send(world.office(transport))
    assert len(transport.taken) == 1
