"""Those who act for others: a co-host with some rights, one whose time is over, and the cooperative that answers hotels
for a weaver who has no signal.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser import walking
from tests.browser.walking import Site, visit

# Every place of a host's desk, and whether somebody with the calendar and the guests may enter it.
PLACES = {"": True, "calendar": True, "guests": True, "messages": True, "money": False, "team": False}
WEAVER, COOPERATIVE = "Penenun Boti Ina Heka", "Koperasi Mutis Lestari (demo)"
ANSWER = "Dua lembar sudah kami terima di kantor."


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_a_cohost_sees_the_own_part_and_a_former_one_nothing(
    chromium: Browser, site: Site, *, locale: str
) -> None:
    async with visit(chromium, site, locale, script=False) as helper:
        await walking.sign_in(helper, "cohost")
        assert helper.path == f"/{locale}/host/"
        for place, may in PLACES.items():
            answer = await helper.context.request.get(f"{site.base}/{locale}/host/{place}")
            assert answer.status == (200 if may else 404), place
        await helper.go("/host/guests")
        booking = await helper.page.locator('main a[href*="/bookings/"]').first.get_attribute("href")
        assert (await helper.context.request.get(f"{site.base}{booking}")).status == 200
    async with visit(chromium, site, locale, script=False) as former:
        await walking.sign_in(former, "former-cohost")
        await expect(former.page.locator('header a[href$="/host/"]')).to_have_count(0)
        for place in PLACES:
            answer = await former.context.request.get(f"{site.base}/{locale}/host/{place}")
            assert answer.status == 403, place
        assert (await former.context.request.get(f"{site.base}{booking}")).status == 404
        await former.go("/profile")
        await expect(former.page.locator("main", has_text="Soleman Messakh")).to_have_count(0)


async def test_a_cooperative_answers_for_a_weaver_and_the_hotel_reads_who_it_was(
    chromium: Browser, site: Site
) -> None:
    async with visit(chromium, site, "id", script=False) as agent:
        await walking.sign_in(agent, "supplier")
        await agent.go("/supplier/purchases")
        purchase = agent.page.locator("article", has_text=WEAVER).first
        await expect(purchase).to_contain_text(COOPERATIVE)
        await purchase.locator("summary").click()
        await purchase.locator("[name=amount]").fill("900.000")
        await purchase.locator("[name=words]").fill(ANSWER)
        await walking.press(purchase.locator("button[value=other_amount]"))
        await expect(agent.page.locator(".problem")).to_have_count(0)
    async with visit(chromium, site, "id", script=False) as hotel:
        await walking.sign_in(hotel, "hotel")
        await hotel.go("/hotel/purchases?q=14")
        await walking.press(hotel.page.locator("main a", has_text=WEAVER).first)
        answer = hotel.page.locator("li, tr, div", has_text=ANSWER).last
        await expect(answer).to_contain_text(ANSWER)
        await expect(hotel.page.locator("main")).to_contain_text(f"untuk {COOPERATIVE}")
