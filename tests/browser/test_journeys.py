"""A guest without an account finds, books and pays each kind of listing on a phone, in both languages, with and
without JavaScript, and does afterwards what guests do: change, cancel, keep the date, show the voucher.
"""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from icalendar import Calendar, Event
from PIL import Image
from playwright.async_api import Browser, expect

from tests.browser import walking
from tests.browser.walking import Site, Visitor, visit

# Each way of walking books another date, so that the guests do not take each other's places.
WAYS = pytest.mark.parametrize(
    ("locale", "script", "number"),
    [("id", True, 0), ("en", True, 1), ("id", False, 2), ("en", False, 3)],
    ids=["id-script", "en-script", "id-plain", "en-plain"],
)
RUPIAH = re.compile(r"Rp\s?([\d.,]+)")


def rupiah(text: str) -> list[int]:
    """The amounts in a text, whichever language wrote them."""
    return [int(re.sub(r"\D", "", amount)) for amount in RUPIAH.findall(text)]


async def check_voucher(visitor: Visitor) -> None:
    """The QR code leads hosts to this booking's check-in, and the calendar file names the same booking."""
    page = visitor.page
    picture = Image.open(io.BytesIO(await page.locator("section:has(#voucher-title) img").screenshot()))
    codes = zxingcpp.read_barcodes(picture)
    [code] = [code.text for code in codes]
    assert code.startswith(visitor.at(f"/host/arrivals/scan/{visitor.reference}-"))
    async with page.expect_download() as caught:
        await page.locator('a[href$="/calendar.ics"]').click()
    path = await (await caught.value).path()
    [event] = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert isinstance(event, Event)
    assert str(event["uid"]).startswith(visitor.reference)
    assert str(event["status"]) == "CONFIRMED"
    assert event.end > event.start


@WAYS
async def test_tour_on_request(
    chromium: Browser, site: Site, *, locale: str, script: bool, number: int
) -> None:
    async with visit(chromium, site, locale, script=script) as guest:
        reference = await walking.book(guest, "tour", number)
        await walking.pay_by_card(guest)
        assert guest.reference == reference
        await expect(guest.page.locator("#voucher-title")).to_have_count(0)
        async with visit(chromium, site, locale, script=script) as host:
            await walking.sign_in(host, "host")
            await host.go("/host/")
            request = host.page.locator(f"section:has(#request-{reference})")
            await walking.press(request.locator("button[value=yes]"))
            await expect(request).to_have_count(0)
        await walking.until_shown(guest, "#voucher-title")
        await check_voucher(guest)


@WAYS
async def test_homestay_chosen_in_the_calendar_then_one_guest_more(
    chromium: Browser, site: Site, *, locale: str, script: bool, number: int
) -> None:
    async with visit(chromium, site, locale, script=script) as guest:
        page = guest.page
        await walking.find(guest, "homestay", walking.STAY)
        await walking.choose_nights(guest, number)
        [total] = rupiah(await page.locator("[data-quote] .bill .tot dd").inner_text())
        await walking.hold(guest)
        assert rupiah(await page.locator(".bill .tot dd").inner_text()) == [total]
        await walking.give_details(guest, "demo_card")
        await walking.pay_by_card(guest)
        await walking.until_shown(guest, "#voucher-title")
        await check_voucher(guest)

        await walking.press(page.locator('a[href$="/change"]'))
        await page.locator("main [name=children]").fill("1")
        await page.locator("main [name=rooms]").fill("2")
        await walking.press(page.locator("main form[method=get] button").last)
        offer = page.locator("section:has(#planned-title)")
        [new_total] = rupiah(await offer.locator(".tot dd").inner_text())
        button = offer.locator("form button")
        assert rupiah(await button.inner_text()) == ([new_total - total] if new_total > total else [])
        await walking.press(button)
        if new_total > total:
            await walking.pay_by_card(guest)
        await walking.until_shown(guest, "#voucher-title")
        assert rupiah(await page.locator("section:has(#bill-title) .tot dd").inner_text()) == [new_total]


@WAYS
async def test_class_by_card_then_cancelled(
    chromium: Browser, site: Site, *, locale: str, script: bool, number: int
) -> None:
    async with visit(chromium, site, locale, script=script) as guest:
        page = guest.page
        reference = await walking.book(guest, "lesson", number + 2)
        await walking.pay_by_card(guest)
        await walking.until_shown(guest, "#voucher-title")
        await check_voucher(guest)

        await walking.press(page.locator('a[href$="/cancel"]'))
        paid, kept, back = rupiah(await page.locator("section:has(#back-title) .bill").inner_text())
        assert back == paid - kept > 0
        button = page.locator("main form button.btn-no")
        assert rupiah(await button.inner_text()) == [back]
        await walking.press(button)
        assert guest.reference == reference
        await expect(page.locator("#voucher-title")).to_have_count(0)
        await walking.until_shown(guest, "section:has(#bill-title) .tbl tr:nth-child(2)")
        assert back in rupiah(await page.locator("section:has(#bill-title) .tbl").inner_text())


@WAYS
async def test_bank_transfer_matched_by_the_operator(
    chromium: Browser, site: Site, *, locale: str, script: bool, number: int
) -> None:
    async with visit(chromium, site, locale, script=script) as guest:
        page = guest.page
        await walking.book(guest, "lesson", number + 6, method="transfer")
        terms = page.locator("section:has(#transfer-title) dd")
        [amount] = rupiah(await terms.nth(0).inner_text())
        code = await terms.nth(1).inner_text()
        async with visit(chromium, site, locale, script=script) as operator:
            await walking.sign_in(operator, "operator")
            await operator.go("/operator/transfers")
            form = operator.page.locator("form:has([name=bank_reference])")
            await form.locator("[name=transfer_code]").fill(code)
            await form.locator("[name=amount]").fill(str(amount))
            await form.locator("[name=bank_reference]").fill(f"STATEMENT-{code}")
            await walking.press(form.locator("button"))
            await expect(operator.page.locator("main [role=status].note-ok")).to_be_visible()
        await walking.until_shown(guest, "#voucher-title")
