"""What a refusal means, whoever spoke it: a server at hand-over or a report that came back days later.

``classify`` reads code, enhanced code and words by tables; ``codes`` and the ``phrases_*`` are those tables.
"""

from newsletter_app.mail.refusals.classifying import classify, codes_in
from newsletter_app.mail.refusals.meanings import Kind, Reason, Verdict

__all__ = ["Kind", "Reason", "Verdict", "classify", "codes_in"]
