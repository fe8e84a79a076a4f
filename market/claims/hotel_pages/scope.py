"""Which hotel a page is about: one of those the viewer acts for, never another's."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from market.accounts import queries as accounts
from market.claims.periods import Period
from market.errors import NotFound
from market.web.request import person_id


@dataclass(frozen=True, slots=True)
class Hotel:
    """The hotel a page is about. `param` is what links carry: empty for somebody with one hotel."""

    id: int
    name: str
    param: str
    others: tuple[tuple[str, str], ...]


async def own_hotel(request: Request, named: str | None = None) -> Hotel | None:
    """The hotel that `named` or `?hotel=` names, or the viewer's first; None for an account without one.

    NotFound for a hotel the viewer does not act for.
    """
    mine = [o for o in await accounts.organisations_of(person_id(request)) if o.role == "hotel"]
    if not mine:
        return None
    wanted = request.query_params.get("hotel", "") if named is None else named
    chosen = next((o for o in mine if str(o.id) == wanted), mine[0] if not wanted else None)
    if chosen is None:
        raise NotFound
    several = len(mine) > 1
    return Hotel(
        chosen.id,
        chosen.name,
        str(chosen.id) if several else "",
        tuple((str(o.id), o.name) for o in mine) if several else (),
    )


def asked_period(request: Request) -> Period | None:
    """The month that `?period=` names; None when it names none."""
    try:
        return Period.parse(request.query_params.get("period", ""))
    except ValueError:
        return None


def purchases_path(locale: str, period: Period, hotel: Hotel, **filters: str) -> str:
    """The hotel's purchases of a month, filtered as the ledger's list understands it."""
    query = {"month": str(period), "hotel": hotel.param, **filters}
    return f"/{locale}/hotel/purchases?{urlencode({k: v for k, v in query.items() if v})}"
