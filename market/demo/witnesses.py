"""The demo's witnesses of the public log: an invented newspaper and an invented university.

Their mails go to the viewable outbox like all others.
"""

from __future__ import annotations

from market import clock, db
from market.demo.people import OPERATOR
from market.transparency import witnesses

_LISTED = (
    ("Harian Flobamora (contoh)", "redaksi@harian-flobamora.test", "id"),
    ("Timor University, statistics (example)", "statistics@timor-university.test", "en"),
)


async def load() -> None:
    """Put them on the list, as the operator would."""
    row = await db.fetch_one("SELECT id FROM person WHERE email = $1", OPERATOR)
    if row is None:
        raise RuntimeError("the demo's people come before its witnesses")
    for name, address, locale in _LISTED:
        await witnesses.add(name=name, address=address, locale=locale, by=row["id"], now=clock.now())
