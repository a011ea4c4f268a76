"""What was sent to a reader: the newest first, each tip once, and nothing that did not leave."""

from __future__ import annotations

from sqlalchemy import update

from newsletter_app.delivery import Delivery, lately_sent
from newsletter_app.ledger import State
from tests.delivery.conftest import World


def test_only_what_a_server_took_is_told(world: World) -> None:
    world.launched(readers=2)
    with world.unit_of_work() as session:
        assert lately_sent(session, 1, 10) == []
    world.send(world.office())
    with world.unit_of_work() as session:
        [(tip_id, sent_at)] = lately_sent(session, 1, 10)
        assert sent_at == world.clock()
        assert lately_sent(session, 1, 0) == []
        session.execute(update(Delivery).values(state=State.uncertain))
        assert lately_sent(session, 1, 10) == []
    assert tip_id == 1
