"""Asking suppliers to confirm documents, and taking the question back. Answers are `confirmations`.

A document is marked as asked when it is entered; the letters themselves are written by a job, one per supplier,
so that a file with hundreds of purchases does not become hundreds of messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from market import db
from market.outbox import queue

ASK: Final = "sourcing.ask"
_CHUNK: Final = 5_000


async def ask(document_ids: Sequence[int], now: datetime) -> None:
    """Mark those of the documents that a supplier of the directory can confirm, and queue the letters."""
    suppliers: set[int] = set()
    for places, some in _chunks(document_ids):
        rows = await db.fetch(
            "UPDATE purchase_document SET confirmation = 'asked' WHERE supplier_id IS NOT NULL"
            f" AND kind = 'purchase' AND confirmation = 'none' AND status = 'live' AND id IN ({places})"
            " RETURNING supplier_id",
            *some,
        )
        suppliers |= {row["supplier_id"] for row in rows}
    stamp = int(now.timestamp() * 1000)
    for supplier_id in sorted(suppliers):
        await queue.add(ASK, {"supplier": supplier_id}, dedupe_key=f"{ASK}:{supplier_id}:{stamp}")


async def call_off(document_ids: Sequence[int]) -> None:
    """Nobody has to answer about these documents any more."""
    for places, some in _chunks(document_ids):
        await db.execute(
            "UPDATE confirmation_request SET state = 'cancelled' WHERE state = 'open'"
            f" AND document_id IN ({places})",
            *some,
        )


async def carry_over(document_id: int, corrected_id: int, now: datetime) -> None:
    """A correction to exactly what the supplier stated: their answer about the old document confirms the new one."""
    await db.execute(
        "INSERT INTO confirmation_answer (document_id, answer, words, way, person_id, agent_id, answered_at)"
        " SELECT $2, 'yes', words, way, person_id, agent_id, answered_at FROM confirmation_answer"
        " WHERE document_id = $1 ORDER BY id DESC LIMIT 1",
        document_id,
        corrected_id,
    )
    await db.execute(
        "UPDATE purchase_document SET confirmation = 'yes', confirmed_net_minor = net_minor WHERE id = $1",
        corrected_id,
    )


def _chunks(ids: Sequence[int]) -> list[tuple[str, list[int]]]:
    slices = [list(ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK)]
    return [(", ".join(f"${n}" for n in range(1, len(some) + 1)), some) for some in slices]
