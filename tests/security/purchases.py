"""Purchases of the two hotels from their suppliers, a receipt in the inbox and one with its document."""

from __future__ import annotations

from typing import Any

from market import clock
from market.media.storage import Storage
from market.outbox.tools import Tools
from market.settings import Settings
from market.sms.models import SmsNumber
from market.sourcing import entry, sealing
from market.sourcing.entry import NewDocument, NewLine, Source
from market.sourcing.models import Evidence, PurchaseDocument
from market.suppliers.models import Supplier
from market.values.dates import local_instant
from tests import factories


async def add(side: Any, supplier: Supplier, hotel_id: int) -> None:
    """What the paths of the ledger name, for one side."""
    by = side.people["hotel"].id
    line = NewLine(description="Sarong", category="textile", amount="900000", net_minor=900_000)
    document = NewDocument(
        seller_name=supplier.name,
        supplier_id=supplier.id,
        invoice_at=local_instant(factories.in_days(-1)),
        lines=(line,),
    )
    reference = await entry.enter(document, hotel_id=hotel_id, by=by, now=clock.now(), source=Source.FORM)
    receipt = await _receipt(hotel_id, by, (await PurchaseDocument.get(reference=reference)).id)
    waiting = await _receipt(hotel_id, by, None)
    phone = await SmsNumber.create(
        number=f"+62813{supplier.id:08d}",
        organisation_id=supplier.organisation_id,
        invited_by_name="Ana",
        locale="id",
        state="active",
        invited_at=clock.now(),
        consented_at=clock.now(),
    )
    side.paths |= {
        "purchase": {"reference": reference},
        "asked purchase": {"reference": reference},
        "receipt": {"reference": receipt},
        "waiting receipt": {"reference": waiting},
        "supplier phone": {"number_id": str(phone.id)},
    }


async def keep_files(tools: Tools) -> None:
    """The files of every receipt, sealed as the product does it."""
    storage, installation = tools.of(Storage), tools.of(Settings).secrets
    for row in await Evidence.all():
        key, preview = sealing.new_key(), f"{row.storage_key.removesuffix('.bin')}-preview.bin"
        for path in (row.storage_key, preview):
            await storage.put(path, sealing.seal(b"%PDF-", key, path), "application/octet-stream")
        row.update_from_dict(
            {"sealed_key": sealing.wrap(key, row.reference, installation), "preview_key": preview}
        )
        await row.save()


async def _receipt(hotel_id: int, by: int, document_id: int | None) -> str:
    kind = "proof" if document_id else "inbox"
    reference = f"B{kind.upper()}{hotel_id:05d}"
    await Evidence.create(
        reference=reference,
        hotel_id=hotel_id,
        document_id=document_id,
        media_type="application/pdf",
        filename="nota.pdf",
        byte_count=1,
        sha256=reference,
        storage_key=f"evidence/none-{reference.lower()}.bin",
        state="ready",
        added_by=by,
        added_at=clock.now(),
    )
    return reference
