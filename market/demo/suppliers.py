"""The directory of the demo: sixty suppliers with their goods, papers and origins, and a hotel's first quotations.

Runs inside the transaction of `seed`, after the people of `people`. Everything goes through the commands of
`market.suppliers`, as anybody's page does; days are counted from today, so that the demo never grows old.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from market import clock
from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.demo import people
from market.i18n.locales import LOCALES
from market.suppliers import desk_queries, origins, quotations, service
from market.suppliers.models import Product, Supplier
from market.suppliers.offering import (
    Acting,
    Category,
    CertificateDraft,
    CertificateKind,
    MonthDraft,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Texts,
    Unit,
)
from market.suppliers.rules import Offer

Record = dict[str, Any]
DEMO_SUPPLIER = "koperasi-mutis-lestari"
_HOTEL = "hotel-cendana-teluk"
_CONTENT = Path(__file__).parent / "content" / "suppliers.toml"
_OFFICE = "Kantor Pajak Daerah (demo)"


@dataclass(frozen=True, slots=True)
class _Cast:
    """The accounts that act in the demo."""

    supplier: int
    hotel: int
    keeper: int
    officers: tuple[int, ...]


@lru_cache(maxsize=1)
def read() -> tuple[Record, ...]:
    """The suppliers as the file has them, read once per process."""
    with _CONTENT.open("rb") as stream:
        return tuple(tomllib.load(stream)["supplier"])


async def load() -> None:
    """Every supplier, then who keeps whose page, then the hotel's quotations."""
    cast, now = await _cast(), clock.now()
    made: dict[str, int] = {}
    for number, record in enumerate(read()):
        made[record["name"]] = await _supplier(record, number, cast, now)
    await _agents(made, cast, now)
    await _quotations(made, cast, now)


async def _cast() -> _Cast:
    async def known(email: str) -> int:
        person = await accounts.find_by_email(email)
        if person is None:
            raise LookupError(f"{email} comes first")
        return person.id

    officers = [await known(email) for email in people.OFFICERS]
    return _Cast(
        await known(people.SUPPLIER), await known(people.HOTEL), await known(people.OPERATOR), tuple(officers)
    )


async def _supplier(record: Record, number: int, cast: _Cast, now: datetime) -> int:
    """A supplier's page with everything on it, public; its id."""
    own = record.get("organisation")
    acting = Acting(cast.supplier if own == DEMO_SUPPLIER else cast.keeper)
    organisation_id = await _organisation(record, own, now)
    code = await service.open_page(organisation_id, _page(record), acting, now)
    supplier = await Supplier.get(code=code)
    products: list[int] = []
    for product in record["product"]:
        products.append(await service.add_product(supplier.id, _product(product), acting, now))
        await _origin(products[-1], product, cast.officers[_judge(record, number)])
    for certificate in record.get("certificate", ()):
        draft = _certificate(certificate, products, now)
        await service.add_certificate(supplier.id, draft, acting, now)
    await service.publish(supplier.id, acting, now)
    return supplier.id


async def _organisation(record: Record, slug: str | None, now: datetime) -> int:
    if slug is not None:
        return (await Organisation.get(slug=slug)).id
    made = await Organisation.create(
        kind="supplier",
        slug=f"pemasok-{record['code'].replace('.', '')}-{record['kind']}-{len(record['name'])}",
        name=record["name"],
        texts=_texts(record, "about"),
        created_at=now,
    )
    return made.id


def _page(record: Record) -> PageDraft:
    return PageDraft(
        name=record["name"],
        kind=SupplierKind(record["kind"]),
        area_code=record["code"],
        sole_trader=record.get("sole", False),
        name_consent=record.get("consent", False),
        people_count=record["people"],
        texts=_texts(record, "about"),
    )


def _product(record: Record) -> ProductDraft:
    months: list[int] = record["months"] or list(range(1, 13))
    capacity: int | list[int] = record["capacity"]
    yearly = capacity if isinstance(capacity, list) else [capacity] * 12
    return ProductDraft(
        category=Category(record["category"]),
        unit=Unit(record["unit"]),
        texts=_texts(record, "name", "about"),
        months=tuple(MonthDraft(yearly[n - 1] if n in months else None, n in months) for n in range(1, 13)),
        stated_origin=Origin(record["origin"]),
        price_low_minor=record["low"],
        price_high_minor=record["high"],
    )


def _judge(record: Record, number: int) -> int:
    """Which officer finds a supplier's origins: a regency near Kupang has one for all, the others take turns."""
    return {"53.01": 1, "53.02": 2}.get(record["code"][:5], number % len(people.OFFICERS))


async def _origin(product_id: int, record: Record, officer: int) -> None:
    if "found_days" not in record:
        return
    now = clock.now() - timedelta(days=record["found_days"])
    today = clock.today() - timedelta(days=record["found_days"])
    await origins.decide(
        product_id,
        Origin(record["origin"]),
        evidence={locale: record[f"evidence_{locale}"] for locale in LOCALES},
        office=_OFFICE,
        by=officer,
        expires_on=today + timedelta(days=record["holds_days"]),
        today=today,
        now=now,
    )


def _certificate(record: Record, products: list[int], now: datetime) -> CertificateDraft:
    expires = record.get("expires_days")
    return CertificateDraft(
        kind=CertificateKind(record["kind"]),
        title=record.get("title", ""),
        number=record.get("number", ""),
        issuer=record.get("issuer", ""),
        expires_on=None if expires is None else clock.today() + timedelta(days=expires),
        product_id=products[record["product"] - 1] if "product" in record else None,
    )


def _texts(record: Record, *keys: str) -> Texts:
    return {locale: {key: record[f"{key}_{locale}"].strip() for key in keys} for locale in LOCALES}


async def _agents(made: dict[str, int], cast: _Cast, now: datetime) -> None:
    """Some pages are kept by a BUMDes or cooperative on the supplier's behalf."""
    for record in read():
        if "agent" in record:
            agent = await Supplier.get(id=made[record["agent"]])
            await service.name_agent(made[record["name"]], agent.code, Acting(cast.keeper), now)


async def _quotations(made: dict[str, int], cast: _Cast, now: datetime) -> None:
    """One request in each state that a visitor of the demo should find."""
    koperasi, ina = made["Koperasi Mutis Lestari (demo)"], made["Penenun Boti Ina Heka"]
    today, agent = clock.today(), (await Supplier.get(id=koperasi)).organisation_id
    own, for_member = Acting(cast.supplier), Acting(cast.supplier, agent)

    async def ask(supplier_id: int, position: int, quantity: int, days: int, note: str) -> int:
        product = await Product.get(supplier_id=supplier_id, position=position)
        reference = await quotations.ask(
            product_id=product.id,
            hotel_id=(await Organisation.get(slug=_HOTEL)).id,
            quantity=quantity,
            wanted_on=today + timedelta(days=days),
            place="Dapur hotel, Kupang",
            note=note,
            by=cast.hotel,
            request_key=f"demo-quotation-{supplier_id}-{position}",
            today=today,
            now=now,
        )
        row = await desk_queries.get_quotation(reference)
        if row is None:
            raise LookupError(reference)
        return row.id

    honey = await ask(koperasi, 1, 60, 21, "Untuk meja sarapan, botol setengah liter.")
    await quotations.answer(honey, _offer(125_000, 150_000, today, 19), own, today=today, now=now)
    await quotations.accept(honey, by=cast.hotel, total_minor=60 * 125_000 + 150_000, today=today, now=now)
    runners = await ask(koperasi, 2, 12, 45, "Untuk ruang makan, warna nila.")
    await quotations.answer(runners, _offer(420_000, 0, today, 44), own, today=today, now=now)
    await ask(koperasi, 3, 80, 10, "Setiap minggu bila cocok.")
    shawls = await ask(ina, 1, 2, 60, "Untuk tamu kehormatan.")
    await quotations.answer(shawls, _offer(550_000, 50_000, today, 58), for_member, today=today, now=now)


def _offer(unit_price: int, delivery: int, today: date, in_days: int) -> Offer:
    return Offer(
        unit_price_minor=unit_price,
        delivery_minor=delivery,
        deliver_on=today + timedelta(days=in_days),
        valid_until=today + timedelta(days=30),
    )
