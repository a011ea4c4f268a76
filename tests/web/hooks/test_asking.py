"""Whatever JSON a proven provider sends, its reader gives events or none, and never a fault."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.web.hooks import mailgun, postmark, sendgrid, ses
from newsletter_app.web.hooks.asking import moment
from tests.web.hooks import samples

READERS = (
    lambda event: ses.events(event, "id"),
    postmark.events,
    sendgrid.events,
    lambda event: mailgun.events(event, "token"),
)
SAMPLES: tuple[dict[str, Any], ...] = (
    samples.ses_bounce("b-x", message_id="<m@x>"),
    samples.ses_complaint("b-x"),
    samples.postmark_bounce("x"),
    samples.postmark_change("b-x"),
    samples.sendgrid_event("<m@x>"),
    samples.mailgun_event("<m@x>"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def holes(event: Any, put: Any) -> list[Any]:
    """Return the event with ``put`` in the place of each of its values, however deep."""
    if not isinstance(event, dict):
        return [put]
    return [put, *(event | {name: other} for name, inner in event.items() for other in holes(inner, put))]


@given(JSON)
def test_any_value_anywhere_is_read(put: Any) -> None:  # M46
    for sample in SAMPLES:
        for event in holes(sample, put):
            for events in READERS:
                assert all(isinstance(one.raw, bytes) and one.key for one in events(event))


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    moment(text)
    assert moment("1772467170") is not None
    assert moment("²") is None
