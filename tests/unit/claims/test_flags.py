"""Each flag fires on a planted case and stays silent on its near miss, at the exact boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from market.claims.flags import (
    backdate,
    benford,
    capacity,
    circular,
    confirm,
    dup_near,
    dup_no,
    engine,
    img,
    price,
    related,
    round_amounts,
    rush,
    split,
)
from market.claims.flags.facts import ClaimFacts, Demand, Document, Likeness, Party, Priced, Trade
from market.claims.flags.wording import SENTENCES, TITLES, sentence
from market.claims.lines import Origin
from market.claims.rule_versions import R1
from market.claims.snapshot import FrozenLine
from market.values.periods import Period

SUBMITTED = datetime(2026, 10, 12, 4, tzinfo=UTC)
ENTERED = datetime(2026, 9, 12, 4, tzinfo=UTC)


def facts(**fields: Any) -> ClaimFacts:
    values = {"rule": R1, "period": Period(2026, 9), "hotel_id": 1, "submitted_at": SUBMITTED}
    return ClaimFacts(**{**values, **fields})


def paper(number: int, net: int = 1_000_000, day: int = 10, **fields: Any) -> Document:
    values: dict[str, Any] = {
        "id": number,
        "reference": f"D{number}",
        "hotel_id": 1,
        "seller_key": "w:toko",
        "seller_name": "Toko",
        "seller_npwp": "",
        "number": f"N{number}",
        "number_key": f"N{number}",
        "paper": "nota",
        "credit_note": False,
        "net_minor": net,
        "invoice_on": date(2026, 9, day),
        "entered_at": ENTERED,
    }
    return Document(**{**values, **fields})


def line(number: int, net: int = 1_000_000, **fields: Any) -> FrozenLine:
    values: dict[str, Any] = {
        "line_id": number,
        "position": number,
        "document_id": number,
        "document_reference": f"D{number}",
        "number": "",
        "seller_key": "w:toko",
        "seller_name": "Toko",
        "supplier_id": None,
        "product_id": None,
        "description": "Beras",
        "category": "food",
        "quantity_milli": None,
        "unit": "",
        "invoice_at": ENTERED,
        "entered_at": ENTERED,
        "net_minor": net,
        "credit_note": False,
        "origin": Origin.A,
        "evidenced": True,
        "confirmed": True,
        "related": False,
        "confirmation": "yes",
        "confirmed_net_minor": None,
    }
    return FrozenLine(**{**values, **fields})


def fired(rule: Any, found: ClaimFacts) -> list[str]:
    return [f"{one.sentence}:{one.found.value}/{one.expected.value}" for one in rule.find(found)]


# --- DUP-NO ---------------------------------------------------------------------------------------------------


def test_dup_no_meets_a_seller_written_in_two_ways():
    own = paper(1, number_key="INV12", seller_key="s:7", seller_name="PT Segar")
    other = paper(2, number_key="INV12", seller_key="w:segar", seller_name="Segar, PT.", hotel_id=2)
    assert fired(dup_no, facts(same_numbers=[(own, other)])) == ["same_number:2/1"]


@pytest.mark.parametrize(
    "miss",
    [
        {"seller_name": "Lain"},
        {"number_key": "INV13", "seller_name": "Toko"},
        {"number_key": "", "seller_name": "Toko"},
        {"seller_name": "Toko", "credit_note": True},
    ],
)
def test_dup_no_is_silent_for_another_seller_number_or_kind(miss):
    own = paper(1, number_key="INV12")
    other = paper(2, **{"number_key": "INV12", "seller_key": "w:lain", **miss})
    assert fired(dup_no, facts(same_numbers=[(own, other)])) == []


# --- DUP-NEAR -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "days", "expected"),
    [
        (1_000_000, 990_000, 0, True),  # exactly 1 % of the larger
        (1_000_000, 989_999, 0, False),
        (1_000_000, 1_000_000, 7, True),
        (1_000_000, 1_000_000, 8, False),
        (4_650_000, 6_450_000, 3, True),  # two neighbouring digits swapped
        (4_650_000, 5_640_000, 3, False),  # swapped, but not neighbours
    ],
)
def test_dup_near(first, second, days, expected):
    papers = [paper(1, first, 10), paper(2, second, 10 + days)]
    assert bool(fired(dup_near, facts(documents=papers))) is expected


def test_dup_near_needs_one_seller_and_a_paper_of_the_claim():
    assert not fired(dup_near, facts(documents=[paper(1), paper(2, seller_key="w:lain")]))
    assert not fired(dup_near, facts(neighbours=[paper(1), paper(2)]))
    assert fired(dup_near, facts(documents=[paper(2, day=2)], neighbours=[paper(1, day=1)]))


# --- IMG ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "expected"), [(16, "same:16/16"), (17, "look:17/45"), (45, "look:45/45"), (46, "")]
)
def test_img(distance, expected):
    assert "".join(fired(img, facts(likenesses=[Likeness(1, 10, 2, 20, distance)]))) == expected


def test_img_is_silent_for_two_photos_of_one_paper():
    assert fired(img, facts(likenesses=[Likeness(1, 10, 2, 10, 3)])) == []


# --- CAPACITY -------------------------------------------------------------------------------------------------


def test_capacity():
    exact = Demand(1, "Madu", "Koperasi", "kg", 60_000, 60, (1, 2))
    assert fired(capacity, facts(demands=[exact])) == []
    assert fired(capacity, facts(demands=[exact._replace(quantity_milli=60_001)])) == ["over:60001/60000"]


# --- CIRCULAR -------------------------------------------------------------------------------------------------


def trade(number: int, buyer: str, seller: str, day: date, net: int) -> Trade:
    return Trade(number, buyer, seller, day, net)


def circle(back: int, last: date) -> list[Trade]:
    start = date(2026, 9, 1)
    return [
        trade(1, "n:A", "n:B", start, 100),
        trade(2, "n:B", "n:C", start, 100),
        trade(3, "n:C", "n:A", last, back),
    ]


@pytest.mark.parametrize(
    ("back", "days", "expected"),
    [(80, 30, True), (79, 30, False), (80, 31, False)],
)
def test_circular_three_parties(back, days, expected):
    trades = circle(back, date(2026, 9, 1) + timedelta(days=days))
    assert bool(fired(circular, facts(trades=trades, party="n:A"))) is expected


def test_circular_two_parties_and_not_four():
    two = [trade(1, "n:A", "n:B", date(2026, 9, 1), 100), trade(2, "n:B", "n:A", date(2026, 9, 2), 95)]
    assert fired(circular, facts(trades=two, party="n:A")) == ["circle:9500/8000"]
    day = date(2026, 9, 1)
    four = [trade(n, f"n:{a}", f"n:{b}", day, 100) for n, (a, b) in enumerate(("AB", "BC", "CD", "DA"))]
    assert fired(circular, facts(trades=four, party="n:A")) == []
    assert fired(circular, facts(trades=two, party="n:Z")) == []


# --- SPLIT ----------------------------------------------------------------------------------------------------


def receipts(*nets: int, days: tuple[int, ...] = (10, 11, 13), paper_kind: str = "nota") -> list[Document]:
    return [paper(n, net, days[n], paper=paper_kind) for n, net in enumerate(nets)]


def test_split_three_within_three_days_between_80_and_100_per_cent():
    assert fired(split, facts(documents=receipts(4_000_000, 5_000_000, 4_500_000))) == [
        "split:13500000/5000000"
    ]


@pytest.mark.parametrize(
    "papers",
    [
        receipts(3_999_999, 5_000_000, 4_500_000),
        receipts(5_000_001, 5_000_000, 4_500_000),
        receipts(4_500_000, 4_500_000),
        receipts(4_500_000, 4_500_000, 4_500_000, days=(10, 11, 14)),
        receipts(4_500_000, 4_500_000, 4_500_000, paper_kind="tax_invoice"),
    ],
)
def test_split_near_misses(papers):
    assert fired(split, facts(documents=papers)) == []


# --- ROUND ----------------------------------------------------------------------------------------------------


def amounts(round_ones: int, all_of_them: int = 20) -> list[FrozenLine]:
    return [line(n, 500_000 if n < round_ones else 512_345) for n in range(all_of_them)]


def test_round_more_than_twice_the_median_of_the_others():
    peers = [Fraction(1, 10), Fraction(2, 10), Fraction(3, 10)]
    assert fired(round_amounts, facts(lines=amounts(8), peer_round_shares=peers)) == []  # exactly twice
    assert fired(round_amounts, facts(lines=amounts(9), peer_round_shares=peers)) == ["round:4500/2000"]


def test_round_near_misses():
    assert fired(round_amounts, facts(lines=amounts(19, 19), peer_round_shares=[Fraction(0)])) == []
    assert fired(round_amounts, facts(lines=amounts(20), peer_round_shares=[])) == []
    few = [Fraction(1, 100)]
    assert fired(round_amounts, facts(lines=amounts(2), peer_round_shares=few)) == []  # 9 points above
    assert fired(round_amounts, facts(lines=amounts(3), peer_round_shares=few)) == ["round:1500/100"]


# --- BENFORD --------------------------------------------------------------------------------------------------


def test_benford_applies_from_300_amounts_over_two_decades():
    wide = [10 ** (n % 3) * (1 + n % 9) for n in range(300)]
    assert benford.first_digits(wide[:299]) is None
    assert benford.first_digits([100 + n % 900 for n in range(300)]) is None
    found = benford.first_digits(wide)
    assert found is not None
    assert found.unusual


def test_benford_is_silent_for_powers_of_two():
    found = benford.first_digits([2**n for n in range(1, 400)])
    assert found is not None
    assert not found.unusual
    assert sum(found.counts) == 399


# --- PRICE ----------------------------------------------------------------------------------------------------


def test_price_more_than_one_and_a_half_times_the_median():
    def found(own: int) -> list[str]:
        others = [Priced("kopi", n, n, "Kopi", Fraction(100), own=False) for n in (1, 2)]
        return fired(price, facts(prices=[*others, Priced("kopi", 3, 3, "Kopi", Fraction(own), own=True)]))

    assert found(150) == []
    assert found(151) == ["dear:151/100"]


def test_price_names_only_the_claims_own_lines():
    prices = [Priced("kopi", n, n, "Kopi", Fraction(p), own=False) for n, p in enumerate((100, 100, 900))]
    assert fired(price, facts(prices=prices)) == []


# --- RELATED --------------------------------------------------------------------------------------------------


def test_related_pairs_of_different_roles_only():
    phone = frozenset({("phone", "abc")})
    hotel = Party("hotel", "h:1", "Hotel", phone)
    supplier = Party("supplier", "s:1", "Pemasok", phone, 9)
    officer = Party("officer", "o:1", "Petugas", frozenset({("phone", "xyz")}))
    assert fired(related, facts(parties=[hotel, supplier, officer])) == ["phone:1/0"]
    twin = supplier._replace(key="s:2")
    assert len(fired(related, facts(parties=[supplier, twin]))) == 0
    assert fired(related, facts(parties=[officer, hotel._replace(marks=frozenset({("phone", "abd")}))])) == []


# --- BACKDATE, RUSH, CONFIRM ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "expected"), [(45, []), (46, ["late:46/45"])])
def test_backdate_counts_days_of_the_local_calendar(days, expected):
    # 16:30 UTC is half past midnight of the next day in Kupang.
    entered = datetime(2026, 9, 10, 16, 30, tzinfo=UTC) + timedelta(days=days - 1)
    assert fired(backdate, facts(documents=[paper(1, entered_at=entered)])) == expected


def test_backdate_after_the_lock():
    late = paper(1, entered_at=ENTERED, adjusted_at=ENTERED)
    assert fired(backdate, facts(documents=[late])) == ["after_lock:2/0"]


def test_rush_more_than_thirty_per_cent_in_the_last_48_hours():
    edge = SUBMITTED - timedelta(hours=48)
    three = [line(n, entered_at=edge) for n in range(3)] + [line(n) for n in range(3, 10)]
    assert fired(rush, facts(lines=three)) == []
    four = [line(n, entered_at=edge) for n in range(4)] + [line(n) for n in range(4, 10)]
    assert fired(rush, facts(lines=four)) == ["rush:4000/3000"]
    before = [line(n, entered_at=edge - timedelta(seconds=1)) for n in range(10)]
    assert fired(rush, facts(lines=before)) == []
    assert fired(rush, facts()) == []


def test_confirm_by_what_the_supplier_said():
    week = SUBMITTED - timedelta(days=7)
    papers = [
        paper(1, confirmation="not_mine"),
        paper(2, confirmation="other_amount", confirmed_net_minor=400_000),
        paper(3, confirmation="asked", asked_at=week),
        paper(4, confirmation="asked", asked_at=week + timedelta(seconds=1)),
        paper(5, confirmation="yes"),
        paper(6, confirmation="silent"),
    ]
    found = fired(confirm, facts(documents=papers))
    assert found == ["not_mine:0/1000000", "other_amount:400000/1000000", "silent:2/7"]


# --- all of them ----------------------------------------------------------------------------------------------


def test_an_ordinary_claim_raises_nothing_and_every_sentence_has_words():
    calm = facts(
        lines=[line(n, 512_345 + n * 10_111) for n in range(5)],
        documents=[paper(n, 512_345 + n * 91_111, 1 + n, confirmation="yes") for n in range(5)],
    )
    assert engine.run(calm) == []
    assert {rule for rule, _ in SENTENCES} == set(engine.RULES)
    assert set(TITLES) == {*engine.RULES, benford.RULE}


def test_every_finding_can_be_said_in_both_languages():
    loud = facts(
        documents=[
            paper(1, confirmation="not_mine"),
            paper(2, confirmation="silent"),
            paper(3, 4_500_000, 11, adjusted_at=ENTERED),
        ],
        likenesses=[Likeness(1, 1, 2, 2, 3)],
        demands=[Demand(1, "Madu", "Koperasi", "kg", 61_500, 60, (1,))],
        lines=[line(n, entered_at=SUBMITTED) for n in range(20)],
        peer_round_shares=[Fraction(0)],
    )
    found = engine.run(loud)
    assert len(found) >= 6
    for one in found:
        shown = {"found": one.found, "expected": one.expected, **one.more}
        figures = {name: figure.as_json() for name, figure in shown.items()}
        for locale in ("id", "en"):
            said = sentence(one.rule, one.sentence, figures, locale)
            assert "%(" not in said
            assert said


def test_a_rule_names_each_subject_once_and_not_without_end():
    many = facts(documents=[paper(n, confirmation="not_mine") for n in range(500)])
    found = [one for one in engine.run(many) if one.rule == "CONFIRM"]
    assert len(found) == engine.MOST_OF_A_RULE
    strict = replace(many, rule=replace(R1, evidence_limit=1))
    assert {one.rule for one in engine.run(strict)} >= {"CONFIRM"}
