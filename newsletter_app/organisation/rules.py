"""What identification the law asks for; decides from values, knows no session."""

from __future__ import annotations

from newsletter_app.kernel.languages import LANGUAGES
from newsletter_app.organisation.models import Organisation


def missing_identification(organisation: Organisation | None) -> tuple[str, ...]:
    """Return codes of what a form or a bulk mail may not go without (CASL s. 6(2), SOR/2012-36 s. 2–4).

    ``name-en``, ``postal-address-fr`` … and ``contact`` (no phone, e-mail or website); empty when complete.
    """
    if organisation is None:
        return ("organisation",)
    written = {side.language: side for side in organisation.sides}
    missing = []
    for language in LANGUAGES:
        side = written.get(language)
        missing += [f"name-{language}"] if side is None or not side.name.strip() else []
        missing += [f"postal-address-{language}"] if side is None or not side.postal_address.strip() else []
    if not any(text.strip() for text in (organisation.phone, organisation.email, organisation.website)):
        missing.append("contact")
    return tuple(missing)
