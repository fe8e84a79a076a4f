"""The door for a provider's news: each event takes effect once, in the transaction that remembers it."""

from __future__ import annotations

from datetime import datetime

import structlog

from market import db
from market.payments import reports
from market.payments.port import News

log = structlog.get_logger()


async def receive(provider: str, news: News, *, now: datetime) -> bool:
    """Remember verified news and let it take effect; False when it was known already.

    Both happen in one transaction: an event is never remembered without its effect, nor the other way round.
    """
    async with db.transaction(brief=True):
        fresh = await db.fetch(
            "INSERT INTO provider_event (provider, event_id, kind, payload, received_at, outcome)"
            " VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT (provider, event_id) DO NOTHING RETURNING id",
            provider,
            news.event_id,
            news.name,
            news.record,
            now,
        )
        if not fresh:
            return False
        outcome = await reports.apply_news(news, now)
        if outcome != reports.APPLIED:
            await db.execute("UPDATE provider_event SET outcome = $1 WHERE id = $2", outcome, fresh[0]["id"])
    log.info(
        "payment news",
        provider=provider,
        event_id=news.event_id,
        kind=news.name,
        outcome=outcome or "applied",
    )
    return True
