"""Where the seed of a lot comes from: something nobody could know when the candidates were committed.

The candidates stand in the public log first, together with what will be the seed. `CheckpointSeeds` takes the
first signed checkpoint that covers that entry: its root depends on random salts and on everything written in
between, and its signature on the log's key. `BeaconSeeds` takes a round of a public randomness beacon that lies
in the future, which not even whoever runs this installation can choose. See docs/adr/0025.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple, Protocol

from market import db
from market.transparency import checkpoints
from market.transparency.keys import LogKeys


class Seed(NamedTuple):
    """64 hexadecimal digits, and where anybody can look them up."""

    value: str
    reference: str


class SeedSource(Protocol):
    """Promises a seed before it exists, and finds it afterwards."""

    @property
    def name(self) -> str:
        """How the public log names the source."""
        ...

    def after(self, now: datetime) -> int:
        """Which round will be the seed of something committed now; 0 where the log position says it."""
        ...

    async def reveal(self, committed_index: int, after: int, now: datetime) -> Seed | None:
        """The seed; None while it does not exist yet. Outside of any transaction."""
        ...


class CheckpointSeeds:
    """The first checkpoint of the log that covers the commitment."""

    name = "checkpoint"

    def __init__(self, keys: LogKeys) -> None:
        self.keys = keys

    def after(self, now: datetime) -> int:
        return 0

    async def reveal(self, committed_index: int, after: int, now: datetime) -> Seed | None:
        first = await first_covering(committed_index)
        if first is None:
            await checkpoints.covering(committed_index, self.keys, now=now)
            first = await first_covering(committed_index)
        return first


async def first_covering(committed_index: int) -> Seed | None:
    """The seed that a position's first covering checkpoint makes: SHA-256 of its signed note."""
    row = await db.fetch_one(
        "SELECT size, note FROM log_checkpoint WHERE size > $1 ORDER BY size LIMIT 1", committed_index
    )
    return None if row is None else Seed(seed_of_note(row["note"]), f"checkpoint {row['size']}")


def seed_of_note(note: str) -> str:
    """SHA-256 of a checkpoint's signed note, in hexadecimal."""
    return hashlib.sha256(note.encode()).hexdigest()
