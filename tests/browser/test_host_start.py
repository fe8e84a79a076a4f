"""From nothing to guests on a phone without a script: what a new host does takes less than three minutes.

The clock runs while the host acts: pages, typing and presses. Somebody who types as fast as people do on a phone
is allowed for with `TYPING`.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

import httpx
from playwright.async_api import Browser, expect

from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit

LIMIT = 180.0
TYPING = 0.35  # seconds a letter, on a phone
HOUSE = {
    "title_id": "Rumah Keluarga Maro",
    "title_en": "The Maro family's house",
    "body_id": "Rumah panggung di tepi kampung. Kami makan bersama.",
    "body_en": "A stilt house by the village. We eat together.",
    "price": "225000",
}


class Clock:
    """How long the acts took, with the letters that a person would have had to type."""

    def __init__(self) -> None:
        self.letters = 0
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started + self.letters * TYPING


async def _fill(host: Visitor, values: dict[str, str], clock: Clock) -> None:
    for name, value in values.items():
        await host.page.locator(f"main [name={name}]").fill(value)
        clock.letters += len(value)
    await host.page.locator("main form button.btn-main").first.click()
    await expect(host.page.locator(".problem")).to_have_count(0)


async def test_a_homestay_is_bookable_within_three_minutes(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, script=False, size=walking.PHONE) as host:
        await walking.sign_in(host, "host")
        clock = Clock()
        await host.go("/host/new/homestay")
        await _fill(host, HOUSE, clock)
        slug = host.path.split("/")[4]
        assert clock.seconds < LIMIT
    start = date.today() + timedelta(days=40)
    async with visit(chromium, site, script=False, size=walking.PHONE) as guest:
        leave = start + timedelta(days=2)
        await guest.go(f"/listings/{slug}/book?from={start}&to={leave}&adults=2")
        await walking.hold(guest)


async def test_a_new_family_sends_its_first_room_within_three_minutes(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, script=False, size=walking.PHONE) as host:
        await walking.sign_in(host, "traveller")
        clock = Clock()
        await host.go("/become-a-host")
        await host.page.locator("main [name=village]").select_option(index=1)
        await _fill(host, {"name": "Keluarga Maro", "phone": "+62 812 3456 7890"}, clock)
        assert host.path.endswith("/host/new/homestay")
        await _fill(host, HOUSE, clock)
        assert clock.seconds < LIMIT
        await expect(host.page.locator("main .note-wait").first).to_be_visible()
        slug = host.path.split("/")[4]
    assert httpx.get(f"{site.base}/id/listings/{slug}").status_code == 404, "nobody sees it before the look"
