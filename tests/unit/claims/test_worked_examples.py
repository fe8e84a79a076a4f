"""The programme's worked examples G1-G14 under rule R1, through the file and through the functions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from market.claims.awards import share_budget
from market.claims.line_values import CoretaxLine, net_of_vat, rupiah_of
from market.claims.periods import Period
from market.values.share import Share
from tests.unit.claims.builders import answer, as_record, assessed, make_line, spread


@pytest.mark.parametrize(
    ("local", "shown", "share", "award"),
    [
        pytest.param(20_000_000, "33.33", "1/3", 8_000_000, id="G1"),
        pytest.param(18_000_000, "30.00", "3/10", 8_000_000, id="G2"),
        pytest.param(17_999_999, "29.99", "17999999/60000000", 4_000_000, id="G3"),
    ],
)
def test_g1_to_g3_share_and_tier(local, shown, share, award):
    lines = spread(local) + spread(60_000_000 - local, "X")
    found = answer(lines)
    assert (found["local"], found["denominator"]) == (local, 60_000_000)
    assert (found["share"], found["share_shown"], found["award"]) == (share, shown, award)
    assert found["capped_by"] is None
    result = assessed(lines)
    assert (result.share, result.award.amount) == (Share.parse(share), award)


def test_g3_lacks_one_rupiah():
    found = answer(spread(17_999_999) + spread(42_000_001, "X"))
    # One rupiah bought here instead of elsewhere; or two more: 18,000,000 of 60,000,001 is still below 30 %.
    assert found["next_tier"] == {"min_share_bp": 3_000, "missing": 1, "additional": 2}


@pytest.mark.parametrize("vat", [11, 11.0])
def test_g4_gross_with_vat(vat):
    def record(gross, origin):
        record = as_record(make_line(origin=origin))
        del record["net"]
        return {**record, "gross": gross, "vat_percent": vat}

    records = [record(1_110_000, "A") for _ in range(10)] + [record(22_200_000, "X")]
    found = answer(records)
    assert (found["local"], found["denominator"]) == (10_000_000, 30_000_000)
    assert (found["share_shown"], found["award"]) == ("33.33", 8_000_000)
    assert net_of_vat(11_100_000, 11) == 10_000_000


def test_g5_weights():
    lines = spread(6_000_000) + spread(4_000_000, "B") + spread(5_000_000, "C") + spread(10_000_000, "X")
    found = answer(lines, tax=45_000_000)
    assert (found["local"], found["denominator"]) == (8_500_000, 25_000_000)
    assert (found["share_shown"], found["tier_bp"], found["award"]) == ("34.00", 1_000, 4_500_000)


def test_g6_credit_note_and_clawback():
    lines = spread(16_000_000) + spread(34_000_000, "X")
    before = answer(lines, tax=60_000_000)
    assert (before["share_shown"], before["award"]) == ("32.00", 6_000_000)
    after = answer([*lines, make_line(2_000_000, credit_note=True)], tax=60_000_000)
    assert (after["local"], after["denominator"]) == (14_000_000, 48_000_000)
    assert (after["share_shown"], after["award"]) == ("29.16", 3_000_000)
    assert before["award"] - after["award"] == 3_000_000


def test_g7_caps():
    lines = spread(45_000_000) + spread(55_000_000, "X")
    found = answer(lines, tax=200_000_000)
    assert (found["share_shown"], found["award"], found["capped_by"]) == ("45.00", 25_000_000, "cap_period")
    assert found["next_tier"] is None
    later = answer(lines, tax=200_000_000, awarded=180_000_000)
    assert (later["award"], later["capped_by"]) == (20_000_000, "cap_year")


def test_g8_award_rounds_down():
    assert answer(spread(30_000_000) + spread(70_000_000, "X"), tax=33_333_335)["award"] == 3_333_333


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="nothing bought"),
        pytest.param([make_line(1_000_000), make_line(3_000_000, credit_note=True)], id="credit outweighs"),
        pytest.param([make_line(1_000_000), make_line(1_000_000, credit_note=True)], id="all returned"),
    ],
)
def test_g9_no_share(lines):
    found = answer(lines)
    assert (found["share"], found["share_shown"], found["next_tier"]) == (None, None, None)
    assert (found["award"], found["tier_bp"]) == (0, 0)
    assert found["denominator"] == found["local"] == (-2_000_000 if lines and lines[1].net > 1_000_000 else 0)


def test_g10_supplier_cap():
    lines = [make_line(millions * 1_000_000, supplier=f"S{millions}") for millions in (14, 4, 2)]
    lines += spread(30_000_000, "X")
    found = answer(lines)
    assert (found["local"], found["denominator"], found["share_shown"]) == (16_000_000, 50_000_000, "32.00")
    result = assessed(lines)
    assert result.uncapped_local == 20_000_000
    first = result.suppliers[0]
    assert (first.supplier, first.uncapped, first.counted) == ("S14", 14_000_000, 10_000_000)


def test_g11_coretax_base():
    line = CoretaxLine(Decimal("10000000.00"), Decimal("9166666.67"), Decimal("1100000.00"))
    assert line.net == 10_000_000
    assert answer([make_line(line.net)])["denominator"] == 10_000_000


def test_g12_foreign_currency():
    net = rupiah_of(Decimal("250.00"), Decimal("16412.50"))
    assert net == 4_103_125
    assert answer([make_line(net)])["denominator"] == 4_103_125


def test_g13_budget():
    awards = {"c1": 8_000_000, "c2": 6_000_000, "c3": 4_000_001}
    assert share_budget(15_000_000, awards) == {"c1": 6_666_666, "c2": 5_000_000, "c3": 3_333_334}


@pytest.mark.parametrize("written", ["2026-09-30T16:30:00Z", "2026-10-01T00:30:00+08:00"])
def test_g14_month_in_wita(written):
    assert Period.of(datetime(2026, 9, 30, 16, 30, tzinfo=UTC)) == Period(2026, 10)
    record = {**as_record(make_line(id="late")), "invoice_at": written}
    assert answer([record], period="2026-10")["denominator"] == 1_000_000
    september = answer([record], period="2026-09")
    assert september["denominator"] == 0
    assert september["excluded"] == [{"id": "late", "reason": "other_period"}]


def test_half_a_rupiah_is_written_as_a_fraction():
    found = answer([*spread(1_000_000), make_line(1, "B"), *spread(4_000_000, "X")])
    assert found["local"] == "2000001/2"
    assert found["share"] == str(Share(Fraction(2_000_001, 2) / 5_000_001))
    # 30 % of 5,000,001 is 1,500,000.3: the whole-rupiah local value that reaches it is 1,500,001.
    assert found["next_tier"]["missing"] == "1000001/2"
