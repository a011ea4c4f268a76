"""A worker whose DKIM key cannot sign: it says so in one line, and lets no service mail leave unsigned."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from newsletter_app.mail.keyring import Keyring
from tests.factories.engine import ROOT
from tests.factories.signing import signing_key

SEND = """
from workers import logs, service_tasks
logs.set_up(20)
service_tasks.send_service_mails()
"""


def test_a_key_that_others_can_read_stops_service_mails(tmp_path: Path) -> None:  # M34
    """No office is opened for it, so that the tick does not make a journal every two seconds."""
    folder = tmp_path / "dkim"
    folder.mkdir()
    (folder / "r1.pem").write_text(signing_key("r1").to_pem())
    (folder / "r1.pem").chmod(0o600)
    Keyring(folder).use(["r1"])
    (folder / "r1.pem").chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-c", SEND],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "dkim_key_refused" in done.stderr
    assert f"{folder}/r1.pem: Other users can open it: give it the mode 600." in done.stderr
    assert "PRIVATE KEY" not in done.stderr
    assert not (tmp_path / "journals").exists()
