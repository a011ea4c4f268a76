"""A tip goes out in three steps: seen as a mail, given a moment, looked at once more; and is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter_app import campaigns, tallies, tips
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.notices import Notice
from newsletter_app.subscribers import Subscriber
from newsletter_app.tips import Tip
from tests.factories.content import make_draft
from tests.web.staff.conftest import Desks
from tests.web.staff.sending.conftest import PUBLISHER, Desktop

SLOT = datetime(2026, 3, 3, 16, tzinfo=UTC)


def test_a_tip_nobody_has_seen_is_not_scheduled(desktop: Desktop) -> None:  # S24
    """Neither at first, nor after a change; the page says what to do."""
    for _ in range(2):
        page = desktop.desk.get(f"{desktop.send}/check", query_string=desktop.choice())
        assert "Nobody has seen it as it is now in: English, French" in page.text
        assert "Schedule it" not in page.text
        refused = desktop.desk.post(desktop.send, desktop.choice())
        assert refused.status_code == 422
        assert "Send yourself a test mail first" in refused.text
        desktop.rehearse()
        change_a_word(desktop)
    assert [entry.action for entry in desktop.noted()].count("tip.scheduled") == 0


def change_a_word(desktop: Desktop) -> None:
    with desktop.world.write() as session:
        tip = session.get_one(Tip, desktop.tip_id)
        changed = make_draft(24, "en", lead="A longer walk may help more.")
        notice = session.get_one(Notice, tip.notice_id)
        tips.save_draft(session, changed, notice=notice, now=desktop.world.clock(), into=tip)


def test_now_is_in_ten_minutes_and_one_press_takes_it_back(desktop: Desktop) -> None:  # S24
    desktop.rehearse()
    campaign = desktop.schedule()
    now = desktop.world.clock()
    assert (campaign.state, campaign.due_at, campaign.created_by) == (
        "scheduled", now + timedelta(minutes=10), PUBLISHER,
    )  # fmt: skip
    page = desktop.desk.page(f"/console/campaigns/{campaign.id}")
    assert page.one("button", id="undo").text == "Take it back"
    answer = desktop.desk.post(f"/console/campaigns/{campaign.id}/undo")
    assert answer.location == f"/console/campaigns/{campaign.id}?said=campaign-called-off"
    assert desktop.campaign().state == "cancelled"
    assert [entry.action for entry in desktop.noted()[:2]] == ["campaign.called-off", "tip.scheduled"]
    assert {entry.actor for entry in desktop.noted()[:2]} == {PUBLISHER}
    assert desktop.schedule(when="at", date="2026-03-05", time="14:30").due_at == datetime(
        2026, 3, 5, 21, 30, tzinfo=UTC
    )


def test_what_began_is_not_taken_back(desktop: Desktop) -> None:
    desktop.rehearse()
    campaign = desktop.schedule()
    desktop.world.clock.forward(minutes=10)
    with desktop.world.write() as session:
        assert campaigns.launch_due(session, desktop.world.clock()) == [campaign.id]
    answer = desktop.desk.post(f"/console/campaigns/{campaign.id}/undo")
    assert answer.status_code == 409
    assert "It has begun meanwhile." in answer.text
    assert desktop.campaign().state == "planning"
    page = desktop.desk.get(desktop.send)
    assert "nobody gets a tip twice" in page.text
    assert desktop.desk.post(desktop.send, desktop.choice()).status_code == 422


def test_the_next_free_slot_is_offered_and_shown_as_a_moment(desktop: Desktop) -> None:
    page = desktop.desk.page(desktop.send)
    assert [(box["value"], "checked" in box) for box in page.all("input", name="when")] == [
        ("slot", True), ("at", False), ("now", False),
    ]  # fmt: skip
    assert "Tuesday, March 3, 9\u00a0a.m." in page.one("label", for_="slot").text.replace(
        " a.m.", "\u00a0a.m."
    )
    desktop.rehearse()
    last = desktop.desk.page(f"{desktop.send}/check?when=slot&notice={desktop.notice_id}")
    hidden = {box["name"]: box["value"] for box in last.all("input", type="hidden")}
    assert (hidden["when"], hidden["date"], hidden["time"]) == ("at", "2026-03-03", "09:00")
    assert desktop.schedule(**hidden).due_at == SLOT


def test_a_moment_that_passes_meanwhile_is_no_other_one(desktop: Desktop) -> None:
    desktop.rehearse()
    wanted = desktop.choice(when="at", date="2026-03-02", time="09:10")
    assert "Schedule it" in desktop.desk.get(f"{desktop.send}/check", query_string=wanted).text
    desktop.world.clock.forward(minutes=16)
    answer = desktop.desk.post(desktop.send, wanted)
    assert answer.status_code == 422
    assert "This moment is over." in answer.text


def test_the_last_page_tells_everything(desktop: Desktop) -> None:
    desktop.rehearse()
    text = desktop.desk.get(f"{desktop.send}/check", query_string=desktop.choice()).text
    page = desktop.desk.page(f"{desktop.send}/check", query_string=desktop.choice())
    assert [cell.text for cell in page.all("th", scope="row")] == ["each tip", "once a week"]
    assert [cell.text for cell in page.all("td")] == ["2", "1", "3", "1", "0", "1"]
    assert "Health tips" in text
    assert "Tip 24: Walk a little 24" in text
    assert "Conseil 24\u00a0: Marchez un peu 24" in text
    assert "A short walk may help." in text
    assert "Une petite marche peut aider." in text
    assert page.all("input", id="readers") == []


@pytest.mark.parametrize(
    ("typed", "status"), [("", 422), ("1000", 422), ("12,345", 303), ("12 300", 303), ("12200", 422)]
)
def test_above_a_thousand_the_number_is_typed(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:  # S24
    """A few may have come or gone since the page was shown."""
    desktop.rehearse()
    with desktop.world.write() as session:
        group = {"language": "en", "layout": "standard", "reads": {str(desktop.notice_id): "each"}}
        facts = {"groups": [group | {"readers": 12_345}]}
        tallies.keep(session, "audience", lambda: facts, desktop.world.clock(), lambda: 0.0)
    page = desktop.desk.page(f"{desktop.send}/check", query_string=desktop.choice())
    assert page.one("input", id="readers")["value"] == ""
    answer = desktop.desk.post(desktop.send, desktop.choice(readers=typed))
    assert answer.status_code == status
    if status == 422:
        assert "Type how many readers get it: 12,345" in answer.text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"notice": ""}, "notice"),
        ({"when": "at"}, "date"),
        ({"when": "at", "date": "2026-03-08", "time": "02:30"}, "date"),  # The clock skips it.
        ({"when": "at", "date": "2026-02-27", "time": "09:00"}, "date"),
        ({"when": "at", "date": "9999-12-31", "time": "23:59"}, "date"),
        ({"when": "at", "date": "x\0", "time": "'"}, "date"),
    ],
)
def test_a_choice_that_cannot_be_is_shown_again(
    desktop: Desktop, changed: dict[str, str], field: str
) -> None:
    desktop.rehearse()
    answer = desktop.desk.get(f"{desktop.send}/check", query_string=desktop.choice(**changed))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_what_stops_the_mail_stops_the_scheduling(desktop: Desktop) -> None:
    desktop.rehearse()
    with desktop.world.write() as session:
        tips.withdraw(session, session.get_one(Tip, desktop.tip_id), "wrong", desktop.world.clock())
    page = desktop.desk.get(f"{desktop.send}/check", query_string=desktop.choice())
    assert "The tip was taken off the web." in page.text
    assert "Schedule it" not in page.text
    assert desktop.desk.post(desktop.send, desktop.choice()).status_code == 422


def test_an_editor_neither_schedules_nor_sees_the_button(desktop: Desktop, desk: Desks) -> None:  # S23
    desktop.rehearse()
    campaign = desktop.schedule()
    editor = desk("editor")
    assert editor.post(desktop.send, desktop.choice()).status_code == 403
    page = editor.page(f"/console/campaigns/{campaign.id}")
    assert page.all("button", id="undo") == []
    assert editor.post(f"/console/campaigns/{campaign.id}/undo").status_code == 403
    assert desktop.campaign().state == "scheduled"


def test_as_one_reader_gets_it(desktop: Desktop) -> None:
    answer = desktop.desk.post(f"/console/tips/{desktop.tip_id}/rehearse", {"reader": "reader2@example.ca"})
    assert answer.status_code == 422  # Their key in this test is no hash of the address.
    with desktop.world.write() as session:
        reader = session.get_one(Subscriber, 2)
        reader.address_key = address_key(desktop.world.ports.settings.hash_key, parse_address(reader.address))
    desktop.rehearse(reader="reader2@example.ca")
    [mail] = desktop.mails()
    assert (mail.kind, mail.address, mail.language, mail.subscriber_id) == ("test", PUBLISHER, "fr", None)
    [entry] = [one for one in desktop.noted() if one.action == "tip.rehearsed"]
    assert entry.details == {"language": "fr", "layout": "large", "reader": "2"}  # S28
    for wrong in ("nobody@example.ca", "nobody"):
        answer = desktop.desk.post(f"/console/tips/{desktop.tip_id}/rehearse", {"reader": wrong})
        assert answer.status_code == 422
        assert 'href="#reader"' in answer.text


def test_the_last_page_shows_what_leaves(desktop: Desktop) -> None:  # S24
    """What is not approved of a tip on the web does not leave; so it is neither shown here nor judged."""
    with desktop.world.write() as session:
        tip = session.get_one(Tip, desktop.tip_id)
        assert tip.state == "published"
        side = tips.writing.written(session, tip, "en")
        text = replace(tips.writing.side_written(session, tip, "en"), title="Walk to nobody")
        tips.writing.write(
            session, tip, "en", text, base=side.revision, by=PUBLISHER, now=desktop.world.clock()
        )
    desktop.rehearse()
    page = desktop.desk.get(f"{desktop.send}/check", query_string=desktop.choice()).text
    assert "Walk to nobody" not in page
    assert "Walk a little 24" in page
