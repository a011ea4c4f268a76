"""One round of sending by another process, as a worker started anew: it shares only disk and database.

``python -m tests.delivery.elsewhere DATABASE_URL JOURNALS CAMPAIGN MOMENT TRANSLATIONS`` prints each message
in hexadecimal.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import sessionmaker

from newsletter_app.kernel.base import make_engine
from newsletter_app.kernel.unit_of_work import unit_of_work_from
from tests.delivery.conftest import World
from tests.factories.engine import ROOT, Hands, make_composer
from tests.factories.people import LINKS
from tests.fakes.transports import ScriptedTransport


def sent_elsewhere(world: World, database_url: str, translations: Path) -> list[bytes]:
    """Return what another process hands over when it sends the world's campaign at the world's time."""
    facts = [database_url, str(world.folder), str(world.campaign_id), world.clock().isoformat()]
    facts.append(str(translations))
    command = [sys.executable, "-m", "tests.delivery.elsewhere", *facts]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return [bytes.fromhex(line) for line in done.stdout.split()]


def main(database_url: str, journals: Path, campaign_id: int, now: datetime, translations: Path) -> None:
    """Send, and print what was handed over."""
    engine = make_engine(database_url)
    units, clock = unit_of_work_from(sessionmaker(engine, expire_on_commit=False)), Hands(now)
    world = World(units, clock, journals, LINKS, make_composer(translations))
    world.campaign_id = campaign_id
    transport = ScriptedTransport(clock)
    world.send(world.office(transport))
    print("\n".join(bytes(parcel.message).hex() for parcel in transport.taken))


if __name__ == "__main__":
    url, folder, campaign, moment, words = sys.argv[1:]
    main(url, Path(folder), int(campaign), datetime.fromisoformat(moment), Path(words))
