"""An installation that sends through a provider, and the DNS others would ask about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from newsletter_app.mail import Keyring
from tests.architecture.source import PRODUCT
from tests.authentication.published import BOUNCE, DKIM, published
from tests.cli.conftest import Shell
from tests.factories import content

# "127.1" leads to this machine, but only the system knows that; nobody listens at its port 1, so that no test
# waits for a mail server.
OUTSIDE = {
    "SMTP_URL": "smtp://me:word@127.1:1?starttls=required",
    "PUBLIC_URL": "https://tips.charity.example",
    "MAIL_FROM": "tips@charity.example",
    "BOUNCE_DOMAIN": BOUNCE,
}
HEAD = ScriptDirectory(str(PRODUCT / "migrations")).get_current_head()


def stamp(shell: Shell) -> None:
    """Leave the database as ``flask prepare`` does."""
    with shell.look() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


@dataclass
class Outside:
    """The installation, and what of its DNS is otherwise than it should be: name → kinds, silence or None."""

    shell: Shell
    dns: dict[str, Any]


@pytest.fixture
def outside(make_shell: Callable[..., Shell], sqlite_model: Path, tmp_path: Path) -> Outside:
    """Give one with an organisation and a notice "tips", whose records are all published."""
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    shutil.copyfile(sqlite_model, data_dir / "newsletter.sqlite3")
    key = Keyring(data_dir / "dkim").make("n2026", "ed25519")
    (data_dir / "dkim" / "in-use").write_text("n2026\n")
    dns: dict[str, Any] = {DKIM: {"TXT": [key.record()]}, "127.1": {"A": ["192.0.2.25"]}}
    shell = make_shell(data_dir, OUTSIDE, lambda: published(dns))
    with shell.look() as session:
        content.make_organisation(session)
        content.make_notice(session, shell.ports.clock())
    stamp(shell)
    return Outside(shell, dns)
