"""What is told of a reader and a tip agrees with what was planned and delivered, over random histories."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from newsletter_app.campaigns import EditionItem
from newsletter_app.delivery import Delivery
from newsletter_app.planning import Code, explain, known_of
from newsletter_app.tips import Publication
from tests.planning.test_against_model import (
    ASKED_FOR_IT,
    BEHIND,
    HAD_BY_ANOTHER_WAY,
    IN_BOTH,
    LEFT,
    PAUSED_TOO_LATE,
    READERS,
    REFUSED_BY_OUR_FAULT,
    STOPPED_ONE_OF_TWO,
    TURNED_TOO_LATE,
    WITHDRAWN_BEFORE_ITS_TURN,
    History,
    beginnings,
    steps,
)

TO_COME = {Code.waits, Code.comes_again}


@example(IN_BOTH, STOPPED_ONE_OF_TWO)
@example(IN_BOTH, PAUSED_TOO_LATE)
@example(IN_BOTH, REFUSED_BY_OUR_FAULT)
@example(IN_BOTH, HAD_BY_ANOTHER_WAY)
@example(IN_BOTH, WITHDRAWN_BEFORE_ITS_TURN)
@example(IN_BOTH, BEHIND)
@example(IN_BOTH, LEFT)
@example(IN_BOTH, TURNED_TOO_LATE)
@example(IN_BOTH, ASKED_FOR_IT)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(beginnings, st.lists(steps, min_size=2, max_size=9))
def test_the_answer_is_what_happened(
    engine: Engine, begun: list[tuple[int, int]], taken: list[tuple[Any, ...]]
) -> None:
    """Received if and only if a server took it; to come if and only if the model finds it unseen."""
    with Session(engine) as session:
        history = History(session)
        for step in [("confirm", *who) for who in begun] + list(taken):
            history.live(step)
        session.expire_all()
        for r in range(READERS):
            for tip in history.tips:
                code = explain(known_of(session, history.readers[r], tip, history.now), history.now).code
                assert (code is Code.received) == _was_accepted(session, history.readers[r].id, tip.id)
                assert (code in TO_COME) == _is_unseen(history, r, tip.id)
        session.rollback()


def _was_accepted(session: Session, subscriber_id: int, tip_id: int) -> bool:
    rows = (
        select(Delivery.campaign_id)
        .join(EditionItem, EditionItem.edition_id == Delivery.edition_id)
        .join(Publication, Publication.id == EditionItem.publication_id)
        .where(Delivery.subscriber_id == subscriber_id, Publication.tip_id == tip_id)
    )
    return session.scalars(rows.where(Delivery.state == "accepted").limit(1)).one_or_none() is not None


def _is_unseen(history: History, r: int, tip_id: int) -> bool:
    """Whether the next campaign of some notice's cadence would plan the tip for the reader."""
    model = history.model
    if r in model.paused or tip_id in model.withdrawn or (r, tip_id) in model.had:
        return False
    return any(
        model.tips[publication] == tip_id and publication not in found.reserved
        for (reader, notice), found in model.subscriptions.items()
        if reader == r and found.active
        for publication in model.placed.get(notice, [])
    )
