"""A believable day of the market for the tamper tests: ledger rows, log entries, a signed and mailed checkpoint,
and what came after it.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import market.app.sealed
import market.transparency.handlers  # noqa: F401
from market import clock
from market import db as database
from market.transparency import checkpoints, digests, log
from market.transparency.checkpoint import Checkpoint, open_checkpoint
from market.transparency.keys import LogKeys
from market.transparency.notes import Signer

SIGNER = Signer("benang.test/log", hashlib.sha256(b"the log's own key").digest())
KEYS = LogKeys((SIGNER,))
KINDS = ("claim.submitted", "draw.candidates", "draw.held", "claim.decided", "sk.recorded")


async def post(first: int, count: int) -> None:
    """Ledger entries with two transfers each; numbers leave gaps, as rolled-back transactions do."""
    now = clock.now()
    async with database.transaction():
        for n in range(first, first + count):
            entry_id = n * 2 + n // 5
            await database.execute(
                "INSERT INTO ledger_entry (id, key, kind, booking_reference, note, at)"
                " VALUES ($1, $2, 'paid', $3, '', $4)",
                entry_id,
                f"pay:{n}",
                f"BN{n:04}",
                now + timedelta(seconds=n),
            )
            for side, amount in ((0, 1_000_000 + n), (1, 50_000)):
                await database.execute(
                    "INSERT INTO ledger_transfer (id, entry_id, debit, credit, amount_minor, currency)"
                    " VALUES ($1, $2, 'asset:bank', $3, $4, 'IDR')",
                    entry_id * 3 + side,
                    entry_id,
                    f"liab:guest_hold:BN{n:04}",
                    amount,
                )


async def happen(first: int, count: int) -> None:
    """Business events in the log, every third with open facts."""
    for n in range(first, first + count):
        async with database.transaction():
            await log.append(
                KINDS[n % len(KINDS)],
                subject=f"claim:{n // 5}",
                version=1 + n % 2,
                facts={"award": 1_000_000 + n, "hotel": f"H-{n}"},
                public={"award": 1_000_000 + n} if n % 3 == 0 else None,
                now=clock.now() + timedelta(seconds=n),
            )


async def yesterday() -> Checkpoint:
    """Fill an empty database; the checkpoint that outsiders hold."""
    for step in range(3):
        await post(1 + step * 5, 5)
        await happen(step * 8, 8)
        await digests.seal_all(now=clock.now(), daily=False)
        await checkpoints.sign_if_grown(KEYS, now=clock.now())
    async with database.transaction():
        await log.erase(3, now=clock.now())
    await digests.seal_all(now=clock.now(), daily=True)
    signed = await checkpoints.sign_if_grown(KEYS, now=clock.now())
    return open_checkpoint(signed.note, [SIGNER.verifier])


async def today() -> None:
    """Life goes on after the checkpoint: new rows, covered and not, and a newer checkpoint."""
    await post(16, 3)
    await happen(24, 5)
    await digests.seal_all(now=clock.now(), daily=True)
    await checkpoints.sign_if_grown(KEYS, now=clock.now())
    await post(19, 2)
    await happen(29, 2)
