"""Codes of an authenticator app, recovery codes, and the sealed secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyotp.totp import TOTP

from market.accounts import second_factor
from market.accounts.second_factor import matching_step, recovery_hash, seal, unseal

NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
KEY, OLD_KEY = "k" * 40, "o" * 40


def test_the_present_code_and_its_neighbours_fit() -> None:
    secret = second_factor.new_secret()
    step = int(NOW.timestamp()) // 30
    for seconds, expected in ((0, step), (-30, step - 1), (30, step + 1)):
        code = TOTP(secret).at(NOW + timedelta(seconds=seconds))
        assert matching_step(secret, code, NOW) == expected
    assert matching_step(secret, TOTP(secret).at(NOW - timedelta(seconds=60)), NOW) is None


def test_a_code_may_be_typed_with_a_gap() -> None:
    secret = second_factor.new_secret()
    code = TOTP(secret).at(NOW)
    assert matching_step(secret, f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "١٢٣٤٥٦", "0" * 500])
def test_nonsense_is_no_code(code: str) -> None:
    assert matching_step(second_factor.new_secret(), code, NOW) is None


def test_a_sealed_secret_opens_with_the_key_or_the_one_before() -> None:
    secret = second_factor.new_secret()
    sealed = seal(secret, (OLD_KEY,))
    assert secret not in sealed
    assert unseal(sealed, (KEY, OLD_KEY)) == secret
    assert unseal(sealed, (KEY,)) is None
    assert unseal("damaged", (KEY,)) is None
    assert unseal("", (KEY,)) is None


def test_recovery_codes_are_long_different_and_forgiving() -> None:
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 8
    assert all(len(code.replace("-", "")) == 25 for code in codes)
    assert recovery_hash(codes[0]) == recovery_hash(f" {codes[0].lower().replace('-', ' ')} ")


def test_the_picture_is_plain_svg() -> None:
    address = second_factor.app_address("A" * 32, "a&b@example.org", "Benang & co")
    picture = second_factor.qr_svg(address)
    assert picture.startswith("<svg")
    assert "style=" not in picture
    assert address.startswith("otpauth://totp/")
