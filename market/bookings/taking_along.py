"""A guest's bookings and places on waiting lists in the file of everything kept about them."""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along
from market.db.sql import as_date

# A booking of the person: made with the account, or without it under the address the account has proved.
MINE = (
    "(b.person_id = $1 OR b.guest_email IN"
    " (SELECT email FROM person WHERE id = $1 AND verified_at IS NOT NULL AND email IS NOT NULL))"
)


@taking_along.part("waiting_lists")
async def _waiting(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT w.reference, w.state, l.slug AS listing, w.starts_on, w.ends_on, w.adults, w.children, w.infants,"
        " w.name, w.email, w.joined_at FROM waiting_entry w JOIN listing l ON l.id = w.listing_id"
        " WHERE w.person_id = $1 OR w.email IN (SELECT email FROM person WHERE id = $1"
        " AND verified_at IS NOT NULL AND email IS NOT NULL) ORDER BY w.id",
        person_id,
    )
    days = ("starts_on", "ends_on")
    return [
        {k: as_date(v).isoformat() if k in days else v for k, v in row.items()}
        for row in taking_along.rows(found, "joined_at")
    ]


@taking_along.part("bookings")
async def _bookings(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT b.reference, b.state, b.kind, l.slug AS listing, b.starts_on, b.ends_on, b.adults, b.children,"
        " b.infants, b.guest_name, b.guest_email, b.guest_phone, b.note, b.currency, b.total_minor, b.paid_minor,"
        f" b.refunded_minor, b.created_at FROM booking b JOIN listing l ON l.id = b.listing_id WHERE {MINE}"
        " ORDER BY b.id",
        person_id,
    )
    days = ("starts_on", "ends_on")
    return [
        {k: as_date(v).isoformat() if k in days else v for k, v in row.items()}
        for row in taking_along.rows(found, "created_at")
    ]
