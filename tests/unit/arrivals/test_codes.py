"""Codes of vouchers: readable, ours, and good through a rotation of keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.bookings import arrival_codes as codes
from market.values.ids import ALPHABET

REFERENCES = st.text(ALPHABET, min_size=8, max_size=8)
OLD, NEW = "o" * 40, "n" * 40


@given(REFERENCES)
def test_a_code_is_recognised_however_it_is_typed(reference: str):
    code = codes.short_code(reference, (NEW,))
    assert len(code) == codes.SHORT
    assert set(code) <= set(ALPHABET)
    assert codes.is_short_code(f" {code[:3].lower()}-{code[3:]} ", reference, (NEW,))
    assert codes.reference_in(codes.qr_token(reference, (NEW,)).lower(), (NEW,)) == reference


@given(REFERENCES)
def test_a_voucher_outlives_one_rotation_and_not_two(reference: str):
    code, token = codes.short_code(reference, (OLD,)), codes.qr_token(reference, (OLD,))
    assert codes.is_short_code(code, reference, (NEW, OLD))
    assert codes.reference_in(token, (NEW, OLD)) == reference
    assert not codes.is_short_code(code, reference, (NEW,))
    assert codes.reference_in(token, (NEW,)) is None


@given(REFERENCES, st.text(max_size=40))
def test_what_is_not_ours_is_nothing(reference: str, typed: str):
    assert codes.reference_in(typed, (NEW,)) is None
    assert codes.reference_in(reference, (NEW,)) is None
    assert not codes.is_short_code("", reference, (NEW,))
