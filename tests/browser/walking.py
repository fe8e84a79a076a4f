"""What people do in the browser: visit, search, choose, pay, answer as a host. Finds controls by their names, never
by their words, so that every step works in every language.

`visit` watches each page it opens: an error on the console, a breach of the content policy or a request to another
host fails the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    StorageState,
    expect,
)
from playwright.async_api import (
    TimeoutError as Late,
)

PHONE, DESK = (390, 844), (1280, 900)
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
TOUR, STAY, LESSON = "kupang-sasando-sei-lontar", "messakh-sasando-rooms", "sasando-first-notes"
PLACE = "timor"


@dataclass(frozen=True, slots=True)
class Site:
    """The running server and its database file."""

    base: str
    database: Path


@dataclass
class Visitor:
    """One person's browser window; `trouble` collects what must not happen."""

    site: Site
    context: BrowserContext
    page: Page
    locale: str
    trouble: list[str] = field(default_factory=list[str])

    def at(self, path: str) -> str:
        """The full address of a path below the language."""
        return f"{self.site.base}/{self.locale}{path}"

    async def go(self, path: str) -> None:
        answer = await self.page.goto(self.at(path))
        assert answer is not None
        assert answer.status == 200, (path, answer.status)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def reference(self) -> str:
        """The booking whose page is open."""
        found = re.search(r"/bookings/([A-Z0-9]+)", self.path)
        assert found, self.page.url
        return found[1]

    def watch(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.trouble.append(f"{self.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.base}/", "data:", "blob:")):
            self.trouble.append(f"{self.page.url}: asked another host: {request.url}")


@asynccontextmanager
async def visit(
    chromium: Browser,
    site: Site,
    locale: str = "en",
    *,
    size: tuple[int, int] = PHONE,
    script: bool = True,
    scheme: Literal["light", "dark"] = "light",
    state: StorageState | None = None,
) -> AsyncGenerator[Visitor]:
    """A fresh browser context, with the cookies of `state`; fails at the end when something went wrong meanwhile."""
    context = await chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        color_scheme=scheme,
        locale={"id": "id-ID", "en": "en-GB"}[locale],
        accept_downloads=True,
        reduced_motion="reduce",
        storage_state=state,
    )
    try:
        page = await context.new_page()
        visitor = Visitor(site, context, page, locale)
        visitor.watch(page)
        yield visitor
        assert not visitor.trouble, "\n".join(visitor.trouble)
    except Exception as error:
        for opened in context.pages:
            text = await opened.locator("body").inner_text()
            error.add_note(f"{opened.url} shows:\n{text[:1000]}")
        raise
    finally:
        await context.close()


async def press(target: Locator) -> None:
    """Press what leads to another page, or back to this one, and wait until that page is there.

    A click alone returns while the old page still stands, and what is counted then is counted on the old page.
    """
    async with target.page.expect_navigation():
        await target.click()


async def find(visitor: Visitor, kind: str, slug: str) -> None:
    """From the home page through the search to a listing."""
    page = visitor.page
    await visitor.go("/")
    await page.locator(f".find [name=kind][value={kind}]").check()
    await page.locator(".find [name=place]").select_option(PLACE)
    await page.locator(".find [name=adults]").fill("2")
    await press(page.locator(".find button[type=submit]"))
    await press(page.locator(f'.cards a[href*="/listings/{slug}"]'))
    assert visitor.path == f"/{visitor.locale}/listings/{slug}"


async def choose_start(visitor: Visitor, number: int, adults: int) -> None:
    """Choose a departure or session in the booking box, and go on to the full price."""
    box = visitor.page.locator("#book form")
    start = box.locator("[name=slot]:enabled").nth(number)
    if not await start.is_visible():
        await box.locator("summary").first.click()
    await start.check()
    await box.locator("[name=adults]").fill(str(adults))
    await press(box.locator("button[type=submit]"))


async def choose_nights(visitor: Visitor, number: int, nights: int = 2) -> tuple[date, date]:
    """Choose nights in the calendar, two months on: the day of arrival, then the day of leaving."""
    page = visitor.page
    for _ in range(2):
        await press(page.locator(".cal-nav a").last)
    arrive = page.locator(".cal td.open a").nth(number * (nights + 1))
    start = date.fromisoformat(_asked(await arrive.get_attribute("href"), "from"))
    end = start + timedelta(days=nights)
    await press(arrive)
    await press(page.locator(f'.cal td a[href*="to={end}"]'))
    await expect(page.locator("#book [name=from]")).to_have_value(start.isoformat())
    await press(page.locator("#book form button[type=submit]"))
    return start, end


def _asked(address: str | None, name: str) -> str:
    return parse_qs(urlsplit(address or "").query)[name][0]


async def hold(visitor: Visitor) -> str:
    """Hold what the quote shows; the booking's reference."""
    await press(visitor.page.locator("[data-quote] button.btn-main"))
    await visitor.page.wait_for_url("**/checkout")
    return visitor.reference


async def give_details(visitor: Visitor, method: str) -> None:
    """Fill in the checkout as a guest and send it."""
    page = visitor.page
    await page.locator("[name=name]").fill("Hannah Weber")
    await page.locator("[name=email]").fill("hannah@example.test")
    await page.locator("[name=phone]").fill("+49 170 0000000")
    await page.locator(f"[name=method][value={method}]").check()
    if await page.locator("[name=manners]").count():
        await page.locator("[name=manners]").check()
    await press(page.locator("main form button.btn-main"))


async def pay_by_card(visitor: Visitor) -> None:
    """Press pay on the demonstration's card page and wait until the booking's page is back."""
    await press(visitor.page.locator("button[value=pay]"))
    await until_there(visitor)


async def until_there(visitor: Visitor) -> None:
    """From the waiting page to the booking's own, by the button that somebody without a script presses."""
    async for _ in patience():
        if re.fullmatch(rf"/{visitor.locale}/bookings/[A-Z0-9]+", visitor.path):
            return
        again = visitor.page.locator('main a[href*="/return?"]')
        # The page may leave by itself just when the button is looked for.
        with contextlib.suppress(Late):
            await again.first.click(timeout=500)
    raise AssertionError(f"still at {visitor.page.url}")


async def until_shown(visitor: Visitor, selector: str) -> None:
    """Reload until the worker's news is on the page."""
    async for _ in patience():
        if await visitor.page.locator(selector).count():
            return
        await visitor.page.reload()
    raise AssertionError(f"{selector} never came at {visitor.page.url}")


async def patience(step: float = 0.15) -> AsyncGenerator[None]:
    """Looks again and again, as long as somebody may fairly be kept waiting on a machine that does much else."""
    end = time.monotonic() + 2 * PATIENCE / 1000
    while time.monotonic() < end:
        yield
        await asyncio.sleep(step)


async def sign_in(visitor: Visitor, role: str) -> None:
    """One click on the demonstration's sign-in page."""
    await visitor.go("/sign-in")
    await press(visitor.page.locator(f'form:has([name=email][value="{role}@demo.test"]) button'))
    await visitor.page.wait_for_url(lambda url: "/sign-in" not in url)


async def book(
    visitor: Visitor, kind: str, number: int, *, method: str = "demo_card", adults: int = 2
) -> str:
    """The whole way of a guest without an account, up to the details being sent; the booking's reference."""
    slug = {"tour": TOUR, "homestay": STAY, "lesson": LESSON}[kind]
    await find(visitor, kind, slug)
    if kind == "homestay":
        await choose_nights(visitor, number)
    else:
        await choose_start(visitor, number, adults)
    reference = await hold(visitor)
    await give_details(visitor, method)
    return reference
