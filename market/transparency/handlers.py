"""Timed duties of the log: cover new rows, sign what has grown, close the day and mail witnesses.

All are safe to repeat and to run in several processes.
"""

from __future__ import annotations

from datetime import timedelta

from market import clock, db
from market.outbox.registry import every
from market.outbox.tools import Tools
from market.settings import Settings
from market.transparency import checkpoints, digests, log, witnesses
from market.transparency.keys import LogKeys

DAY_KIND = "log.day"

# Rows that the log itself brings forth: covered once a day, or covering them would make new ones for ever.
digests.seal_table(
    "log_checkpoint",
    {"id": "int", "size": "int", "root": "text", "note": "text", "at": "instant"},
    daily=True,
)
digests.seal_table(
    "log_witness_mail",
    {
        "id": "int",
        "witness_id": "int",
        "checkpoint_id": "int",
        "purpose": "text",
        "dedupe_key": "text",
        "at": "instant",
    },
    daily=True,
)


@every(timedelta(minutes=1), "transparency.sign")
async def sign(tools: Tools) -> None:
    """A signed checkpoint within a minute of every entry."""
    await checkpoints.sign_if_grown(tools.of(LogKeys), now=clock.now())


@every(timedelta(hours=1), "transparency.seal")
async def seal(tools: Tools) -> None:
    """New rows of the covered tables."""
    await digests.seal_all(now=clock.now(), daily=False)


@every(timedelta(minutes=10), "transparency.day")
async def close_day(tools: Tools) -> None:
    """Once a day (WITA): cover everything, say so in the log, sign, and mail the checkpoint to every witness."""
    day = clock.today().isoformat()
    if not await log.entries_about(f"day:{day}"):
        await digests.seal_all(now=clock.now(), daily=True)
        await _enter(day)
    keys = tools.of(LogKeys)
    await checkpoints.sign_if_grown(keys, now=clock.now())
    await witnesses.send_daily(day, keys, tools.of(Settings), now=clock.now())


async def _enter(day: str) -> None:
    async with db.transaction():
        await log.lock()
        if not await log.entries_about(f"day:{day}"):  # unless another process was faster
            await log.append(
                DAY_KIND, subject=f"day:{day}", facts={"day": day}, public={"day": day}, now=clock.now()
            )
