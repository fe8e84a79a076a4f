"""A guest's account got another email address: bookings and places in line go along, so that news reaches the guest.

What was booked without the account, with the address it had proved, belongs to the account from now on.
"""

from __future__ import annotations

from typing import Final

from market import db
from market.bookings.forgetting import addresses_of

_TABLES: Final = {"booking": "guest_email", "waiting_entry": "email"}


async def follow_guest(person_id: int, old_mailbox_hash: str) -> None:
    """Write the account's present address where its old one stands. Safe to run twice."""
    person = await db.fetch_one("SELECT email FROM person WHERE id = $1 AND deleted_at IS NULL", person_id)
    if person is None or not person["email"]:
        return
    async with db.transaction():
        for table, column in _TABLES.items():
            for old in await addresses_of(old_mailbox_hash, table, column):
                await db.execute(
                    f"UPDATE {table} SET person_id = $1, {column} = $2"
                    f" WHERE {column} = $3 AND (person_id IS NULL OR person_id = $1)",
                    person_id,
                    person["email"],
                    old,
                )
