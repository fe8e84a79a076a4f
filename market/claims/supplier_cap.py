"""No supplier makes up more than its part of the local value, and what that means for reaching a tier.

The limit is a part of the local value before the cap, so it is found without going round in circles; and it
grows with every further local purchase, which `additional_needed` takes into account.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction


def capped_total(values: Collection[Fraction], cap: Fraction | None) -> Fraction:
    """The local value after the cap: 14, 4 and 2 million at a cap of one half count 10, 4 and 2.

    A total of nothing or less (credit notes outweigh purchases) has no sensible half and is left alone.
    """
    uncapped = sum(values, Fraction(0))
    if cap is None or uncapped <= 0:
        return uncapped
    limit = cap * uncapped
    return sum((min(value, limit) for value in values), Fraction(0))


def additional_needed(
    values: Collection[Fraction], cap: Fraction | None, denominator: int, wanted: Fraction, weight: Fraction
) -> int | None:
    """The smallest whole rupiah of further purchases of this weight that lifts the share to `wanted`.

    The purchases are new, pass every check and come from suppliers that stay below the cap; they raise the
    local value, the denominator and with them the limit for capped suppliers. None when no amount is enough.
    Needs a positive denominator and a share that is below `wanted` now.
    """
    uncapped = sum(values, Fraction(0))
    part = cap or Fraction(0)
    capped = sorted(value for value in values if cap is not None and value > part * uncapped)
    in_full, still_capped, start = uncapped - sum(capped, Fraction(0)), len(capped), Fraction(0)
    # What the local value has above the wanted one grows in straight pieces, each flatter than the last: a
    # piece ends where one more capped supplier counts in full again.
    for value in (*capped, None):
        surplus = in_full + still_capped * part * uncapped - wanted * denominator
        slope = weight * (1 + still_capped * part) - wanted
        found = _first_whole(surplus, slope, start)
        if found is None or value is None:
            return found
        end = (value / part - uncapped) / weight
        if found <= end:
            return found
        in_full, still_capped, start = in_full + value, still_capped - 1, end
    return None


def _first_whole(surplus: Fraction, slope: Fraction, start: Fraction) -> int | None:
    """The smallest whole x from `start` on with surplus + slope * x >= 0."""
    first = math.ceil(start)
    if surplus + slope * first >= 0:
        return first
    return math.ceil(-surplus / slope) if slope > 0 else None
