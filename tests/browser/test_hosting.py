"""A host makes a homestay from nothing, with a photo, until a guest can hold a night in it; and says yes to a request
from any phone, by SMS.
"""

from __future__ import annotations

import io
import sqlite3
from datetime import date, timedelta

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from market import clock
from market.sms.rules import is_quiet
from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit


def photo() -> FilePayload:
    """A photograph as a phone would take it, only smaller."""
    picture = Image.linear_gradient("L").resize((1600, 1200))
    kept = io.BytesIO()
    Image.merge("RGB", (picture, picture.rotate(90), picture.rotate(180))).save(kept, "JPEG", quality=80)
    return {"name": "rumah.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


WORDS = {
    "title_id": "Rumah di tepi kebun kelor",
    "title_en": "House beside the moringa garden",
    "summary_id": "Dua kamar, kopi pagi, dan jalan kaki ke pantai.",
    "summary_en": "Two rooms, morning coffee, and a walk to the beach.",
    "body_id": "Rumah kami kecil dan teduh. Pagi hari kami menyiram kebun, Anda boleh ikut.",
    "body_en": "Our house is small and shady. In the morning we water the garden, and you may join in.",
}
ROOM = {
    "name_id": "Kamar kebun",
    "name_en": "Garden room",
    "count": "2",
    "sleeps": "2",
    "price": "200000",
}


async def _save(host: Visitor, slug: str, section: str, values: dict[str, str]) -> None:
    await host.go(f"/host/listings/{slug}/edit/{section}")
    form = host.page.locator("main form").first
    for name, value in values.items():
        await form.locator(f"[name={name}], [name={name}-0]").first.fill(value)
    await walking.press(form.locator("button.btn-main").first)
    await expect(host.page.locator(".problem")).to_have_count(0)


async def make_homestay(host: Visitor, *, title: str = "", price: str = "200000") -> str:
    """Sign in as the host and make a homestay with a photo, published; its short name."""
    page = host.page
    words = WORDS | ({"title_id": title, "title_en": title} if title else {})
    await walking.sign_in(host, "host")
    await host.go("/host/new")
    await page.locator("[name=kind][value=homestay]").check()
    await page.locator("[name=title_id]").fill(words["title_id"])
    await page.locator("[name=title_en]").fill(words["title_en"])
    await walking.press(page.locator("main form button.btn-main"))
    slug = host.path.split("/")[4]
    await _save(host, slug, "words", words)
    await _save(host, slug, "rooms", ROOM | {"price": price})

    await host.go(f"/host/listings/{slug}/photos")
    await page.locator("input[type=file]").set_input_files(photo())
    await walking.press(page.locator("main form button.btn-main").first)
    async for _ in walking.patience(0.25):
        await host.go(f"/host/listings/{slug}/photos")
        if await page.locator(".pic").count():
            break
    await expect(page.locator(".card progress")).to_have_count(0)

    await host.go(f"/host/listings/{slug}")
    await walking.press(page.locator('form:has([name=status][value="published"]) button'))
    await expect(page.locator('[name=status][value="paused"]')).to_have_count(1)
    return slug


@pytest.mark.parametrize(("locale", "script"), [("id", False), ("en", True)], ids=["id-plain", "en-script"])
async def test_from_nothing_to_bookable(chromium: Browser, site: Site, *, locale: str, script: bool) -> None:
    async with visit(chromium, site, locale, script=script) as host:
        slug = await make_homestay(host)
        async with visit(chromium, site, locale, script=script) as guest:
            await guest.go("/search?kind=homestay&q=kelor")
            await walking.press(guest.page.locator(f'.cards a[href*="/listings/{slug}"]'))
            picture = guest.page.locator(".cover picture img")
            await expect(picture).to_be_visible()
            assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
            start = date.today() + timedelta(days=40)
            box = guest.page.locator("#book form")
            await box.locator("[name=from]").fill(start.isoformat())
            await box.locator("[name=to]").fill((start + timedelta(days=2)).isoformat())
            await walking.press(box.locator("button[type=submit]"))
            await walking.hold(guest)


PHONES = {"id": "+6281339100201", "en": "+6281339100202"}


async def write_sms(host: Visitor, phone: str, text: str) -> None:
    """Type an SMS into the host's phone of the demonstration; it takes the way of a gateway's message."""
    await host.page.goto(phone)
    await host.page.locator("[name=text]").first.fill(text)
    await walking.press(host.page.locator("form:has(input[name=text]) button").first)
    await expect(host.page.locator(".problem")).to_have_count(0)


async def agreeing_phone(host: Visitor) -> str:
    """Invite a phone of the host and let its owner agree; the address of its conversation."""
    page, number = host.page, PHONES[host.locale]
    await host.go("/host/sms")
    form = page.locator("section:has(#invite) form")
    await form.locator("[name=number]").fill(number)
    await form.locator("[name=language]").select_option(host.locale)
    await walking.press(form.locator("button"))
    await expect(page.locator("section:has(#phones)")).to_contain_text(number)
    await host.go("/sms")
    await walking.press(page.locator("section:has(#phones) a", has_text=number))
    phone = page.url
    await write_sms(host, phone, "ya mama")
    await expect(page.locator("section:has(#phone) .tag-ok")).to_be_visible()
    return phone


def code_of(site: Site, reference: str) -> str:
    """The four digits that mean this booking to the phone that was told; "" as long as none was."""
    with sqlite3.connect(site.database, timeout=20) as base:
        row = base.execute(
            "SELECT code FROM sms_code WHERE subject = ? AND purpose = 'booking' ORDER BY id DESC",
            (reference,),
        ).fetchone()
    return row[0] if row else ""


async def told_code(host: Visitor, phone: str, reference: str) -> str:
    """Wait for the request's SMS and read its code there. At night nobody is woken: then the host asks first."""
    if is_quiet(clock.now()):
        await write_sms(host, phone, "YA")
    async for _ in walking.patience(0.25):
        await host.page.goto(phone)
        code = code_of(host.site, reference)
        if code and await host.page.get_by_text(code).count():
            return code
    raise AssertionError("the request never came by SMS")


@pytest.mark.parametrize(("locale", "number", "script"), [("id", 4, False), ("en", 5, True)])
async def test_a_request_is_accepted_by_sms(
    chromium: Browser, site: Site, *, locale: str, number: int, script: bool
) -> None:
    async with (
        visit(chromium, site, locale, script=script) as host,
        visit(chromium, site, locale, script=script) as guest,
    ):
        await walking.sign_in(host, "host")
        phone = await agreeing_phone(host)
        reference = await walking.book(guest, "tour", number)
        await walking.pay_by_card(guest)
        await expect(guest.page.locator("#voucher-title")).to_have_count(0)

        code = await told_code(host, phone, reference)
        await write_sms(host, phone, f"Ya{code} pak, terima kasih")
        await expect(host.page.locator("section:has(#phone)")).to_contain_text(
            {"id": f"OK, {code} diterima", "en": f"OK, {code} is accepted"}[locale]
        )
        await walking.until_shown(guest, "#voucher-title")
        # The same SMS once more changes nothing and says so; the desk shows that nothing waits.
        await write_sms(host, phone, f"YA {code}")
        await expect(host.page.locator("section:has(#phone)")).to_contain_text(
            {"id": f"{code} sudah diterima", "en": f"{code} was accepted"}[locale]
        )
        await host.go("/host/")
        await expect(host.page.locator(f"#request-{reference}")).to_have_count(0)
        over = await host.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
