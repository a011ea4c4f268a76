"""Codes of an app against the tables of RFC 6238, and seeds and recovery codes as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from newsletter_app.identity import sealing, second_factor
from newsletter_app.identity.second_factor import matching_step

# RFC 6238, appendix B: the seed of SHA-1, and the last six digits of its codes.
SEED = b"12345678901234567890"
TABLE = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
HASH_KEY = b"hash key of the tests, 32 octets"


@pytest.mark.parametrize(("second", "code"), TABLE)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    assert second_factor.code_at(SEED, now) == code
    assert matching_step(SEED, code, now, after=0) == second // 30


@pytest.mark.parametrize(
    ("late", "expected"), [(-31, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_a_clock_may_be_half_a_minute_off(now: datetime, late: int, expected: bool) -> None:
    start = datetime.fromtimestamp(int(now.timestamp()) // 30 * 30, UTC)
    code = second_factor.code_at(SEED, start)
    assert (matching_step(SEED, code, start + timedelta(seconds=late), after=0) is not None) is expected


def test_a_code_is_good_once(now: datetime) -> None:  # S22
    code = second_factor.code_at(SEED, now)
    step = matching_step(SEED, code, now, after=0)
    assert step is not None
    assert matching_step(SEED, code, now, after=step) is None


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345x", "１２３４５６", "12-34-56"])
def test_what_is_no_code(now: datetime, text: str) -> None:
    assert matching_step(SEED, text, now, after=0) is None


def test_a_code_may_be_typed_in_two_groups(now: datetime) -> None:
    code = second_factor.code_at(SEED, now)
    assert matching_step(SEED, f" {code[:3]} {code[3:]}", now, after=0)


def test_a_seed_opens_for_its_own_row_and_key_alone() -> None:  # S30
    kept = sealing.sealed(HASH_KEY, 7, SEED)
    assert SEED not in kept
    assert sealing.opened(HASH_KEY, 7, kept) == SEED
    for key, row, octets in ((HASH_KEY, 8, kept), (b"another key, also of 32 octets..", 7, kept)):
        with pytest.raises(InvalidTag):
            sealing.opened(key, row, octets)


def test_recovery_codes_are_kept_as_hashes() -> None:  # S22
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 10
    digest = second_factor.recovery_digest(HASH_KEY, codes[0])
    assert codes[0].replace("-", "") not in digest
    assert second_factor.recovery_digest(HASH_KEY, f" {codes[0].upper().replace('-', ' ')}") == digest
    assert second_factor.recovery_digest(b"another key, also of 32 octets..", codes[0]) != digest


def test_what_an_app_reads(now: datetime) -> None:
    url = second_factor.app_url(SEED, "rose@example.ca", "Nerves & Me")
    assert url.startswith("otpauth://totp/")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in url
    assert second_factor.spelled(SEED).replace(" ", "") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
