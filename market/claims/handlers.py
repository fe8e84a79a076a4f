"""Timed duties of the programme: claims go on while nobody has to decide."""

from __future__ import annotations

from datetime import timedelta

import market.claims.kinds  # noqa: F401 # pyright: ignore[reportUnusedImport] - names the log's entries
from market import clock
from market.claims import advancing, claiming_documents
from market.claims.checking import Desk
from market.claims.seeds import build_seeds
from market.outbox.registry import every
from market.outbox.tools import Tools
from market.settings import Settings
from market.transparency.keys import LogKeys


def desk(tools: Tools) -> Desk:
    """What the office's commands need of this process."""
    settings = tools.of(Settings)
    return Desk(build_seeds(tools.of(LogKeys), settings.beacon_url), settings.secrets, demo=settings.demo)


@every(timedelta(seconds=20), "claims.advance")
async def advance(tools: Tools) -> None:
    """Check what was submitted, reveal seeds, make lots."""
    await advancing.everything(desk(tools), now=clock.now())


@every(timedelta(hours=24), "claims.rewrap")
async def rewrap(tools: Tools) -> None:
    """While secrets rotate, seal the keys of claims' documents again with the new one."""
    await claiming_documents.rewrap(tools.of(Settings).secrets, now=clock.now())
