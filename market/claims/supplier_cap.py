"""No supplier makes up more than its part of the local value, and what that means for reaching a tier.

The limit is a part of the local value before the cap, so it is found without going round in circles; and it
grows with every further local purchase, which `additional_needed` takes into account.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
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
    limits = sorted(value for value in values if cap is not None and value > cap * uncapped)
    free = uncapped - sum(limits, Fraction(0))

    def surplus(bought: Fraction | int) -> Fraction:
        """How far the local value lies above what `wanted` asks for, after `bought` more rupiah."""
        counted = free + weight * bought
        if cap is not None:
            limit = cap * (uncapped + weight * bought)
            counted += sum((min(value, limit) for value in limits), Fraction(0))
        return counted - wanted * (denominator + bought)

    # The surplus rises in straight pieces, each flatter than the last; a piece ends where a capped supplier
    # counts in full again. It is enough to look for the first piece that crosses zero.
    ends = [(value / cap - uncapped) / weight for value in limits] if cap is not None and weight else []
    start = Fraction(0)
    for end in ends:
        if surplus(end) >= 0:
            return _first_whole(start, end, surplus)
        start = end
    slope = weight - wanted
    if slope <= 0:
        return None
    return math.ceil(start - surplus(start) / slope)


def _first_whole(start: Fraction, end: Fraction, surplus: Callable[[Fraction], Fraction]) -> int | None:
    at_start, at_end = surplus(start), surplus(end)
    crossing = math.ceil(start + (end - start) * -at_start / (at_end - at_start))
    return crossing if surplus(Fraction(crossing)) >= 0 else None
