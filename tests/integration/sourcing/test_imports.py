"""An import from upload to undo, through the pages, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from market import clock, db
from market.outbox import worker
from market.outbox.tools import Tools
from tests import factories
from tests.integration.sourcing.buying import hotel
from tests.unit.sourcing.test_import_invoices import bulk, invoice
from tests.web import sign_in

HEAD = "Tanggal;No. Nota;Pemasok;Nama Barang;Kategori;Qty;Satuan;Total;PPN %"


def day(ago: int) -> str:
    return f"{factories.in_days(-ago):%d/%m/%Y}"


def messy() -> str:
    return "\r\n".join(
        (
            "Hotel Cakrawala;;;;;;;;",
            HEAD,
            f"{day(3)};INV-1;UD Segar;Sawi putih;sayur;12,5;kg;1.250.000;0",
            f"{day(3)};INV-1;UD Segar;Bayam;sayur;4;kg;100.000;0",
            f"{day(2)};INV-2;UD Segar;Kopi;minuman;2;kg;11.100.000;11",
            "besok;INV-3;Toko Jaya;Kain;tekstil;1;pcs;450.000;0",
            f"{day(1)};INV-4;Toko Jaya;Semen;entah;10;sak;750.000;0",
            f"{day(1)};INV-5;Toko Jaya;Paku;bangunan;1;dus;450rb;0",
            f"{day(1)};;Pasar Oeba;Ikan;ikan;5;kg;275.000;0",
        )
    )


class Desk:
    """A hotel's buyer at the import pages."""

    def __init__(self, client: httpx.AsyncClient, tools: Tools) -> None:
        self.client, self.tools, self.href = client, tools, ""

    async def token(self, href: str) -> str:
        page = await self.client.get(href)
        assert page.status_code == 200, page.text[:300]
        match = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert match
        return match[1]

    async def upload(self, data: bytes, name: str = "belanja.csv") -> httpx.Response:
        token = await self.token("/en/hotel/imports")
        answer = await self.client.post(
            "/en/hotel/imports", data={"csrf": token}, files={"file": (name, data, "text/csv")}
        )
        if answer.status_code == 303:
            self.href = answer.headers["location"]
            await worker.drain(self.tools)
        return answer

    async def post(self, act: str, **form: str) -> httpx.Response:
        answer = await self.client.post(
            f"{self.href}/{act}", data={"csrf": await self.token(self.href), **form}
        )
        await worker.drain(self.tools)
        return answer

    async def confirm(self) -> httpx.Response:
        page = (await self.client.get(self.href)).text
        hidden = dict(re.findall(r'<input type="hidden" name="(file|seen)" value="([^"]+)">', page))
        return await self.post("confirm", **hidden)

    async def counts(self) -> dict[str, int]:
        row = await db.fetch_one(
            "SELECT state, new_count, changed_count, duplicate_count, error_count FROM import_batch"
            " ORDER BY id DESC LIMIT 1"
        )
        assert row
        return {key.removesuffix("_count"): value for key, value in row.items()}


@pytest.fixture
async def desk(client: httpx.AsyncClient, tools: Tools) -> Desk:
    person, _ = await hotel()
    await sign_in(client, person.id)
    return Desk(client, tools)


async def documents() -> list[tuple[str, int]]:
    found = await db.fetch(
        "SELECT number, net_minor FROM purchase_document WHERE status = 'live' ORDER BY number, net_minor"
    )
    return [(row["number"], row["net_minor"]) for row in found]


async def test_a_messy_table_is_put_right_entered_and_undone(desk: Desk) -> None:
    await desk.upload(messy().encode("cp1252"))
    assert await desk.counts() == {"state": "ready", "new": 4, "changed": 0, "duplicate": 0, "error": 3}
    page = (await desk.client.get(desk.href)).text
    assert "A6" in page
    assert "E7" in page
    assert "H8" in page
    assert "<mark>450rb</mark>" in page
    assert await documents() == []  # nothing before somebody confirms
    await desk.post(
        "rows", **{"fix-6-date": day(2), "fix-7-category": "building_material", "fix-8-gross": "450.000"}
    )
    assert await desk.counts() == {"state": "ready", "new": 7, "changed": 0, "duplicate": 0, "error": 0}
    await desk.confirm()
    assert (await desk.counts())["state"] == "applied"
    assert await documents() == [
        ("", 275_000), ("INV-1", 1_350_000), ("INV-2", 10_000_000), ("INV-3", 450_000), ("INV-4", 750_000),
        ("INV-5", 450_000),
    ]  # fmt: skip
    await desk.post("undo")
    assert (await desk.counts())["state"] == "undone"
    assert await documents() == []


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    await desk.upload(messy().encode())
    await desk.confirm()
    before = await documents()
    await desk.upload(messy().encode())
    assert await desk.counts() == {"state": "ready", "new": 0, "changed": 0, "duplicate": 4, "error": 3}
    answer = await desk.post("confirm", file="x", seen="y")
    assert answer.status_code == 303
    assert await documents() == before


async def test_a_changed_amount_replaces_the_paper(desk: Desk) -> None:
    await desk.upload(messy().encode())
    await desk.confirm()
    await desk.upload(messy().replace("11.100.000", "22.200.000").encode())
    assert (await desk.counts())["changed"] == 1
    await desk.confirm()
    assert ("INV-2", 20_000_000) in await documents()
    void = await db.fetch("SELECT number FROM purchase_document WHERE status = 'void'")
    assert [row["number"] for row in void] == ["INV-2"]


async def test_what_is_confirmed_is_what_was_seen(desk: Desk) -> None:
    await desk.upload(messy().encode())
    page = (await desk.client.get(desk.href)).text
    hidden = dict(re.findall(r'<input type="hidden" name="(file|seen)" value="([^"]+)">', page))
    await desk.post("rows", **{"out-6": "yes"})
    await desk.post("confirm", **hidden)
    assert (await desk.counts())["state"] == "ready"
    assert await documents() == []


async def test_unknown_headings_are_told_once(desk: Desk) -> None:
    table = f"Kapan;Siapa;Apa;Berapa\r\n{day(1)};UD Segar;Madu;250.000\r\n"
    await desk.upload(table.encode())
    assert (await desk.counts())["state"] == "mapping"
    wrong = await desk.post("columns", sheet="0", heading_row="1", column_date="0")
    assert wrong.status_code == 400
    assert "Say which column holds" in wrong.text
    columns = {"column_date": "0", "column_seller": "1", "column_description": "2", "column_gross": "3"}
    await desk.post("columns", sheet="0", heading_row="1", **columns)
    assert await desk.counts() == {"state": "ready", "new": 1, "changed": 0, "duplicate": 0, "error": 0}
    await desk.upload(table.replace("250.000", "300.000").encode())
    assert (await desk.counts())["state"] == "ready"


async def test_e_invoices_need_no_columns(desk: Desk) -> None:
    await desk.upload(invoice(), "invoice.xml")
    assert (await desk.counts())["new"] == 1
    await desk.confirm()
    await desk.upload(bulk(), "coretax.xml")
    await desk.confirm()
    assert sorted(await documents()) == [("F-1", 10_000_000), ("INV-7", 3_000_000)]
    await desk.upload(invoice(kind="CreditNote"), "credit.xml")
    assert (await desk.counts())["error"] == 1  # INV-1 is not in the ledger
    credit = invoice(kind="CreditNote")
    credit = credit.replace(b"<cbc:ID>INV-7</cbc:ID><cbc:Issue", b"<cbc:ID>CN-1</cbc:ID><cbc:Issue")
    credit = credit.replace(b"<cbc:ID>INV-1<", b"<cbc:ID>INV-7<")
    await desk.upload(credit, "credit2.xml")
    assert (await desk.counts())["new"] == 1
    await desk.confirm()
    assert ("CN-1", 3_000_000) in await documents()


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"", "a.csv", 400),
        (b"PK\x03\x04nope", "a.xlsx", 303),
        (b"%PDF-1.4", "a.pdf", 400),
        (b"<a/>", "a.xml", 303),
    ],
)
async def test_a_bad_file_ends_in_words(desk: Desk, data: bytes, name: str, status: int) -> None:
    answer = await desk.upload(data, name)
    assert answer.status_code == status
    if status == 303:
        assert (await desk.counts())["state"] == "failed"
        assert "note-bad" in (await desk.client.get(desk.href)).text
        await desk.post("discard")
        assert await db.fetch("SELECT 1 FROM import_row") == []


async def test_another_hotel_finds_nothing(desk: Desk, client: httpx.AsyncClient) -> None:
    await desk.upload(messy().encode())
    person, _ = await hotel()
    token = await desk.token(desk.href)
    await sign_in(client, person.id)
    assert (await client.get(desk.href)).status_code == 404
    for act in ("columns", "rows", "back-in", "columns/again", "confirm", "undo", "discard"):
        assert (await client.post(f"{desk.href}/{act}", data={"csrf": token})).status_code in {404, 403}
    assert (await desk.counts())["state"] == "ready"


async def test_a_worker_that_dies_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from market.sourcing.imports import working

    monkeypatch.setattr(working, "_ENTER", 1)
    enter: Callable[..., object] = working.entry.enter_many
    made = 0

    async def failing(*args: object, **fields: object) -> object:
        nonlocal made
        made += 1
        if made == 3:
            raise RuntimeError("the machine went down")
        return await enter(*args, **fields)  # type: ignore[misc]

    monkeypatch.setattr(working.entry, "enter_many", failing)
    await desk.upload(messy().encode())
    await desk.confirm()
    assert (await desk.counts())["state"] == "applying"
    await db.execute("UPDATE job SET due_at = $1 WHERE state = 'ready'", clock.now())
    await worker.drain(desk.tools)
    assert (await desk.counts())["state"] == "applied"
    assert len(await documents()) == 3
