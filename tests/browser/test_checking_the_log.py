"""The browser itself checks the log: WebCrypto over tiles, nothing sent to the server, and it notices what is false."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import walking
from tests.browser.walking import Site, visit

OUT = "[data-verify-out]"


async def said(page: Page, text: str) -> str:
    """What the browser says about a text."""
    await page.locator("#text").fill(text)
    await page.locator("button[name=verify]").click()
    await expect(page.locator(OUT)).to_be_visible()
    await expect(page.locator("button[name=verify]")).to_be_enabled()
    return await page.locator(OUT).inner_text()


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_an_entry_is_recomputed_in_the_browser(chromium: Browser, site: Site, *, locale: str) -> None:
    async with visit(chromium, site, locale) as guest:
        await guest.go("/log")
        await walking.press(guest.page.locator("main table a").last)
        await guest.page.locator("button[name=verify]").click()
        marks = guest.page.locator(f"{OUT} .c-ok")
        await expect(marks).to_have_count(2)
        await expect(guest.page.locator(f"{OUT} .c-bad")).to_have_count(0)


async def test_a_checkpoint_holds_and_a_changed_one_does_not(chromium: Browser, site: Site) -> None:
    note = httpx.get(f"{site.base}/log/checkpoint").text
    async with visit(chromium, site, "en") as guest:
        await guest.go("/verify")
        posts: list[str] = []
        guest.page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
        good = await said(guest.page, note)
        assert "The log's key signed the checkpoint" in good
        assert "still begins with everything" in good
        size = note.split("\n")[1]
        bad = await said(guest.page, note.replace(f"\n{size}\n", f"\n{size}0\n"))
        assert "No key of this log signed" in bad
        assert "neither a certificate" in await said(guest.page, "something else")
        assert "neither a certificate" in await said(guest.page, json.dumps({"certificate": 1}))
        assert posts == [], "checking in the browser sends nothing"
