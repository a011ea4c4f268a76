"""Topics: what tips are about, called by a name in each language; an editor gives them to tips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.errors import Breach
from newsletter_app.kernel.languages import LANGUAGES, Language
from newsletter_app.tips.models import Tip
from newsletter_app.tips.reading.slugs import slugify


class Topic(Base):
    """Something that tips are about; ``key`` is what files and commands call it."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)

    sides: Mapped[list[TopicSide]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class TopicSide(Base):
    """A topic in one language: its name, and the last part of its page's address."""

    __tablename__ = "topic_sides"
    __table_args__ = (UniqueConstraint("language", "slug"),)

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    slug: Mapped[str] = mapped_column(String(80))


class TipTopic(Base):
    """A tip is about a topic; ``position`` is the editor's order."""

    __tablename__ = "tip_topics"

    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(
        ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class TopicView(NamedTuple):
    """A topic in one language; ``tip_count`` are the tips on the web about it, 0 where nobody counted."""

    id: int
    name: str
    slug: str
    tip_count: int = 0


def add_topic(session: Session, key: str, names: Mapping[Language, str]) -> Topic:
    """Add a topic. Raises Breach ``topic-taken`` where its key or a name is another topic's already."""
    slugs = {language: slugify(names[language], language) for language in LANGUAGES}
    same = [and_(TopicSide.language == language, TopicSide.slug == slug) for language, slug in slugs.items()]
    taken = select(TopicSide.topic_id).where(or_(*same))
    if session.scalar(select(Topic.id).where((Topic.key == key) | Topic.id.in_(taken)).limit(1)):
        raise Breach("topic-taken", key=key)
    topic = Topic(key=key)
    topic.sides = [
        TopicSide(language=language, name=names[language], slug=slugs[language]) for language in LANGUAGES
    ]
    session.add(topic)
    session.flush()
    return topic


def all_topics(session: Session) -> Sequence[Topic]:
    """Return every topic in the order of the keys."""
    return session.scalars(select(Topic).order_by(Topic.key)).all()


def give_topics(session: Session, tip: Tip, keys: Sequence[str]) -> None:
    """Let ``tip`` be about these topics and no others. Raises Breach ``topic-unknown`` naming the keys."""
    wanted = list(dict.fromkeys(keys))
    ids = {topic.key: topic.id for topic in session.scalars(select(Topic).where(Topic.key.in_(wanted)))}
    if unknown := [key for key in wanted if key not in ids]:
        raise Breach("topic-unknown", keys=", ".join(unknown))
    session.execute(delete(TipTopic).where(TipTopic.tip_id == tip.id))
    session.add_all(
        TipTopic(tip_id=tip.id, topic_id=ids[key], position=position)
        for position, key in enumerate(wanted, 1)
    )
    session.flush()


def topics_of(session: Session, tip_id: int, language: Language) -> list[TopicView]:
    """Return what a tip is about, in the editor's order."""
    mine = (
        select(TopicSide.topic_id, TopicSide.name, TopicSide.slug)
        .join(TipTopic, TipTopic.topic_id == TopicSide.topic_id)
        .where(TipTopic.tip_id == tip_id, TopicSide.language == language)
        .order_by(TipTopic.position)
    )
    return [TopicView(*row) for row in session.execute(mine)]


def topics_shown(session: Session, language: Language) -> list[TopicView]:
    """Return the topics that a tip on the web is about, by name."""
    shown = (
        select(TopicSide.topic_id, TopicSide.name, TopicSide.slug, func.count(Tip.id))
        .join(TipTopic, TipTopic.topic_id == TopicSide.topic_id)
        .join(Tip, Tip.id == TipTopic.tip_id)
        .where(TopicSide.language == language, Tip.state == "published", Tip.withdrawn_at.is_(None))
        .group_by(TopicSide.topic_id, TopicSide.name, TopicSide.slug)
    )
    found = [TopicView(*row) for row in session.execute(shown)]
    # By the letters without accents: a database sorts "Équilibre" behind Z.
    return sorted(found, key=lambda topic: slugify(topic.name, language))


def find_topic(session: Session, language: Language, slug: str) -> Topic | None:
    """Return the topic whose page is called ``slug`` in ``language``, or None."""
    named = select(TopicSide.topic_id).where(TopicSide.language == language, TopicSide.slug == slug)
    return session.scalar(select(Topic).where(Topic.id.in_(named)))
