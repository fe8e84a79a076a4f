"""Which hotel a page is about: one of those the viewer acts for, never another's. The desk is the ledger's own."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request

from market.claims.periods import Period
from market.errors import NotFound
from market.sourcing.pages import scope
from market.sourcing.pages.scope import House
from market.web import urls


async def own_house(request: Request, current: str, named: str | None = None) -> House:
    """The hotel that `named` or `?hotel=` names, or the viewer's first, with its desk's tabs.

    NotFound for a hotel the viewer does not act for. `current` is the open tab's route.
    """
    wanted = request.query_params.get("hotel", "") if named is None else named
    if wanted and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise NotFound
    return await scope.house(request, int(wanted) if wanted else None, current)


def param(house: House) -> str:
    """What links carry: nothing for somebody with one hotel."""
    return str(house.id) if house.options else ""


def asked_period(request: Request) -> Period | None:
    """The month that `?period=` names; None when it names none."""
    try:
        return Period.parse(request.query_params.get("period", ""))
    except ValueError:
        return None


def purchases_path(locale: str, period: Period, house: House) -> str:
    """The hotel's purchases of a month, as the ledger's list understands it; filters are added behind it."""
    query = {"month": str(period), "hotel": param(house)}
    return f"{urls.path('sourcing:index', locale=locale)}?{urlencode({k: v for k, v in query.items() if v})}"
