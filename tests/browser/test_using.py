"""Small things that make it usable: the clock of a hold survives a reload, the language switch keeps the page, and
everything works with the keyboard alone, with visible focus.
"""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, expect

from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit
from tests.browser.world import World

TABS = 90
# Whether the focused control shows it: by its own outline, or that of the row, card or pill it stands in.
SHOWN = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return "";
  const ring = n => {
    const style = n && getComputedStyle(n);
    return style && parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
  };
  const seen = [e, e.nextElementSibling, e.closest(".pick"), e.closest(".card")].some(ring)
    || (e.closest("svg") && getComputedStyle(e.querySelector("text")).textDecorationLine === "underline");
  const box = (e.closest(".seg, .pick") ?? e).getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return seen && inside ? "" : e.outerHTML.slice(0, 200);
}"""


async def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until the control has the focus; every stop on the way shows that it has it."""
    page = visitor.page
    for _ in range(TABS):
        await page.keyboard.press("Tab")
        hidden = await page.evaluate(SHOWN)
        assert not hidden, f"no visible focus on {hidden} at {page.url}"
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector} at {page.url}")


async def go_by_enter(visitor: Visitor, selector: str) -> None:
    await tab_to(visitor, selector)
    async with visitor.page.expect_navigation():
        await visitor.page.keyboard.press("Enter")


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_keyboard_alone_from_search_to_hold(chromium: Browser, site: Site, *, locale: str) -> None:
    async with visit(chromium, site, locale) as guest:
        page = guest.page
        await guest.go("/")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        await tab_to(guest, ".find [name=kind]")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".find [name=kind][value=tour]")).to_be_checked()
        await go_by_enter(guest, ".find button[type=submit]")
        await go_by_enter(guest, ".cards a[href*='/listings/']")
        await tab_to(guest, "#book [name=slot]")
        await page.keyboard.press("ArrowDown")
        await tab_to(guest, "#book [name=adults]")
        await page.keyboard.type("2")
        await go_by_enter(guest, "#book form button[type=submit]")
        await expect(page.locator("[data-quote] .bill")).to_be_visible()
        await go_by_enter(guest, "[data-quote] button.btn-main")
        assert guest.path.endswith("/checkout")


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_hold_clock_survives_a_reload(chromium: Browser, site: Site, *, locale: str) -> None:
    async def seconds_left() -> int:
        minutes, seconds = (await clock.inner_text()).split(":")
        return int(minutes) * 60 + int(seconds)

    async with visit(chromium, site, locale) as guest:
        await guest.go(f"/listings/{walking.STAY}")
        await walking.choose_nights(guest, 5 if locale == "id" else 6)
        await walking.hold(guest)
        clock = guest.page.locator("[data-left]")
        first = await seconds_left()
        await guest.page.wait_for_timeout(1200)
        await guest.page.reload()
        second = await seconds_left()
        assert 14 * 60 < first <= 15 * 60
        assert 1 <= first - second <= 20


async def test_language_switch_keeps_the_page(world: World) -> None:
    async with world.as_person("guest", "en") as guest:
        for path in (
            "/search?kind=homestay&place=timor",
            "/listings/{stay}?from={start}&to={end}",
            "/listings/{tour}/book?slot={slot}&adults=2",
            "/bookings/{held}/checkout",
            "/bookings/{booked}",
            "/money",
        ):
            await guest.go(path.format_map(world.values))
            before = guest.page.url
            menu = guest.page.locator("header .menu summary")
            if await menu.is_visible():
                await menu.click()
            await walking.press(guest.page.locator("header a[hreflang=id]:visible"))
            assert guest.page.url == before.replace("/en/", "/id/", 1)
            await expect(guest.page.locator("html")).to_have_attribute("lang", "id")


async def by_mail(visitor: Visitor, part: str) -> None:
    """Open the link that has `part` in its address, out of one of the newest mails."""
    page = visitor.page
    for attempt in range(90):
        await visitor.go("/outbox")
        await walking.press(page.locator("main tbody a").nth(attempt % 3))
        link = page.locator(f'main a[href*="{part}"]').first
        if await link.count():
            await page.goto(await link.get_attribute("href") or "")
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"no mail with a link to {part}")


async def type_into(visitor: Visitor, name: str, text: str) -> None:
    await tab_to(visitor, f"[name={name}]")
    await visitor.page.keyboard.type(text)


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_accounts_by_keyboard_alone_without_a_script(
    chromium: Browser, site: Site, *, locale: str
) -> None:
    mailbox, password = f"keys-{locale}@example.test", "kami duduk di lopo sampai malam"
    async with visit(chromium, site, locale, script=False) as person:
        await person.go("/sign-up")
        await type_into(person, "email", mailbox)
        await go_by_enter(person, "main form button")
        await by_mail(person, "/welcome/")
        await type_into(person, "name", "Kiki Keys")
        await type_into(person, "new_password", password)
        await go_by_enter(person, "main form button")
        await person.go("/profile")
    async with visit(chromium, site, locale, script=False) as person:
        await person.go("/sign-in")
        await type_into(person, "link_email", mailbox)
        await go_by_enter(person, "form:has([name=link_email]) button")
        await by_mail(person, "/sign-in/link/")
        await go_by_enter(person, "main form button")
        await person.go("/profile/email")
        await type_into(person, "new_email", f"new-{mailbox}")
        await type_into(person, "current_password", password)
        await go_by_enter(person, "main form button")
        await by_mail(person, "/sign-in/address/")
        await go_by_enter(person, "main form button")
        await expect(person.page.locator("main")).to_contain_text(f"new-{mailbox}")
    async with visit(chromium, site, locale, script=False) as person:
        await person.go("/reset")
        await type_into(person, "email", f"new-{mailbox}")
        await go_by_enter(person, "main form button")
        await by_mail(person, "/reset/")
        await type_into(person, "new_password", password[::-1])
        await go_by_enter(person, "main form button")
        await person.go("/profile")
