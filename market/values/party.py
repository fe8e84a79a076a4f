"""Who travels: how many of each age band. Bands are the listing's own data; keys are adult, child, infant."""

from __future__ import annotations

from dataclasses import dataclass

ADULT, CHILD, INFANT = "adult", "child", "infant"
MAX_PARTY = 60


@dataclass(frozen=True, slots=True)
class Party:
    """Counts by age band; at least one adult answers for the group."""

    adults: int = 1
    children: int = 0
    infants: int = 0

    def __post_init__(self) -> None:
        if self.adults < 1 or self.children < 0 or self.infants < 0 or self.total > MAX_PARTY:
            raise ValueError("a party has 1 adult or more, and at most 60 people")

    @property
    def total(self) -> int:
        return self.adults + self.children + self.infants

    def count(self, band: str) -> int:
        return {ADULT: self.adults, CHILD: self.children, INFANT: self.infants}[band]
