"""The command face: each file is one noun's click group; a command parses, calls one verb, prints."""

from __future__ import annotations

from flask import Flask

from newsletter_app.cli.backup import backup, restore
from newsletter_app.cli.board import board
from newsletter_app.cli.campaigns import campaigns
from newsletter_app.cli.dkim import dkim
from newsletter_app.cli.doctor import doctor
from newsletter_app.cli.feedback import feedback
from newsletter_app.cli.notices import notices
from newsletter_app.cli.organisation import organisation
from newsletter_app.cli.pace import pace
from newsletter_app.cli.personal_data import data, erase
from newsletter_app.cli.prepare import prepare
from newsletter_app.cli.references import references
from newsletter_app.cli.shelf import pictures
from newsletter_app.cli.staff import staff
from newsletter_app.cli.subscribers import subscribers
from newsletter_app.cli.suppressions import suppressions
from newsletter_app.cli.tips import tips
from newsletter_app.cli.topics import topics

COMMANDS = (
    *(prepare, organisation, notices, tips, subscribers, suppressions, campaigns, pace, dkim, doctor),
    *(references, topics, pictures, feedback, staff, board),
    *(backup, restore),
)

# They stand in a file of their own, which needs the group's terms.
for command in (data, erase):
    subscribers.add_command(command)


def install(app: Flask) -> None:
    """Put every command on ``flask``."""
    for command in COMMANDS:
        app.cli.add_command(command)
