"""A supplier's page and a product's page, as everybody sees them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import NotFound
from market.i18n.messages import translate
from market.suppliers import queries
from market.suppliers.pages.views import (
    CertificateView,
    ProductView,
    SupplierView,
    certificate_view,
    product_view,
    supplier_view,
    words_in,
)
from market.suppliers.queries import Entry
from market.values.text import lazy
from market.web.render import render
from market.web.request import locale as locale_of


@dataclass(frozen=True, slots=True)
class Show:
    """Context of suppliers/show.html."""

    supplier: SupplierView
    products: list[ProductView]
    certificates: list[CertificateView]


@dataclass(frozen=True, slots=True)
class ShowProduct:
    """Context of suppliers/product.html."""

    supplier: SupplierView
    product: ProductView
    others: list[ProductView]


async def get_entry(request: Request) -> Entry:
    """The public page that the path names."""
    entry = await queries.get_entry(request.path_params["slug"], clock.today())
    if entry is None:
        raise NotFound
    return entry


def products_of(entry: Entry, locale: str) -> list[ProductView]:
    """A page's products as visitors read them."""
    today = clock.today()
    return [product_view(row, entry.supplier, entry.certificates, today, locale) for row in entry.products]


async def show(request: Request) -> Response:
    """Who, where, what, when, and with which papers."""
    locale, entry = locale_of(request), await get_entry(request)
    names = {row.id: words_in(row.texts, "name", locale) for row in entry.products}
    supplier = supplier_view(entry.supplier, locale)
    context = Show(
        supplier=supplier,
        products=products_of(entry, locale),
        certificates=[
            certificate_view(
                row, locale, named=entry.supplier.named, product=names.get(row.product_id or 0, "")
            )
            for row in entry.certificates
        ],
    )
    goods = ", ".join(names.values())
    description = translate(lazy("%(goods)s from %(place)s.", goods=goods, place=supplier.place), locale)
    return render(
        request,
        "suppliers/show.html",
        context,
        title=supplier.name,
        description=description,
        robots=None if supplier.named else "noindex",
        keep=True,
    )


async def product(request: Request) -> Response:
    """One product: its year, its price, where it comes from and how that is known."""
    locale, entry = locale_of(request), await get_entry(request)
    row = next((row for row in entry.products if row.slug == request.path_params["product"]), None)
    if row is None:
        raise NotFound
    everything = products_of(entry, locale)
    shown = next(view for view in everything if view.id == row.id)
    supplier = supplier_view(entry.supplier, locale)
    context = ShowProduct(supplier, shown, [view for view in everything if view.id != row.id])
    description = translate(lazy("%(goods)s from %(place)s.", goods=shown.name, place=supplier.place), locale)
    return render(
        request,
        "suppliers/product.html",
        context,
        title=f"{shown.name} · {supplier.name}",
        description=description,
        robots=None if supplier.named else "noindex",
        keep=True,
    )
