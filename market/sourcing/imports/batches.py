"""Commands on an import, from upload to undo, and its state machine. The steps that take long are jobs (`working`).

upload → reading → (mapping) → checking → ready → applying → applied → undoing → undone. Nothing touches the ledger
before a person has seen what would happen and confirmed just this file; every step may safely run twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_json, to_json
from market.errors import Invalid, NotFound, Refused
from market.media.storage import Storage
from market.outbox import queue
from market.sourcing import sealing
from market.sourcing.imports import headings
from market.sourcing.imports.sheets import MOST_BYTES, BadFile
from market.values.ids import new_reference
from market.values.text import lazy

WORK: Final = "sourcing.import"
_XLSX, _XML = b"PK\x03\x04", b"<"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LENGTH: Final = 4
WAITING: Final = frozenset({"uploaded", "reading", "checking", "applying", "undoing"})
"""States in which the worker is at it."""
TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "uploaded": frozenset({"reading", "failed", "discarded"}),
    "reading": frozenset({"mapping", "checking", "failed"}),
    "mapping": frozenset({"reading", "checking", "discarded"}),
    "checking": frozenset({"ready", "failed"}),
    "ready": frozenset({"mapping", "checking", "applying", "discarded"}),
    "applying": frozenset({"applied"}),
    "applied": frozenset({"undoing"}),
    "undoing": frozenset({"undone", "applied"}),
    "undone": frozenset(),
    "failed": frozenset({"discarded"}),
    "discarded": frozenset(),
}


class WrongStep(Refused):
    """The import has moved on; its page knows where it stands."""

    code = "import_moved_on"
    message = lazy("This import has moved on in the meantime. Look at it again.")


class OtherFile(Refused):
    """What is confirmed is not what was checked."""

    code = "other_file"
    message = lazy(
        "The file or its rows have changed since you looked. Check the list once more, then confirm."
    )


async def upload(
    data: bytes,
    filename: str,
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    storage: Storage,
    installation: tuple[str, ...],
) -> str:
    """Keep a file and have it read; the import's reference. Raises BadFile for what can be no list of purchases."""
    db.assert_idle()
    kind = _format(data, filename)
    reference = f"IM{new_reference(8)}"
    storage_key = f"imports/{hotel_id}/{reference.lower()}.bin"
    await storage.put(
        storage_key,
        await asyncio.to_thread(_sealed, data, storage_key, installation),
        "application/octet-stream",
    )
    async with db.transaction():
        made = await db.fetch(
            "INSERT INTO import_batch (reference, hotel_id, format, filename, sha256, storage_key, state, settings,"
            " created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'uploaded', '{}', $7, $8, $8)"
            " RETURNING id",
            reference,
            hotel_id,
            kind,
            _shown(filename),
            hashlib.sha256(data).hexdigest(),
            storage_key,
            by,
            now,
        )
        await order(made[0]["id"], "read", now)
    return reference


def _format(data: bytes, filename: str) -> str:
    """What the bytes are: a workbook, Coretax, UBL, else a text table."""
    if len(data) > MOST_BYTES:
        raise BadFile(lazy("The file is larger than 10 MB. Split it by month and import the parts."))
    if not data.strip():
        raise BadFile(lazy("The file is empty."))
    if data.startswith(_XLSX):
        return "xlsx"
    start = data
    for mark in _MARKS:
        start = start.removeprefix(mark)
    if start.lstrip()[:1] == _XML:
        return "coretax" if b"TaxInvoiceBulk" in data[:4_000] else "ubl"
    if filename.casefold().endswith(
        (".xls", ".pdf", ".doc", ".docx", ".ods", ".zip", ".png", ".jpg", ".jpeg")
    ):
        raise BadFile(lazy("This kind of file cannot be imported. Save the list as XLSX or CSV."))
    return "csv"


def _shown(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[:120] or "file"


def _sealed(data: bytes, about: str, installation: tuple[str, ...]) -> bytes:
    """The file behind its own sealed key: it lies only until the import is over, so nothing needs to find the key."""
    key = sealing.new_key()
    wrapped = sealing.wrap(key, about, installation).encode()
    return len(wrapped).to_bytes(_LENGTH, "big") + wrapped + sealing.seal(data, key, about)


async def open_file(batch: Row, storage: Storage, installation: tuple[str, ...]) -> bytes:
    """The uploaded bytes. NotFound when they are gone, or cannot be opened any more."""
    kept = await storage.get(batch["storage_key"])
    length = int.from_bytes(kept[:_LENGTH], "big")
    wrapped, sealed = kept[_LENGTH : _LENGTH + length], kept[_LENGTH + length :]
    try:
        key = sealing.unwrap(wrapped.decode(), batch["storage_key"], installation)
        return await asyncio.to_thread(sealing.unseal, sealed, key, batch["storage_key"])
    except sealing.CannotOpen as error:
        raise NotFound from error


# Steps ------------------------------------------------------------------------------------------------------
async def move(batch_id: int, to: str, now: datetime, **columns: Any) -> None:
    """Move an import on, with other columns of its row. Raises WrongStep when it stands elsewhere by now."""
    sources = [state for state, onward in TRANSITIONS.items() if to in onward]
    places = ", ".join(f"'{state}'" for state in sources)
    sets = "".join(f", {column} = ${n}" for n, column in enumerate(columns, start=4))
    changed = await db.execute(
        f"UPDATE import_batch SET state = $1, updated_at = $2{sets} WHERE id = $3 AND state IN ({places})",
        to,
        now,
        batch_id,
        *columns.values(),
    )
    if not changed:
        raise WrongStep


async def order(batch_id: int, step: str, now: datetime) -> None:
    """Have the worker do a step; somebody waits for it."""
    await queue.add(
        WORK,
        {"batch": batch_id, "step": step},
        dedupe_key=f"{WORK}:{batch_id}:{step}:{now.timestamp():.6f}",
        urgent=True,
    )


async def _own(reference: str, hotel_id: int) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(
        f"SELECT * FROM import_batch WHERE reference = $1 AND hotel_id = $2{lock}", reference, hotel_id
    )
    if row is None:
        raise NotFound
    return row


async def set_layout(
    reference: str, *, hotel_id: int, sheet: int, heading_row: int, columns: Mapping[str, int], now: datetime
) -> None:
    """Say which column holds what; kept for the next file with the same headings. Another sheet is read first.

    Raises Invalid (`columns`) while something that every row needs is not named.
    """
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        kept: dict[str, Any] = as_json(batch["settings"])
        if sheet != kept.get("sheet"):
            if not 0 <= sheet < len(kept.get("sheets", [])):
                raise Invalid("no_sheet", lazy("Choose one of the sheets."), field="sheet")
            await move(
                batch["id"], "reading", now, settings=to_json({**kept, "sheet": sheet, "chosen": True})
            )
            await order(batch["id"], "read", now)
            return
        if lacking := headings.lacking(columns):
            words = lazy("Say which column holds: %(field)s.", field=lacking[0])
            raise Invalid("columns_lacking", words, field=_first_lacking(columns))
        named = kept["preview_headings"].get(str(heading_row), kept["headings"])
        kept |= {"heading_row": heading_row, "columns": dict(columns), "headings": named}
        await remember(hotel_id, headings.signature(named), columns, now)
        await move(batch["id"], "checking", now, settings=to_json(kept), done_count=0)
        await order(batch["id"], "check", now)


def _first_lacking(columns: Mapping[str, int]) -> str:
    return next((key for key in headings.NEEDED if key not in columns), "gross")


async def remember(hotel_id: int, signature: str, columns: Mapping[str, int], now: datetime) -> None:
    """Keep how this hotel's files with these headings are laid out."""
    await db.execute(
        "INSERT INTO import_mapping (hotel_id, signature, mapping, updated_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (hotel_id, signature) DO UPDATE SET mapping = excluded.mapping,"
        " updated_at = excluded.updated_at",
        hotel_id,
        signature,
        to_json(dict(columns)),
        now,
    )


async def remembered(hotel_id: int, signature: str) -> dict[str, int] | None:
    """The columns kept for these headings, if this hotel has imported such a file before."""
    row = await db.fetch_one(
        "SELECT mapping FROM import_mapping WHERE hotel_id = $1 AND signature = $2", hotel_id, signature
    )
    return None if row is None else {str(k): int(v) for k, v in as_json(row["mapping"]).items()}


async def change_layout(reference: str, *, hotel_id: int, now: datetime) -> None:
    """Go back to saying which column holds what."""
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        if batch["format"] not in {"csv", "xlsx"}:
            raise WrongStep
        await move(batch["id"], "mapping", now)


async def correct(
    reference: str,
    edits: Mapping[int, Mapping[str, str]],
    left_out: Collection[int],
    *,
    hotel_id: int,
    now: datetime,
) -> None:
    """Correct cells (by row and field), leave rows out, and have the file checked again. The file stays as it was.

    Rows that the import does not have change nothing.
    """
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        for row_number, fields in edits.items():
            row = await db.fetch_one(
                "SELECT edits FROM import_row WHERE batch_id = $1 AND row_number = $2",
                batch["id"],
                row_number,
            )
            if row is None:
                continue
            merged = {**as_json(row["edits"]), **{k: v for k, v in fields.items() if k in headings.BY_KEY}}
            await db.execute(
                "UPDATE import_row SET edits = $3 WHERE batch_id = $1 AND row_number = $2",
                batch["id"],
                row_number,
                to_json(merged),
            )
        for row_number in left_out:
            await db.execute(
                "UPDATE import_row SET outcome = 'left_out', problems = '[]' WHERE batch_id = $1 AND row_number = $2",
                batch["id"],
                row_number,
            )
        await move(batch["id"], "checking", now, done_count=0)
        await order(batch["id"], "check", now)


async def take_back_in(reference: str, *, hotel_id: int, now: datetime) -> None:
    """Take every row that was left out back in, and check again."""
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        await db.execute(
            "UPDATE import_row SET outcome = 'unread' WHERE batch_id = $1 AND outcome = 'left_out'",
            batch["id"],
        )
        await move(batch["id"], "checking", now, done_count=0)
        await order(batch["id"], "check", now)


async def confirm(reference: str, *, hotel_id: int, sha256: str, seen: str, now: datetime) -> None:
    """Put what was checked into the ledger. `seen` is the state of the list the person looked at (`checked_as`).

    Raises OtherFile when file or list are not those, Refused when there is nothing to enter.
    """
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        if batch["sha256"] != sha256 or checked_as(batch) != seen:
            raise OtherFile
        if not batch["new_count"] + batch["changed_count"]:
            raise Refused("nothing_new", lazy("There is nothing new in this file."))
        await move(batch["id"], "applying", now, done_count=0)
        await order(batch["id"], "apply", now)


def checked_as(batch: Row) -> str:
    """What was shown when this list was checked: changes with every check."""
    counts = (batch[f"{name}_count"] for name in ("row", "new", "changed", "duplicate", "error"))
    parts = "|".join(str(part) for part in (batch["sha256"], batch["updated_at"], *counts))
    return hashlib.sha256(parts.encode()).hexdigest()[:24]


async def undo(reference: str, *, hotel_id: int, now: datetime) -> None:
    """Void everything an import entered, until a claim has frozen one of its months."""
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        await move(batch["id"], "undoing", now)
        await order(batch["id"], "undo", now)


async def discard(reference: str, *, hotel_id: int, storage: Storage, now: datetime) -> None:
    """Throw an import away that entered nothing; its file and rows go."""
    async with db.transaction():
        batch = await _own(reference, hotel_id)
        await move(batch["id"], "discarded", now)
        await db.execute("DELETE FROM import_row WHERE batch_id = $1", batch["id"])
    await storage.delete(batch["storage_key"])
