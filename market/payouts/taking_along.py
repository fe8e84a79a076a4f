"""The bank details that somebody entered for a host, as far as anybody is shown them, in the file of everything kept
about them.
"""

from __future__ import annotations

from typing import Any

from market import db
from market.accounts import taking_along


@taking_along.part("bank_details_entered")
async def _accounts(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT o.name AS host, a.bank, a.masked, a.entered_at FROM payout_account a"
        " JOIN organisation o ON o.id = a.organisation_id WHERE a.entered_by = $1 ORDER BY a.id",
        person_id,
    )
    return taking_along.rows(found, "entered_at")
