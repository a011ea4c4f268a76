"""Keys: made once by whoever is first, private on disk, weak ones told, missing ones named."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter_app.kernel import keys

RACER = """
import sys, pathlib
from newsletter_app.kernel import keys
sys.stdin.readline()
print(keys.make_once(pathlib.Path(sys.argv[1]), "hash_key"))
"""


def test_a_key_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    first = keys.make_once(tmp_path / "keys", "secret_key")
    assert keys.make_once(tmp_path / "keys", "secret_key") == first
    assert keys.make_once(tmp_path / "keys", "hash_key") != first
    assert keys.weakness(first) is None


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:  # S30
    folder = tmp_path / "deep" / "keys"
    keys.make_once(folder, "link_keys")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "link_keys").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["link_keys"], "no draft may be left behind"


def test_processes_that_race_get_the_same_key(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path / "keys")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    made = {racer.communicate(timeout=30)[0].strip() for racer in racers}
    assert made == {keys.make_once(tmp_path / "keys", "hash_key")}


def test_the_second_of_two_makers_keeps_the_first_ones_key(tmp_path: Path) -> None:
    # The window of the race, laid open: both have found no file, one has published since.
    assert keys.write_once(tmp_path / "hash_key", "first\n")
    assert not keys.write_once(tmp_path / "hash_key", "second\n")
    assert keys.make_once(tmp_path, "hash_key") == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["hash_key"]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "has 0 characters"),
        ("x7Kq" * 7, "has 28 characters"),
        ("a" * 64, "repeats"),
        ("abcdefg" * 9, "repeats"),
        ("change-me-0123456789-abcdefghijkl", "placeholder"),
        ("My-Password-is-long-enough-now-0123", "placeholder"),
    ],
)
def test_weak_keys_are_told(key: str, reason: str) -> None:  # S30
    assert reason in (keys.weakness(key) or "strong")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_fingerprint_tells_keys_apart_and_shows_nothing_of_them(one: bytes, other: bytes) -> None:
    assert (keys.fingerprint(one) == keys.fingerprint(other)) == (one == other)
    assert one.hex()[:8] not in keys.fingerprint(one)


OLD, NEW, HASH, OTHER = b"old link key", b"new link key", b"hash key", b"other hash key"


@pytest.mark.parametrize(
    ("known", "mine", "words"),
    [
        ({}, keys.fingerprints(HASH, [NEW]), []),
        (keys.fingerprints(HASH, [OLD]), keys.fingerprints(HASH, [OLD]), []),
        (keys.fingerprints(HASH, [OLD]), keys.fingerprints(HASH, [NEW, OLD]), []),
        (keys.fingerprints(HASH, [OLD]), keys.fingerprints(HASH, [NEW]), ["LINK_KEYS lacks"]),
        (keys.fingerprints(HASH, [OLD]), keys.fingerprints(OTHER, [OLD]), ["HASH_KEY is not"]),
        (
            keys.fingerprints(HASH, [OLD, NEW]),
            keys.fingerprints(OTHER, [b"third"]),
            ["HASH_KEY is not", "LINK_KEYS lacks", "LINK_KEYS lacks"],
        ),
        # The right key in the wrong place is no key.
        (keys.fingerprints(HASH, []), keys.fingerprints(OTHER, [HASH]), ["HASH_KEY is not"]),
    ],
)
def test_a_database_refuses_a_process_with_other_keys(  # M30, S30
    known: dict[str, str], mine: dict[str, str], words: list[str]
) -> None:
    sentences = keys.check_fingerprints(known, mine)
    assert [sentence[: len(word)] for sentence, word in zip(sentences, words, strict=True)] == words
