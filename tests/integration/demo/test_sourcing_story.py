"""The demo's sourcing year tells what it is meant to tell, on any day of a month, and replays without a difference."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from market import clock, db
from market.claims import dashboard_queries, replay
from market.claims.states import State
from market.demo import people, seed, suppliers
from market.demo.sourcing_plan import HOTELS, MONTHS, Oddity, month_of
from market.places.geo import SEATS
from market.settings import Settings, load
from market.values.periods import Period

pytestmark = pytest.mark.usefixtures("db")


def settings(folder: Path) -> Settings:
    return load({"MARKET_DEMO": "1", "MARKET_DATA_DIR": str(folder)})


async def test_the_story(tmp_path: Path) -> None:
    await seed.fill_if_empty(settings(tmp_path))
    await _every_state()
    await _one_rupiah_below_a_tier()
    await _what_an_officer_finds()
    await _the_clawback()
    await _the_year()
    versions = {
        row["version"]: row["state"] for row in await db.fetch("SELECT version, state FROM rule_version")
    }
    assert versions == {"R1": "effective", "R2": "proposed"}
    assert (await replay.everything(lambda _: None)) is not None


async def _every_state() -> None:
    rows = await db.fetch("SELECT DISTINCT state FROM claim")
    assert {row["state"] for row in rows} == {state.value for state in State}


async def _one_rupiah_below_a_tier() -> None:
    row = await db.fetch_one("SELECT id FROM organisation WHERE slug = $1", HOTELS[0].slug)
    assert row is not None
    share = await dashboard_queries.share_of(row["id"], month_of(1, clock.today()), tax_principal=80_000_000)
    assert share is not None
    assert share.found is not None
    assert (share.found.local, share.found.denominator) == (Fraction(17_999_999), 60_000_000)
    assert share.found.award.amount == 4_000_000


async def _what_an_officer_finds() -> None:
    rows = await db.fetch(
        "SELECT o.slug, f.rule FROM claim_flag f JOIN claim c ON c.id = f.claim_id JOIN organisation o"
        " ON o.id = c.hotel_id WHERE c.kind = 'original'"
    )
    found = {(row["slug"], row["rule"]) for row in rows}
    assert ("hotel-bukit-timor-demo", "SPLIT") in found
    assert ("hotel-bukit-timor-demo", "CONFIRM") in found
    assert ("penginapan-bintang-laut-demo", "CAPACITY") in found
    assert ("hotel-teluk-raya-demo", "CONFIRM") in found
    assert ("griya-semau-demo", "IMG") in found
    likeness = await db.fetch_one("SELECT distance FROM evidence_likeness")
    assert likeness is not None
    assert likeness["distance"] <= 16
    planned = {odd for hotel in HOTELS for month in hotel.months for odd in month.odd}
    assert planned == set(Oddity)


async def _the_clawback() -> None:
    rows = await db.fetch(
        "SELECT c.kind, c.state, c.decided_award_minor, c.adjustment_minor, c.payable_minor FROM claim c"
        " JOIN organisation o ON o.id = c.hotel_id WHERE o.slug = 'wisma-flobamora-demo' AND c.payable_minor"
        " IS NOT NULL AND c.state <> 'checking' ORDER BY c.period, c.id"
    )
    original, correction, following = (dict(row) for row in rows)
    assert (original["state"], original["decided_award_minor"]) == ("superseded", 6_000_000)
    assert (correction["kind"], correction["decided_award_minor"]) == ("correction", 3_000_000)
    assert following["adjustment_minor"] == -3_000_000
    assert following["payable_minor"] == following["decided_award_minor"] - 3_000_000


async def _the_year() -> None:
    rows = await db.fetch(
        "SELECT hotel_id, COUNT(DISTINCT period) AS months FROM purchase_document GROUP BY hotel_id"
    )
    assert len(rows) == len(HOTELS) == 8
    assert all(row["months"] >= MONTHS for row in rows)
    assert len(suppliers.read()) == 60
    assert {record["code"][:5] for record in suppliers.read()} == {seat.code for seat in SEATS}
    assert len(SEATS) == 22
    officers = await db.fetch("SELECT email FROM person WHERE email LIKE 'officer%'")
    assert {row["email"] for row in officers} >= set(people.OFFICERS)


@pytest.mark.parametrize("day", [1, 11])
async def test_it_works_on_any_day_of_a_month(day: int, tmp_path: Path) -> None:
    then = clock.now().replace(day=day, hour=3)
    with clock.frozen(then - timedelta(days=40) if then > clock.now() else then):
        await seed.fill_if_empty(settings(tmp_path))
    await _every_state()


def test_months_count_back_from_the_newest_that_can_be_claimed() -> None:
    today = clock.today().replace(year=2026, month=3)
    assert month_of(1, today.replace(day=12)) == Period(2026, 2)
    assert month_of(1, today.replace(day=11)) == Period(2026, 1)
    assert month_of(3, today.replace(day=12)) == Period(2025, 12)
