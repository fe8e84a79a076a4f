"""What holds for every set of purchases, through the ledger and the page's own reads, on both databases."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from market.claims import dashboard_queries
from market.claims.lines import Origin
from market.claims.rule_versions import R1
from tests.integration.claims.hotel_making import SEPTEMBER, Buyer, make_buyer, put
from tests.unit.claims.builders import assessed, make_line, spread


def purchases(rng: random.Random, count: int = 25) -> list:
    """Purchases of every kind, and credit notes below the purchase they take back."""
    lines = []
    for _ in range(count):
        line = make_line(
            rng.randrange(1, 5_000_000),
            rng.choice("ABCX"),
            supplier=rng.choice("STUVW"),
            category=rng.choice(("food", "drink", "textile", "wages")),
            evidenced=rng.random() > 0.2,
            confirmed=rng.random() > 0.2,
            related=rng.random() < 0.1,
        )
        lines.append(line)
        if rng.random() < 0.2:
            lines.append(
                line._replace(id=f"{line.id}-back", net=rng.randrange(1, line.net + 1), credit_note=True)
            )
    return lines


async def share_of(buyer: Buyer):
    found = await dashboard_queries.share_of(buyer.hotel.id, SEPTEMBER, tax_principal=80_000_000)
    return found.found


@pytest.mark.parametrize("seed", range(4))
async def test_the_order_of_entry_does_not_matter_and_a_share_is_a_part(db, seed):
    rng = random.Random(seed)
    lines = purchases(rng)
    shuffled = lines[:]
    rng.shuffle(shuffled)
    one, other = await make_buyer(), await make_buyer()
    await put(one, lines)
    await put(other, shuffled)
    first, second = await share_of(one), await share_of(other)
    assert first == second
    assert first.share == assessed(lines).share
    assert first.share is None or 0 <= first.share.value <= 1
    trend = (await dashboard_queries.share_of(one.hotel.id, SEPTEMBER, tax_principal=0)).trend
    assert trend[-1].share == first.share


@pytest.mark.parametrize("seed", range(4))
async def test_one_more_local_purchase_below_the_cap_never_lowers_the_share(db, seed):
    rng = random.Random(100 + seed)
    buyer = await make_buyer()
    await put(buyer, [*purchases(rng), *spread(20_000_000), *spread(20_000_000, "X")])
    before = await share_of(buyer)
    for origin in "AB":
        if before.share.value > R1.weight(Origin(origin)):
            continue
        await put(buyer, [make_line(rng.randrange(1, 900_000), origin)])
        after = await share_of(buyer)
        assert after.share >= before.share
        before = after


async def test_what_the_page_promises_reaches_the_next_tier(db):
    """Buying `additional` more of class A from suppliers below the cap reaches it, and a rupiah less does not."""
    buyer, other = await make_buyer(), await make_buyer()
    lines = [*spread(7_654_321), *spread(23_456_789, "X"), make_line(4_000_000, supplier="S")]
    for one in (buyer, other):
        await put(one, lines)
    promised = (await share_of(buyer)).next_tier
    await put(buyer, spread(promised.additional))
    await put(other, spread(promised.additional - 1))
    wanted = Fraction(promised.tier.min_share_bp, 10_000)
    assert (await share_of(buyer)).share.value >= wanted
    assert (await share_of(other)).share.value < wanted
