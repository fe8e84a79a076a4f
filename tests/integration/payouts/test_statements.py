"""Statements tie to the ledger to the rupiah and read back from their files in both languages."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pypdf
import pytest

from market import clock
from market.bookings import service as bookings
from market.payouts import earnings, service, statement_files, statements
from market.payouts.statements import Kind, month_of
from market.values.dates import local_day
from tests.integration.payouts.town import FAMILY, FEE, FUND, GUIDE, PRICE, Town


async def busy(town: Town) -> None:
    """A month in which everything happened."""
    await town.account()
    await town.completed()
    cash = await town.completed(method="on_arrival")
    await town.completed(price=2_050_000)
    _, payout, amount = await town.in_transit()
    await service.settle_line(payout, amount_minor=amount, bank_reference="=NTT-1", now=clock.now())
    await service.bounce_line(payout, amount_minor=amount, reason="closed", now=clock.now())
    await bookings.give_back(cash, amount=123_457, key="ds:1", reason="", by=None, now=clock.now())


async def test_the_month_ties_to_the_ledger(town: Town):
    await busy(town)
    months = await statements.list_months(town.host.id)
    balance = 0
    for first in reversed(months):
        statement = await statements.get_statement(town.host.id, first, now=clock.now())
        assert statement.opening_minor == balance
        balance += sum(line.net_minor for line in statement.lines)
        assert statement.closing_minor == balance
        for line in statement.lines:
            if line.kind in {Kind.EARNED, Kind.TAKEN_BACK}:
                assert line.gross_minor + line.fund_minor + line.fee_minor == line.net_minor
    assert balance == await statements.balance(town.host.id)
    kinds = {line.kind for first in months for line in
             (await statements.get_statement(town.host.id, first, now=clock.now())).lines}  # fmt: skip
    assert kinds == {Kind.EARNED, Kind.CASH, Kind.PAID_OUT, Kind.RETURNED, Kind.TAKEN_BACK}


async def test_money_on_its_way_is_still_owed(town: Town):
    await town.account()
    await town.completed()
    before = await statements.balance(town.host.id)
    assert before == FAMILY + GUIDE
    _, payout, amount = await town.in_transit()
    assert await statements.balance(town.host.id) == before
    await service.settle_line(payout, amount_minor=amount, bank_reference="B", now=clock.now())
    assert await statements.balance(town.host.id) == 0


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_the_files_say_the_same_to_the_rupiah(town: Town, locale: str):
    await busy(town)
    first = month_of(local_day(clock.now()))
    statement = await statements.get_statement(town.host.id, first, now=clock.now())
    rows = list(csv.reader(io.StringIO(statement_files.csv_file(statement, locale).decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {13}
    assert int(rows[1][12]) == statement.opening_minor
    assert int(rows[-1][12]) == statement.closing_minor
    assert sum(int(row[10]) for row in rows[2:-1]) == statement.closing_minor - statement.opening_minor
    assert any(row[11] == "'=NTT-1" for row in rows)
    document = pypdf.PdfReader(io.BytesIO(statement_files.pdf(statement, locale, "Benang")))
    text = "\n".join(page.extract_text() for page in document.pages).replace("\xa0", " ")
    mark = "." if locale == "id" else ","
    assert statement.number in text
    assert f"Rp {abs(statement.closing_minor):,}".replace(",", mark) in text
    assert f"Rp {PRICE:,}".replace(",", mark) in text
    fonts = [font.get_object() for page in document.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(below["/FontDescriptor"].get_object())


async def test_earnings_by_month(town: Town):
    await town.completed()
    other = await town.completed()
    await bookings.give_back(other, amount=PRICE, key="ds:2", reason="", by=None, now=clock.now())
    months = await earnings.by_month(town.host.id, clock.now())
    assert len(months) == 12
    assert sum(month.amount_minor for month in months) == PRICE - FUND - FEE
    later = await earnings.by_month(town.host.id, clock.now() + timedelta(days=400))
    assert all(month.amount_minor == 0 for month in later)
