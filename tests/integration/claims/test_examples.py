"""The worked examples of the rules (G1 to G14) through the whole office: ledger, claim, lot, decisions, award."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from market import db as database
from market.claims import budget, claiming_service, effects, rulings, steps, verifying
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.programme import in_force
from market.claims.states import State
from market.claims.submitting import NotReady
from market.claims.verifying import LineRuling
from market.errors import Refused
from market.values.dates import local_instant
from market.values.periods import Period
from tests import factories
from tests.integration.claims import office
from tests.integration.claims.office import Case


async def opened(
    tax: int, *parts: tuple[str, int], period: Period = office.PERIOD, people=None, **fields
) -> Case:
    """A hotel whose purchases are these (class, amount), its claim submitted."""
    if people is None:
        await office.make_officers(6)
    hotel, person = await office.make_hotel(), await factories.make_person(name="Purchaser")
    await factories.make_member(person, "hotel", hotel.id)
    at = local_instant(date(period.year, period.month, 10))
    for origin, amount in parts:
        await office.spread(hotel.id, person.id, amount, origin=origin, at=at, **fields)
    now = local_instant(period.following().first_day + timedelta(days=11))
    reference = await office.submit(hotel.id, person.id, tax=tax, period=period, now=now)
    return Case(reference, hotel, person, now)


G5 = (("A", 6_000_000), ("B", 4_000_000), ("C", 5_000_000), ("X", 10_000_000))


@pytest.mark.parametrize(
    ("tax", "parts", "shown", "award"),
    [
        (80_000_000, (("A", 20_000_000), ("X", 40_000_000)), "1/3", 8_000_000),  # G1
        (80_000_000, (("A", 18_000_000), ("X", 42_000_000)), "3/10", 8_000_000),  # G2
        (80_000_000, (("A", 17_999_999), ("X", 42_000_001)), "17999999/60000000", 4_000_000),  # G3
        (80_000_000, (("A", 10_000_000), ("X", 20_000_000)), "1/3", 8_000_000),  # G4, net of VAT
        (
            45_000_000,
            (("A", 6_000_000), ("B", 4_000_000), ("C", 5_000_000), ("X", 10_000_000)),
            "17/50",
            4_500_000,
        ),  # G5
        (200_000_000, (("A", 45_000_000), ("X", 55_000_000)), "9/20", 25_000_000),  # G7, period cap
        (33_333_335, (("A", 30_000_000), ("X", 70_000_000)), "3/10", 3_333_333),  # G8
    ],
)
async def test_awards_of_the_worked_examples(db, tax, parts, shown, award):
    case = await opened(tax, *parts)
    await case.recommended()
    assert await case.column("decided_share") == shown
    assert await case.column("decided_award_minor") == award


async def test_g7_the_years_cap_counts_what_was_awarded_before(db):
    people = await office.make_officers(6)
    hotel, person = await office.make_hotel(), await factories.make_person()
    await factories.make_member(person, "hotel", hotel.id)
    for month in range(1, 9):
        period = Period(2026, month)
        at = local_instant(date(2026, month, 10))
        await office.spread(hotel.id, person.id, 45_000_000, at=at)
        await office.spread(hotel.id, person.id, 55_000_000, origin="X", at=at)
        now = local_instant(period.following().first_day + timedelta(days=11))
        # 7 x 25 million and once 5 million: 180 million before September.
        tax = 33_333_334 if month == 8 else 200_000_000
        case = Case(
            await office.submit(hotel.id, person.id, tax=tax, period=period, now=now), hotel, person, now
        )
        await case.recommended()
    at = local_instant(date(2026, 9, 10))
    await office.spread(hotel.id, person.id, 45_000_000, at=at)
    await office.spread(hotel.id, person.id, 55_000_000, origin="X", at=at)
    last = Case(await office.submit(hotel.id, person.id, tax=200_000_000), hotel, person)
    await last.recommended()
    assert await last.column("decided_award_minor") == 20_000_000
    assert len(people) == 6


async def test_g9_no_share_no_award_no_error(db):
    case = await opened(80_000_000, ("A", 1_000_000))
    hotel = case.hotel.id
    assert await case.column("award_minor") == 0  # below the least purchases of a month
    other, person = await office.make_hotel(), await factories.make_person()
    await office.buy(other.id, person.id, 1_000_000)
    await office.buy(other.id, person.id, 3_000_000, kind="credit_note")
    assert hotel != other.id
    # More went back than came: there is no share, and no books that such a claim could tie to.
    with pytest.raises(NotReady):
        await office.submit(other.id, person.id)


async def test_g10_one_supplier_counts_for_half_at_most(db):
    await office.make_officers(6)
    hotel, person = await office.make_hotel(), await factories.make_person()
    for seller, amount in (("S1", 14_000_000), ("S2", 4_000_000), ("S3", 2_000_000)):
        await office.buy(hotel.id, person.id, amount, seller=seller)
    await office.spread(hotel.id, person.id, 30_000_000, origin="X")
    case = Case(await office.submit(hotel.id, person.id, tax=60_000_000), hotel, person)
    await case.recommended()
    assert await case.column("decided_share") == "8/25"  # 32 %
    assert await case.column("decided_award_minor") == 6_000_000


async def test_g14_half_past_midnight_belongs_to_the_new_month(db):
    instant = datetime(2026, 9, 30, 16, 30, tzinfo=UTC)
    hotel, person = await office.make_hotel(), await factories.make_person()
    await office.buy(hotel.id, person.id, 6_000_000, at=instant)
    rows = await database.fetch("SELECT period FROM purchase_line")
    assert rows[0]["period"] == "2026-10"
    assert str(Period.of(instant)) == "2026-10"
    assert (await in_force(Period(2026, 10))).rule.version == "R1"


async def test_g6_a_correction_claws_back_with_the_next_award(db):
    case = await opened(60_000_000, ("A", 16_000_000), ("X", 34_000_000))
    await case.recommended()
    officer = await case.chair(Chair.VERIFIER)
    first = await case.decree(officer)
    assert await case.column("decided_award_minor") == 6_000_000
    await office.buy(
        case.hotel.id,
        case.person.id,
        2_000_000,
        kind="credit_note",
        is_adjustment=True,
        seller="Seller again",
    )
    now = case.now + timedelta(days=20)
    reference = await claiming_service.open_correction(
        case.hotel.id, office.PERIOD, by=case.person.id, now=now
    )
    await office.submit_draft(reference, case.hotel.id, case.person.id, tax=60_000_000, now=now)
    correction = Case(reference, case.hotel, case.person, now)
    await correction.recommended()
    assert await correction.column("decided_share") == "7/24"  # 29.16 %
    second = await correction.decree(officer, "SK 13/2026")
    assert await correction.column("decided_award_minor") == 3_000_000
    assert await correction.column("payable_minor") == 0
    assert await case.state() is State.SUPERSEDED
    states = {
        row["reference"]: row["state"]
        for row in await database.fetch("SELECT reference, state FROM award_certificate")
    }
    assert states == {first: "superseded", second: "valid"}
    assert await effects.open_adjustments(case.hotel.id) == [(1, -3_000_000)]

    october = Period(2026, 10)
    at = local_instant(date(2026, 10, 10))
    await office.spread(case.hotel.id, case.person.id, 20_000_000, at=at)
    await office.spread(case.hotel.id, case.person.id, 40_000_000, origin="X", at=at)
    later = local_instant(date(2026, 11, 12))
    nxt = await office.submit(case.hotel.id, case.person.id, tax=80_000_000, period=october, now=later)
    following = Case(nxt, case.hotel, case.person, later)
    await following.recommended()
    await following.decree(officer, "SK 14/2026")
    assert await following.column("adjustment_minor") == -3_000_000
    assert await following.column("payable_minor") == 5_000_000
    assert await effects.open_adjustments(case.hotel.id) == []


async def test_g13_a_budget_is_shared_by_largest_remainder(db):
    people = await office.make_officers(6)
    cases = []
    for award in (8_000_000, 6_000_000, 4_000_001):
        # 30 % of the purchases are local: a tenth of the tax, rounded down.
        tax = award * 10
        case = await opened(tax, ("A", 30_000_000), ("X", 70_000_000), people=people)
        await case.recommended()
        cases.append(case)
    asked = {case.reference: await case.column("decided_award_minor") for case in cases}
    assert sorted(asked.values()) == [4_000_001, 6_000_000, 8_000_000]
    first, second = people[0].id, people[1].id
    number = await budget.propose(office.PERIOD, 15_000_000, note="", by=first, now=cases[0].now)
    with pytest.raises(Refused):
        await budget.put_into_effect(number, by=first, secrets=office.SECRETS, now=cases[0].now)
    with pytest.raises(Refused):
        await cases[0].decree(second)
    await budget.put_into_effect(number, by=second, secrets=office.SECRETS, now=cases[0].now)
    given = {part.asked: part.given for part in (await budget.get(number)).parts}
    assert given == {8_000_000: 6_666_666, 6_000_000: 5_000_000, 4_000_001: 3_333_334}
    await cases[0].decree(second)
    assert await cases[0].column("payable_minor") == 6_666_666


async def test_a_smaller_amount_and_an_excluded_line_change_the_award(db):
    case = await opened(80_000_000, ("A", 20_000_000), ("X", 40_000_000))
    await case.checked()
    verifier = await case.chair(Chair.VERIFIER)
    claim = await steps.get(case.reference)
    rows = await database.fetch(
        "SELECT line_id, net_minor FROM claim_line WHERE claim_id = $1 AND origin = 'A' ORDER BY position",
        claim.id,
    )
    wanted = [
        LineRuling(rows[0]["line_id"], rulings.Verdict.EXCLUDE, "not_confirmed"),
        LineRuling(rows[1]["line_id"], rulings.Verdict.AMOUNT, "supplier_amount", 1_000_000),
    ]
    await verifying.rule_lines(case.reference, wanted, by=verifier, now=case.now)
    await case.verify(Outcome.AWARD)
    await case.approve()
    await case.pass_audit()
    # 11 of 60 million: below the first tier.
    assert await case.column("decided_share") == "11/60"
    assert await case.column("decided_award_minor") == 0
