"""Everything that comes back: read, classified, kept once, and its effects on readers and campaigns."""

from newsletter_app.feedback.reading import Action, Failure, Marks, Reading, Shape, read

__all__ = ["Action", "Failure", "Marks", "Reading", "Shape", "read"]
