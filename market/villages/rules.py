"""Whose turn it is in a village that hosts together. Pure: who is really free is asked elsewhere.

The family that has hosted the fewest nights comes first, then the one that has waited longest, then the one that
joined first. A family that joins is counted as having hosted what the least busy one has: it takes its turn
among the others instead of every guest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Family:
    """A family in the turns: nights counted so far (those it started with included) and its latest turn."""

    member_id: int
    host_id: int
    room_type_id: int
    nights: int
    last_turn_at: datetime | None


def turn_order(families: Collection[Family]) -> list[Family]:
    """The families, the next in turn first."""
    return sorted(
        families,
        key=lambda family: (
            family.nights,
            family.last_turn_at.timestamp() if family.last_turn_at else 0.0,
            family.member_id,
        ),
    )


def next_in_turn(
    families: Collection[Family], free: Collection[int], *, passed: Collection[int] = ()
) -> Family | None:
    """The next family whose room is free; those that `passed` this booking (by host) are left out."""
    return next((f for f in turn_order(families) if f.room_type_id in free and f.host_id not in passed), None)


def start_nights(families: Sequence[Family]) -> int:
    """What a family that joins now is counted to have hosted: as much as the least busy one."""
    return min((family.nights for family in families), default=0)
