"""The blueprint that every public page registers on."""

from __future__ import annotations

from flask import Blueprint

from newsletter_app.web.paths import BLUEPRINT

blueprint = Blueprint(BLUEPRINT, __name__)
