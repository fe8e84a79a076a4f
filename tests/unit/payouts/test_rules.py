"""Rules of payouts: netting, masks, bank files that cannot hold formulas, and a plot that never leaves its frame."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from market.payouts import bank_files, earnings, rules
from market.payouts.bank_files import Order
from market.payouts.earnings import Month
from market.payouts.pages.fund import initials
from market.payouts.rules import Share

amounts = st.integers(0, 10**9)
shares = st.lists(st.builds(lambda host, guide: Share("B", host, guide), amounts, amounts), max_size=8)


@given(shares, st.integers(-(10**6), 10**10))
def test_netting_takes_what_is_owed_and_never_more_than_there_is(given_shares, owed):
    after = rules.netted(given_shares, owed)
    total = sum(share.total for share in given_shares)
    assert sum(share.netted_minor for share in after) == min(max(0, owed), total)
    for share in after:
        assert 0 <= share.netted_from_host <= share.host_minor
        assert 0 <= share.netted_minor - share.netted_from_host <= share.guide_minor
        assert share.paid_minor >= 0


def test_the_waits():
    end = datetime(2026, 10, 1, 3, tzinfo=UTC)
    assert rules.due_at(end) - end == rules.usable_from(end) - end == timedelta(hours=72)
    assert rules.masked("012-345 6789") == "•••• 6789"
    assert initials("Rosalina Wona") == "R. W."


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_no_cell_of_an_export_is_a_formula(cells):
    text = bank_files.table([cells]).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@given(st.binary(max_size=400))
def test_any_bytes_as_results_are_read_or_refused(content):
    found, wrong = bank_files.results(content)
    assert found or wrong


def test_an_order_names_the_payout_and_the_account():
    order = Order("PO1", 950_000, "=Bank", "0123", "Rosalina", "Benang PO1")
    lines = bank_files.orders([order]).decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(bank_files.ORDER_HEAD)
    assert lines[1] == "PO1,950000,IDR,'=Bank,0123,Rosalina,Benang PO1"


def test_amounts_are_read_as_people_write_them():
    for typed in ("950000", "950.000", "950,000", "Rp 950.000", "950000.00", "IDR 950000,00"):
        assert bank_files.rupiah(typed) == 950_000, typed
    for typed in ("", "9,5", "-5", "95O000", "1.00.000", "٣"):
        assert bank_files.rupiah(typed) is None, typed


@given(st.lists(st.integers(-(10**7), 10**10), min_size=12, max_size=12))
def test_bars_stay_inside_the_plot(given_amounts):
    first = date(2026, 1, 1)
    drawn = earnings.plot([Month(first, amount, 1) for amount in given_amounts])
    for bar in drawn.bars:
        assert drawn.left <= bar.x
        assert bar.x + bar.width <= drawn.width
        assert bar.height >= 0
        assert bar.y >= earnings.TOP
        assert bar.y + bar.height <= drawn.floor
    top = earnings.scale_top(max(given_amounts))
    assert top >= max(given_amounts)
    assert top % 10_000 == 0
