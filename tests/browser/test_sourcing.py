"""From a messy workbook to an award that a stranger verifies, on a phone: a hotel imports and puts rows right, the
supplier confirms, the hotel claims, officers named by lot decide, the decree is recorded, the certificate's code is
read and checked by somebody without an account. The import is walked with a script too, on the same phone.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from market.demo.people import MORE_OFFICERS, OFFICERS
from market.demo.sourcing_plan import month_of
from tests.browser import walking
from tests.browser.walking import PHONE, Site, Visitor, visit

SUPPLIER = "Koperasi Mutis Lestari (demo)"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LOOKS = 60
LETTER = b"%PDF-1.4\n% An invented letter.\n%%EOF\n"


def workbook(prefix: str, more: int) -> FilePayload:
    """What a purchasing desk sends: a title above the headings, dates as people write them, three wrong rows."""
    month = month_of(1, date.today())
    day = f"26/{month.month:02}/{month.year}"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("Rekap belanja dapur", None, None, None, None, None),
        (None, None, None, None, None, None),
        ("Tgl. Nota", "No. Nota", "Pemasok", "Nama Barang", "Kategori", "Jumlah (Rp)"),
        (day, f"{prefix}-1", SUPPLIER, "Madu hutan", "Pangan", f"{325 + more}.000"),
        (day, f"{prefix}-2", SUPPLIER, "Jagung bose", "Pangan", 275_000 + more * 1000),
        (f"31/02/{month.year}", f"{prefix}-3", SUPPLIER, "Kain tenun", "Tekstil", f"{410 + more}.000"),
        (day, f"{prefix}-4", "Toko Sembako Jaya (demo)", "Beras", "Pangan", "=SUM(F5:F6)"),
        (day, f"{prefix}-5", "Toko Sembako Jaya (demo)", "Sabun", "apa saja", "150.000,00"),
    ):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return {"name": f"belanja-{prefix}.xlsx", "mimeType": XLSX, "buffer": file.getvalue()}


async def patiently(visitor: Visitor, selector: str) -> None:
    """Come back until the worker is done."""
    async for _ in walking.patience(0.5):
        if await visitor.page.locator(selector).count():
            return
        await visitor.page.reload()
    raise AssertionError(f"{selector} never came at {visitor.page.url}")


async def import_purchases(hotel: Visitor, prefix: str, more: int = 0) -> None:
    """Upload, put three rows right, enter all five; `more` thousands on each amount tell two imports apart."""
    page = hotel.page
    month = month_of(1, date.today())
    await hotel.go("/hotel/imports")
    await page.locator("main [name=file]").set_input_files(workbook(prefix, more))
    await walking.press(page.locator("main form[enctype] button"))
    await patiently(hotel, "form[action$='/confirm'], form[action$='/columns']")
    if await page.locator("form[action$='/columns']").count():
        await walking.press(page.locator("form[action$='/columns'] button"))
        await patiently(hotel, "form[action$='/confirm']")
    await expect(page.locator(".rowfix")).to_have_count(3)
    await page.locator(".rowfix [name$=-date]").fill(f"27/{month.month:02}/{month.year}")
    await page.locator(".rowfix [name$=-gross]").fill("180.000")
    await page.locator(".rowfix select[name$=-category]").select_option("other")
    await walking.press(page.locator("form[action$='/rows'] button"))
    await patiently(hotel, "form[action$='/confirm']")
    await expect(page.locator(".rowfix")).to_have_count(0)
    await walking.press(page.locator("form[action$='/confirm'] button"))
    await patiently(hotel, "form[action$='/undo']")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def say_yes(supplier: Visitor, amounts: tuple[str, ...]) -> None:
    """The supplier confirms what was just imported."""
    for amount in amounts:
        await supplier.go("/supplier/purchases")
        purchase = supplier.page.locator("article", has_text=amount).first
        await walking.press(purchase.locator("button[value=yes]"))
        await expect(supplier.page.locator("article", has_text=amount)).to_have_count(0)


async def test_importing_with_a_script(chromium: Browser, site: Site) -> None:
    async with visit(chromium, site, "id", size=PHONE, script=True) as hotel:
        await walking.sign_in(hotel, "hotel")
        await import_purchases(hotel, "JS", 1)


async def test_from_a_workbook_to_a_certificate(chromium: Browser, site: Site, tmp_path: Path) -> None:
    async with visit(chromium, site, "id", size=PHONE, script=False) as hotel:
        await walking.sign_in(hotel, "hotel")
        await import_purchases(hotel, "HP")
        async with visit(chromium, site, "id", size=PHONE, script=False) as supplier:
            await walking.sign_in(supplier, "supplier")
            await say_yes(supplier, ("325.000", "275.000", "410.000"))
        claim = await submit_claim(hotel)
    await decide(chromium, site, claim)
    async with visit(chromium, site, "id", size=PHONE, script=False) as hotel:
        await walking.sign_in(hotel, "hotel")
        address, facts = await certificate(hotel, claim, tmp_path)
    async with visit(chromium, site, "id", size=PHONE, script=False) as stranger:
        await verify(stranger, address, facts)


# The hotel ------------------------------------------------------------------------------------------------------
async def submit_claim(hotel: Visitor) -> str:
    """State the books, hand in the letter, submit; the claim's reference."""
    page = hotel.page
    await hotel.go("/hotel/claims")
    draft = page.locator("tr:has(.tag:not([class*='tag-'])) th a").first
    if not await draft.count():
        draft = page.locator("main table th a").first
    await walking.press(draft)
    claim = hotel.path.rsplit("/", 1)[-1]
    entered = await page.locator("dl.bill dd").first.inner_text()
    await page.locator("[name=total]").fill(re.sub(r"\D", "", entered))
    await page.locator("[name=tax_principal]").fill("80.000.000")
    await page.locator("[name=compliant][value=yes]").check()
    await page.locator("[name=arrears][value=none]").check()
    if await page.locator("[name=late_note]").count():
        await page.locator("[name=late_note]").fill("Rekap dapur datang terlambat.")
    await walking.press(page.locator("form:has([name=total]) button").last)
    upload = page.locator("form[action$='/documents']")
    await upload.locator("[name=kind]").select_option("compliance")
    letter: FilePayload = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": LETTER + b"\n"}
    await upload.locator("[name=file]").set_input_files(letter)
    await walking.press(upload.locator("button"))
    await page.locator("form[action$='/submit'] [name=true]").check()
    await walking.press(page.locator("form[action$='/submit'] button"))
    await expect(page.locator("form[action$='/submit']")).to_have_count(0)
    return claim


async def certificate(hotel: Visitor, claim: str, folder: Path) -> tuple[str, bytes]:
    """The address in the printed code, and the file that anybody can check."""
    await hotel.go(f"/hotel/claims/{claim}")
    paper = folder / "certificate.pdf"
    paper.write_bytes(await fetched(hotel, "a[href$='certificate.pdf']"))
    facts = await fetched(hotel, "a[href$='certificate.json']")
    named = str(json.loads(facts)["verify"])
    return read_code(paper) or named, facts


async def fetched(visitor: Visitor, link: str) -> bytes:
    """What a link of the page hands out, with the visitor's cookies."""
    href = await visitor.page.locator(link).first.get_attribute("href")
    answer = await visitor.context.request.get(f"{visitor.site.base}{href}")
    assert answer.ok, (href, answer.status)
    return await answer.body()


def read_code(paper: Path) -> str:
    """What a phone's camera reads off the printed page; "" where no program here can print it."""
    draw = shutil.which("pdftoppm")
    if draw is None:
        return ""
    subprocess.run(
        [draw, "-r", "110", "-png", "-f", "1", "-l", "1", str(paper), str(paper.with_suffix(""))], check=True
    )
    [picture] = paper.parent.glob("certificate*.png")
    [code] = zxingcpp.read_barcodes(Image.open(picture).convert("RGB"))
    return code.text


async def verify(stranger: Visitor, address: str, facts: bytes) -> None:
    """Nobody's account, the printed address, then the file itself."""
    assert address.startswith(stranger.site.base)
    path = urlsplit(address)
    await stranger.page.goto(f"{stranger.site.base}{path.path}?{path.query}")
    await expect(stranger.page.locator("#found .tag-ok")).to_have_count(1)
    payload: FilePayload = {"name": "certificate.json", "mimeType": "application/json", "buffer": facts}
    await stranger.page.locator("form[data-verify] [name=file]").set_input_files(payload)
    await walking.press(stranger.page.locator("form[data-verify] button:visible").first)
    await expect(stranger.page.locator("#found .tag-ok")).to_have_count(1)


# The office -----------------------------------------------------------------------------------------------------
async def decide(chromium: Browser, site: Site, claim: str) -> None:
    """Whoever the lot named acts when it is their turn; nobody else finds a button."""
    acted: list[str] = []
    for _ in range(MOST_LOOKS):
        for email in (*OFFICERS, *MORE_OFFICERS):
            role = email.partition("@")[0]
            async with visit(chromium, site, "id", size=PHONE, script=False) as officer:
                await walking.sign_in(officer, role)
                await officer.go(f"/officer/claims/{claim}")
                if await act(officer, claim):
                    acted.append(role)
                if await officer.page.locator("form[action$='/revoke']").count():
                    assert len(set(acted)) >= 2, "two people decided"
                    return
        await asyncio.sleep(1)
    raise AssertionError(f"{claim} was never decided: {acted}")


async def act(officer: Visitor, claim: str) -> bool:
    """Do what this officer may do now; whether there was anything."""
    page = officer.page
    if await page.locator("form[action$='/begin']").count():
        await walking.press(page.locator("form[action$='/begin'] button"))
        await verify_claim(officer)
    step = page.locator("form[action$='/decision'] [name=step]")
    if await step.count():
        await page.locator("[name=decision_outcome][value=award]").check()
        await page.locator("[name=decision_note]").fill("Diperiksa; semua sesuai dengan berkas.")
        await walking.press(page.locator("form[action$='/decision'] button").last)
        await expect(page.locator("form[action$='/decision']")).to_have_count(0)
        return True
    decree = page.locator("form[action$='/decree']")
    if await decree.count():
        await decree.locator("[name=decree_number]").fill(f"SK 900/KEP/{claim}")
        await decree.locator("[name=decree_on]").fill((date.today() - timedelta(days=1)).isoformat())
        await walking.press(decree.locator("button"))
        await expect(page.locator("form[action$='/revoke']")).to_have_count(1)
        return True
    return False


async def verify_claim(officer: Visitor) -> None:
    """Tasks by hand, flags, and every line."""
    page = officer.page
    for form in await page.locator("form[action*='/tasks/']").all():
        action = await form.get_attribute("action")
        here = page.locator(f"form[action='{action}']")
        await here.locator("xpath=..").locator("summary").click()
        await here.locator("select").select_option("passed")
        await walking.press(here.locator("button"))
    while await page.locator("#flags article:has(.tag-wait) form").count():
        flag = page.locator("#flags article:has(.tag-wait) form").first
        await flag.locator("select").select_option("explained")
        await flag.locator("textarea").fill("Dicek dengan nota asli.")
        await walking.press(flag.locator("button"))
    if await page.locator("form[action$='/accept']").count():
        await walking.press(page.locator("form[action$='/accept'] button"))
    open_lines = "form[action$='/lines'] select[name^=line_]"
    for _ in range(6):
        undecided = [one for one in await page.locator(open_lines).all() if not await one.input_value()]
        if not undecided:
            break
        for one in undecided:
            await one.select_option("accept")
        await walking.press(page.locator("form[action$='/lines'] button").last)
