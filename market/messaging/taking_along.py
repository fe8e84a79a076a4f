"""What was written about a guest's bookings, in the file of everything kept about them."""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along
from market.bookings.taking_along import MINE


@taking_along.part("messages")
async def _messages(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT b.reference AS booking, m.author, m.body, m.created_at FROM message m"
        f" JOIN booking b ON b.id = m.booking_id WHERE {MINE} ORDER BY m.id",
        person_id,
    )
    return taking_along.rows(found, "created_at")


@taking_along.part("message_pictures")
async def _pictures(person_id: int) -> Any:
    """Pictures are seen and saved in the conversation itself, at `page`."""
    found = await db.fetch(
        "SELECT b.reference AS booking, m.author, p.state, p.width, p.height, p.created_at FROM message_picture p"
        " JOIN message m ON m.id = p.message_id JOIN booking b ON b.id = m.booking_id"
        f" WHERE {MINE} ORDER BY p.id",
        person_id,
    )
    return [
        row | {"page": f"/bookings/{row['booking']}/messages"}
        for row in taking_along.rows(found, "created_at")
    ]
