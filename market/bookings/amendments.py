"""The row of a change under way: what the booking becomes when it is done, and the stock it has then.

Deciding about a change, pricing and applying it is `changing`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import placing
from market.bookings.quote import Choice, Quote
from market.bookings.rotation import Taken, Turn
from market.bookings.rows import BookingRow
from market.db.sql import Row, as_date, as_instant, as_json, to_json
from market.listings.offering import Offering
from market.values.ids import new_reference


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change under way. `values` are the booking's new columns; `wanted` its stock by slot when it is done.

    `agreed_total` is the price it changes; `turn` who hosts then, of a village.
    """

    id: int
    reference: str
    booking_id: int
    expires_at: datetime
    difference: int
    refund: int
    agreed_total: int
    values: dict[str, object]
    wanted: Mapping[int, int]
    turn: Turn | None
    rooms: int
    nights: int


async def insert(
    booking: BookingRow,
    offering: Offering,
    choice: Choice,
    *,
    priced: Quote,
    difference: int,
    refund: int,
    expires_at: datetime,
    now: datetime,
) -> int:
    """Write a change down before its stock is taken; its id. `settle` completes it in the same transaction."""
    when = placing.span(offering, choice)
    offer = placing.offer_json(offering, choice, priced)
    # The cancellation terms stay those of the day of booking; only the price and the days change.
    offer["policy"] = booking.offer["policy"]
    columns: dict[str, object] = {
        "reference": new_reference(),
        "booking_id": booking.id,
        "state": "held",
        "slot_id": choice.slot.id if choice.slot else None,
        "starts_on": when.starts_on,
        "ends_on": when.ends_on,
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "cutoff_at": when.cutoff_at,
        "adults": choice.party.adults,
        "children": choice.party.children,
        "infants": choice.party.infants,
        "total_minor": priced.total,
        "difference_minor": difference,
        "refund_minor": refund,
        "offer": to_json(offer),
        "expires_at": expires_at,
        "created_at": now,
    }
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    row = await db.fetch_one(
        f"INSERT INTO amendment ({', '.join(columns)}) VALUES ({places}) RETURNING id", *columns.values()
    )
    if row is None:
        raise AssertionError("an insert returns its row")
    return row["id"]


async def settle(amendment_id: int, taken: Taken) -> Amendment:
    """Keep with a change what it took."""
    row = await db.fetch_one("SELECT offer FROM amendment WHERE id = $1", amendment_id)
    if row is None:
        raise AssertionError("inserted in this transaction")
    offer = as_json(row["offer"])
    offer["wanted"] = {str(slot_id): quantity for slot_id, quantity in taken.wanted.items()}
    if taken.turn is not None:
        offer["turn"] = [taken.turn.host_id, taken.turn.room_type_id]
    kept = await db.fetch_one(
        "UPDATE amendment SET offer = $2 WHERE id = $1 RETURNING *", amendment_id, to_json(offer)
    )
    if kept is None:
        raise AssertionError("inserted in this transaction")
    return amendment(kept)


def amendment(row: Row) -> Amendment:
    """From a `SELECT * FROM amendment` row."""
    offer = as_json(row["offer"])
    wanted = {int(slot_id): quantity for slot_id, quantity in offer.pop("wanted").items()}
    turn: list[int] | None = offer.pop("turn", None)
    starts_on, ends_on = as_date(row["starts_on"]), as_date(row["ends_on"])
    values: dict[str, object] = {
        "slot_id": row["slot_id"],
        "starts_on": starts_on,
        "ends_on": ends_on,
        **{name: as_instant(row[name]) for name in ("starts_at", "ends_at", "cutoff_at")},
        **{name: row[name] for name in ("adults", "children", "infants", "total_minor")},
        "offer": to_json(offer),
    }
    return Amendment(
        id=row["id"],
        reference=row["reference"],
        booking_id=row["booking_id"],
        expires_at=as_instant(row["expires_at"]),
        difference=row["difference_minor"],
        refund=row["refund_minor"],
        agreed_total=row["total_minor"] - row["difference_minor"],
        values=values,
        wanted=wanted,
        turn=Turn(*turn) if turn else None,
        rooms=int(offer["rooms"]),
        nights=(ends_on - starts_on).days,
    )
