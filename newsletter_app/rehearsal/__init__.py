"""Rehearsal: a tip's mail sent to one of the staff as its readers would get it; no reader gets anything."""

from newsletter_app.rehearsal.composing import Seat, seat_of
from newsletter_app.rehearsal.models import Rehearsal
from newsletter_app.rehearsal.service import rehearsals_of, rehearse, unrehearsed

__all__ = ["Rehearsal", "Seat", "rehearsals_of", "rehearse", "seat_of", "unrehearsed"]
