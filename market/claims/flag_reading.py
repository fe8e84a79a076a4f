"""Reads what the flags look at: a constant number of queries for a claim of any size, then pure rules.

Each query walks an index of the claim, the month or the seller; nothing here decides anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from market import db
from market.claims import marks, snapshot
from market.claims.flags import circular, dup_near, img, round_amounts
from market.claims.flags.facts import ClaimFacts, Demand, Document, Likeness, Priced, Trade
from market.claims.rule_json import parse_rule
from market.claims.snapshot import FrozenLine
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json
from market.values.periods import Period

_DOCUMENT = (
    "d.id, d.reference, d.hotel_id, d.seller_key, d.seller_name, d.seller_npwp, d.number, d.number_key, d.paper,"
    " d.kind, d.net_minor, d.invoice_on, d.entered_at, d.confirmation, d.confirmed_net_minor, d.is_adjustment"
)
_OWN = "SELECT DISTINCT document_id FROM claim_line WHERE claim_id = $1"
_LEGS_DAYS = timedelta(days=circular.DAYS)
_NEAR_DAYS = timedelta(days=dup_near.DAYS)


async def read(claim_id: int, secrets: tuple[str, ...]) -> ClaimFacts:
    """Everything the rules look at for a submitted claim."""
    head = await db.fetch_one(
        "SELECT c.hotel_id, c.period, c.submitted_at, r.body, COALESCE(h.npwp, '') AS npwp FROM claim c"
        " JOIN rule_version r ON r.id = c.rule_id LEFT JOIN hotel_profile h ON h.organisation_id = c.hotel_id"
        " WHERE c.id = $1",
        claim_id,
    )
    if head is None:
        raise LookupError(f"no claim {claim_id}")
    period, hotel_id = Period.parse(head["period"]), int(head["hotel_id"])
    lines = await snapshot.read(claim_id)
    return ClaimFacts(
        rule=parse_rule(as_json(head["body"])),
        period=period,
        hotel_id=hotel_id,
        submitted_at=as_instant(head["submitted_at"]),
        lines=lines,
        documents=await _documents(claim_id),
        neighbours=await _neighbours(claim_id, hotel_id, period),
        same_numbers=await _same_numbers(claim_id),
        likenesses=await _likenesses(claim_id),
        demands=await _demands(claim_id, period),
        trades=await _trades(period),
        party=f"n:{head['npwp']}" if head["npwp"] else f"o:{hotel_id}",
        peer_round_shares=await _peers(hotel_id, period),
        prices=await _prices(claim_id, period, lines),
        parties=await marks.parties_of(claim_id, secrets),
    )


async def _documents(claim_id: int) -> list[Document]:
    rows = await db.fetch(
        f"SELECT {_DOCUMENT}, (SELECT MIN(q.asked_at) FROM confirmation_request q WHERE q.document_id = d.id)"
        f" AS asked_at FROM purchase_document d WHERE d.id IN ({_OWN}) ORDER BY d.id",
        claim_id,
    )
    return [_document(row) for row in rows]


def _document(row: Row) -> Document:
    entered_at = as_instant(row["entered_at"])
    return Document(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        seller_key=row["seller_key"],
        seller_name=row["seller_name"],
        seller_npwp=row["seller_npwp"],
        number=row["number"],
        number_key=row["number_key"],
        paper=row["paper"],
        credit_note=row["kind"] == "credit_note",
        net_minor=row["net_minor"],
        invoice_on=as_date(row["invoice_on"]),
        entered_at=entered_at,
        confirmation=row["confirmation"],
        confirmed_net_minor=row["confirmed_net_minor"],
        asked_at=as_instant_or_none(row.get("asked_at")),
        adjusted_at=entered_at if row["is_adjustment"] else None,
    )


async def _neighbours(claim_id: int, hotel_id: int, period: Period) -> list[Document]:
    """The hotel's papers of a few days before and after the month, of the sellers of this claim."""
    start, end = period.first_day - _NEAR_DAYS, period.last_day + _NEAR_DAYS
    rows = await db.fetch(
        f"SELECT {_DOCUMENT} FROM purchase_document d WHERE d.hotel_id = $2 AND d.status = 'live'"
        " AND d.seller_key IN (SELECT DISTINCT seller_key FROM claim_line WHERE claim_id = $1)"
        f" AND d.invoice_on >= $3 AND d.invoice_on <= $4 AND d.id NOT IN ({_OWN}) ORDER BY d.id",
        claim_id,
        hotel_id,
        start,
        end,
    )
    return [_document(row) for row in rows]


async def _same_numbers(claim_id: int) -> list[tuple[Document, Document]]:
    rows = await db.fetch(
        f"SELECT {_DOCUMENT}, x.id AS own_id FROM purchase_document x JOIN purchase_document d"
        " ON d.number_key = x.number_key AND d.number_key <> '' AND d.status = 'live' AND d.id <> x.id"
        f" WHERE x.id IN ({_OWN}) AND x.number_key <> '' ORDER BY x.id, d.id LIMIT 2000",
        claim_id,
    )
    if not rows:
        return []
    own = {document.id: document for document in await _documents(claim_id)}
    return [(own[row["own_id"]], _document(row)) for row in rows]


async def _likenesses(claim_id: int) -> list[Likeness]:
    both = " UNION ALL ".join(
        f"SELECT e.id AS evidence_id, e.document_id, o.id AS other_id, o.document_id AS other_document_id,"
        f" k.distance FROM evidence e JOIN evidence_likeness k ON k.{mine} = e.id JOIN evidence o ON o.id ="
        f" k.{theirs} WHERE e.document_id IN ({_OWN}) AND e.state <> 'withdrawn' AND o.state <> 'withdrawn'"
        " AND o.document_id IS NOT NULL AND k.distance <= $2"
        for mine, theirs in (("evidence_id", "other_id"), ("other_id", "evidence_id"))
    )
    rows = await db.fetch(f"{both} ORDER BY distance, evidence_id, other_id", claim_id, img.LOOK)
    return [
        Likeness(
            row["evidence_id"],
            row["document_id"],
            row["other_id"],
            row["other_document_id"],
            row["distance"],
        )
        for row in rows
    ]


async def _demands(claim_id: int, period: Period) -> list[Demand]:
    """What all hotels logged of the claim's products, where a capacity is stated for the month."""
    rows = await db.fetch(
        "SELECT p.id, p.texts, p.unit, s.name AS supplier, m.capacity, l.document_id, l.quantity_milli"
        " FROM supplier_product p JOIN product_month m ON m.product_id = p.id AND m.month = $2"
        " JOIN supplier s ON s.id = p.supplier_id"
        " JOIN purchase_line l ON l.product_id = p.id AND l.period = $3 AND l.live"
        " WHERE p.id IN (SELECT product_id FROM claim_line WHERE claim_id = $1 AND product_id IS NOT NULL)"
        " AND m.capacity IS NOT NULL AND l.unit = p.unit AND l.quantity_milli IS NOT NULL AND NOT l.credit_note"
        " ORDER BY p.id, l.quantity_milli DESC, l.id",
        claim_id,
        period.month,
        str(period),
    )
    by_product: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_product[row["id"]].append(row)
    return [_demand(those) for those in by_product.values()]


def _demand(rows: list[Row]) -> Demand:
    first = rows[0]
    texts = as_json(first["texts"])
    return Demand(
        product_id=first["id"],
        product=(texts.get("id") or texts.get("en") or {}).get("name", ""),
        supplier=first["supplier"],
        unit=first["unit"],
        quantity_milli=sum(row["quantity_milli"] for row in rows),
        capacity=first["capacity"],
        document_ids=tuple(dict.fromkeys(row["document_id"] for row in rows))[:10],
    )


async def _trades(period: Period) -> list[Trade]:
    """Purchases between organisations that both buy, around the month. Few: most sellers buy nothing here.

    A seller is a buyer too when they share the tax number, the business number, or somebody who acts for both.
    """
    by_paper = (
        f"SELECT d.id, {_party('b')} AS buyer, {_party('h')} AS seller, d.invoice_on, d.net_minor"
        " FROM hotel_profile h JOIN {paper} JOIN hotel_profile b ON b.organisation_id = d.hotel_id"
        " WHERE b.organisation_id <> h.organisation_id AND d.status = 'live' AND d.kind = 'purchase'"
        " AND d.invoice_on >= $1 AND d.invoice_on <= $2"
    )
    sold = "JOIN purchase_document d ON d.supplier_id = s.id"
    ways = (
        "purchase_document d ON d.seller_npwp = h.npwp AND d.seller_npwp <> ''",
        f"supplier s ON s.npwp = h.npwp AND s.npwp <> '' {sold}",
        f"supplier s ON s.nib = h.nib AND s.nib <> '' {sold}",
        (
            "membership mh ON mh.organisation_id = h.organisation_id AND mh.role = 'hotel' JOIN membership ms"
            " ON ms.person_id = mh.person_id AND ms.role = 'supplier' JOIN supplier s"
            f" ON s.organisation_id = ms.organisation_id {sold}"
        ),
    )
    rows = await db.fetch(
        " UNION ".join(by_paper.format(paper=way) for way in ways) + " ORDER BY 1 LIMIT 20000",
        period.first_day - _LEGS_DAYS,
        period.last_day + _LEGS_DAYS,
    )
    return [
        Trade(row["id"], row["buyer"], row["seller"], as_date(row["invoice_on"]), row["net_minor"])
        for row in rows
    ]


def _party(profile: str) -> str:
    """How a buyer is told from others in SQL: by its tax number, or as the organisation it is here."""
    return (
        f"CASE WHEN {profile}.npwp <> '' THEN 'n:' || {profile}.npwp"
        f" ELSE 'o:' || CAST({profile}.organisation_id AS TEXT) END"
    )


async def _peers(hotel_id: int, period: Period) -> list[Fraction]:
    rows = await db.fetch(
        "SELECT COUNT(*) AS line_count, SUM(CASE WHEN net_minor % 100000 = 0 THEN 1 ELSE 0 END) AS round_count"
        " FROM purchase_line WHERE period = $1 AND live AND hotel_id <> $2 GROUP BY hotel_id"
        " HAVING COUNT(*) >= $3",
        str(period),
        hotel_id,
        round_amounts.LINES,
    )
    return [Fraction(int(row["round_count"]), int(row["line_count"])) for row in rows]


async def _prices(claim_id: int, period: Period, lines: Sequence[FrozenLine]) -> list[Priced]:
    """Lines of the month for the goods of this claim: by product, and by words where there is no product."""
    columns = "l.id, l.document_id, l.product_id, l.description, l.unit, l.net_minor, l.quantity_milli"
    usable = "l.period = $2 AND l.live AND l.quantity_milli IS NOT NULL AND NOT l.credit_note"
    rows = await db.fetch(
        f"SELECT {columns} FROM purchase_line l WHERE {usable} AND l.product_id IN"
        " (SELECT product_id FROM claim_line WHERE claim_id = $1 AND product_id IS NOT NULL)"
        f" UNION ALL SELECT {columns} FROM (SELECT DISTINCT description, unit FROM claim_line"
        " WHERE claim_id = $1 AND product_id IS NULL AND quantity_milli IS NOT NULL AND description <> '') c"
        " JOIN purchase_line l ON l.description = c.description AND l.unit = c.unit"
        f" WHERE {usable} AND l.product_id IS NULL ORDER BY 1",
        claim_id,
        str(period),
    )
    own = {line.line_id for line in lines}
    return [_priced(row, own) for row in rows]


def _priced(row: Row, own: set[int]) -> Priced:
    goods = f"p:{row['product_id']}" if row["product_id"] else f"w:{row['description'].casefold()}"
    return Priced(
        goods=f"{goods}:{row['unit']}",
        line_id=row["id"],
        document_id=row["document_id"],
        name=row["description"],
        unit_price=Fraction(row["net_minor"] * 1000, row["quantity_milli"]),
        own=row["id"] in own,
    )
