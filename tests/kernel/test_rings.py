"""Rings leave after the outermost commit, once each, and never after a rollback."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from newsletter_app.kernel.rings import Ring, ring


def test_a_ring_waits_for_the_commit(sessions: sessionmaker[Session], rung: list[Ring]) -> None:
    """Whoever hears it finds the row; two rings for one job are one."""
    with sessions() as session:
        session.execute(text("SELECT 1"))
        ring(session, "decide_signups")
        ring(session, "decide_signups")
        ring(session, "send_shard", 4, 2)
        assert rung == []
        session.commit()
    assert rung == [Ring("decide_signups"), Ring("send_shard", (4, 2))]


def test_a_rollback_silences(sessions: sessionmaker[Session], rung: list[Ring]) -> None:
    """What did not happen is not announced, neither then nor at the next commit."""
    with sessions() as session:
        session.execute(text("SELECT 1"))
        ring(session, "decide_signups")
        session.rollback()
        session.execute(text("SELECT 1"))
        session.commit()
    assert rung == []


@pytest.mark.parametrize("released", [True, False])
def test_savepoints_neither_fire_nor_lose(
    sessions: sessionmaker[Session], rung: list[Ring], released: bool
) -> None:
    """A savepoint's end is not the end; rings asked for before it survive its rollback."""
    with sessions() as session:
        session.execute(text("SELECT 1"))
        ring(session, "decide_signups")
        savepoint = session.begin_nested()
        session.execute(text("SELECT 1"))
        savepoint.commit() if released else savepoint.rollback()
        assert rung == []
        session.commit()
    assert rung == [Ring("decide_signups")]


def test_an_error_in_the_block_silences(sessions: sessionmaker[Session], rung: list[Ring]) -> None:
    """A unit of work that fails rings nothing."""
    with pytest.raises(LookupError), sessions.begin() as session:
        session.execute(text("SELECT 1"))
        ring(session, "decide_signups")
        raise LookupError
    assert rung == []
