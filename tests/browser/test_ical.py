"""On a phone: a host closes dates that are sold elsewhere, by linking that site's calendar; and opens them again."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser import conftest, walking
from tests.browser.walking import PHONE, STAY, Site, Visitor, visit
from tests.integration.calendars.site import http, ics, running


@asynccontextmanager
async def linked_site(tmp_path: Path, port: int, other: int) -> AsyncGenerator[Site]:
    """The product's server with a worker that reads calendars from this machine's other site."""
    said = tmp_path / "server.log"
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARKET_", "STRIPE_"))
    }
    environ |= {
        "MARKET_DEMO": "1",
        "PORT": str(port),
        "MARKET_DATA_DIR": str(tmp_path / "var"),
        "OTHER_SITE_PORT": str(other),
    }
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.ical_site"],
            env=environ,
            cwd=conftest.ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            conftest._Server(process, said).wait_until_well(address)
            yield Site(address, tmp_path / "var" / "benang.db")
        finally:
            process.kill()
            process.wait()


def first_of_month(months: int) -> date:
    day = date.today().replace(day=1)
    for _ in range(months):
        day = (day + timedelta(days=32)).replace(day=1)
    return day


async def until_read(host: Visitor) -> None:
    """A server that has just started has other jobs first; the page says meanwhile that it is being fetched."""
    for _ in range(120):
        if await host.page.locator(".rowfix:has-text('Kalender paman') .tag-ok").count():
            return
        await asyncio.sleep(0.5)
        await host.go("/host/calendar-links")
    raise AssertionError("the calendar was never read")


@pytest.mark.parametrize("script", [True, False])
async def test_dates_sold_elsewhere_close_here(
    chromium: Browser, tmp_path: Path, free_port: Callable[[], int], script: bool
):
    sold = first_of_month(3) + timedelta(days=9)
    async with running() as other:
        # Both rooms of that kind are sold there, for two nights.
        other.pages["/calendar/ical/7.ics"] = http(ics(*[(sold, sold + timedelta(days=2))] * 2))
        async with (
            linked_site(tmp_path, free_port(), other.port) as site,
            visit(chromium, site, "id", size=PHONE, script=script) as host,
        ):
            page = host.page
            await walking.sign_in(host, "host")
            await host.go("/host/calendar-links")
            form = page.locator('form[action*="/links"]').last
            await form.locator("input[name^=name-]").fill("Kalender paman")
            await form.locator("input[name^=url-]").fill("https://calendars.example.test/calendar/ical/7.ics")
            await walking.press(form.locator("button"))
            link = page.locator(".rowfix", has_text="Kalender paman")
            await until_read(host)
            assert other.asked
            await expect(link).to_contain_text("malam ditutup")
            room = await page.locator("section[id^=room-]", has_text="Kalender paman").get_attribute("id")
            assert room
            slug = STAY
            calendar = f"/host/calendar?listing={slug}&room={room.removeprefix('room-')}&month={sold:%Y-%m}"
            await host.go(calendar)
            for day in (sold, sold + timedelta(days=1)):
                assert await page.locator(f'.cal td.shut [value="{day}"]').count() == 1
            assert await page.locator(f'.cal td.open [value="{sold + timedelta(days=2)}"]').count() == 1
            await host.go("/host/calendar-links")
            await walking.press(link.locator("button[value=remove]"))
            await expect(page.locator("body")).not_to_contain_text("Kalender paman")
            await host.go(calendar)
            assert await page.locator(f'.cal td.open [value="{sold}"]').count() == 1
            over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0
