"""What an officer reads of two parties that a RELATED flag names: where they agree, nothing that is one's alone."""

from __future__ import annotations

from market.claims.desk_rows import FlagRow
from market.claims.flags.facts import Party
from market.claims.officer_pages.desk_parties import records

HOTEL = Party(
    "hotel",
    "h:7",
    "Hotel Bukit",
    frozenset({("bank", "a1"), ("address", "b1"), ("phone", "c1"), ("declared", "org:7")}),
    None,
    "Jalan Tongkol No. 17",
    "53.71.06.1008",
)
SUPPLIER = Party(
    "supplier",
    "s:1",
    "Bakul Ikan",
    frozenset({("bank", "a1"), ("address", "b1"), ("phone", "c2"), ("npwp", "d1"), ("declared", "org:9")}),
    3,
    "Jl. Tongkol 17",
    "53.71.06.1008",
)


def _flag(rule: str = "RELATED", subject: str = "h:7~s:1") -> FlagRow:
    return FlagRow(1, rule, 1, subject, "several", {}, (), None, "", "", None, None)


def test_both_records_say_where_they_agree() -> None:
    hotel, supplier = records(_flag(), [HOTEL, SUPPLIER], "en")
    assert hotel.title == "Hotel Bukit"
    assert hotel.bill == [
        ("Who", "Hotel"),
        ("Address", "Jalan Tongkol No. 17, Fatubesi (the same)"),
        ("NPWP", "not stated"),
        ("Phone", "not the same"),
        ("Bank account", "the same"),
    ]
    assert ("NPWP", "stated") in supplier.bill
    assert ("Address", "Jl. Tongkol 17, Fatubesi (the same)") in supplier.bill
    shown = f"{hotel.bill}{supplier.bill}"
    assert not any(kept in shown for kept in ("a1", "c1", "c2", "d1", "org:"))


def test_other_flags_and_parties_that_left_show_none() -> None:
    assert records(_flag(rule="PRICE"), [HOTEL, SUPPLIER], "en") == []
    assert records(_flag(), [HOTEL], "en") == []
