"""A host's phone without signal: the list stays, check-ins wait and are sent later, conflicts are explained."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Error, Page, expect

from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit

LIST = "/host/arrivals"
COMING = "request_key LIKE 'demo-arrival-%-Lucía Fernández'"


def find(site: Site, what: str) -> str:
    """Something about the demo's guest who arrives today."""
    with sqlite3.connect(site.database) as base:
        row = base.execute(f"SELECT {what} FROM booking WHERE {COMING}").fetchone()
    assert row
    return row[0]


KEPT = """async () => {
  if (!navigator.serviceWorker.controller) return false;
  for (const name of await caches.keys()) if (await (await caches.open(name)).match(location.pathname)) return true;
  return false;
}"""


async def kept(host: Visitor) -> Page:
    """Open the list, and wait until the phone has it."""
    await host.go(LIST)
    # Asked again and again from here: the page's content policy forbids what the browser driver would put into it.
    for _ in range(100):
        if await host.page.evaluate(KEPT):
            return host.page
        await host.page.wait_for_timeout(100)
    raise AssertionError("the list was never kept")


def quiet(host: Visitor) -> None:
    """Without signal the browser reports failed requests on the console; that is what these tests are about."""
    expected = ("ERR_INTERNET_DISCONNECTED", "Failed to load")
    host.trouble = [line for line in host.trouble if not any(word in line for word in expected)]


@pytest.fixture
def arrived(site: Site) -> str:
    """The guest who arrives today, an hour ago: before two in the morning nobody could be checked in yet."""
    with sqlite3.connect(site.database, timeout=20) as base:
        base.execute(
            "UPDATE booking SET starts_at = datetime('now', '-1 hour') || '+00:00', state = 'confirmed'"
            f" WHERE {COMING}"
        )
    return find(site, "reference")


async def signal_returns(host: Visitor) -> None:
    """The connection is back, and the page hears of it: by the browser itself, or by us where it says nothing."""
    await host.context.set_offline(False)
    # When the browser told it, the page has sent what waited and may be loading itself anew at this very moment.
    with suppress(Error):
        await host.page.evaluate("dispatchEvent(new Event('online'))")


async def test_a_check_in_without_signal_is_sent_later(chromium: Browser, site: Site, arrived: str) -> None:
    reference = arrived
    async with visit(chromium, site, "en", script=True) as host:
        await walking.sign_in(host, "host")
        page = await kept(host)
        await host.context.set_offline(True)
        await page.reload()
        await expect(page.locator(f"#g-{reference}")).to_be_visible()
        await page.locator(f"#g-{reference} [data-check-in] button").click()
        await expect(page.locator("[data-queue] [data-item=waiting]")).to_contain_text("Waiting to be sent")
        assert find(site, "state") == "confirmed"
        # What waits survives closing the page.
        await page.reload()
        await expect(page.locator("[data-queue] [data-item=waiting]")).to_have_count(1)
        await signal_returns(host)
        await expect(page.locator(f"#g-{reference}")).to_contain_text("Arrived", timeout=15_000)
        assert find(site, "state") == "checked_in"
        await expect(page.locator("[data-queue] [data-item]")).to_have_count(0)

        # The same guest once more from a list that does not know yet: the server says why not.
        await host.context.set_offline(True)
        await page.goto(host.at(f"{LIST}?day=2001-01-01"))
        await page.fill("#code", reference)
        await page.locator("[data-code-form] button").click()
        await expect(page.locator("[data-queue] [data-item=waiting]")).to_have_count(1)
        await signal_returns(host)
        refused = page.locator("[data-queue] [data-item=refused]")
        await expect(refused).to_contain_text("already checked in", timeout=15_000)
        await refused.locator("button").click()
        await expect(page.locator("[data-queue] [data-item]")).to_have_count(0)
        quiet(host)


async def test_signing_out_takes_the_kept_list_away(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, "id", script=True) as host:
        await walking.sign_in(host, "host")
        page = await kept(host)
        async with page.expect_navigation(url=host.at("/")):
            await page.locator('form[action$="/sign-out"] button').first.evaluate("button => button.click()")
        assert await page.evaluate("caches.keys()") == []
        assert await page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
        quiet(host)


async def test_only_the_arrivals_pages_are_kept(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, "en", script=True) as host:
        await walking.sign_in(host, "host")
        page = await kept(host)
        scopes = await page.evaluate(
            "navigator.serviceWorker.getRegistrations().then(all => all.map(one => new URL(one.scope).pathname))"
        )
        assert scopes == ["/en/host/arrivals"]
        await host.go("/host/")
        assert await page.evaluate("navigator.serviceWorker.controller") is None
