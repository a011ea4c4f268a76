"""Privacy: what is held about one person, a copy of it, its erasure, and that no backup undoes that."""

from newsletter_app.privacy.erasing import Erased, erase, subject_at
from newsletter_app.privacy.holdings import Holding, holdings
from newsletter_app.privacy.keeping import let_go
from newsletter_app.privacy.packing import pack
from newsletter_app.privacy.replaying import Replayed, last_words, replay

__all__ = [
    "Erased",
    "Holding",
    "Replayed",
    "erase",
    "holdings",
    "last_words",
    "let_go",
    "pack",
    "replay",
    "subject_at",
]
