"""Launching where others would not believe who sends: refused with what to do, or waived on record."""

from __future__ import annotations

from datetime import datetime

import click
from sqlalchemy.orm import Session

from newsletter_app import audit, authentication, campaigns
from newsletter_app.adapters.sender_check import check_sender, checked_sender
from newsletter_app.authentication import Identity, Word
from newsletter_app.campaigns import Campaign
from newsletter_app.cli.doctor.words import found
from newsletter_app.web.ports import ports, resolver

despite_option = click.option(
    "--despite-authentication",
    "why",
    metavar="WHY",
    help="Send although others may not believe who sends; say why, for the record.",
)


def looked_up() -> Identity | None:
    """Return who launches are checked for, None where nothing is; the DNS is asked if nothing good is known.

    It takes seconds, so no transaction may be open.
    """
    sender = checked_sender(ports().settings)
    if sender is not None:
        check_sender(ports().unit_of_work, sender, resolver(), ports().clock())
    return sender


def allow(
    session: Session, campaign: Campaign, sender: Identity | None, *, why: str | None, by: str, now: datetime
) -> list[str]:
    """Let a campaign that has not begun go, and return what to tell.

    A ``why`` waives the check and is recorded. Without one ClickException says what is wrong, if it were to
    go now; what is due later is only warned of, since it may be mended by then.
    """
    if why is not None:
        return [_waived(session, campaign, sender, why, by, now)]
    if authentication.last_word(session, sender) is not Word.stay:
        return []
    faults = [f"  {found(fault)}" for fault in authentication.known_faults(session, sender)]
    if campaign.due_at > now:
        until = "if that is not mended by then, it is held on its day; see flask doctor."
        return ["Note: others would not believe who sends:", *faults, f"Note: {until}"]
    raise click.ClickException(
        "\n".join(
            [
                "Others would not believe who sends, and large providers would refuse this:",
                *faults,
                "Mend it as flask doctor says. --despite-authentication WHY sends it all the same.",
                "Nothing was changed.",
            ]
        )
    )


def _waived(
    session: Session, campaign: Campaign, sender: Identity | None, why: str, by: str, now: datetime
) -> str:
    if not why.strip():
        raise click.UsageError("--despite-authentication wants a reason, for the record.")
    campaigns.waive_authentication(session, campaign, by)
    faults = [fault.code for fault in authentication.known_faults(session, sender)]
    audit.note(
        session,
        actor=by,
        action="campaign.authentication-waived",
        subject=campaign.occurrence,
        details={"why": why.strip()[:500], "faults": faults},
        now=now,
    )
    return "It goes out whatever the DNS says of the sender; that and why is recorded."
