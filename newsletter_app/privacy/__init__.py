"""Privacy: what is held about one person, a copy of it for them, and its erasure."""

from newsletter_app.privacy.erasing import Erased, erase, subject_at

__all__ = ["Erased", "erase", "subject_at"]
