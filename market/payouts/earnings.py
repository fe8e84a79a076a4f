"""What a host earned month by month, and its plot as geometry: bars of an SVG and the axis beside them. Pure but for
one read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from market import db
from market.db.sql import as_instant
from market.payments import ledger
from market.payouts.statements import month_of, next_month
from market.values.dates import local_day, local_instant

MONTHS: Final = 12
WIDTH, HEIGHT, LEFT, TOP, FOOT = 640, 220, 76, 12, 28
_STEPS: Final = (10, 15, 20, 25, 30, 40, 50, 60, 80)


@dataclass(frozen=True, slots=True)
class Month:
    """A month's earnings of completed and kept bookings, less what was taken back; in rupiah."""

    first: date
    amount_minor: int
    bookings: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One month's bar; `label_x` is the middle of it."""

    first: date
    amount_minor: int
    x: int
    y: int
    width: int
    height: int
    label_x: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis."""

    amount_minor: int
    y: int


@dataclass(frozen=True, slots=True)
class Plot:
    """Geometry of the plot, in the units of its view box."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - FOOT


async def by_month(host_id: int, now: datetime, months: int = MONTHS) -> list[Month]:
    """The last months up to this one, oldest first, each with what the host (and the guides) earned in it."""
    firsts = [month_of(local_day(now))]
    while len(firsts) < months:
        firsts.insert(0, month_of(date.fromordinal(firsts[0].toordinal() - 1)))
    rows = await db.fetch(
        "SELECT e.at, e.booking_reference, t.debit, t.credit, t.amount_minor FROM ledger_transfer t"
        " JOIN ledger_entry e ON e.id = t.entry_id WHERE e.at >= $3 AND e.at < $4"
        " AND ((t.credit IN ($1, $2) AND SUBSTR(t.debit, 1, 16) = 'liab:guest_hold:')"
        " OR (t.debit IN ($1, $2) AND SUBSTR(t.credit, 1, 16) = 'liab:guest_hold:'))",
        ledger.host_payable(host_id),
        ledger.guide_payable(host_id),
        local_instant(firsts[0]),
        local_instant(next_month(firsts[-1])),
    )
    sums, seen = dict.fromkeys(firsts, 0), {first: set[str]() for first in firsts}
    for row in rows:
        first = month_of(local_day(as_instant(row["at"])))
        earned = row["debit"].startswith("liab:guest_hold:")
        sums[first] += row["amount_minor"] if earned else -row["amount_minor"]
        if earned:
            seen[first].add(row["booking_reference"])
    return [Month(first, sums[first], len(seen[first])) for first in firsts]


def plot(months: Sequence[Month]) -> Plot:
    """Bars on a round scale that begins at zero; a month with less than nothing shows nothing (the table says it)."""
    top = scale_top(max((month.amount_minor for month in months), default=0))
    room, step = HEIGHT - TOP - FOOT, (WIDTH - LEFT) // max(1, len(months))
    bars: list[Bar] = []
    for number, month in enumerate(months):
        height = max(0, month.amount_minor) * room // top
        x = LEFT + number * step + step // 6
        width = step - step // 3
        bars.append(
            Bar(month.first, month.amount_minor, x, TOP + room - height, width, height, x + width // 2)
        )
    ticks = [Tick(top * part // 4, TOP + room - room * part // 4) for part in (0, 1, 2, 3, 4)]
    return Plot(bars, ticks[::2])


def scale_top(most: int) -> int:
    """The least round amount that nothing exceeds; never less than 100,000."""
    power = 10_000
    while True:
        for step in _STEPS:
            if most <= step * power:
                return step * power
        power *= 10
