"""Numbers of the state: what is accepted, how it is stored, what only warns, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.suppliers import identifiers
from market.suppliers.identifiers import WrongIdentifier

# Invented: eight digits and the Luhn digit that belongs to them.
GOOD_NPWP = "01.234.567.4-922.000"


def luhn_digit(eight: str) -> str:
    return next(d for d in "0123456789" if identifiers.luhn(eight + d))


def test_an_npwp_of_15_digits_is_stored_as_16():
    assert identifiers.luhn("012345674")
    checked = identifiers.npwp(GOOD_NPWP)
    assert checked.value == "0012345674922000"
    assert checked.warning is None
    assert identifiers.npwp(checked.value).value == checked.value


def test_16_digits_without_a_leading_zero_only_warn():
    checked = identifiers.npwp("1234 5678 9012 3456")
    assert checked.value == "1234567890123456"
    assert checked.warning is not None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "abc",
        "01.234.567.5-922.000",
        "0012345675922000",
        "000000000000000",
        "12345678901234",
        "12345678901234567",
        "01234567492200O",
        "٠١٢٣٤٥٦٧٤٩٢٢٠٠٠",
        "-12345674922000",
    ],
)
def test_what_cannot_be_an_npwp_is_refused(written):
    with pytest.raises(WrongIdentifier):
        identifiers.npwp(written)


@given(
    st.text("0123456789", min_size=8, max_size=8).filter(lambda t: t.strip("0")),
    st.text("0123456789", min_size=6, max_size=6),
)
def test_every_npwp_with_its_check_digit_passes_and_any_other_digit_fails(eight, rest):
    digit = luhn_digit(eight)
    assert identifiers.npwp(eight + digit + rest).value == "0" + eight + digit + rest
    wrong = str((int(digit) + 1) % 10)
    with pytest.raises(WrongIdentifier):
        identifiers.npwp(eight + wrong + rest)


def test_a_nik_tells_the_place_of_issue_and_the_birthday():
    man = identifiers.nik("5371010107800001")
    assert (man.issued_in, man.day, man.month, man.year, man.woman) == ("537101", 1, 7, 80, False)
    woman = identifiers.nik("537101 410780 0001")
    assert (woman.day, woman.month, woman.woman) == (1, 7, True)


def test_a_leap_day_counts_when_either_century_has_it():
    assert identifiers.nik("5371012902000001").day == 29  # 2000 had one, 1900 had not
    with pytest.raises(WrongIdentifier):
        identifiers.nik("5371012902010001")


@pytest.mark.parametrize(
    "written",
    [
        "537101320780000",
        "5371013207800001",
        "5371017207800001",
        "5371010113800001",
        "5371010107800000",
        "0071010107800001",
        "5300010107800001",
        "5371000107800001",
    ],
)
def test_what_cannot_be_a_nik_is_refused(written):
    with pytest.raises(WrongIdentifier):
        identifiers.nik(written)


def test_a_nib_has_13_digits():
    assert identifiers.nib("9120 1234 56789").value == "9120123456789"
    for wrong in ("912012345678", "91201234567890", "91201234567x9"):
        with pytest.raises(WrongIdentifier):
            identifiers.nib(wrong)


def test_a_nitku_is_an_npwp_and_six_digits():
    checked = identifiers.nitku("0012345674922000" + "000001")
    assert checked.value == "0012345674922000000001"
    assert identifiers.nitku("1234567890123456" + "000000").warning is not None
    for wrong in ("0012345675922000000001", "0012345674922000", "00123456749220000000011"):
        with pytest.raises(WrongIdentifier):
            identifiers.nitku(wrong)


def test_a_tax_invoice_number_grew_in_2025():
    old, new = "010.000-24.12345678", "04002500012345678"
    assert identifiers.tax_invoice(old, date(2024, 12, 31)).value == "0100002412345678"
    assert identifiers.tax_invoice(new, date(2025, 1, 1)).value == new
    for written, day in (
        (old, date(2025, 1, 1)),
        (new, date(2024, 12, 31)),
        ("00002500012345678", None),
        ("0100", None),
    ):
        with pytest.raises(WrongIdentifier):
            identifiers.tax_invoice(written, day)
    assert identifiers.tax_invoice(old).value
    assert identifiers.tax_invoice(new).value
