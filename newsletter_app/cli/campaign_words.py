"""A campaign at the terminal: found by its name, told in a line or as data; it changes nothing."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.orm import Session

from newsletter_app import authentication, delivery
from newsletter_app import campaigns as room
from newsletter_app.adapters.sender_check import checked_sender
from newsletter_app.authentication import Word
from newsletter_app.campaigns import BY_BREAKER, BY_CHECK, OVERDUE, Campaign
from newsletter_app.cli.doctor.words import found
from newsletter_app.cli.lacks import lack_of
from newsletter_app.cli.moments import in_words
from newsletter_app.preflight import BLOCKS, REVIEW_OVERDUE, Finding
from newsletter_app.web.ports import ports


def named(session: Session, name: str) -> Campaign:
    """Return the campaign of an occurrence or an id. Raises ClickException when there is none."""
    found = room.find_by_occurrence(session, name)
    if found is None and name.isdecimal():
        found = room.find(session, int(name))
    if found is None:
        raise click.ClickException(f"There is no campaign {name}; `flask campaigns status` lists the newest.")
    return found


def facts(session: Session, campaign: Campaign) -> dict[str, Any]:
    """Return what became of a campaign as JSON can hold it; ids, never addresses."""
    counts, back = delivery.status(session, campaign), delivery.came_back(session, campaign.id)
    return {
        "id": campaign.id,
        "state": campaign.state,
        "paused_by": campaign.paused_by,
        "reason": campaign.pause_reason,
        "due_at": campaign.due_at,
        "finished_at": campaign.finished_at,
        "planned": counts.total,
        "states": counts.states,
        "reasons": {f"{state}: {reason}": count for (state, reason), count in counts.reasons.items()},
        "notices": counts.notices,
        "uncertain": list(counts.uncertain),
        "bounced": back.bounced,
        "complained": back.complained,
        "complaint_rate": round(back.complaint_rate, 6),
        **_proof(session, campaign),
    }


def line(told: dict[str, Any], zone: str) -> str:
    """Return one campaign's facts on one line: what a person at a terminal wants to know first."""
    words = [f"campaign {told['id']} {told['state']}"]
    if told["paused_by"] == "question":
        words.append(f"held: {_reasons(told['reason'])} — {_ways_on(told['reason'])}, `cancel` drops it")
    if told["paused_by"] == BY_BREAKER:
        words.append(
            f"no server takes mail: {told['reason']} — it goes on by itself once one does; `resume` tries now"
        )
    if told["paused_by"] == BY_CHECK:
        words.append(
            f"held, for others would not believe who sends: {'; '.join(told['faults'])}"
            " — `flask doctor` says what to do; then it goes on by itself, and"
            " `resume --despite-authentication WHY` sends it now"
        )
    if told.get("awaits_check"):
        words.append("waits until the service worker has asked the DNS about the sender")
    words.append(f"due {in_words(told['due_at'], zone)}")
    words.append(f"{told['planned']} planned")
    words += [f"{count} {state}" for state, count in sorted(told["states"].items())]
    words += [f"{count} {reason}" for reason, count in sorted(told["reasons"].items())]
    if told["bounced"]:
        words.append(f"{told['bounced']} came back")
    if told["complained"]:
        words.append(f"{told['complained']} complained ({told['complaint_rate']:.2%})")
    if told["uncertain"]:
        words.append(f"uncertain subscribers: {', '.join(map(str, told['uncertain']))}")
    return ", ".join(words)


def _proof(session: Session, campaign: Campaign) -> dict[str, Any]:
    """Return what keeps a launch that others would not believe; nothing where none is kept."""
    sender = checked_sender(ports().settings)
    if campaign.paused_by == BY_CHECK:
        faults = [found(fault) for fault in authentication.known_faults(session, sender)]
        return {"faults": faults or campaign.pause_reason.split(",")}
    is_due = campaign.state == "scheduled" and campaign.due_at <= ports().clock()
    waits = is_due and authentication.last_word(session, sender) is Word.wait
    return {"awaits_check": True} if waits else {}


def _reasons(codes: str) -> str:
    """Return why a launch is held, in the words of `tips publish` where it has any for the code."""
    parts = [code.partition(":") for code in codes.split(",")]
    return "; ".join(lack_of(Finding(code, BLOCKS, where)) for code, _, where in parts)


def _ways_on(codes: str) -> str:
    # A launch that is resumed looks at everything again; what is only late goes out.
    if codes == REVIEW_OVERDUE:
        return "a review lets it go"
    return "`resume` sends it" if codes == OVERDUE else "`resume` tries again once that is mended"
