"""Twelve moments at which programs that reckon with time go wrong; the product is run at each of them."""

from __future__ import annotations

from datetime import UTC, datetime

MOMENTS: dict[str, datetime] = {
    "the last second of a year in WITA": datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),
    "midnight of a new year in WITA": datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
    "the year begins in UTC, eight hours later": datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
    "the last day of January, late": datetime(2027, 1, 31, 15, 30, tzinfo=UTC),
    "the month ends in WITA and not in UTC": datetime(2026, 11, 30, 16, 0, tzinfo=UTC),
    "clocks go forward in Berlin": datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    "clocks go back in Berlin": datetime(2027, 10, 31, 1, 0, tzinfo=UTC),
    "clocks go forward in New York": datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
    "the eve of a leap day": datetime(2028, 2, 28, 15, 59, 30, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 4, 0, tzinfo=UTC),
    "the last second of 32 bits": datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    "after 32 bits": datetime(2038, 1, 19, 3, 14, 8, 999_999, tzinfo=UTC),
}
