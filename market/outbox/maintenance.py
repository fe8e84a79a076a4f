"""The site under repair: a row in the database that holds every worker and shuts the door to guests.

Workers need not know: `queue` and `worker` take nothing while the row is there. A web process looks every few
seconds (`watch`), so that no page costs a query for it. Who may come in meanwhile is declared on the routes
(`web.guards`); why a restored site starts like this is ADR 0034.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from market import clock, db
from market.db.sql import as_instant, as_json
from market.errors import DomainError
from market.outbox import registry
from market.outbox.tools import Tools

log = structlog.get_logger()
LOOK_EVERY: Final = 2.0
OPEN: Final = "NOT EXISTS (SELECT 1 FROM maintenance)"
"""The condition on every statement that takes work."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Since when the site is shut, and why, in the words of whoever shut it."""

    since: datetime
    reason: str


class _Known:
    """What this process saw last."""

    repair: Repair | None = None


def known() -> Repair | None:
    """The repair this process knows of: at most `LOOK_EVERY` seconds old while `watch` runs."""
    return _Known.repair


async def current() -> Repair | None:
    """The repair under way, from the database."""
    row = await db.fetch_one("SELECT reason, since FROM maintenance WHERE id = 1")
    return Repair(as_instant(row["since"]), row["reason"]) if row else None


async def begin(reason: str) -> None:
    """Shut the site. A repair that is under way already keeps its beginning and gets this reason."""
    await db.execute(
        "INSERT INTO maintenance (id, reason, since) VALUES (1, $1, $2)"
        " ON CONFLICT (id) DO UPDATE SET reason = excluded.reason",
        reason,
        clock.now(),
    )


async def end() -> bool:
    """Open the site again; False when it was open."""
    return bool(await db.execute("DELETE FROM maintenance"))


async def look() -> bool:
    """See how it stands now; whether that is news to this process."""
    before, _Known.repair = _Known.repair, await current()
    return before != _Known.repair


async def look_if_possible() -> bool:
    """Like `look`; a database that does not answer is no news, and told by /healthz."""
    try:
        return await look()
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, what was known stays
        log.warning("maintenance not known", error=str(error))
        return False


async def watch(stop: asyncio.Event, changed: Callable[[], None]) -> None:
    """Look again and again until `stop` is set; `changed` is called when the site was shut or opened."""
    while not stop.is_set():
        if await look_if_possible():
            changed()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY)


# --- work that was waiting when a backup was taken -------------------------------------------------------------


async def put_aside(reason: str, *, but: tuple[str, ...]) -> dict[str, int]:
    """Park all work that waits, for a person to look at, except jobs whose names begin with one of `but`.

    How many of each kind. Leases end, so that what stays can be taken at once.
    """
    await db.execute("UPDATE job SET lease_token = NULL, lease_until = NULL WHERE state = 'ready'")
    kept = "".join(f" AND SUBSTR(handler, 1, {len(name)}) <> ${n}" for n, name in enumerate(but, start=2))
    rows = await db.fetch(
        f"UPDATE job SET state = 'parked', last_error = $1 WHERE state = 'ready'{kept} RETURNING handler",
        reason,
        *but,
    )
    return Counter(row["handler"] for row in rows)


async def release(reason: str) -> int:
    """Let go what `put_aside` parked with words that begin like this; how many."""
    return await db.execute(
        f"UPDATE job SET state = 'ready', attempts = 0, due_at = $1, last_error = ''"
        f" WHERE state = 'parked' AND SUBSTR(last_error, 1, {len(reason)}) = $2",
        clock.now(),
        reason,
    )


async def run_now(names: Sequence[str], tools: Tools) -> list[str]:
    """Run what waits of these kinds although the site is shut: facts for our own books. What failed, in words.

    Handlers are safe to run twice, so a worker beside us does no harm.
    """
    places = ", ".join(f"${n}" for n in range(1, 1 + len(names)))
    rows = await db.fetch(
        f"SELECT id, handler, payload FROM job WHERE state = 'ready' AND handler IN ({places}) ORDER BY id",
        *names,
    )
    failed: list[str] = []
    for row in rows:
        try:
            await registry.run(row["handler"], as_json(row["payload"]), tools)
        except DomainError as error:
            failed.append(f"{row['handler']}: {error}")
            continue
        await db.execute("UPDATE job SET state = 'done', done_at = $1 WHERE id = $2", clock.now(), row["id"])
    return failed


async def waiting() -> dict[str, int]:
    """How many jobs of each kind run as soon as the site is open."""
    rows = await db.fetch(
        "SELECT handler, COUNT(*) AS n FROM job WHERE state = 'ready' AND due_at <= $1 GROUP BY handler"
        " ORDER BY handler",
        clock.now(),
    )
    return {row["handler"]: row["n"] for row in rows}
