"""The stock a booking owns: all of its slots or none, taken in ascending order in the caller's transaction.

Whatever comes free here is told to the waiting lists by a job of the same commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.bookings.quote import Choice, needs_nights, seats
from market.errors import Refused
from market.listings import queries as listings
from market.listings import stock
from market.listings.offering import Offering
from market.outbox import queue
from market.values.dates import DateRange
from market.values.text import lazy
from market.web import page_cache


@dataclass(frozen=True, slots=True)
class Need:
    """So many of one slot."""

    slot_id: int
    quantity: int


class SoldOut(Refused):
    """Somebody was faster. `slot_id` names the slot that is full."""

    code = "sold_out"
    message = lazy("These places have just been taken by somebody else. Nothing was charged.")

    def __init__(self, slot_id: int) -> None:
        super().__init__(slot_id=slot_id)
        self.slot_id = slot_id


async def needs(offering: Offering, choice: Choice, *, room_type_id: int | None = None) -> list[Need]:
    """Every slot a choice takes, ascending by id; makes the night slots that do not exist yet.

    `room_type_id` is the room really taken where that is another than the one chosen (a village's family's).
    """
    wanted: Counter[int] = Counter()
    nights: Counter[tuple[int, date]] = Counter()
    if choice.slot is not None:
        wanted[choice.slot.id] += seats(offering, choice.party)
        if needs_nights(offering):
            nights += await _departure_nights(choice.slot.id, choice.party.total)
    elif choice.room is not None and choice.nights is not None:
        for night in choice.nights:
            nights[room_type_id or choice.room.id, night] += choice.rooms
    ids = await stock.ensure_nights(nights) if nights else {}
    for key, quantity in nights.items():
        wanted[ids[key]] += quantity
    return [Need(slot_id, wanted[slot_id]) for slot_id in sorted(wanted) if wanted[slot_id] > 0]


async def nights_needed(room_type_id: int, nights: DateRange, rooms: int) -> list[Need]:
    """So many rooms of a kind on each of these nights, as `needs` has it."""
    ids = await stock.ensure_nights((room_type_id, night) for night in nights)
    return [Need(slot_id, rooms) for slot_id in sorted(ids.values())]


async def _departure_nights(slot_id: int, people: int) -> Counter[tuple[int, date]]:
    pairs = await listings.list_departure_nights(slot_id)
    rooms = await listings.get_rooms({room for room, _ in pairs})
    return Counter({(room, night): -(-people // rooms[room][0].sleeps) for room, night in pairs})


async def take(
    booking_id: int, wanted: list[Need], expires_at: datetime, *, amendment_id: int | None = None
) -> None:
    """Hold every need until `expires_at`, or raise SoldOut (the caller's transaction then rolls back)."""
    for need in wanted:
        if not await stock.hold(need.slot_id, need.quantity):
            raise SoldOut(need.slot_id)
    places = ", ".join(f"($1, $2, ${4 + 2 * n}, ${5 + 2 * n}, 'held', $3)" for n in range(len(wanted)))
    await db.execute(
        f"INSERT INTO allocation (booking_id, amendment_id, slot_id, quantity, state, expires_at) VALUES {places}",
        booking_id,
        amendment_id,
        expires_at,
        *(value for need in wanted for value in (need.slot_id, need.quantity)),
    )
    db.after_commit(page_cache.forget)


@dataclass(frozen=True, slots=True)
class Owned:
    """One allocation of a booking."""

    id: int
    slot_id: int
    quantity: int
    state: str
    amendment_id: int | None


async def owned(booking_id: int, *, amendment_id: int | None = None, state: str | None = None) -> list[Owned]:
    """A booking's allocations (or those of one of its changes), ascending by slot."""
    rows = await db.fetch(
        "SELECT id, slot_id, quantity, state, amendment_id FROM allocation WHERE booking_id = $1 ORDER BY slot_id, id",
        booking_id,
    )
    found = [Owned(r["id"], r["slot_id"], r["quantity"], r["state"], r["amendment_id"]) for r in rows]
    return [o for o in found if o.amendment_id == amendment_id and (state is None or o.state == state)]


async def beyond_owned(booking_id: int, wanted: Mapping[int, int]) -> list[Need]:
    """What of these quantities by slot a booking has not bought yet, ascending by slot."""
    bought: Counter[int] = Counter()
    for part in await owned(booking_id, state="confirmed"):
        bought[part.slot_id] += part.quantity
    return [
        Need(slot_id, wanted[slot_id] - bought[slot_id])
        for slot_id in sorted(wanted)
        if wanted[slot_id] > bought[slot_id]
    ]


async def confirm(booking_id: int, *, amendment_id: int | None = None) -> None:
    """Everything held becomes sold. A change's stock then belongs to the booking itself."""
    for part in await owned(booking_id, amendment_id=amendment_id, state="held"):
        await stock.confirm_held(part.slot_id, part.quantity)
        await db.execute(
            "UPDATE allocation SET state = 'confirmed', expires_at = NULL, amendment_id = NULL WHERE id = $1",
            part.id,
        )
    db.after_commit(page_cache.forget)


async def release(
    booking_id: int,
    *,
    amendment_id: int | None = None,
    not_before: datetime | None = None,
    block: bool = False,
) -> None:
    """Give back what is held or sold; with `not_before`, only slots that start at or after it.

    With `block` what was sold does not go on sale again: nobody else can be hosted then either.
    """
    live = [part for part in await owned(booking_id, amendment_id=amendment_id) if part.state != "released"]
    if not_before is not None:
        live = [part for part in live if await _starts_from(part.slot_id, not_before)]
    await release_parts(live, block=block)


async def release_parts(parts: Sequence[Owned], *, block: bool = False) -> None:
    """Give back these parts of what a booking holds or has bought; `block` as in `release`."""
    for part in parts:
        if part.state == "held":
            await stock.release_held(part.slot_id, part.quantity)
        else:
            await stock.release_confirmed(part.slot_id, part.quantity)
            if block:
                await stock.block(part.slot_id, part.quantity)
        await db.execute("UPDATE allocation SET state = 'released', expires_at = NULL WHERE id = $1", part.id)
    await _came_free([part.slot_id for part in parts])
    db.after_commit(page_cache.forget)


SERVE_WAITING = "bookings.serve_waiting"


async def _came_free(slot_ids: list[int]) -> None:
    """Have the waiting lists looked at that want one of these slots, or a tour that sleeps in one of them."""
    if not slot_ids:
        return
    places = ", ".join(f"${n}" for n in range(1, 1 + len(slot_ids)))
    waiting = await db.fetch(
        "SELECT DISTINCT w.listing_id FROM waiting_entry w WHERE w.state = 'waiting' AND EXISTS (SELECT 1 FROM slot s"
        f" WHERE s.id IN ({places}) AND (s.listing_id = w.listing_id OR EXISTS (SELECT 1 FROM departure_night d"
        " WHERE d.slot_id = w.slot_id AND d.room_type_id = s.room_type_id AND d.night_on = s.starts_on)))",
        *slot_ids,
    )
    for row in waiting:
        await queue.add(SERVE_WAITING, {"listing": row["listing_id"]})


async def _starts_from(slot_id: int, instant: datetime) -> bool:
    row = await db.fetch_one("SELECT id FROM slot WHERE id = $1 AND starts_at >= $2", slot_id, instant)
    return row is not None


async def retake(booking_id: int, expires_at: datetime) -> None:
    """Take again what a lapsed booking had let go; raises SoldOut when it is gone."""
    wanted: Counter[int] = Counter()
    for part in await owned(booking_id, state="released"):
        wanted[part.slot_id] += part.quantity
    await take(booking_id, [Need(s, q) for s, q in sorted(wanted.items())], expires_at)


async def give_back(booking_id: int, slot_id: int, quantity: int) -> None:
    """Return part of what is sold of one slot (a smaller party, fewer nights)."""
    left = quantity
    for part in await owned(booking_id, state="confirmed"):
        if part.slot_id != slot_id or left == 0:
            continue
        back = min(part.quantity, left)
        await stock.release_confirmed(slot_id, back)
        if back == part.quantity:
            await db.execute("UPDATE allocation SET state = 'released' WHERE id = $1", part.id)
        else:
            await db.execute("UPDATE allocation SET quantity = quantity - $2 WHERE id = $1", part.id, back)
        left -= back
    await _came_free([slot_id])
    db.after_commit(page_cache.forget)


async def own_places(booking_id: int, now: datetime) -> Counter[int]:
    """How many of each slot a booking owns at `now`, its own unpaid change included: free for a change of it."""
    rows = await db.fetch(
        "SELECT slot_id, SUM(quantity) AS quantity FROM allocation WHERE booking_id = $1 AND (state = 'confirmed'"
        " OR (state = 'held' AND expires_at > $2)) GROUP BY slot_id",
        booking_id,
        now,
    )
    return Counter({row["slot_id"]: int(row["quantity"]) for row in rows})


async def prolong(booking_id: int, expires_at: datetime) -> None:
    """Held stock stays held until a later instant."""
    await db.execute(
        "UPDATE allocation SET expires_at = $2 WHERE booking_id = $1 AND state = 'held' AND amendment_id IS NULL",
        booking_id,
        expires_at,
    )
