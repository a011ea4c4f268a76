"""A campaign on its page: watched without chatter, paused, resumed, cancelled, tried again, decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter_app import campaigns, delivery, tallies
from newsletter_app.campaigns import Campaign
from newsletter_app.delivery import Delivery
from newsletter_app.kernel.addresses import address_key, parse_address
from newsletter_app.planning import Code
from newsletter_app.subscribers import Subscriber
from newsletter_app.web.staff.sending.explaining import ANSWERS
from tests.web.dom import Page
from tests.web.staff.conftest import Desks
from tests.web.staff.sending.conftest import PUBLISHER, Desktop, become, begin_sending


@pytest.fixture
def begun(desktop: Desktop) -> Desktop:
    """Give a tip whose campaign is being sent to three readers; nothing is handed over yet."""
    begin_sending(desktop)
    return desktop


def url(desktop: Desktop, act: str = "") -> str:
    return f"/console/campaigns/{desktop.campaign().id}{act}"


def rows(desktop: Desktop) -> dict[int, tuple[str, str | None]]:
    with desktop.world.write() as session:
        found = select(Delivery.subscriber_id, Delivery.state, Delivery.reason)
        return {row[0]: (row[1], row[2]) for row in session.execute(found)}


def finish(desktop: Desktop) -> None:
    campaign_id = desktop.campaign().id
    with desktop.world.write() as session:
        campaign = session.get_one(Campaign, campaign_id)
        campaign.state, campaign.finished_at = "finished", desktop.world.clock()


def test_the_lists_say_what_goes_out_when(desktop: Desktop) -> None:
    page = desktop.desk.get("/console/campaigns").text
    assert "Nothing is scheduled." in page
    assert f'href="{desktop.send}">Tip 24: Walk a little 24' in page
    desktop.rehearse()
    desktop.schedule(when="at", date="2026-03-05", time="14:30")
    found = desktop.desk.page("/console/campaigns")
    assert [row.text for row in found.all("tr")][1:] == [
        "Thursday, March 5, 2:30 p.m. Tip 24: Walk a little 24 Scheduled"
    ]


def test_fifty_to_come_stand_on_a_page(desktop: Desktop) -> None:
    at = desktop.world.clock()
    with desktop.world.write() as session:
        for number in range(1, 53):
            day = at + timedelta(days=7 * number)
            facts = {"cadence": "weekly", "day": day.date(), "due_at": day, "created_at": at}
            session.add(Campaign(occurrence=f"weekly:{number}", **facts))
    first = desktop.desk.page("/console/campaigns")
    assert len(first.all("td", **{"data-label": "When"})) == 50
    assert "/console/campaigns?page=2" in [link["href"] for link in first.all("a")]
    last = desktop.desk.page("/console/campaigns?page=2")
    assert [cell.text for cell in last.all("td", **{"data-label": "When"})] == [
        "Monday, February 22, 2027, 9 a.m.",
        "Monday, March 1, 2027, 9 a.m.",
    ]
    assert "No later ones." in desktop.desk.get("/console/campaigns?page=3").text


def test_running_and_ended_ones_are_told_with_their_counts(begun: Desktop) -> None:
    become(begun, 1, "accepted")
    page = begun.desk.page("/console/campaigns")
    assert [row.text for row in page.all("tr")][1:] == [
        "Monday, March 2, 9:10 a.m. Tip 24: Walk a little 24 Being sent 1 of 3"
    ]
    become(begun, 2, "accepted")
    become(begun, 4, "accepted")
    campaign_id = begun.campaign().id
    with begun.world.write() as session:
        for lease in session.scalars(select(delivery.ShardLease)).all():
            lease.looked_at = begun.world.clock()
        assert delivery.finish(session, campaign_id, begun.world.clock())
    page = begun.desk.page("/console/campaigns")
    assert [row.text for row in page.all("tr")][1:] == [
        "Monday, March 2, 9:10 a.m. Tip 24: Walk a little 24 Finished 3 of 3"
    ]


def test_the_page_tells_what_servers_said_without_an_address(begun: Desktop) -> None:
    become(
        begun,
        1,
        "refused",
        reason="hard",
        reply_code=550,
        reply_enhanced="5.1.1",
        reply_text="<reader1@example.ca> unknown",
    )
    text = begun.desk.get(url(begun)).text
    assert "550 5.1.1 … unknown" in text
    assert "Refused: the address does not exist" in text
    assert "reader1@" not in text  # S28


def test_the_part_that_moves_speaks_at_each_quarter_and_stops_at_the_end(begun: Desktop) -> None:  # A6
    moving = begun.desk.page(url(begun)).one("section", id="moving")
    assert (moving["hx-trigger"], "data-watching" in moving) == ("every 2s", True)
    again = begun.desk.get(moving["hx-get"])
    assert 'id="status"' not in again.text
    assert "Set-Cookie" not in again.headers  # Watching keeps nobody signed in.
    become(begun, 1, "accepted")
    spoken = Page(begun.desk.get(moving["hx-get"]).text)
    assert spoken.one("div", id="status").text == "25 percent is done."
    silent = begun.desk.get(spoken.one("section", id="moving")["hx-get"])
    assert 'id="status"' not in silent.text
    become(begun, 2, "accepted")
    become(begun, 4, "accepted")
    finish(begun)
    last = Page(begun.desk.get(spoken.one("section", id="moving")["hx-get"]).text)
    assert last.one("div", id="status").text == "Finished"
    assert "hx-get" not in last.one("section", id="moving")
    assert last.one("section", id="acts")["hx-swap-oob"] == "true"
    assert "hidden" in last.one("section", id="acts")  # Nothing can be done, so no heading says so.


def test_figures_that_are_not_of_now_say_of_when_they_are(
    begun: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "FEW", 2)
    assert "Readers" not in begun.desk.page(url(begun)).one("dl", class_="facts").text
    assert "0 of 0" not in begun.desk.get("/console/campaigns").text
    with begun.world.write() as session:
        assert delivery.recount(session, begun.world.clock(), lambda: 0.0)
    moving = begun.desk.page(url(begun)).one("section", id="moving").text
    assert ("Readers3" in moving, "Counted:" in moving) == (True, False)
    begun.world.clock.forward(minutes=2)
    assert (
        "Counted: Monday, March 2, 9:10 a.m." in begun.desk.page(url(begun)).one("section", id="moving").text
    )


def test_pause_and_resume(begun: Desktop) -> None:
    assert begun.desk.post(url(begun, "/pause")).status_code == 303
    campaign = begun.campaign()
    assert (campaign.state, campaign.paused_by, campaign.pause_reason) == (
        "paused",
        "staff",
        f"by {PUBLISHER}",
    )
    page = begun.desk.get(url(begun))
    assert f"Somebody paused it ({PUBLISHER})." in page.text
    assert begun.desk.post(url(begun, "/resume")).status_code == 303
    assert begun.campaign().state == "planning"
    assert [one.action for one in begun.noted()[:2]] == ["campaign.resumed", "campaign.paused"]


@pytest.mark.parametrize("act", ["pause", "resume", "cancel", "undo"])
def test_what_ended_is_refused_politely(begun: Desktop, act: str) -> None:
    finish(begun)
    before = len(begun.noted())
    answer = begun.desk.post(url(begun, f"/{act}"), {"rest": "drop"})
    assert answer.status_code == 409
    assert "There is a problem" in answer.text
    assert (begun.campaign().state, len(begun.noted())) == ("finished", before)


@pytest.mark.parametrize(("rest", "reason"), [("give-back", "given-back"), ("drop", "dropped")])
def test_cancelling_says_what_becomes_of_the_rest(begun: Desktop, rest: str, reason: str) -> None:
    assert begun.desk.post(url(begun, "/cancel"), {}).status_code == 422
    assert begun.campaign().state == "sending"
    assert begun.desk.post(url(begun, "/cancel"), {"rest": rest}).status_code == 303
    campaign = begun.campaign()
    assert (campaign.state, campaign.pause_reason) == ("cancelled", reason)
    assert set(rows(begun).values()) == {("skipped", "cancelled")}
    assert begun.noted()[0].details == {"rest": rest}


def test_trying_again_wants_a_second_word_for_second_copies(begun: Desktop) -> None:
    become(begun, 1, "uncertain", reason="no-reply")
    become(begun, 2, "accepted")
    become(begun, 4, "accepted")
    finish(begun)
    for form in ({}, {"kind": "uncertain"}, {"kind": "nonsense"}):
        assert begun.desk.post(url(begun, "/retry"), form).status_code == 422
    assert rows(begun)[1] == ("uncertain", "no-reply")
    assert begun.desk.post(url(begun, "/retry"), {"kind": "uncertain", "copies": "yes"}).status_code == 303
    assert rows(begun)[1] == ("queued", "retried")
    assert begun.campaign().state == "planning"
    assert begun.noted()[0].details == {"uncertain": "1", "left": "0"}


def test_a_person_says_that_it_arrived(begun: Desktop) -> None:
    become(begun, 1, "uncertain", reason="no-reply")
    page = begun.desk.page(url(begun))
    assert page.one("button", id="arrived").text == "Count them as arrived"
    assert begun.desk.post(url(begun, "/arrived")).status_code == 303
    assert rows(begun)[1] == ("accepted", "decided")
    assert begun.desk.page(url(begun)).all("button", id="arrived") == []


def test_a_late_launch_says_why_and_what_to_do(desktop: Desktop) -> None:
    desktop.rehearse()
    desktop.schedule()
    with desktop.world.write() as session:
        assert campaigns.launch_due(session, desktop.world.clock() + timedelta(hours=7)) == []
    text = desktop.desk.get(url(desktop)).text
    assert "It is more than six hours late, so we ask first." in text
    assert '<span class="state">Held</span>' in text
    assert desktop.desk.post(url(desktop, "/resume")).status_code == 303
    assert desktop.campaign().state == "scheduled"


def test_what_others_would_not_believe_goes_out_only_for_a_reason(desktop: Desktop) -> None:
    desktop.rehearse()
    campaign_id = desktop.schedule().id
    with desktop.world.write() as session:
        campaign = session.get_one(Campaign, campaign_id)
        campaign.state, campaign.paused_by, campaign.pause_reason = (
            "paused",
            "check",
            "spf-missing:example.org",
        )
    page = desktop.desk.get(url(desktop))
    assert "Others would not believe that this mail is ours." in page.text
    assert "spf-missing:example.org" in page.text
    assert desktop.desk.post(url(desktop, "/resume"), {"why": " "}).status_code == 422
    assert desktop.campaign().state == "paused"
    assert desktop.desk.post(url(desktop, "/resume"), {"why": "The board decided."}).status_code == 303
    campaign = desktop.campaign()
    assert (campaign.state, campaign.authentication_waived_by) == ("scheduled", PUBLISHER)
    assert desktop.noted()[0].details["why"] == "The board decided."


def test_a_viewer_watches_and_does_nothing(begun: Desktop, desk: Desks) -> None:  # S23
    viewer = desk("viewer")
    page = viewer.page(url(begun))
    assert [button["id"] for button in page.all("button") if button["id"]] == []
    for act in ("pause", "resume", "cancel", "undo", "retry", "arrived"):
        assert viewer.post(url(begun, f"/{act}")).status_code == 403
    assert begun.campaign().state == "sending"


def test_a_post_from_another_site_does_nothing(begun: Desktop) -> None:  # S26
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert begun.desk.post(url(begun, "/pause"), headers=headers).status_code in (400, 403)
    assert begun.campaign().state == "sending"


def test_no_such_campaign(desktop: Desktop) -> None:
    for campaign_id in (999, 2**31, 2**70):
        assert desktop.desk.get(f"/console/campaigns/{campaign_id}").status_code == 404
        assert desktop.desk.get(f"/console/campaigns?before=-{campaign_id}").status_code == 200  # S27
        assert desktop.desk.get(f"/console/campaigns?before={campaign_id}").status_code == 200


def test_whether_one_reader_got_it(begun: Desktop, desk: Desks) -> None:
    """The answer is the one that `flask campaigns explain` gives; nothing is changed or noted."""
    path = f"/console/tips/{begun.tip_id}/reader"
    assert f'href="{path}"' in begun.desk.get(url(begun)).text
    with begun.world.write() as session:
        reader = session.get_one(Subscriber, 1)
        reader.address_key = address_key(begun.world.ports.settings.hash_key, parse_address(reader.address))
    before = len(begun.noted())
    asked = {"address": "reader1@example.ca"}
    assert "Not yet. It is planned." in begun.desk.post(path, asked).text
    become(begun, 1, "accepted")
    answer = begun.desk.post(path, asked)
    assert "Yes. A mail server took it." in answer.text
    assert "Tip 24: Walk a little 24" in answer.text
    for wrong in ("nobody@example.ca", "nobody", ""):
        assert begun.desk.post(path, {"address": wrong}).status_code == 422
    assert len(begun.noted()) == before
    assert desk("editor").post(path, asked).status_code == 403  # S23


def test_every_answer_has_its_words() -> None:
    assert set(ANSWERS) == set(Code)
