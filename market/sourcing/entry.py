"""Commands on purchase documents: enter one or many, void one, replace one. Facts are only ever added.

With `locks`, `standing`, `receipts` and `confirmations` the only writer of the ledger's tables. A form, an import
and an accepted quotation all come through here. Whether this person may act for this hotel was settled before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from market import db
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.sourcing import asking, inserting, locks, standing
from market.sourcing.duplicates import Duplicate, find_duplicates
from market.sourcing.inserting import Ready
from market.sourcing.keys import number_key, seller_key
from market.sourcing.rules import (
    Confirmation,
    NewDocument,
    NewLine,
    Problem,
    Source,
    WrongDocument,
    check,
    stored_npwp,
)
from market.values.text import lazy

__all__ = [
    "Duplicate",
    "Entered",
    "NewDocument",
    "NewLine",
    "Problem",
    "Source",
    "WrongDocument",
    "check",
    "enter",
    "enter_many",
    "find_duplicates",
    "replace",
    "void",
    "void_batch",
]
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of one document of many: its id and reference, or the refusal because it is there already."""

    index: int
    document_id: int | None
    reference: str
    duplicate: Duplicate | None = None


# One ----------------------------------------------------------------------------------------------------
async def enter(
    document: NewDocument,
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    source: Source,
    batch_id: int | None = None,
    replaces: int | None = None,
) -> str:
    """Enter a document; its reference. Raises WrongDocument, Duplicate, `locks.Locked` or Invalid with the field.

    The supplier is asked to confirm it in the same transaction.
    """
    try:
        async with db.transaction():
            made = await _enter(
                [document],
                hotel_id=hotel_id,
                by=by,
                now=now,
                source=source,
                batch_id=batch_id,
                replaces=replaces,
            )
            if made[0].duplicate is not None:
                raise made[0].duplicate
    except IntegrityError:
        # Entered elsewhere in this very moment: now the first one can be named.
        found = await find_duplicates([document], hotel_id=hotel_id)
        if found[0] is None:
            raise
        raise found[0] from None
    return made[0].reference


async def enter_many(
    documents: Sequence[NewDocument],
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    source: Source,
    batch_id: int | None = None,
) -> list[Entered]:
    """Enter many documents in one transaction; what became of each, in order. Those that are in the ledger already,
    or stand twice among the given ones, are left out and named. Raises WrongDocument for the first that may not
    be entered at all (nothing is kept then).
    """
    entered: list[Entered] = []
    async with db.transaction():
        for start in range(0, len(documents), _CHUNK):
            some = documents[start : start + _CHUNK]
            made = await _enter(
                some, hotel_id=hotel_id, by=by, now=now, source=source, batch_id=batch_id, offset=start
            )
            entered += made
    return entered


async def _enter(
    documents: Sequence[NewDocument],
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    source: Source,
    batch_id: int | None,
    replaces: int | None = None,
    offset: int = 0,
) -> list[Entered]:
    for document in documents:
        if problems := check(document, now=now):
            raise WrongDocument(problems)
    locked = await locks.hold_open(hotel_id, sorted({document.period for document in documents}))
    for document in documents:
        if document.period in locked and not document.adjustment:
            raise locks.Locked(period=document.period)
    await _check_goods(documents)
    credited = await _credited(documents, hotel_id)
    duplicates = await find_duplicates(documents, hotel_id=hotel_id)
    ready = [
        _ready(document, locked, credited.get(document.credits))
        for document, duplicate in zip(documents, duplicates, strict=True)
        if duplicate is None
    ]
    ids = await inserting.insert(
        ready, hotel_id=hotel_id, by=by, now=now, source=source, batch_id=batch_id, replaces_id=replaces
    )
    await standing.refresh(ids)
    await asking.ask(ids, now)
    made = iter(zip(ids, ready, strict=True))
    return [
        _named(index, duplicate) if duplicate is not None else _entered(index, *next(made))
        for index, duplicate in enumerate(duplicates, start=offset)
    ]


def _named(index: int, duplicate: Duplicate) -> Entered:
    return Entered(index, None, duplicate.facts["reference"], duplicate)


def _entered(index: int, document_id: int, ready: Ready) -> Entered:
    return Entered(index, document_id, ready.reference)


def _ready(document: NewDocument, locked: frozenset[str], credited: Row | None) -> Ready:
    npwp = stored_npwp(document.seller_npwp)
    key = seller_key(supplier_id=document.supplier_id, npwp=npwp, name=document.seller_name)
    return Ready(
        document=document,
        reference=inserting.new_document_reference(),
        seller_key=credited["seller_key"] if credited else key,
        seller_npwp=npwp,
        number_key=number_key(document.number),
        credits_id=credited["id"] if credited else None,
        is_adjustment=document.period in locked,
    )


# What stands in the way -------------------------------------------------------------------------------------
async def _check_goods(documents: Sequence[NewDocument]) -> None:
    """Suppliers exist, and products are of the supplier that sells them."""
    products = {line.product_id for document in documents for line in document.lines if line.product_id}
    suppliers = {document.supplier_id for document in documents if document.supplier_id is not None}
    owners = await _by_id("SELECT id, supplier_id AS value FROM supplier_product WHERE id IN", products)
    known = await _by_id("SELECT id, id AS value FROM supplier WHERE id IN", suppliers)
    for document in documents:
        if document.supplier_id is not None and document.supplier_id not in known:
            raise Invalid("no_supplier", lazy("This supplier is not in the directory."), field="seller")
        for line in document.lines:
            if line.product_id is not None and owners.get(line.product_id) != document.supplier_id:
                raise Invalid(
                    "not_their_product", lazy("This product is another supplier's."), field="product"
                )


async def _by_id(sql: str, ids: set[int]) -> dict[int, int]:
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    return {row["id"]: row["value"] for row in await db.fetch(f"{sql} ({places})", *sorted(ids))}


async def _credited(documents: Sequence[NewDocument], hotel_id: int) -> dict[str, Row]:
    """The documents that credit notes cite; Invalid when one does not exist, or less of it is left than is taken."""
    wanted: dict[str, int] = {}
    for document in documents:
        if document.credits:
            wanted[document.credits] = wanted.get(document.credits, 0) + document.net_minor
    if not wanted:
        return {}
    places = ", ".join(f"${n}" for n in range(2, len(wanted) + 2))
    rows = await db.fetch(
        "SELECT d.id, d.reference, d.seller_key, d.net_minor, d.invoice_on,"
        " COALESCE((SELECT SUM(c.net_minor) FROM purchase_document c WHERE c.credits_id = d.id"
        " AND c.status = 'live'), 0) AS taken_back FROM purchase_document d"
        f" WHERE d.hotel_id = $1 AND d.status = 'live' AND d.kind = 'purchase' AND d.reference IN ({places})",
        hotel_id,
        *wanted,
    )
    found = {row["reference"]: row for row in rows}
    for reference, amount in wanted.items():
        row = found.get(reference)
        if row is None:
            raise Invalid(
                "nothing_to_credit", lazy("There is no purchase with this reference."), field="credits"
            )
        if int(row["taken_back"]) + amount > row["net_minor"]:
            raise Invalid(
                "credit_too_large",
                lazy("This takes back more than is left of the purchase it cites."),
                field="lines",
                left=row["net_minor"] - int(row["taken_back"]),
            )
    return found


# Void and replace -------------------------------------------------------------------------------------------
async def void(reference: str, *, hotel_id: int, by: int, reason: str, now: datetime) -> None:
    """Take a document out of the reckoning; it stays visible with the reason.

    Raises NotFound, Invalid without a reason, `locks.Locked` in a submitted month, Refused while a credit note
    cites it or when it is void already.
    """
    async with db.transaction():
        document = await _voidable(reference, hotel_id, reason)
        await _void(document, by=by, reason=reason, now=now)


async def replace(
    reference: str, new: NewDocument, *, hotel_id: int, by: int, reason: str, now: datetime
) -> str:
    """Void a document and enter its correction, which takes over its evidence; the new reference.

    A correction to exactly the amount that the supplier stated counts as confirmed by that answer.
    """
    async with db.transaction():
        document = await _voidable(reference, hotel_id, reason)
        await _void(document, by=by, reason=reason, now=now)
        made = await _enter(
            [new],
            hotel_id=hotel_id,
            by=by,
            now=now,
            source=Source.FORM,
            batch_id=None,
            replaces=document["id"],
        )
        if made[0].duplicate is not None:
            raise made[0].duplicate
        made_id = made[0].document_id or 0
        await db.execute(
            "UPDATE evidence SET document_id = $2 WHERE document_id = $1", document["id"], made_id
        )
        if _is_what_they_said(document, new):
            await asking.carry_over(document["id"], made_id, now)
        await standing.refresh([made_id])
    return made[0].reference


def _is_what_they_said(document: Row, new: NewDocument) -> bool:
    return (
        document["confirmation"] == Confirmation.OTHER_AMOUNT
        and document["supplier_id"] == new.supplier_id
        and document["confirmed_net_minor"] == new.net_minor
        and document["kind"] == new.kind
    )


async def _voidable(reference: str, hotel_id: int, reason: str) -> Row:
    if not reason.strip():
        raise Invalid("no_reason", lazy("Say why, so that others understand it later."), field="reason")
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(
        f"SELECT * FROM purchase_document WHERE reference = $1 AND hotel_id = $2{lock}", reference, hotel_id
    )
    if row is None:
        raise NotFound
    if row["status"] != "live":
        raise Refused("void_already", lazy("This document is void already."))
    if row["claim_id"] is not None or row["period"] in await locks.hold_open(hotel_id, [row["period"]]):
        raise locks.Locked(period=row["period"])
    cited = await db.fetch_one(
        "SELECT reference FROM purchase_document WHERE credits_id = $1 AND status = 'live' LIMIT 1", row["id"]
    )
    if cited is not None:
        raise Refused(
            "credited",
            lazy(
                "Credit note %(reference)s cites this document. Void that one first.",
                reference=cited["reference"],
            ),
        )
    return row


async def _void(document: Row, *, by: int, reason: str, now: datetime) -> None:
    await db.execute(
        "UPDATE purchase_document SET status = 'void', voided_by = $2, voided_at = $3, void_reason = $4"
        " WHERE id = $1",
        document["id"],
        by,
        now,
        reason,
    )
    await asking.call_off([document["id"]])
    await inserting.note(
        [document["id"]], hotel_id=document["hotel_id"], name="voided", reason=reason, by=by, now=now
    )
    await standing.refresh([document["id"]])


async def void_batch(batch_id: int, *, hotel_id: int, by: int, reason: str, now: datetime) -> int:
    """Void every live document of an import, for undoing it; how many. Raises `locks.Locked` when a month of it is
    submitted, Refused while a credit note from elsewhere cites one of them.
    """
    async with db.transaction():
        rows = await db.fetch(
            "SELECT id, period FROM purchase_document WHERE batch_id = $1 AND hotel_id = $2 AND status = 'live'",
            batch_id,
            hotel_id,
        )
        locked = await locks.hold_open(hotel_id, sorted({row["period"] for row in rows}))
        if locked:
            raise locks.Locked(period=min(locked))
        cited = await db.fetch_one(
            "SELECT c.reference FROM purchase_document c JOIN purchase_document d ON d.id = c.credits_id"
            " WHERE d.batch_id = $1 AND d.status = 'live' AND c.status = 'live'"
            " AND COALESCE(c.batch_id, 0) <> $1 LIMIT 1",
            batch_id,
        )
        if cited is not None:
            words = lazy(
                "Credit note %(reference)s cites a document of this import. Void that one first.",
                reference=cited["reference"],
            )
            raise Refused("credited", words)
        await db.execute(
            "UPDATE purchase_document SET status = 'void', voided_by = $2, voided_at = $3, void_reason = $4"
            " WHERE batch_id = $1 AND status = 'live'",
            batch_id,
            by,
            now,
            reason,
        )
        ids = [row["id"] for row in rows]
        await asking.call_off(ids)
        await inserting.note(ids, hotel_id=hotel_id, name="voided", reason=reason, by=by, now=now)
        await standing.refresh(batch_id=batch_id)
    return len(rows)
