"""Photos and files that come with a form: kept at once, so that a mistake elsewhere on the form loses none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from market import clock
from market.errors import DomainError
from market.media.storage import Storage
from market.settings import Settings
from market.sourcing import receipts
from market.values.text import Text, lazy
from market.web.request import person_id, tools

FIELD: Final = "photos"
# Twelve photos of a usual phone, or one large file; each file has its own limit as well.
BODY: Final = 4 * receipts.MAX_BYTES + 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """References of what was kept, and what was refused with its file's name."""

    references: Sequence[str]
    refused: Sequence[Text]


async def keep(request: Request, sent: FormData, hotel_id: int, document_id: int | None = None) -> Kept:
    """Keep what was chosen in the file field, for a document or in the hotel's inbox."""
    references: list[str] = []
    refused: list[Text] = []
    files = [file for file in sent.getlist(FIELD) if isinstance(file, UploadFile) and file.filename]
    if len(files) > receipts.MOST_AT_ONCE:
        words = lazy("Choose at most %(most)s files at once.", most=receipts.MOST_AT_ONCE)
        return Kept((), (words,))
    for file in files:
        try:
            reference = await receipts.keep(
                await file.read(),
                file.filename or "",
                hotel_id=hotel_id,
                by=person_id(request),
                now=clock.now(),
                storage=tools(request).of(Storage),
                installation=tools(request).of(Settings).secrets,
                document_id=document_id,
            )
        except DomainError as error:
            refused.append(
                lazy("%(file)s: %(reason)s", file=(file.filename or "")[:80], reason=error.message)
            )
        else:
            references.append(reference)
    return Kept(references, refused)
