"""DKIM_DIR: private files, which keys sign, and what is refused in a sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from newsletter_app.mail.dkim_keys import KeyRefused
from newsletter_app.mail.keyring import Keyring
from tests.factories.signing import signing_key


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """Give a folder with two RSA keys and two of Ed25519, none of them chosen."""
    folder = tmp_path / "dkim"
    folder.mkdir()
    for selector in ("r1", "r2", "e1", "e2"):
        key = signing_key(selector, "rsa" if selector[0] == "r" else "ed25519")
        path = folder / f"{selector}.pem"
        path.write_text(key.to_pem())
        path.chmod(0o600)
    return Keyring(folder)


def test_no_folder_is_no_keys(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "dkim")
    assert (keyring.selectors(), keyring.chosen(), keyring.in_use()) == ([], (), ())


def test_a_new_key_is_private_and_signs_nothing_yet(tmp_path: Path) -> None:  # M34
    keyring = Keyring(tmp_path / "dkim")
    made = keyring.make("n2026", "ed25519")
    assert keyring.find("n2026").record() == made.record()
    assert (keyring.selectors(), keyring.in_use()) == (["n2026"], ())
    assert stat.S_IMODE((tmp_path / "dkim").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "dkim" / "n2026.pem").stat().st_mode) == 0o600


def test_no_key_is_written_over_another(keyring: Keyring) -> None:  # M34
    before = keyring.find("e1").record()
    with pytest.raises(KeyRefused, match="There is a key e1 already"):
        keyring.make("e1", "ed25519")
    assert keyring.find("e1").record() == before


def test_both_selectors_of_a_rotation_can_be_used(keyring: Keyring) -> None:  # M34
    keyring.use(["r1"])
    keyring.use(["e1", "r2"])
    assert [key.selector for key in keyring.in_use()] == ["r2", "e1"], "what all can read comes first"
    assert keyring.find("r1").selector == "r1", "mail in flight goes on with it"


@pytest.mark.parametrize(
    ("selectors", "why"),
    [
        (["r1", "r2"], "Two keys of one algorithm"),
        (["r1", "r1"], "Two keys of one algorithm"),
        (["e1"], "name an RSA key beside it"),
        (["r9"], "no such key file"),
        (["../r1"], "is no selector"),
        (["R1"], "is no selector"),
    ],
)
def test_what_cannot_sign_is_not_chosen(keyring: Keyring, selectors: list[str], why: str) -> None:
    keyring.use(["r1"])
    with pytest.raises(KeyRefused, match=why):
        keyring.use(selectors)
    assert keyring.chosen() == ("r1",)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_open_is_refused(keyring: Keyring, tmp_path: Path, mode: int) -> None:  # M34
    keyring.use(["r1"])
    (tmp_path / "dkim" / "r1.pem").chmod(mode)
    for ask in (keyring.in_use, lambda: keyring.find("r1"), lambda: keyring.use(["r1"])):
        with pytest.raises(
            KeyRefused, match=r"dkim/r1\.pem: Other users can open it: give it the mode 600\."
        ):
            ask()


def test_a_file_that_cannot_be_read_is_told(keyring: Keyring, tmp_path: Path) -> None:
    os.unlink(tmp_path / "dkim" / "r1.pem")
    (tmp_path / "dkim" / "r1.pem").mkdir()
    with pytest.raises(KeyRefused, match=r"cannot read it \(Is a directory\)"):
        keyring.find("r1")


def test_what_is_no_key_file_of_ours_is_left_alone(keyring: Keyring, tmp_path: Path) -> None:
    for name in (".r3.pem.0f", "Not ours.pem", "notes.txt"):
        (tmp_path / "dkim" / name).write_text("")
    assert keyring.selectors() == ["e1", "e2", "r1", "r2"]
