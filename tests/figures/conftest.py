"""The world of deliveries, whose campaigns are counted here."""

from tests.delivery.conftest import clock, world

__all__ = ["clock", "world"]
