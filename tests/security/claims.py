"""A hotel's claim in the making with one document, and a file of purchases whose columns are to be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from market import clock
from market.claims import claiming_documents, claiming_queries, claiming_service
from market.claims.claiming import DocumentKind
from market.media.storage import Storage
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing.models import ImportBatch
from market.values.dates import local_instant
from market.values.periods import Period


async def add(side: Any, hotel_id: int) -> None:
    """What the paths of a hotel's claims and imports name, for one side."""
    by, now = side.people["hotel"].id, clock.now()
    first = clock.today().replace(day=1)
    period = Period.of(local_instant(first - timedelta(days=1)))
    claim = await claiming_service.open_draft(
        hotel_id, period, by=by, now=local_instant(first.replace(day=12))
    )
    batch = await ImportBatch.create(
        reference=f"IMPORT{hotel_id:05d}",
        hotel_id=hotel_id,
        format="csv",
        filename="belanja.csv",
        sha256=f"{hotel_id:064d}",
        storage_key=f"imports/{hotel_id}.bin",
        state="mapping",
        settings={
            "sheet": 0,
            "sheets": ["belanja"],
            "heading_row": 1,
            "headings": ["Tanggal"],
            "columns": {},
            "preview_headings": {"1": ["Tanggal"]},
        },
        created_by=by,
        created_at=now,
        updated_at=now,
    )
    side.paths |= {"claim": {"reference": claim}, "import": {"reference": batch.reference}}


async def keep_documents(sides: Iterable[Any], tools: Tools) -> None:
    """A document of each claim, put away as the product does it."""
    storage, secrets = tools.of(Storage), tools.of(Settings).secrets
    for side in sides:
        reference, hotel_id = side.paths["claim"]["reference"], side.hotel_id
        claim = await claiming_queries.get_claim(reference, [hotel_id])
        assert claim is not None
        document = await claiming_documents.keep(
            b"%PDF-1.4 proof",
            "bukti.pdf",
            DocumentKind.COMPLIANCE,
            claim.id,
            storage=storage,
            secrets=secrets,
            now=clock.now(),
        )
        await claiming_service.add_document(claim, document, now=clock.now())
        side.paths["claim document"] = {"reference": claim.reference, "document": document.reference}
