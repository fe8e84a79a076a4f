"""The product's own server for one journey, with the only change that linked calendars may come from this machine.

`python -m tests.browser.ical_site` reads the environment as the product does. Nothing outside the tests can do this.
"""

from __future__ import annotations

import asyncio
import os

import uvicorn

from market.app import wiring
from market.app.create import create_app
from market.calendars import handlers
from market.calendars.adapters.fetching import CalendarFetcher
from market.db.config import connect, disconnect
from market.db.migrate import migrate
from market.demo import seed
from market.settings import Settings, load


class _Detour(CalendarFetcher):
    """Every name leads to the test's own site on this machine."""

    async def fetch(self, url: str) -> bytes:
        path = url.partition("://")[2].partition("/")[2]
        return await _FETCHER.fetch(f"http://calendars.test:{_PORT}/{path}")


async def _here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


_PORT = int(os.environ.get("OTHER_SITE_PORT", "0"))
_FETCHER = CalendarFetcher(resolver=_here, allowed=lambda _: True, ports=frozenset({_PORT}))


def main() -> None:
    settings = load(os.environ)
    wiring.CalendarFetcher = handlers.CalendarFetcher = _Detour  # type: ignore[misc]
    asyncio.run(_prepare(settings))
    uvicorn.run(
        create_app(settings, with_worker=True), host="127.0.0.1", port=settings.port, log_level="warning"
    )


async def _prepare(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database_url)
    await connect(settings.database_url, pool_size=1)
    await seed.fill_if_empty()
    await disconnect()


if __name__ == "__main__":
    main()
