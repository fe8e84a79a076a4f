"""Where the seed of a lot comes from: something nobody could know when the candidates were committed.

The candidates stand in the public log first, together with what will be the seed. `CheckpointSeeds` takes the
first signed checkpoint that covers that entry: its root depends on random salts and on everything written in
between, and its signature on the log's key. `BeaconSeeds` takes a round of a public randomness beacon that lies
in the future, which not even whoever runs this installation can choose. See docs/adr/0025.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import httpx

from market import db
from market.transparency import checkpoints
from market.transparency.keys import LogKeys

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


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


class BeaconSeeds:
    """A round of the drand network (chain "quicknet": one every 3 seconds since its genesis)."""

    name = "drand-quicknet"
    genesis = 1_692_803_367
    period = 3
    # Far enough ahead that the log entry is durable long before the round is.
    ahead = 60

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def after(self, now: datetime) -> int:
        return (int(now.timestamp()) + self.ahead - self.genesis) // self.period + 1

    async def reveal(self, committed_index: int, after: int, now: datetime) -> Seed | None:
        db.assert_idle()
        if self.after(now) - after < self.ahead // self.period:
            return None
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                answer = await client.get(f"{self.url}/public/{after}")
            found = str(answer.json()["randomness"]) if answer.is_success else ""
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        return Seed(found, f"round {after}") if _HEX.fullmatch(found) else None


def build_seeds(keys: LogKeys, beacon_url: str) -> SeedSource:
    """The installation's source: the beacon where one is set, the log's own checkpoints elsewhere."""
    return BeaconSeeds(beacon_url) if beacon_url else CheckpointSeeds(keys)
