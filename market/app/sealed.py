"""Tables of the marketplace half whose rows the public log covers. That half does not know the log.

Packages of the incentive half call `digests.seal_table` themselves. Importing this module registers the tables.
"""

from __future__ import annotations

from market.transparency.digests import seal_table

seal_table(
    "ledger_entry",
    {
        "id": "int",
        "key": "text",
        "kind": "text",
        "booking_reference": "text",
        "note": "text",
        "at": "instant",
    },
)
seal_table(
    "ledger_transfer",
    {
        "id": "int",
        "entry_id": "int",
        "debit": "text",
        "credit": "text",
        "amount_minor": "int",
        "currency": "text",
    },
)
