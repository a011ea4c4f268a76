"""Topics: given by the editor, shown where a tip on the web is about them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from newsletter_app import tips
from newsletter_app.kernel.errors import Breach
from tests.factories.content import make_draft, make_notice, make_tip


@pytest.fixture
def session(session: Session) -> Session:
    """Give a session with three topics."""
    tips.add_topic(session, "feet", {"en": "Feet", "fr": "Pieds"})
    tips.add_topic(session, "balance", {"en": "Balance", "fr": "Équilibre"})
    tips.add_topic(session, "sleep", {"en": "Sleep", "fr": "Sommeil"})
    return session


def test_the_editor_gives_and_takes_them(session: Session, now: datetime) -> None:
    tip = make_tip(session, make_notice(session, now), 1, now)
    tips.set_topics(session, tip, ["sleep", "feet", "sleep"], now)
    assert [topic.name for topic in tips.topics_of(session, tip.id, "fr")] == ["Sommeil", "Pieds"]
    tips.set_topics(session, tip, ["balance"], now)
    assert [topic.slug for topic in tips.topics_of(session, tip.id, "fr")] == ["equilibre"]
    tips.set_topics(session, tip, [], now)
    assert tips.topics_of(session, tip.id, "fr") == []


def test_a_slip_is_refused_whole(session: Session, now: datetime) -> None:
    tip = make_tip(session, make_notice(session, now), 1, now)
    tips.set_topics(session, tip, ["feet"], now)
    with pytest.raises(Breach, match="topic-unknown keys=foot, leg"):
        tips.set_topics(session, tip, ["foot", "balance", "leg"], now)
    assert [topic.slug for topic in tips.topics_of(session, tip.id, "en")] == ["feet"]


@pytest.mark.parametrize(
    ("key", "names"),
    [("feet", ("Toes", "Orteils")), ("toes", ("FEET", "Orteils")), ("toes", ("Toes", "Pieds"))],
)
def test_two_topics_share_neither_key_nor_address(session: Session, key: str, names: tuple[str, str]) -> None:
    with pytest.raises(Breach, match="topic-taken"):
        tips.add_topic(session, key, {"en": names[0], "fr": names[1]})


def test_only_topics_of_tips_on_the_web_are_shown(session: Session, now: datetime) -> None:
    notice = make_notice(session, now)
    for number, keys in ((1, ["feet", "balance"]), (2, ["feet"])):
        tips.set_topics(session, make_tip(session, notice, number, now), keys, now)
    draft = tips.save_draft(session, make_draft(3), notice=notice, now=now).tip
    tips.set_topics(session, draft, ["sleep"], now)
    shown = [(topic.name, topic.tip_count) for topic in tips.topics_shown(session, "fr")]
    assert shown == [("Équilibre", 1), ("Pieds", 2)]
    feet = tips.find_topic(session, "fr", "pieds")
    assert feet is not None
    assert [row.number for row in tips.listed(session, "fr", topic_id=feet.id, limit=9)] == [2, 1]
    assert tips.count_listed(session, topic_id=feet.id) == 2
    assert tips.find_topic(session, "en", "pieds") is None
