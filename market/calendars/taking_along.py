"""The calendars that somebody linked for a host, in the file of everything kept about them. Addresses stay out: each is
a key to somebody's calendar.
"""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along


@taking_along.part("linked_calendars")
async def _links(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT l.slug AS listing, k.name, k.source, k.created_at, k.good_at AS last_read_at FROM calendar_link k"
        " JOIN room_type r ON r.id = k.room_type_id JOIN listing l ON l.id = r.listing_id"
        " WHERE k.created_by = $1 ORDER BY k.id",
        person_id,
    )
    return taking_along.rows(found, "created_at", "last_read_at")
