"""What a guest wrote and answered, and what hosts published about them, in the file of everything kept about them."""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along
from market.bookings.taking_along import MINE


@taking_along.part("reviews")
async def _reviews(person_id: int) -> Any:
    """One's own words at any time; the host's only once they are shown."""
    found = await db.fetch(
        "SELECT b.reference AS booking, r.side, r.stars, r.body, r.reply, r.written_at FROM review r"
        f" JOIN booking b ON b.id = r.booking_id WHERE {MINE}"
        " AND (r.side = 'guest' OR r.published_at IS NOT NULL) ORDER BY r.id",
        person_id,
    )
    return taking_along.rows(found, "written_at")


@taking_along.part("answers_to_no_shows")
async def _answers(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT b.reference AS booking, n.contest_text, n.outcome, n.note, n.contested_at FROM no_show n"
        f" JOIN booking b ON b.id = n.booking_id WHERE {MINE} AND n.contested_at IS NOT NULL ORDER BY n.id",
        person_id,
    )
    return taking_along.rows(found, "contested_at")
