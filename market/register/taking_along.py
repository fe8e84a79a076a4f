"""That a guest stands in registers of foreign guests, in the file of everything kept about them.

What stands there is sealed for the host alone; the guest's own page of the booking shows what they wrote themselves.
"""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along
from market.bookings.taking_along import MINE


@taking_along.part("register_of_foreign_guests")
async def _register(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT b.reference AS booking, s.state, s.reported_at, s.erased_at,"
        " (SELECT COUNT(*) FROM register_guest g WHERE g.stay_id = s.id AND g.filled_by = 'guest') AS by_guest,"
        " (SELECT COUNT(*) FROM register_guest g WHERE g.stay_id = s.id AND g.filled_by <> 'guest') AS by_host"
        f" FROM register_stay s JOIN booking b ON b.id = s.booking_id WHERE {MINE} ORDER BY s.id",
        person_id,
    )
    return taking_along.rows(found, "reported_at", "erased_at")
