"""The supplier's desk, second part: products with their year, and certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.suppliers import rows, rules, service
from market.suppliers.forms import MONTHS, CertificateForm, ProductForm, product_values
from market.suppliers.pages.scope import Desk, Own, desk, own_page, own_product, path_id
from market.suppliers.pages.views import (
    CertificateView,
    OriginView,
    certificate_view,
    month_name,
    origin_options,
    origin_view,
    price_line,
    season_line,
    words_in,
)
from market.suppliers.rows import ProductRow
from market.suppliers.wording import CATEGORIES, CERTIFICATES, UNITS
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product in the supplier's own list."""

    id: int
    href: str
    name: str
    category: str
    price: str
    season: str
    offered: bool
    origin: str
    origin_tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Products:
    """Context of suppliers/products.html."""

    desk: Desk
    products: list[ProductLine]


@dataclass(frozen=True, slots=True)
class EditProduct:
    """Context of suppliers/product_form.html."""

    desk: Desk
    form: Form[Any]
    categories: Options
    units: Options
    months: list[dict[str, Any]]
    origins: list[dict[str, str]]
    origin: OriginView | None


@dataclass(frozen=True, slots=True)
class Certificates:
    """Context of suppliers/certificates.html."""

    desk: Desk
    certificates: list[CertificateView]
    form: Form[Any]
    kinds: Options
    products: Options


async def products(request: Request) -> Response:
    """Everything the supplier sells or sold."""
    own, locale = await own_page(request), locale_of(request)
    found = await rows.load_products([own.row.id], clock.today(), withdrawn=True)
    context = Products(
        desk=desk(request, own, "suppliers:products"),
        products=[_line(row, own, locale) for row in found[own.row.id]],
    )
    return render(
        request, "suppliers/products.html", context, title=words(request, lazy("Products")), robots="noindex"
    )


def _line(row: ProductRow, own: Own, locale: str) -> ProductLine:
    origin = origin_view(row, locale, named=True)
    return ProductLine(
        id=row.id,
        href=urls.path("suppliers:edit_product", locale=locale, code=own.row.code, product_id=row.id),
        name=words_in(row.texts, "name", locale),
        category=translate(CATEGORIES[row.category], locale),
        price=price_line(row, locale),
        season=season_line(row, locale),
        offered=row.offered,
        origin=origin.title,
        origin_tag=origin.tag,
    )


async def add_product(request: Request) -> Response:
    """A new product."""
    own = await own_page(request)
    if request.method == "GET":
        return _product_form(request, own, filled({"season": list(MONTHS)}), None)
    form = parse(ProductForm, await request.form(), locale_of(request))
    if form.data is not None:
        try:
            await service.add_product(own.row.id, form.data.draft(), own.acting, clock.now())
        except Invalid as wrong:
            _show(form, wrong, locale_of(request))
        else:
            return redirect(request, _products_path(request, own), flash=lazy("The product is added."))
    return _product_form(request, own, form, None)


async def edit_product(request: Request) -> Response:
    """What is said of a product."""
    own = await own_page(request)
    row = await own_product(request, own)
    if request.method == "GET":
        return _product_form(request, own, filled(product_values(row)), row)
    form = parse(ProductForm, await request.form(), locale_of(request))
    if form.data is not None:
        try:
            await service.save_product(own.row.id, row.id, form.data.draft(), own.acting, clock.now())
        except Invalid as wrong:
            _show(form, wrong, locale_of(request))
        else:
            return redirect(request, _products_path(request, own), flash=lazy("The product is saved."))
    return _product_form(request, own, form, row)


def _product_form(request: Request, own: Own, form: Form[Any], row: ProductRow | None) -> Response:
    locale = locale_of(request)
    context = EditProduct(
        desk=desk(request, own, "suppliers:products"),
        form=form,
        categories=[(key.value, translate(name, locale)) for key, name in CATEGORIES.items()],
        units=[(key.value, translate(name, locale)) for key, name in UNITS.items()],
        months=[{"value": n, "title": month_name(n, locale), "count": None} for n in MONTHS],
        origins=origin_options(locale),
        origin=origin_view(row, locale, named=True) if row else None,
    )
    title = words(request, lazy("Change a product") if row else lazy("Add a product"))
    if form.errors:
        title = words(request, lazy("Fix: %(title)s", title=title))
    return render(
        request,
        "suppliers/product_form.html",
        context,
        title=title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


async def offer_product(request: Request) -> Response:
    """Take a product off the page, or put it back."""
    own = await own_page(request)
    row = await own_product(request, own)
    offered = (await request.form()).get("offered") == "yes"
    back = _products_path(request, own)
    try:
        await service.offer_product(own.row.id, row.id, own.acting, clock.now(), offered=offered)
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    said = lazy("The product is on the page again.") if offered else lazy("The product is off the page.")
    return redirect(request, back, flash=said)


def _products_path(request: Request, own: Own) -> str:
    return urls.path("suppliers:products", locale=locale_of(request), code=own.row.code)


def _show(form: Form[Any], wrong: Invalid, locale: str) -> None:
    field, message = rules.reason_of(wrong)
    form.add_error(field, translate(message, locale))


async def certificates(request: Request) -> Response:
    """The certificates of the page and its products, and a new one."""
    own, locale = await own_page(request), locale_of(request)
    if request.method == "GET":
        return await _certificates(request, own, filled({}))
    form = parse(CertificateForm, await request.form(), locale)
    if form.data is not None:
        try:
            await service.add_certificate(own.row.id, form.data.draft(), own.acting, clock.now())
        except Invalid as wrong:
            _show(form, wrong, locale)
        except NotFound:
            form.add_error("product", translate(lazy("Choose one of the options."), locale))
        else:
            return redirect(request, request.url.path, flash=lazy("The certificate is added."))
    return await _certificates(request, own, form)


async def _certificates(request: Request, own: Own, form: Form[Any]) -> Response:
    locale, today = locale_of(request), clock.today()
    found = (await rows.load_certificates([own.row.id], today))[own.row.id]
    goods = (await rows.load_products([own.row.id], today, withdrawn=True))[own.row.id]
    names = {row.id: words_in(row.texts, "name", locale) for row in goods}
    title = words(request, lazy("Certificates"))
    context = Certificates(
        desk=desk(request, own, "suppliers:certificates"),
        certificates=[
            certificate_view(row, locale, product=names.get(row.product_id or 0, "")) for row in found
        ],
        form=form,
        kinds=[(key.value, translate(name, locale)) for key, name in CERTIFICATES.items()],
        products=[
            ("", words(request, lazy("All our products"))),
            *((str(i), name) for i, name in names.items()),
        ],
    )
    return render(
        request,
        "suppliers/certificates.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


async def remove_certificate(request: Request) -> Response:
    """Take a certificate off the page."""
    own = await own_page(request)
    await service.remove_certificate(own.row.id, path_id(request, "certificate_id"), own.acting, clock.now())
    back = urls.path("suppliers:certificates", locale=locale_of(request), code=own.row.code)
    return redirect(request, back, flash=lazy("The certificate is off the page."))
