"""The demo hotel's ledger of this month: a dozen purchases, one in each state that a visitor should find.

Runs after the suppliers of `suppliers`. Everything goes through the commands of `market.sourcing`; the photos of the
papers are drawn and handed in by the worker (`handlers`), because files are kept outside of the database.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.demo import people
from market.i18n.formats import number
from market.media.storage import Storage
from market.outbox import queue
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing import amounts, confirmations, entry, profiles, receipts
from market.sourcing.confirmations import Reply, Said, Way
from market.sourcing.models import PurchaseDocument, PurchaseLine
from market.sourcing.profiles import Profile
from market.sourcing.rules import Kind, NewDocument, NewLine, Paper, Source
from market.suppliers.models import Product, Supplier
from market.values.dates import local_instant
from market.values.money import allocate

DRAW: Final = "demo.receipts"
_HOTEL: Final = "hotel-cendana-teluk"
_KELURAHAN: Final = "53.71.03.1001"
_KEEPER: Final = "koperasi-mutis-lestari"


@dataclass(frozen=True, slots=True)
class _Bought:
    """One paper: of a supplier's product (its position on the page), or of a seller by name."""

    day: int
    net: int
    supplier: str = ""
    product: int = 1
    seller: str = ""
    goods: str = ""
    category: str = "food"
    quantity: int = 0
    unit: str = ""
    paper: Paper = Paper.NOTA
    number: str = ""
    vat: int = 0
    said: Said | None = None
    stated: int | None = None
    by_agent: bool = False
    drawn: bool = True


# `day` counts back from the month's newest purchase; what nobody said about waits for the supplier.
_LEDGER: Final = (
    _Bought(0, 2_340_000, "Koperasi Mutis Lestari (demo)", 1, quantity=18, unit="l", number="N-1192"),
    _Bought(0, 1_575_000, "Koperasi Mutis Lestari (demo)", 3, quantity=75, unit="kg", number="N-1191", said=Said.YES),
    _Bought(1, 4_500_000, "Koperasi Mutis Lestari (demo)", 1, quantity=36, unit="l", number="N-1187", said=Said.YES),
    _Bought(2, 1_880_000, "Penenun Boti Ina Heka", 1, quantity=4, unit="lbr", number="12", said=Said.YES,
            by_agent=True),
    # Waits for the cooperative that answers for the weavers.
    _Bought(2, 1_350_000, "Penenun Boti Ina Heka", 1, quantity=3, unit="lbr", number="14"),
    _Bought(3, 5_040_000, "Koperasi Mutis Lestari (demo)", 2, quantity=12, unit="lbr", number="N-1181",
            said=Said.OTHER_AMOUNT, stated=4_620_000),
    _Bought(4, 760_000, "Penenun Boti Ina Heka", 1, quantity=2, unit="lbr", number="9", said=Said.NOT_MINE),
    _Bought(5, 3_600_000, seller="PT Segar Nusantara (demo)", goods="Kentang 200 kg", paper=Paper.TAX_INVOICE,
            number="04002600000123456", vat=11),
    _Bought(6, 2_800_000, seller="CV Sinar Linen (demo)", goods="Handuk 40 lembar", category="textile",
            paper=Paper.INVOICE, number="INV/0088", vat=11),
    _Bought(6, 521_500, "Koperasi Mutis Lestari (demo)", 3, quantity=24, unit="kg", number="N-1169", drawn=False),
    _Bought(7, 6_250_000, "Koperasi Mutis Lestari (demo)", 1, quantity=50, unit="l", number="N-1160", said=Said.YES,
            paper=Paper.DELIVERY_NOTE),
    _Bought(8, 1_950_000, seller="Toko Listrik Maju (demo)", goods="Token listrik", category="utilities",
            paper=Paper.RECEIPT),
)  # fmt: skip


async def load() -> None:
    """The hotel's facts and its month, with what suppliers said; the drawing of the papers is queued."""
    person = await accounts.find_by_email(people.HOTEL)
    hotel = await Organisation.get(slug=_HOTEL)
    if person is None:
        raise LookupError("the hotel's account comes first")
    now = clock.now()
    await profiles.save(
        hotel.id,
        Profile(_KELURAHAN, "Jalan Timor Raya (rekaan)", npwp="", nib="", room_count=60),
        now=now,
    )
    newest = clock.today() - timedelta(days=1)
    documents = [await _document(bought, _day(newest, bought.day)) for bought in _LEDGER]
    entered = await entry.enter_many(documents, hotel_id=hotel.id, by=person.id, now=now, source=Source.FORM)
    drawn: list[int] = []
    for bought, one in zip(_LEDGER, entered, strict=True):
        if one.document_id is None:
            raise LookupError(bought.number)
        if bought.drawn:
            drawn.append(one.document_id)
        if bought.said is not None:
            await _answer(one.document_id, bought, now)
    await _go_wrong(entered[2].reference, documents[2], hotel.id, person.id, now)
    async with db.transaction():
        await queue.add(
            DRAW, {"documents": drawn, "hotel": hotel.id, "person": person.id}, dedupe_key=DRAW, heavy=True
        )


def _day(newest: date, back: int) -> date:
    """A day of this month where there is room for it: early in a month all papers are of its first days."""
    day = newest - timedelta(days=back)
    first = clock.today().replace(day=1)
    return max(day, first) if newest >= first else clock.today()


async def _document(bought: _Bought, day: date) -> NewDocument:
    supplier = await Supplier.get(name=bought.supplier) if bought.supplier else None
    product = await Product.get(supplier_id=supplier.id, position=bought.product) if supplier else None
    value = amounts.value_of(
        Decimal(bought.net), vat_percent=Decimal(bought.vat), includes_vat=False, rate=Decimal(1)
    )
    line = NewLine(
        description=product.texts["id"]["name"] if product else bought.goods,
        category=product.category if product else bought.category,
        amount=str(bought.net),
        net_minor=value.net_minor,
        vat_minor=value.vat_minor,
        vat_percent=str(bought.vat),
        product_id=product.id if product else None,
        quantity_milli=bought.quantity * 1000 or None,
        unit=bought.unit,
    )
    return NewDocument(
        seller_name=supplier.name if supplier else bought.seller,
        supplier_id=supplier.id if supplier else None,
        invoice_at=local_instant(day),
        lines=(line,),
        paper=bought.paper,
        number=bought.number,
    )


async def _answer(document_id: int, bought: _Bought, now: datetime) -> None:
    if bought.said is None:
        return
    words = "Yang kami antar 11 lembar." if bought.said is Said.OTHER_AMOUNT else ""
    reply = Reply(bought.said, Way.LINK, bought.stated, words)
    if bought.by_agent:
        reply = await _for_member(bought, reply)
    await confirmations.answer(document_id, reply, now=now)


async def _for_member(bought: _Bought, reply: Reply) -> Reply:
    """The same answer, given at its desk by the cooperative that keeps the supplier's page."""
    keeper = await accounts.find_by_email(people.SUPPLIER)
    agent = await Organisation.get(slug=_KEEPER)
    if keeper is None:
        raise LookupError("the cooperative's account comes first")
    words = "Dicek dengan buku kiriman Ina Heka di kantor koperasi."
    return replace(reply, way=Way.WEB, words=words, person_id=keeper.id, agent_id=agent.id)


async def _go_wrong(reference: str, document: NewDocument, hotel_id: int, by: int, now: datetime) -> None:
    """One credit note, and one paper that was logged wrongly and taken out."""
    back = NewDocument(
        seller_name=document.seller_name,
        supplier_id=document.supplier_id,
        invoice_at=document.invoice_at,
        lines=(
            NewLine(
                description="Dua botol pecah",
                category="food",
                amount="250000",
                net_minor=250_000,
                product_id=document.lines[0].product_id,
            ),
        ),
        kind=Kind.CREDIT_NOTE,
        number="K-7",
        credits=reference,
    )
    await entry.enter(back, hotel_id=hotel_id, by=by, now=now, source=Source.FORM)
    wrong = NewDocument(
        seller_name="Toko Makmur (demo)",
        invoice_at=document.invoice_at,
        lines=(NewLine(description="Beras", category="food", amount="990000", net_minor=990_000),),
    )
    taken_out = await entry.enter(wrong, hotel_id=hotel_id, by=by, now=now, source=Source.FORM)
    await entry.void(taken_out, hotel_id=hotel_id, by=by, reason="Nota milik restoran sebelah", now=now)


_SCRIBBLED: Final = (
    "kiriman pagi", "sisa pesanan", "ongkos antar", "ukuran besar", "ukuran kecil", "tambahan Rabu", "untuk dapur",
    "untuk resto", "pilihan chef", "kemasan 500 g", "panen baru", "titipan Bu Yuli", "warna nila", "kering",
)  # fmt: skip


# Papers -----------------------------------------------------------------------------------------------------
async def draw(payload: dict[str, object], tools: Tools) -> None:
    """Draw the papers and hand them in; one that is there already is left."""
    documents = payload["documents"]
    if not isinstance(documents, list):
        return
    for document in await PurchaseDocument.filter(id__in=documents).order_by("id"):
        line = await PurchaseLine.get(document_id=document.id, position=1)
        try:
            await receipts.keep(
                nota(document, line),
                f"nota-{document.number or document.reference}.jpg",
                hotel_id=document.hotel_id,
                by=document.entered_by,
                now=clock.now(),
                storage=tools.of(Storage),
                installation=tools.of(Settings).secrets,
                document_id=document.id,
            )
        except receipts.SeenBefore:
            continue


def nota(document: PurchaseDocument, line: PurchaseLine) -> bytes:
    """A drawn paper, as a photo."""
    paper = Image.new("RGB", (700, 900), (250, 247, 238))
    pen = ImageDraw.Draw(paper)
    ink, hand = (48, 48, 54), (38, 52, 120)
    small, large = ImageFont.load_default(26), ImageFont.load_default(38)
    pen.text((40, 36), document.seller_name[:28], fill=ink, font=large)
    pen.text((40, 100), f"No. {document.number or '-'}", fill=hand, font=large)
    pen.text((380, 100), f"{document.invoice_on:%d/%m/%Y}", fill=hand, font=small)
    for y in range(170, 760, 56):
        pen.line([(36, y), (664, y)], fill=ink, width=2)
    for x in (36, 130, 440, 664):
        pen.line([(x, 170), (x, 730)], fill=ink, width=2)
    hand_of = random.Random(document.number or document.reference)
    rows = hand_of.randint(3, 6)
    parts = allocate(document.net_minor, [hand_of.randint(1, 9) for _ in range(rows)])
    for row, part in enumerate(parts):
        y = 236 + row * 56 + hand_of.randint(-3, 3)
        pen.text((48 + hand_of.randint(0, 20), y), f"{hand_of.randint(1, 40)}", fill=hand, font=large)
        goods = line.description if row == 0 else hand_of.choice(_SCRIBBLED)
        pen.text((142 + hand_of.randint(0, 24), y + 8), goods[:20], fill=hand, font=small)
        pen.text((452 + hand_of.randint(0, 16), y), number(part, "id"), fill=hand, font=large)
    sign = [(60 + n * 14 + hand_of.randint(-9, 9), 800 + hand_of.randint(-26, 26)) for n in range(12)]
    pen.line(sign, fill=hand, width=4, joint="curve")
    pen.text((300, 780), f"Rp {number(document.net_minor + document.vat_minor, 'id')}", fill=hand, font=large)
    pen.text((40, 850), "Contoh rekaan untuk demo", fill=ink, font=small)
    table = Image.new("RGB", (900, 1150), (112, 84, 62))
    table.paste(paper.rotate(1.2, expand=True, fillcolor=(112, 84, 62)), (90, 110))
    file = BytesIO()
    table.save(file, "JPEG", quality=82)
    return file.getvalue()
