"""Privacy: what is held about one person, its erasure, and that no backup undoes that."""

from newsletter_app.privacy.erasing import Erased, erase, subject_at
from newsletter_app.privacy.replaying import Replayed, last_words, replay

__all__ = ["Erased", "Replayed", "erase", "last_words", "replay", "subject_at"]
