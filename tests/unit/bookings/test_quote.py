from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.bookings.quote import Choice, Quote, quote, seats
from market.listings.offering import ExtraItem, GroupPrice, Kind, PayeeShare, Per, SeasonPrice
from market.values.dates import DateRange
from market.values.party import Party
from tests.unit.offerings import ROOM, offering, slot

TEXTS = {"id": {"name": "x"}, "en": {"name": "x"}}


def test_a_million_becomes_1_050_000_with_950_50_and_50():
    priced = quote(offering(), Choice(Party(1), slot=slot()))
    assert priced.total == 1_050_000
    assert [(p.kind, p.amount) for p in priced.parts] == [
        ("family", 950_000),
        ("fund", 50_000),
        ("platform", 50_000),
    ]


def test_children_pay_half_and_infants_nothing_but_take_no_seat():
    lesson = offering()
    party = Party(2, 1, 1)
    priced = quote(lesson, Choice(party, slot=slot()))
    assert [(line.key, line.quantity, line.unit_minor) for line in priced.lines] == [
        ("adult", 2, 1_050_000),
        ("child", 1, 525_000),
        ("infant", 1, 0),
    ]
    assert seats(lesson, party) == 3


def test_bigger_groups_pay_the_lower_step_and_a_departures_own_price_beats_it():
    tour = offering(Kind.TOUR, group_prices=(GroupPrice(4, 800_000), GroupPrice(6, 700_000)))
    assert quote(tour, Choice(Party(3), slot=slot())).lines[0].host_unit_minor == 1_000_000
    assert quote(tour, Choice(Party(5), slot=slot())).lines[0].host_unit_minor == 800_000
    assert quote(tour, Choice(Party(6), slot=slot())).lines[0].host_unit_minor == 700_000
    assert quote(tour, Choice(Party(6), slot=slot(price_minor=900_000))).lines[0].host_unit_minor == 900_000


def test_nights_are_half_open_and_season_and_weekday_prices_make_their_own_lines():
    stay = offering(
        Kind.HOMESTAY,
        seasons=(SeasonPrice("12-31", "01-01", 150, TEXTS),),
        weekday_percent={5: 110},
    )
    nights = DateRange(date(2026, 12, 25), date(2027, 1, 2))  # Fri 25 … Fri 1: eight nights, one Saturday
    priced = quote(stay, Choice(Party(2), room=ROOM, rooms=1, nights=nights))
    assert [(line.nights, line.host_unit_minor) for line in priced.lines] == [
        (1, 300_000),
        (1, 330_000),
        (4, 300_000),
        (2, 450_000),
    ]
    assert sum(amount for _, amount in priced.night_amounts) == priced.total


@pytest.mark.parametrize(
    ("per", "times"), [(Per.PERSON, 2), (Per.BOOKING, 1), (Per.NIGHT, 3), (Per.PERSON_NIGHT, 6)]
)
def test_an_extra_counts_by_its_unit(per, times):
    stay = offering(Kind.HOMESTAY, extras=(ExtraItem(1, "dinner", 50_000, per, TEXTS),))
    nights = DateRange(date(2026, 12, 12), date(2026, 12, 15))
    wanted = 2 if per in {Per.PERSON, Per.PERSON_NIGHT} else 1
    priced = quote(stay, Choice(Party(2), room=ROOM, rooms=1, nights=nights, extras={"dinner": wanted}))
    assert priced.lines[-1].quantity == times


@st.composite
def choices(draw):
    shares = draw(st.lists(st.integers(1, 2500), max_size=3))
    base = {
        "price_minor": draw(st.integers(1, 9_999_999)),
        "service_fee_bp": draw(st.integers(0, 3000)),
        "fund_bp": draw(st.integers(0, 2000)),
        "payees": tuple(PayeeShare("guide", bp, TEXTS) for bp in shares),
        "extras": (
            ExtraItem(1, "e", draw(st.integers(0, 999_999)), draw(st.sampled_from(list(Per))), TEXTS),
        ),
    }
    party = Party(draw(st.integers(1, 6)), draw(st.integers(0, 3)), draw(st.integers(0, 2)))
    extras = {"e": draw(st.integers(0, 3))}
    if draw(st.booleans()):
        start = date(2026, 12, 1) + timedelta(days=draw(st.integers(0, 60)))
        nights = DateRange(start, start + timedelta(days=draw(st.integers(1, 20))))
        stay = offering(
            Kind.HOMESTAY, weekday_percent={draw(st.integers(0, 6)): draw(st.integers(50, 200))}, **base
        )
        return stay, Choice(party, room=ROOM, rooms=draw(st.integers(1, 2)), nights=nights, extras=extras)
    return offering(**base), Choice(party, slot=slot(), extras=extras)


@given(choices())
def test_lines_and_parts_each_sum_to_the_total(pair):
    listing, choice = pair
    priced = quote(listing, choice)
    assert sum(line.amount for line in priced.lines) == priced.total
    assert sum(part.amount for part in priced.parts) == priced.total
    assert priced.host_minor + priced.fee_minor == priced.total
    assert all(part.amount >= 0 for part in priced.parts)


@given(choices())
def test_a_snapshot_reads_back_as_it_was(pair):
    priced = quote(*pair)
    assert Quote.from_json(priced.to_json()) == priced
