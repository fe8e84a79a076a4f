"""The one door through which this feature sends: limits are counted here, in the open transaction.

At most 20 messages a day leave for a number, and the same answer not twice within ten minutes.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.notifications import service as notifications
from market.notifications.sms_text import one_part
from market.sms import rules


async def count_today(number: str, now: datetime) -> int:
    """How many messages were sent or queued to a number since midnight, WITA."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM delivery WHERE recipient = $1 AND channel = 'sms' AND created_at >= $2",
        number,
        rules.day_start(now),
    )
    return int(row["n"]) if row else 0


async def reply(number: str, text: str, *, locale: str, key: str, now: datetime, most: int) -> bool:
    """Answer a message; False when the limit is reached or the same answer left a moment ago."""
    if await count_today(number, now) >= most or await _said_lately(number, text, now):
        return False
    return await notifications.send_sms(to=number, locale=locale, text=text, dedupe_key=key)


async def tell(number: str, text: str, *, locale: str, key: str, now: datetime) -> bool:
    """Send news nobody asked for; False when the day's limit is reached, and then it should wait."""
    if await count_today(number, now) >= rules.MOST_A_DAY:
        return False
    await notifications.send_sms(to=number, locale=locale, text=text, dedupe_key=key)
    return True


async def _said_lately(number: str, text: str, now: datetime) -> bool:
    row = await db.fetch_one(
        "SELECT id FROM delivery WHERE recipient = $1 AND channel = 'sms' AND body = $2 AND created_at > $3"
        " LIMIT 1",
        number,
        one_part(text),
        now - rules.SAME_REPLY,
    )
    return row is not None
