"""Whose page somebody may keep: their own business's, or that of a member their BUMDes keeps. Never another's.

Every page of the supplier's desk starts here; what belongs to others is not found, whatever its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from market import clock
from market.errors import NotFound
from market.i18n.messages import translate
from market.suppliers import desk_queries, rows
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.offering import AGENTS, Acting, PageStatus
from market.suppliers.rows import ProductRow, SupplierRow
from market.values.text import Text, lazy
from market.web import urls
from market.web.request import locale, person_id, viewer

Tab = tuple[str, str, bool]
_TABS: tuple[tuple[str, Text], ...] = (
    ("suppliers:edit", lazy("Page")),
    ("suppliers:products", lazy("Products")),
    ("suppliers:certificates", lazy("Certificates")),
    ("suppliers:keepers", lazy("Who keeps this page")),
)


@dataclass(frozen=True, slots=True)
class Own:
    """A page the viewer may keep, and as whom they do it."""

    row: SupplierRow
    acting: Acting

    @property
    def for_member(self) -> bool:
        """Whether they do it on behalf of a member of their BUMDes or cooperative."""
        return self.acting.agent_id is not None


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page about one supplier shows at its top."""

    code: str
    name: str
    agent: str
    tabs: list[Tab]


def organisation_ids(request: Request) -> frozenset[int]:
    """The supplier organisations the viewer acts for."""
    return viewer(request).organisation_ids("supplier")


async def own_page(request: Request) -> Own:
    """The page that the path names; NotFound unless the viewer keeps it."""
    row = await desk_queries.get_page(request.path_params["code"])
    return _own(request, row)


def _own(request: Request, row: SupplierRow | None) -> Own:
    mine = organisation_ids(request)
    if row is not None and row.organisation_id in mine:
        return Own(row, Acting(person_id(request)))
    if row is not None and row.agent_id in mine:
        return Own(row, Acting(person_id(request), row.agent_id))
    raise NotFound


async def own_pages(request: Request) -> list[Own]:
    """Every page the viewer keeps, their own business's first."""
    return [_own(request, row) for row in await desk_queries.list_pages(organisation_ids(request))]


async def own_agency(request: Request) -> Own | None:
    """The viewer's own public BUMDes or cooperative, which may open pages for members."""
    pages = await own_pages(request)
    return next(
        (
            own
            for own in pages
            if not own.for_member and own.row.kind in AGENTS and own.row.status is PageStatus.PUBLISHED
        ),
        None,
    )


def path_id(request: Request, name: str) -> int:
    """A number in the path; NotFound for one that no row can have."""
    number: int = request.path_params[name]
    if number >= 2**63:
        raise NotFound
    return number


async def own_product(request: Request, own: Own) -> ProductRow:
    """A product of the page, offered or not, by the number in the path."""
    products = await rows.load_products([own.row.id], clock.today(), withdrawn=True)
    wanted = request.path_params["product_id"]
    found = next((row for row in products[own.row.id] if row.id == wanted), None)
    if found is None:
        raise NotFound
    return found


async def own_request(request: Request) -> tuple[Own, QuotationRow]:
    """A hotel's request to a supplier the viewer acts for, by its reference."""
    quotation = await desk_queries.get_quotation(request.path_params["reference"])
    if quotation is None:
        raise NotFound
    found = await rows.load_suppliers([quotation.supplier_id])
    return _own(request, found.get(quotation.supplier_id)), quotation


async def own_quotation(request: Request) -> tuple[QuotationRow, SupplierRow]:
    """A request that one of the viewer's hotels made, with the supplier it went to."""
    quotation = await desk_queries.get_quotation(request.path_params["reference"])
    if quotation is None or quotation.hotel_id not in viewer(request).organisation_ids("hotel"):
        raise NotFound
    return quotation, (await rows.load_suppliers([quotation.supplier_id]))[quotation.supplier_id]


def desk(request: Request, own: Own, current: str) -> Desk:
    """The head of a page about one supplier; `current` is the open tab's route."""
    language, code = locale(request), own.row.code
    tabs = [
        (translate(label, language), urls.path(route, locale=language, code=code), route == current)
        for route, label in _TABS
    ]
    return Desk(code, own.row.name, own.row.agent_name if own.for_member else "", tabs)
