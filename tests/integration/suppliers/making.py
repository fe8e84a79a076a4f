"""Suppliers, hotels and people for the tests, made through the commands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx

from market import clock
from market.accounts.models import Organisation, Person
from market.suppliers import service
from market.suppliers.models import Product, Supplier
from market.suppliers.offering import (
    Acting,
    Category,
    MonthDraft,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Unit,
)
from tests import factories
from tests.web import form_with

_numbers = iter(range(1, 1_000_000))
PAGE = PageDraft(
    "Madu Mutis",
    SupplierKind.PRODUCER,
    "53.02.12.2004",
    sole_trader=False,
    name_consent=False,
    people_count=5,
    texts={"id": {"about": "Kami memanen madu."}, "en": {"about": "We gather honey."}},
)
HONEY = ProductDraft(
    Category.FOOD,
    Unit.LITRE,
    {"id": {"name": "Madu hutan", "about": "Gelap"}, "en": {"name": "Forest honey", "about": "Dark"}},
    tuple(MonthDraft(100, in_season=True) for _ in range(12)),
    Origin.A,
    "Pohon ampupu",
    100_000,
    120_000,
)


@dataclass(frozen=True)
class Made:
    """A supplier with one product, and somebody who acts for it."""

    person: Person
    supplier: Supplier
    product: Product

    @property
    def acting(self) -> Acting:
        return Acting(self.person.id)


async def organisation(kind: str, name: str, person: Person | None = None) -> Organisation:
    made = await Organisation.create(
        kind=kind, slug=f"{kind}-{next(_numbers)}", name=name, texts={}, created_at=clock.now()
    )
    if person is not None:
        await factories.make_member(person, kind, made.id)
    return made


async def supplier(*, public: bool = True, product: ProductDraft = HONEY, **page: Any) -> Made:
    draft = replace(PAGE, **page)
    person = await factories.make_person(name="Marselina")
    own = await organisation("supplier", draft.name, person)
    acting, now = Acting(person.id), clock.now()
    code = await service.open_page(own.id, draft, acting, now)
    row = await Supplier.get(code=code)
    product_id = await service.add_product(row.id, product, acting, now)
    if public:
        await service.publish(row.id, acting, now)
    return Made(person, await Supplier.get(id=row.id), await Product.get(id=product_id))


async def hotel(name: str = "Hotel Teluk") -> tuple[Person, Organisation]:
    person = await factories.make_person(name="Benyamin")
    return person, await organisation("hotel", name, person)


async def send(
    client: httpx.AsyncClient, page: str, values: dict[str, Any], *, field: str = "name"
) -> httpx.Response:
    """Fill the form of a page that has a field, and send it."""
    shown = await client.get(page)
    assert shown.status_code == 200, (page, shown.status_code)
    form = form_with(shown.text, field=field)
    return await client.post(form["action"] or page, data={**form["data"], **values})
