"""From nothing to guests on a phone without a script: what a new host does takes less than three minutes.

What is counted is the work, letters and pages, at the pace of a person on a phone; how fast this machine is today
does not matter.
"""

from __future__ import annotations

from datetime import date, timedelta

import httpx
from playwright.async_api import Browser, expect

from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit

LIMIT = 180.0
TYPING = 0.35  # seconds a letter, on a phone
READING = 20.0  # seconds a page: it comes over a slow network, and is understood
HOUSE = {
    "title_id": "Rumah Keluarga Maro",
    "title_en": "The Maro family's house",
    "body_id": "Rumah panggung di tepi kampung. Kami makan bersama.",
    "body_en": "A stilt house by the village. We eat together.",
    "price": "225000",
}


class Effort:
    """What a person had to type and read."""

    def __init__(self) -> None:
        self.letters = 0
        self.pages = 0

    @property
    def seconds(self) -> float:
        return self.letters * TYPING + self.pages * READING


async def _fill(host: Visitor, values: dict[str, str], effort: Effort) -> None:
    effort.pages += 1
    for name, value in values.items():
        await host.page.locator(f"main [name={name}]").fill(value)
        effort.letters += len(value)
    await walking.press(host.page.locator("main form button.btn-main").first)
    await expect(host.page.locator(".problem")).to_have_count(0)


async def test_a_homestay_is_bookable_within_three_minutes(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, script=False, size=walking.PHONE) as host:
        await walking.sign_in(host, "host")
        effort = Effort()
        await host.go("/host/new/homestay")
        await _fill(host, HOUSE, effort)
        slug = host.path.split("/")[4]
        assert effort.seconds < LIMIT
    start = date.today() + timedelta(days=40)
    async with visit(chromium, site, script=False, size=walking.PHONE) as guest:
        leave = start + timedelta(days=2)
        await guest.go(f"/listings/{slug}/book?from={start}&to={leave}&adults=2")
        await walking.hold(guest)


async def test_a_new_family_sends_its_first_room_within_three_minutes(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, script=False, size=walking.PHONE) as host:
        await walking.sign_in(host, "traveller")
        effort = Effort()
        await host.go("/become-a-host")
        await host.page.locator("main [name=village]").select_option(index=1)
        await _fill(host, {"name": "Keluarga Maro", "phone": "+62 812 3456 7890"}, effort)
        assert host.path.endswith("/host/new/homestay")
        await _fill(host, HOUSE, effort)
        assert effort.seconds < LIMIT
        await expect(host.page.locator("main .note-wait").first).to_be_visible()
        slug = host.path.split("/")[4]
    assert httpx.get(f"{site.base}/id/listings/{slug}").status_code == 404, "nobody sees it before the look"
