"""Whose ledger somebody may open: the hotels they buy for, and nobody else's. What belongs to others is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from market.errors import NotFound
from market.i18n.messages import translate
from market.sourcing import listing_queries, queries
from market.sourcing.queries import DocumentRow
from market.values.text import Text, lazy
from market.web import urls
from market.web.request import locale, viewer

Option = tuple[str, str]
Tab = tuple[str, str, bool]
_TABS: tuple[tuple[str, Text], ...] = (
    ("sourcing:index", lazy("Purchases")),
    ("sourcing:inbox", lazy("Receipts")),
    ("sourcing:imports", lazy("Import")),
    ("claims:share", lazy("Local share")),
    ("claims:hotel_claims", lazy("Claims")),
    ("suppliers:quotations", lazy("Quotations")),
    ("sourcing:profile", lazy("Hotel")),
)


@dataclass(frozen=True, slots=True)
class House:
    """The hotel a page is about, the others to change to, and the tabs of its desk."""

    id: int
    name: str
    options: Sequence[Option]
    tabs: Sequence[Tab]
    inbox_count: int


def hotel_ids(request: Request) -> frozenset[int]:
    """The hotels the viewer buys for."""
    return viewer(request).organisation_ids("hotel")


async def house(request: Request, wanted: int | None, current: str) -> House:
    """The hotel asked for, or the viewer's first. NotFound for another one, or for a viewer without any."""
    own = await listing_queries.hotel_names(hotel_ids(request))
    chosen = next((one for one in own if wanted in {None, one[0]}), None)
    if chosen is None:
        raise NotFound
    hotel_id, name = chosen
    language = locale(request)
    several = len(own) > 1
    suffix = f"?hotel={hotel_id}" if several else ""
    tabs = [
        (translate(label, language), urls.path(route, locale=language) + suffix, route == current)
        for route, label in _TABS
    ]
    options = [(str(one), called) for one, called in own] if several else []
    return House(hotel_id, name, options, tabs, await listing_queries.count_inbox(hotel_id))


async def own_document(request: Request) -> DocumentRow:
    """A document of one of the viewer's hotels, by the reference in the path."""
    found = await queries.get_document(request.path_params["reference"], hotel_ids(request))
    if found is None:
        raise NotFound
    return found
