"""Where the answers to a mail go, when that is another mailbox than the sender's."""

from __future__ import annotations

from market import db


async def expect(dedupe_key: str, address: str) -> None:
    """Inside the transaction that sends a mail under `dedupe_key`: its answers go to `address`."""
    await db.execute(
        "INSERT INTO delivery_reply (dedupe_key, address) VALUES ($1, $2) ON CONFLICT (dedupe_key) DO NOTHING",
        dedupe_key,
        address,
    )
