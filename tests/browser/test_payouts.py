"""A payout batch: one operator proposes, another one approves, the bank answers; on a phone, without a script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.browser import walking
from tests.browser.walking import PHONE, Site, Visitor, visit


async def waiting_batch(operator: Visitor) -> str:
    """The path of the batch that waits for a second person."""
    await operator.go("/operator/payouts")
    row = operator.page.locator("tr:has(.tag-wait) th a").first
    href = await row.get_attribute("href")
    assert href
    return href.removeprefix(f"/{operator.locale}")


async def answers(operator: Visitor) -> list[tuple[str, str]]:
    """(reference, amount in digits) of each payout on the batch's page."""
    rows = operator.page.locator("table tbody tr")
    found: list[tuple[str, str]] = []
    for row in await rows.all():
        reference = (await row.locator("th .num").inner_text()).strip()
        amount = re.sub(r"\D", "", await row.locator("td.m-top").inner_text())
        found.append((reference, amount))
    return found


def results(lines: list[tuple[str, str]], wrong: str = "") -> FilePayload:
    body = [f"{reference},paid,{wrong or amount},BANK-{n}" for n, (reference, amount) in enumerate(lines)]
    text = "\n".join(["payout_reference,status,amount,bank_reference", *body])
    return {"name": "hasil.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.parametrize("locale", ["id"])
async def test_two_people_and_the_bank(chromium: Browser, site: Site, locale: str) -> None:
    async with visit(chromium, site, locale, size=PHONE, script=False) as first:
        await walking.sign_in(first, "operator2")
        path = await waiting_batch(first)
        await first.go(path)
        # Who proposed it finds no way to approve it.
        await expect(first.page.locator('main form[action$="/approve"]')).to_have_count(0)
        await expect(first.page.locator('main form[action$="/decline"]')).to_have_count(1)
    async with visit(chromium, site, locale, size=PHONE, script=False) as second:
        page = second.page
        await walking.sign_in(second, "operator")
        await second.go(path)
        await walking.press(page.locator('main form[action$="/approve"] button'))
        await expect(page.locator('main form[action$="/approve"]')).to_have_count(0)
        async with page.expect_download() as download:
            await page.locator('main form[action$="/orders.csv"] button').click()
        orders = Path(await (await download.value).path()).read_text("utf-8-sig")
        await second.go(path)
        lines = await answers(second)
        assert lines
        assert all(f"{reference},{amount},IDR" in orders for reference, amount in lines)

        await page.locator("#results").set_input_files(results(lines, wrong="7"))
        await walking.press(page.locator('main form[action$="/results"] button'))
        await expect(page.locator(".problem")).to_contain_text("C2")
        second.trouble = [
            said for said in second.trouble if "422" not in said
        ]  # the browser notes the refusal
        for _ in range(2):  # the same file once more changes nothing
            await second.go(path)
            await page.locator("#results").set_input_files(results(lines))
            await walking.press(page.locator('main form[action$="/results"] button'))
            await expect(page.locator(".problem")).to_have_count(0)
            await expect(page.locator("table .tag-ok")).to_have_count(len(lines))
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE[0]
