"""Rehearsal: a tip's mail sent to one of the staff as its readers would get it; no reader gets anything."""

from newsletter_app.rehearsal.models import Rehearsal

__all__ = ["Rehearsal"]
