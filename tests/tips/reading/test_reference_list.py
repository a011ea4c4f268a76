"""A copied list is parted where a person would part it."""

from __future__ import annotations

import pytest

from newsletter_app.tips.reading import pasted_references

KIM, LEE = "Kim K. Falls. J Age 2021;5(1):1-9.", "Lee L. Feet. 2022."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (" \n\t\n", ()),
        (KIM, (KIM,)),
        (f"7. {KIM}", (KIM,)),
        (f"{KIM}\n{LEE}\n", (KIM, LEE)),
        (f"{KIM}\r\n\r\n{LEE}", (KIM, LEE)),
        (f"1. {KIM}\n2. {LEE}", (KIM, LEE)),
        (f"  1.\t{KIM}\n  2.\t{LEE}", (KIM, LEE)),
        (
            f"[1] {KIM}\nhttps://doi.org/10.1000/falls\n[2] {LEE}",
            (f"{KIM} https://doi.org/10.1000/falls", LEE),
        ),
        (f"{KIM}\ndoi:10.1000/falls\n{LEE}", (f"{KIM} doi:10.1000/falls", LEE)),
        # A reference that was broken into lines is not taken for two.
        ("Kim K. Falls.\nJ Age 2021;5(1):1-9.", ("Kim K. Falls. J Age 2021;5(1):1-9.",)),
        ("Kim K. Falls.\nJ Age.", ("Kim K. Falls. J Age.",)),
    ],
)
def test_copied_references(text: str, found: tuple[str, ...]) -> None:
    assert pasted_references(text) == found
