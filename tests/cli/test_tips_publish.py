"""``flask tips publish`` and ``list``: now, at a time, on the web; what cannot go out is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter_app import audit, campaigns, notices, tips
from newsletter_app.media import Image
from newsletter_app.tips import ImageDraft
from tests.cli.conftest import Shell
from tests.factories.content import make_draft


def draft(shell: Shell, now: datetime, number: int | None = 24, key: str = "tips", **changes: object) -> None:
    """Save a tip with one side; it is not on the web."""
    with shell.look() as session:
        notice = notices.find_by_key(session, key)
        assert notice is not None
        tips.save_draft(session, make_draft(number, **changes), notice=notice, now=now)


def planned(shell: Shell, occurrence: str = "tip:24") -> tuple[str, datetime, str] | None:
    """Return a campaign's state, due time and who asked, or None."""
    with shell.look() as session:
        campaign = campaigns.find_by_occurrence(session, occurrence)
        return (campaign.state, campaign.due_at, campaign.created_by) if campaign else None


def state(shell: Shell) -> str:
    (row,) = shell.data("tips", "list")
    return str(row["state"])


def test_now(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    told = shell.told("tips", "publish", "24", "--by", "bo@example.org")
    assert "The tip is on its way" in told
    assert "Note: it has no French side" in told
    assert planned(shell) == ("scheduled", now, "bo@example.org")


@pytest.mark.parametrize("name", ["24", "#24"])
def test_at_a_time(shell: Shell, now: datetime, name: str) -> None:
    draft(shell, now)
    told = shell.told("tips", "publish", name, "--at", "2026-12-01 09:00", "--zone", "America/Halifax")
    assert "on Tuesday, December 1, 2026, 9 a.m. (America/Halifax, UTC-04:00)." in told
    found = planned(shell)
    assert found is not None
    assert found[1] == datetime(2026, 12, 1, 13, 0, tzinfo=UTC)
    assert state(shell) == "draft"


def test_the_zone_is_the_organisations(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    shell.told("tips", "publish", "24", "--at", "2026-07-01 09:00")
    found = planned(shell)
    assert found is not None
    assert found[1] == datetime(2026, 7, 1, 15, 0, tzinfo=UTC)


def test_it_can_be_moved_until_it_was_launched(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    shell.told("tips", "publish", "24", "--at", "2026-12-01 09:00")
    shell.told("tips", "publish", "24", "--at", "2026-12-02 09:00")
    shell.told("tips", "publish", "24")
    with shell.look() as session:
        assert len(campaigns.launch_due(session, now)) == 1
    assert "This tip went out before" in shell.told("tips", "publish", "24")
    assert "It cannot be moved." in shell.refusal("tips", "publish", "24", "--at", "2026-12-02 09:00")
    with shell.look() as session:
        assert [entry.action for entry in audit.newest(session)] == ["tip.scheduled"] * 3


def test_on_the_web_only(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    told = shell.told("tips", "publish", "24", "--web-only")
    assert told == "The tip is on the web: /tips/24-walk-a-little-24\nNobody is mailed.\n"
    assert (state(shell), planned(shell)) == ("published", None)


def test_one_without_a_number_goes_by_its_address(shell: Shell, now: datetime) -> None:
    draft(shell, now, None, "events", title="Coffee and cake")
    shell.told("tips", "publish", "coffee-and-cake")
    with shell.look() as session:
        (tip,) = tips.all_tips(session)
    assert planned(shell, f"tip:id:{tip.id}") is not None


def test_an_hour_that_comes_twice_is_told(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    told = shell.told("tips", "publish", "24", "--at", "2026-11-01 01:30")
    assert "shows this hour twice; the first one is meant" in told
    assert "shows this hour twice" not in shell.told("tips", "publish", "24", "--at", "2026-11-01 03:30")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["25"], "There is no tip 25; `flask tips list` shows them all."),
        (["9" * 40], "There is no tip"),
        (["24", "--at", "2026-03-08 02:30"], "the clock springs forward"),
        (["24", "--at", "2026-03-02 07:59"], "is past; it is Monday, March 2, 2026, 9 a.m."),
        (["24", "--at", "2025-12-01 09:00"], "is past"),
        (["24", "--at", "soon"], "is no date and hour: write it as 2026-12-01 09:00."),
        (["24", "--at", "2026-12-01 09:00", "--zone", "Calgary"], "'Calgary' is no time zone"),
        (["24", "--zone", "UTC"], "without --at the tip goes out now"),
        (["24", "--web-only", "--at", "2026-12-01 09:00"], "takes neither --at nor --zone"),
    ],
)
def test_refusals_change_nothing(shell: Shell, now: datetime, words: list[str], told: str) -> None:
    draft(shell, now)
    assert told in " ".join(shell.refusal("tips", "publish", *words).split())
    assert (state(shell), planned(shell)) == ("draft", None)


def test_a_moment_just_past_is_now(shell: Shell, now: datetime) -> None:
    """Whoever typed "9:00" at ten past nine means this morning."""
    draft(shell, now)
    assert "on its way" in shell.told("tips", "publish", "24", "--at", "2026-03-02 08:30")
    found = planned(shell)
    assert found is not None
    assert now - timedelta(hours=1) < found[1] < now


@pytest.mark.parametrize("web_only", [True, False])
def test_an_incomplete_tip_is_refused_at_once(shell: Shell, now: datetime, web_only: bool) -> None:
    """Not at its time, when nobody looks."""
    draft(shell, now, lead=" ")
    how = ["--web-only"] if web_only else ["--at", "2026-12-01 09:00"]
    refusal = shell.refusal("tips", "publish", "24", *how)
    assert "the English side has no lead, the first paragraph" in refusal
    assert "Nothing was changed." in refusal
    assert (state(shell), planned(shell)) == ("draft", None)


def test_nobody_is_mailed_before_the_sender_is_known(empty: Shell, shell: Shell, now: datetime) -> None:
    """L7: held when it is scheduled, not only when it would go out."""  # L7
    draft(shell, now)
    shell.told("organisation", "set", "--postal-address-fr", "")
    refusal = shell.refusal("tips", "publish", "24", "--at", "2026-12-01 09:00")
    assert "the organisation has no French postal address" in refusal
    assert planned(shell) is None


def test_a_mail_that_could_not_be_composed_is_refused_at_once(shell: Shell, now: datetime) -> None:
    draft(shell, now, body="Slot7Qx is not for authors.[^1]")
    assert "it holds the word Slot7Qx" in shell.refusal("tips", "publish", "24")


def test_a_withdrawn_tip_is_not_mailed(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    shell.told("tips", "publish", "24", "--web-only")
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        tips.withdraw(session, tip, "wrong", now)
    assert state(shell) == "withdrawn"
    assert "it was withdrawn" in shell.refusal("tips", "publish", "24")
    shell.told("tips", "publish", "24", "--web-only")
    assert "on its way" in shell.told("tips", "publish", "24")


def test_the_list_is_data(shell: Shell, now: datetime) -> None:
    draft(shell, now)
    assert shell.data("tips", "list") == [
        {
            "name": "24",
            "number": 24,
            "state": "draft",
            "stage": "draft",
            "published_at": None,
            "picture_until": None,
            "notes": [],
            "sides": [
                {
                    "language": "en",
                    "title": "Walk a little 24",
                    "path": "/tips/24-walk-a-little-24",
                    "revision": 1,
                }
            ],
        }
    ]
    assert shell.told("tips", "list") == "24  draft  en: Walk a little 24\n"


def test_no_tip_yet(shell: Shell) -> None:
    assert shell.data("tips", "list") == []
    assert "There is no tip yet" in shell.told("tips", "list")


def test_the_end_of_a_pictures_rights_is_told(shell: Shell, now: datetime) -> None:
    picture = ImageDraft("", "", True, "Ada", "", "", "", rights_until="2026-03-20")
    draft(shell, now, image=picture)
    with shell.look() as session:
        tip = tips.find_by_number(session, 24)
        assert tip is not None
        image = Image(name="a.png", sha256="0", mime="image/png", width=8, height=8, octets=9, created_at=now)
        session.add(image)
        session.flush()
        tip.image_id = image.id
    soon = "the rights to its picture end with 2026-03-20, and then it is shown no more"
    assert f"  Note: {soon}" in shell.told("tips", "list").splitlines()
    assert shell.data("tips", "list")[0]["picture_until"] == "2026-03-20"
    told = shell.told("tips", "publish", "24", "--at", "2026-03-21 09:00")
    assert "Note: the rights to its picture ended with 2026-03-20, so it goes without." in told
    assert f"Note: {soon}" in shell.told("tips", "publish", "24", "--at", "2026-03-20 23:00")
