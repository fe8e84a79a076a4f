"""The first view on a phone with an empty cache: bytes over the wire, requests, and whether anything jumps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from tests.browser import places
from tests.browser.walking import visit
from tests.browser.world import World

MOST_BYTES: Final = 60 * 1024
MOST_REQUESTS: Final = 10
MOST_SHIFT: Final = 0.03
# Collects what moved by itself while the page was loading.
SHIFTS: Final = """
window.shifted = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifted += e.value })
  .observe({ type: 'layout-shift', buffered: true });
"""


@dataclass
class Load:
    """What the network did for one page."""

    addresses: list[str] = field(default_factory=list[str])
    transferred: float = 0

    def asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.addresses.append(event["request"]["url"])

    def finished(self, event: dict[str, Any]) -> None:
        self.transferred += event["encodedDataLength"]


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("place", places.FIRST_VIEWS, ids=lambda place: place.name)
async def test_first_view(
    chromium: Browser, world: World, record_property: Any, place: places.Place, locale: str
) -> None:
    async with visit(chromium, world.site, locale, state=world.cookies.get(place.who)) as visitor:
        load = Load()
        wire = await visitor.context.new_cdp_session(visitor.page)
        wire.on("Network.requestWillBeSent", load.asked)
        wire.on("Network.loadingFinished", load.finished)
        await wire.send("Network.enable")
        await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        await visitor.page.add_init_script(SHIFTS)
        await visitor.go(world.path(place))
        await visitor.page.evaluate("document.fonts.ready.then(() => 1)")
        await asyncio.sleep(0.3)
        shift = await visitor.page.evaluate("window.shifted")
    measured = (
        f"{place.name} {locale}: {load.transferred / 1024:.1f} KB, "
        f"{len(load.addresses)} requests, CLS {shift:.3f}"
    )
    record_property("first view", measured)
    print(measured)
    assert load.transferred <= MOST_BYTES, f"{measured}: {load.addresses}"
    assert len(load.addresses) <= MOST_REQUESTS, f"{measured}: {load.addresses}"
    assert shift <= MOST_SHIFT, measured
