"""Seeds from the drand network: a round in the future, which anybody can ask any of its nodes for."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import httpx

from market import db
from market.claims.seeds import CheckpointSeeds, Seed, SeedSource
from market.transparency.keys import LogKeys

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


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
