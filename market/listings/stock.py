"""The one capacity rule: a single conditional update per slot, in ascending id order, inside a transaction.

`held + confirmed + blocked <= capacity` is also a constraint of the table. Nights are sparse: a room type's
night gets its slot the first time something happens to it. Who owns the quantities is the bookings' business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta

from market import db
from market.values.dates import local_instant

CHECK_IN, CHECK_OUT = time(14), time(11)


async def ensure_nights(nights: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """The slot ids of (room type, night) pairs, made where there was none, in sorted order so that two
    transactions never wait for each other crosswise.
    """
    wanted = sorted(set(nights))
    for room_type_id, night in wanted:
        await db.execute(
            "INSERT INTO slot (kind, listing_id, room_type_id, starts_on, ends_on, starts_at, ends_at, book_until,"
            " capacity, held, confirmed, blocked, min_guests, status)"
            " SELECT 'night', r.listing_id, r.id, $2, $3, $4, $5, $4, r.count, 0, 0, 0, 1, 'open'"
            " FROM room_type r WHERE r.id = $1 ON CONFLICT DO NOTHING",
            room_type_id,
            night,
            night + timedelta(days=1),
            local_instant(night, CHECK_IN),
            local_instant(night + timedelta(days=1), CHECK_OUT),
        )
    return await _night_ids(wanted)


async def _night_ids(wanted: Sequence[tuple[int, date]]) -> dict[tuple[int, date], int]:
    found: dict[tuple[int, date], int] = {}
    for room_type_id in sorted({room for room, _ in wanted}):
        days = [night for room, night in wanted if room == room_type_id]
        places = ", ".join(f"${n}" for n in range(2, 2 + len(days)))
        rows = await db.fetch(
            f"SELECT id, starts_on FROM slot WHERE kind = 'night' AND room_type_id = $1 AND starts_on IN ({places})",
            room_type_id,
            *days,
        )
        for row in rows:
            found[room_type_id, db.as_date(row["starts_on"])] = row["id"]
    return found


async def hold(slot_id: int, quantity: int) -> bool:
    """Take `quantity` as held if there is room; False when there is not (roll back then)."""
    changed = await db.execute(
        "UPDATE slot SET held = held + $2 WHERE id = $1 AND status IN ('open', 'guaranteed')"
        " AND held + confirmed + blocked + $2 <= capacity",
        slot_id,
        quantity,
    )
    return changed == 1


async def release_held(slot_id: int, quantity: int) -> None:
    """Give held stock back."""
    await db.execute("UPDATE slot SET held = held - $2 WHERE id = $1", slot_id, quantity)


async def confirm_held(slot_id: int, quantity: int) -> None:
    """Held stock becomes sold."""
    await db.execute(
        "UPDATE slot SET held = held - $2, confirmed = confirmed + $2 WHERE id = $1", slot_id, quantity
    )


async def release_confirmed(slot_id: int, quantity: int) -> None:
    """Sold stock comes free again."""
    await db.execute("UPDATE slot SET confirmed = confirmed - $2 WHERE id = $1", slot_id, quantity)


async def block(slot_id: int, quantity: int) -> bool:
    """Take stock off sale if nothing sold stands in the way; False otherwise."""
    changed = await db.execute(
        "UPDATE slot SET blocked = blocked + $2 WHERE id = $1 AND held + confirmed + blocked + $2 <= capacity",
        slot_id,
        quantity,
    )
    return changed == 1


async def take_elsewhere(slot_id: int) -> bool:
    """One more room of a night is sold or closed on another site; False when sold rooms here stand in the way.

    A room that the host keeps closed for another reason counts beside it; at the brim the two share.
    """
    changed = await db.execute(
        "UPDATE slot SET imported = imported + 1, blocked = CASE WHEN held + confirmed + blocked < capacity"
        " THEN blocked + 1 ELSE blocked END WHERE id = $1 AND held + confirmed + imported + 1 <= capacity",
        slot_id,
    )
    return changed == 1


async def release_elsewhere(slot_id: int) -> None:
    """The other site has that room free again; what the host closed for the whole night stays closed."""
    await db.execute(
        "UPDATE slot SET imported = CASE WHEN imported > 0 THEN imported - 1 ELSE 0 END, blocked = CASE"
        " WHEN imported = 0 OR status = 'closed' THEN blocked ELSE blocked - 1 END WHERE id = $1",
        slot_id,
    )
