"""``flask feedback``: bounces, complaints and answers read from a maildir, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from flask.cli import AppGroup

from newsletter_app import feedback as room
from newsletter_app.adapters.imap_mailbox import MailboxFailed, open_mailbox
from newsletter_app.adapters.incoming import take_all
from newsletter_app.adapters.maildir import Maildir, NoMaildir
from newsletter_app.cli.moments import in_words
from newsletter_app.cli.terms import as_json_option, refusing, say, say_rows
from newsletter_app.feedback import FeedbackEvent, Received, TurnedAway
from newsletter_app.organisation import zone_of
from newsletter_app.web.ports import ports

MAILBOX_WORDS: Final = {
    "unreachable": "The mail server of FEEDBACK_IMAP_URL cannot be reached: look at host and port.",
    "untrusted": "The mail server of FEEDBACK_IMAP_URL has no certificate for that name that can be trusted:"
    " write the name that its provider gives.",
    "login-refused": "The mail server refuses user and password of FEEDBACK_IMAP_URL. Many providers want a"
    " password for programs, which you make in their settings.",
    "no-folder": "FEEDBACK_IMAP_URL names a folder that is not there, or no folder Read can be made there.",
    "lost": "The connection to the mailbox was lost. Nothing is lost with it: try again.",
}

feedback = AppGroup("feedback", help="What comes back: bounces, complaints, answers.")


@feedback.command("read")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json_option
@refusing
def read(folder: Path | None, as_json: bool) -> None:
    """Take every new mail of the maildir FOLDER, let it have its effect, and move it to its `cur`.

    Without FOLDER it is FEEDBACK_MAILDIR. A mail that was taken before changes nothing. What cannot be read
    stays in `new`, and is told.
    """
    folder = folder or ports().settings.feedback_maildir
    if folder is None:
        raise click.UsageError("Name a FOLDER, or set FEEDBACK_MAILDIR.")
    try:
        maildir = Maildir(folder)
    except NoMaildir as fault:
        raise click.ClickException(
            f"{folder} is no maildir: it has no folders new and cur. Let the mail server make it"
            f" (Postfix: home_mailbox or virtual_mailbox_maps, with a slash at the end)."
        ) from fault
    counts = take_all(maildir, partial(_receive, "maildir"), _tell_left)
    say(dict(sorted(counts.items())) or {"read": 0}, as_json)


@feedback.command("fetch")
@as_json_option
@refusing
def fetch(as_json: bool) -> None:
    """Take every mail of the mailbox FEEDBACK_IMAP_URL, and move it to the folder Read.

    The service worker does so every minute. A mail that was taken before changes nothing.
    """
    url = ports().settings.feedback_imap
    if url is None:
        raise click.ClickException("FEEDBACK_IMAP_URL is not set: imaps://user:password@host/INBOX.")
    try:
        with open_mailbox(url) as mailbox:
            counts = take_all(mailbox, partial(_receive, "imap"), _tell_left)
            for name in mailbox.too_large():
                _tell_left(name, "it is larger than 10 MB")
    except MailboxFailed as fault:
        raise click.ClickException(MAILBOX_WORDS[fault.code]) from fault
    say(dict(sorted(counts.items())) or {"read": 0}, as_json)


@feedback.command("list")
@click.option("--waiting", "only_waiting", is_flag=True, help="Only what a person is to read.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@as_json_option
@refusing
def list_events(only_waiting: bool, limit: int, as_json: bool) -> None:
    """List what came back, the newest first (what waits: the oldest first); addresses are not printed."""
    now = ports().clock()
    with ports().unit_of_work() as session:
        away = room.turned_away(session, now)
        events = room.waiting(session, limit) if only_waiting else room.newest(session, limit)
        rows = [_row(event) for event in events]
        zone = zone_of(session)
    say_rows(rows, as_json, line=lambda row: _line(row, zone), none="Nothing came back.")
    if away:
        click.echo(away_words(away), err=True)


@feedback.command("show")
@click.argument("event_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@refusing
def show(event_id: int) -> None:
    """Print the mail of an event as it came, for a mail program: `flask feedback show 7 > 7.eml`."""
    with ports().unit_of_work() as session:
        event = session.get(FeedbackEvent, event_id)
        octets = event.raw if event is not None else None
    if octets is None:
        raise click.ClickException(f"There is no event {event_id}; `flask feedback list` names them.")
    click.echo(octets, nl=False)


@feedback.command("done")
@click.argument("event_ids", metavar="ID…", nargs=-1, required=True, type=click.IntRange(1, 2**31 - 1))
@refusing
def done(event_ids: tuple[int, ...]) -> None:
    """Say that a person has read what waited; it waits no more, and is forgotten in its time."""
    with ports().unit_of_work() as session:
        for event_id in event_ids:
            if not room.done(session, event_id):
                raise click.ClickException(
                    f"Event {event_id} waits for nobody; `flask feedback list --waiting` names those that do."
                    " Nothing was changed."
                )
    click.echo(f"{len(event_ids)} done.")


@feedback.command("forget")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650))
@refusing
def forget(days: int) -> None:
    """Let go of mails that came more than --days ago; what they were and did stays known.

    The service worker does so every hour, after 90 days; what waits, after 180.
    """
    with ports().unit_of_work() as session:
        many = room.forget(session, ports().clock() - timedelta(days=days))
    click.echo(f"{many} mails forgotten.")


def away_words(away: Sequence[TurnedAway]) -> str:
    """Return whose mail was not kept lately, as a sentence."""
    times = sum(one.times for one in away)
    most = next((one.domain for one in away if one.domain), "various domains")
    return f"Turned away since yesterday, beyond the room for strangers' mail: {times}, most from {most}."


def _receive(source: str, octets: bytes) -> Received:
    """Take one mail in a transaction of its own: what was done stays done whatever the next one is."""
    with ports().unit_of_work() as session:
        return room.receive(session, octets, source=source, links=ports().links, now=ports().clock())


def _tell_left(name: str, why: str) -> None:
    click.echo(f"Left where it is, {name}: {why}.", err=True)


def _row(event: FeedbackEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "received_at": event.received_at,
        "source": event.source,
        "shape": event.shape,
        "kind": event.kind,
        "reason": event.reason,
        "said": event.said,
        "campaign": event.campaign_id,
        "subscriber": event.subscriber_id,
        "state": event.state,
        "effect": event.effect,
    }


def _line(row: dict[str, Any], zone: str) -> str:
    verdict = f"{row['kind']}, {row['reason']}" if row["reason"] else ""
    words = [row["shape"], verdict, row["effect"] or row["state"], in_words(row["received_at"], zone)]
    return f"{row['id']}: {', '.join(filter(None, words))}: {row['said']}"
