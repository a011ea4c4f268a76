"""The words of the audit log: every act that is noted anywhere has some."""

from __future__ import annotations

import ast
import re
from typing import get_args

from newsletter_app.tips.writing.stages import Step
from newsletter_app.web.staff.acts import ACTS
from tests.architecture.source import PRODUCT

KINDS = "campaigns?|dkim|domain|notice|organisation|pace|set-up|subscriber|suppressions?|tip|topic"
NOTED = re.compile(rf"({KINDS})\.[a-z-]+")
# Columns and files that are spelled alike.
OTHERS = {"campaigns.id", "organisation.id", "organisation.yaml"}


def test_every_act_has_words() -> None:
    """A code on the page says nothing to a volunteer."""
    named = {
        node.value
        for path in PRODUCT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NOTED.fullmatch(node.value)
    }
    named |= {f"tip.{step}" for step in get_args(Step)}
    assert "tip.begun" in named
    assert named - OTHERS - ACTS.keys() == set()
