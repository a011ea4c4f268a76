"""A place to listen at, as an operator spells it."""

from __future__ import annotations

import pytest

from newsletter_app.kernel.listening import Place, PlaceFault, read_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        ("127.0.0.1:8025", Place("smtp", "127.0.0.1", 8025)),
        ("smtp:[::1]:25", Place("smtp", "::1", 25)),
        ("lmtp:localhost:24", Place("lmtp", "localhost", 24)),
        ("lmtp:unix:/run/n/f.sock", Place("lmtp", path="/run/n/f.sock")),
        ("unix:/run/n/f.sock", Place("smtp", path="/run/n/f.sock")),
    ],
)
def test_a_place_is_read(text: str, place: Place | None) -> None:
    assert read_place(text) == place
    if place is not None:
        assert read_place(str(place)) == place


@pytest.mark.parametrize(
    "text", ["8025", "127.0.0.1", "host:", ":25", "host:70000", "host:²", "unix:f.sock", "unix:/" + "a" * 107]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(PlaceFault, match="is '"):
        read_place(text)
