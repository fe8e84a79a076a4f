"""First digits of each hotel's amounts over a year, for the programme's page (the rule BENFORD)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from market import db
from market.claims.flags import benford
from market.claims.flags.benford import FirstDigits


class Measured(NamedTuple):
    hotel: str
    found: FirstDigits


async def by_hotel(first: str, last: str) -> dict[str, list[int]]:
    """The amounts of hotels that logged enough lines in these months, by the hotel's name."""
    rows = await db.fetch(
        "SELECT o.name, l.net_minor FROM purchase_line l JOIN organisation o ON o.id = l.hotel_id"
        " WHERE l.live AND l.period >= $1 AND l.period <= $2 AND l.hotel_id IN (SELECT x.hotel_id"
        " FROM purchase_line x WHERE x.live AND x.period >= $1 AND x.period <= $2 GROUP BY x.hotel_id"
        " HAVING COUNT(*) >= $3)",
        first,
        last,
        benford.AMOUNTS,
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row["name"]].append(row["net_minor"])
    return dict(found)


def measured(amounts: Mapping[str, Sequence[int]]) -> list[Measured]:
    """The measure of each hotel to which the law applies. CPU only."""
    found = [
        Measured(hotel, one)
        for hotel, values in sorted(amounts.items())
        if (one := benford.first_digits(values))
    ]
    return sorted(found, key=lambda one: -one.found.chi_square)
