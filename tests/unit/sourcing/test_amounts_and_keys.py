"""Numbers as people write them, rounding, and how papers and sellers are recognised again."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.sourcing.amounts import Unreadable, plain, read, value_of
from market.sourcing.keys import folded, number_key, seller_key
from market.values.line_values import net_of_vat, rupiah_of


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("2400000", "2400000"),
        ("1.250.000,50", "1250000.50"),
        ("1,250,000.50", "1250000.50"),
        ("Rp 45.000,-", "45000"),
        ("Rp45.000", "45000"),
        ("IDR 1 250 000", "1250000"),
        ("16.412,50", "16412.50"),
        ("16,412.50", "16412.50"),
        ("250.00", "250.00"),
        ("12,5", "12.5"),
        ("0,125000", "0.125000"),
        ("45.000", "45000"),
        ("45,000", "45000"),
        ("USD 250.00", "250.00"),
    ],
)
def test_numbers_are_read_as_their_writer_meant_them(written, number):
    assert read(written) == Decimal(number)


@pytest.mark.parametrize(
    "written", ["", "abc", "1.2.3", "1,2,3", "12.34.567", "-5", "1e5", "٣", "1.250,000,5", "9" * 40]
)
def test_what_two_people_would_read_differently_is_refused(written):
    with pytest.raises(Unreadable):
        read(written)


@given(st.integers(1, 10**12))
def test_grouping_changes_nothing(number):
    assert read(f"{number:,}".replace(",", ".")) == read(f"{number:,}") == read(str(number)) == number


@given(st.integers(1, 10**12), st.decimals(0, 100, places=2))
def test_net_and_vat_add_up_to_the_gross(gross, percent):
    value = value_of(Decimal(gross), vat_percent=percent, includes_vat=True, rate=Decimal(1))
    assert value.gross_minor == gross
    assert value.net_minor == net_of_vat(gross, percent)
    assert 0 <= value.vat_minor < gross or value.vat_minor == gross // 2 + gross % 2


@given(st.decimals("0.01", 10**6, places=2), st.decimals("0.0001", 10**5, places=4))
def test_foreign_money_rounds_half_up_once(amount, rate):
    value = value_of(amount, vat_percent=Decimal(0), includes_vat=False, rate=rate)
    assert value.net_minor == rupiah_of(amount, rate)
    assert abs(Fraction(value.net_minor) - Fraction(amount) * Fraction(rate)) <= Fraction(1, 2)


def test_the_worked_examples():
    g4 = value_of(Decimal(11_100_000), vat_percent=Decimal(11), includes_vat=True, rate=Decimal(1))
    assert (g4.net_minor, g4.vat_minor) == (10_000_000, 1_100_000)
    g12 = value_of(Decimal("250.00"), vat_percent=Decimal(0), includes_vat=False, rate=Decimal("16412.50"))
    assert g12.net_minor == 4_103_125


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_has_no_value(amount):
    with pytest.raises(ValueError, match="positive"):
        value_of(Decimal(amount), vat_percent=Decimal(0), includes_vat=False, rate=Decimal(1))


def test_stored_numbers_are_plain():
    assert [plain(Decimal(n)) for n in ("250.00", "1E+3", "0.50", "100")] == ["250", "1000", "0.5", "100"]


# Keys -------------------------------------------------------------------------------------------------------
def test_one_paper_has_one_key_however_it_is_written():
    assert number_key("INV/0012") == number_key("inv-12") == number_key(" Inv 12 ") == "INV12"
    assert number_key("INV/2026/0012") == number_key("inv 2026 12")
    assert number_key("000") == "0"
    assert number_key("") == number_key(" -/ ") == ""
    assert number_key("A-12") != number_key("B-12")


@given(
    st.lists(
        st.one_of(st.integers(0, 10**6).map(str), st.text("abcXYZ", min_size=1, max_size=4)),
        min_size=1,
        max_size=5,
    )
)
def test_separators_case_and_leading_zeros_say_nothing(parts):
    written = "/".join(parts)
    other = " - ".join(f"00{part}" if part.isdigit() else part.swapcase() for part in parts)
    assert number_key(written) == number_key(other)
    assert number_key(written).isalnum()


def test_a_seller_is_known_by_page_number_or_name():
    assert seller_key(supplier_id=7, npwp="0123", name="X") == "s:7"
    assert seller_key(supplier_id=None, npwp="0123", name="X") == "n:0123"
    assert seller_key(supplier_id=None, npwp="", name="PT. Segar-Nusantara") == "w:segar nusantara"
    assert folded("Toko  Se’i Bå") == "se i ba"
    assert folded("PT") == "pt"
