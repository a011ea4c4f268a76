"""The organisation as facts: one row, its words in both languages, and when each cadence is sent."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from newsletter_app.kernel.base import Base
from newsletter_app.kernel.languages import Language

THE_ONE = 1


class Organisation(Base):
    """Who sends: the identification that the law asks for (SOR/2012-36 s. 2), and the defaults."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint(f"id = {THE_ONE}", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=THE_ONE)
    charity_number: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    donation_url: Mapped[str] = mapped_column(String(300), default="")
    privacy_contact: Mapped[str] = mapped_column(String(320), default="")
    alert_address: Mapped[str] = mapped_column(String(320), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Edmonton")
    default_language: Mapped[str] = mapped_column(String(2), default="en")
    # "#0B4A40", or "" for the house's own; the logo is the name of a stored picture.
    main_colour: Mapped[str] = mapped_column(String(7), default="", server_default="")
    main_colour_dark: Mapped[str] = mapped_column(String(7), default="", server_default="")
    accent_colour: Mapped[str] = mapped_column(String(7), default="", server_default="")
    logo: Mapped[str] = mapped_column(String(60), default="", server_default="")
    # How many tips stand whole in one mail; the others are told of, with a link.
    whole_tips: Mapped[int] = mapped_column(default=3, server_default="3")
    # Whether whoever wrote a tip may also say that it was checked.
    writer_may_approve: Mapped[bool] = mapped_column(default=True, server_default=true())

    sides: Mapped[list[OrganisationSide]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    slots: Mapped[list[CadenceSlot]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def side(self, language: Language) -> OrganisationSide:
        """Return the organisation's words in ``language``; both always exist."""
        return next(side for side in self.sides if side.language == language)


class OrganisationSide(Base):
    """The organisation in one language."""

    __tablename__ = "organisation_sides"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    appeal: Mapped[str] = mapped_column(String(600), default="")
    postal_address: Mapped[str] = mapped_column(String(300), default="")


class CadenceSlot(Base):
    """The weekday (0 = Monday), day of the month and hour at which a cadence is sent, in local time."""

    __tablename__ = "cadence_slots"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    cadence: Mapped[str] = mapped_column(String(8), primary_key=True)
    weekday: Mapped[int | None]
    day_of_month: Mapped[int | None]
    hour: Mapped[int] = mapped_column(default=9)
