"""Fills a purchase ledger with many lines by SQL, for measurements and for tests of time. Demo data of no value."""

from __future__ import annotations

from datetime import UTC, datetime

from market import db
from market.claims.periods import Period

LINES_A_DOCUMENT = 10
_SELLERS = 120
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)"
_DOCUMENTS = (
    f"{_NUMBERS} INSERT INTO purchase_document (reference, hotel_id, kind, paper, seller_name, seller_key,"
    " invoice_at, invoice_on, period, net_minor, source, entered_by, entered_at)"
    " SELECT $6 || n, $2, CASE WHEN n % 40 = 39 THEN 'credit_note' ELSE 'purchase' END, 'nota',"
    f" 'Seller ' || (n % {_SELLERS}), 'w:seller ' || (n % {_SELLERS}), $3, $7, $4, 1000, 'csv', $5, $3"
    " FROM numbers"
)
# A seller mostly sells one kind of goods of one or two origins; marks and values vary line by line.
_LINES = (
    "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)"
    " INSERT INTO purchase_line (document_id, position, hotel_id, seller_key, period, invoice_at, credit_note,"
    " description, category, amount, net_minor, origin, origin_decided, evidenced, confirmed, related)"
    " SELECT d.id, n, d.hotel_id, d.seller_key, d.period, d.invoice_at, d.kind = 'credit_note', 'Goods',"
    f" CASE (d.id % {_SELLERS} + n / 8) % 6 WHEN 0 THEN 'food' WHEN 1 THEN 'drink' WHEN 2 THEN 'textile'"
    " WHEN 3 THEN 'building_material' WHEN 4 THEN 'other' ELSE 'wages' END, '1000',"
    " 1000 + (d.id * 7919 + n * 104729) % 2000000,"
    f" CASE (d.id % {_SELLERS} + n / 5) % 4 WHEN 0 THEN 'A' WHEN 1 THEN 'B' WHEN 2 THEN 'C' ELSE 'X' END, TRUE,"
    " (d.id + n) % 17 <> 0, (d.id + n) % 13 <> 0, (d.id + n) % 101 = 0"
    " FROM purchase_document d CROSS JOIN numbers WHERE d.hotel_id = $2 AND d.period = $3"
)


async def fill(hotel_id: int, person_id: int, period: Period, lines: int) -> None:
    """Give a hotel `lines` lines (a multiple of ten) in a period without any: all categories, origins and marks."""
    at = datetime(period.year, period.month, 15, 4, tzinfo=UTC)
    documents = lines // LINES_A_DOCUMENT - 1
    name = f"L{hotel_id}-{period}-"
    async with db.transaction():
        await db.execute(_DOCUMENTS, documents, hotel_id, at, str(period), person_id, name, at.date())
        await db.execute(_LINES, LINES_A_DOCUMENT - 1, hotel_id, str(period))
    await db.execute("ANALYZE")
