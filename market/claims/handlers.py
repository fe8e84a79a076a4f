"""Timed duties and jobs of the programme: claims go on while nobody has to decide, and people are told by mail.

Importing this also puts the tables of decisions under the public log's cover.
"""

from __future__ import annotations

from datetime import timedelta

import market.claims.kinds  # noqa: F401 # pyright: ignore[reportUnusedImport] - names the log's entries
from market import clock
from market.claims import advancing, claiming_documents, telling
from market.claims.adapters.beacon import build_seeds
from market.claims.checking import Desk
from market.claims.steps import TELL
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.transparency.digests import seal_table
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


@handles(TELL)
async def tell(payload: Payload, tools: Tools) -> None:
    """Write to whoever waits for news of a claim."""
    await telling.tell(int(payload["claim"]), str(payload["news"]), tools.of(Settings))


seal_table(
    "claim_event",
    {
        "id": "int",
        "claim_id": "int",
        "name": "text",
        "from_state": "text",
        "to_state": "text",
        "person_id": "int",
        "real_person_id": "int",
        "reason": "text",
        "log_index": "int",
        "at": "instant",
    },
)
seal_table(
    "line_decision",
    {
        "id": "int",
        "claim_id": "int",
        "line_id": "int",
        "verdict": "text",
        "net_minor": "int",
        "reason": "text",
        "note": "text",
        "person_id": "int",
        "chair": "text",
        "decided_at": "instant",
    },
)
seal_table(
    "claim_decision",
    {
        "id": "int",
        "claim_id": "int",
        "kind": "text",
        "chair": "text",
        "person_id": "int",
        "outcome": "text",
        "reasons": "json",
        "note": "text",
        "assessment": "json",
        "award_minor": "int",
        "log_index": "int",
        "decided_at": "instant",
    },
)
