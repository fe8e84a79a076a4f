"""The ledger's list: a month's purchases by filter with their sums, the same as a file and as a printed sheet."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from market import clock
from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing import amounts, counting, listing_queries, locks
from market.sourcing.forms import FilterForm, forgiven
from market.sourcing.listing_queries import PAGE, Listed, Wanted
from market.sourcing.pages import scope
from market.sourcing.pages.scope import House
from market.sourcing.pages.views import ExpectedView, RowView, expected_view, month_of, row_view
from market.sourcing.rules import CATEGORIES, Kind
from market.sourcing.wording import CONFIRMATIONS, KINDS, PAPERS, category
from market.values.csv_cells import safe_cell
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, raw_values
from market.web.paging import Pages, pages_of, slice_of
from market.web.render import render, words
from market.web.request import locale as locale_of

Options = list[tuple[str, str]]
_MOST_PRINTED: Final = 2_000
_STATES: Final[tuple[tuple[str, Text], ...]] = (
    ("", lazy("All that count")),
    *((state.value, text) for state, (_, _, text) in CONFIRMATIONS.items()),
    ("no_evidence", lazy("Not proven yet")),
    ("void", lazy("Void")),
    ("all", lazy("Void ones too")),
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Context of sourcing/index.html."""

    house: House
    form: Form[Any]
    month_start: date
    locked: bool
    months: Options
    categories: Options
    origins: Options
    states: Options
    tiles: list[tuple[str, str]]
    rows: list[RowView]
    total: str
    count: int
    filtered: bool
    expected: Sequence[ExpectedView]
    pages: Pages
    csv_href: str
    print_href: str
    previous_month: str
    next_month: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Context of sourcing/sheet.html."""

    house: House
    month_start: date
    rows: list[RowView]
    total: str
    count: int
    cut: bool
    printed: str


async def index(request: Request) -> Response:
    """A month's purchases."""
    locale = locale_of(request)
    asked = forgiven(raw_values(request.query_params), locale, clock.today())
    house = await scope.house(request, asked.hotel, "sourcing:index")
    wanted = _wanted(asked, house)
    sums = await listing_queries.sums(wanted)
    part = slice_of(sums.count, asked.page, PAGE)
    listed = await listing_queries.list_documents(wanted, offset=part.offset)
    month = month_of(asked.month)
    expected = await listing_queries.list_expected(house.id)
    context = Ledger(
        house=house,
        form=filled({**asked.model_dump(exclude={"page", "hotel"}), "hotel": house.id}),
        month_start=month,
        locked=await locks.is_locked(house.id, asked.month),
        months=await _months(house.id, month, locale),
        categories=[("", words(request, lazy("All categories")))]
        + [(key, translate(category(key), locale)) for key in CATEGORIES],
        origins=[
            ("", words(request, lazy("Local and outside"))),
            ("local", words(request, lazy("Local only"))),
            ("outside", words(request, lazy("Outside only"))),
        ],
        states=[(key, translate(text, locale)) for key, text in _STATES],
        tiles=await _tiles(house, asked.month, locale),
        rows=[row_view(one, locale) for one in listed],
        total=formats.money(sums.net_minor, locale),
        count=sums.count,
        filtered=bool(asked.q or asked.category or asked.origin or asked.state),
        expected=[expected_view(row, locale) for row in expected],
        pages=pages_of(
            part,
            lambda n: _href(request, asked.model_copy(update={"page": n}), "sourcing:index"),
            locale,
        ),
        csv_href=_href(request, asked, "sourcing:export"),
        print_href=_href(request, asked, "sourcing:print"),
        previous_month=_href(request, _at(asked, _month_before(month)), "sourcing:index"),
        next_month=_href(request, _at(asked, _month_after(month)), "sourcing:index"),
    )
    return render(
        request,
        "sourcing/index.html",
        context,
        title=words(request, lazy("Purchases")),
        robots="noindex",
    )


def _wanted(asked: FilterForm, house: House) -> Wanted:
    return Wanted(house.id, asked.month, asked.q, asked.category, asked.origin, asked.state)


async def _tiles(house: House, period: str, locale: str) -> list[tuple[str, str]]:
    """The month in four numbers, whatever the filter is."""
    month = await listing_queries.sums(Wanted(house.id, period))
    counted = await counting.of_month(house.id, period)
    return [
        (formats.money(month.net_minor, locale), translate(lazy("bought this month, without VAT"), locale)),
        (
            formats.money(counted.counts_minor, locale),
            translate(lazy("local, proven and confirmed"), locale),
        ),
        (formats.number(month.without_evidence, locale), translate(lazy("not proven yet"), locale)),
        (
            formats.number(month.waiting + month.disputed, locale),
            translate(lazy("not confirmed by the supplier"), locale),
        ),
    ]


async def _months(hotel_id: int, shown: date, locale: str) -> Options:
    today = clock.today()
    known = {month_of(period) for period in await listing_queries.months_of(hotel_id)}
    months = sorted(known | {shown, today.replace(day=1)}, reverse=True)
    return [(f"{month:%Y-%m}", formats.month(month, locale)) for month in months]


def _at(asked: FilterForm, month: date) -> FilterForm:
    return asked.model_copy(update={"month": f"{month:%Y-%m}", "page": 1})


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _month_after(month: date) -> date:
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)


def _href(request: Request, asked: FilterForm, route: str) -> str:
    given = asked.model_dump(exclude_none=True)
    query = {key: value for key, value in given.items() if value not in {"", 1} or key == "month"}
    return f"{urls.path(route, locale=locale_of(request))}?{urlencode(query)}"


# Files ------------------------------------------------------------------------------------------------------
_HEAD: Final[tuple[Text, ...]] = (
    lazy("Date"),
    lazy("Reference"),
    lazy("Kind"),
    lazy("Paper"),
    lazy("Document number"),
    lazy("Seller"),
    lazy("NPWP of the seller"),
    lazy("Goods"),
    lazy("Category"),
    lazy("Quantity"),
    lazy("Unit"),
    lazy("Currency"),
    lazy("Amount on the paper"),
    lazy("Exchange rate"),
    lazy("VAT percent"),
    lazy("Net value (Rp)"),
    lazy("VAT (Rp)"),
    lazy("Origin class"),
    lazy("Proven"),
    lazy("Supplier's answer"),
    lazy("State"),
)


async def export(request: Request) -> Response:
    """What the list shows, as CSV: one row a line, cells that begin like a formula are text."""
    locale = locale_of(request)
    asked = forgiven(raw_values(request.query_params), locale, clock.today())
    house = await scope.house(request, asked.hotel, "sourcing:index")
    name = f"purchases-{asked.month}.csv" if locale == "en" else f"pembelian-{asked.month}.csv"
    return StreamingResponse(
        _csv(_wanted(asked, house), locale),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


async def _csv(wanted: Wanted, locale: str) -> AsyncIterator[str]:
    yield "\ufeff" + _rows([[translate(head, locale) for head in _HEAD]])
    async for listed in listing_queries.stream_documents(wanted):
        yield _rows(_cells(listed, locale))


def _rows(rows: list[list[str]]) -> str:
    file = StringIO()
    csv.writer(file).writerows([[safe_cell(cell) for cell in row] for row in rows])
    return file.getvalue()


def _cells(listed: Listed, locale: str) -> list[list[str]]:
    document = listed.document
    sign = "-" if document.kind is Kind.CREDIT_NOTE else ""
    return [
        [
            document.invoice_on.isoformat(),
            document.reference,
            translate(KINDS[document.kind], locale),
            translate(PAPERS[document.paper], locale),
            document.number,
            document.seller_name,
            document.seller_npwp,
            line.description,
            translate(category(line.category), locale),
            "" if line.quantity_milli is None else amounts.plain(Decimal(line.quantity_milli) / 1000),
            line.unit,
            document.currency,
            line.amount,
            document.rate,
            line.vat_percent,
            f"{sign}{line.net_minor}",
            f"{sign}{line.vat_minor}",
            line.origin.value,
            translate(lazy("yes") if line.evidenced else lazy("no"), locale),
            translate(CONFIRMATIONS[document.confirmation][2], locale),
            translate(lazy("counts") if document.live else lazy("void"), locale),
        ]
        for line in listed.lines
    ]


async def sheet(request: Request) -> Response:
    """What the list shows, on paper."""
    locale = locale_of(request)
    asked = forgiven(raw_values(request.query_params), locale, clock.today())
    house = await scope.house(request, asked.hotel, "sourcing:index")
    wanted = _wanted(asked, house)
    sums = await listing_queries.sums(wanted)
    listed = await listing_queries.list_documents(wanted, limit=_MOST_PRINTED)
    context = Sheet(
        house=house,
        month_start=month_of(asked.month),
        rows=[row_view(one, locale) for one in listed],
        total=formats.money(sums.net_minor, locale),
        count=sums.count,
        cut=sums.count > _MOST_PRINTED,
        printed=formats.instant(clock.now(), locale),
    )
    return render(
        request,
        "sourcing/sheet.html",
        context,
        title=words(request, lazy("Purchases")),
        robots="noindex",
    )
