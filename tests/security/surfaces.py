"""Everything a visitor can fill in: every form on every page that some identity can open, read off the pages."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from starlette.applications import Starlette

from market.app.routes import routes
from market.web.guards import GuardedRoute
from tests.security.test_ownership import OWNED
from tests.security.world import World
from tests.web import forms, sign_in

# What pages read from their address without having a form for it.
_DATES_AND_PARTY = ("from", "to", "room", "rooms", "slot", "adults", "children", "infants")
_SEARCH = (
    "q",
    "place",
    "from",
    "to",
    "adults",
    "children",
    "kind",
    "max",
    "language",
    "theme",
    "sort",
    "page",
)
QUERIES: dict[str, tuple[str, ...]] = {
    "discovery:search": _SEARCH,
    "discovery:listing": (*_DATES_AND_PARTY, "month", "reviews", "extra_dinner"),
    "bookings:quote": (*_DATES_AND_PARTY, "extra_dinner"),
    "bookings:change": _DATES_AND_PARTY,
    "bookings:pay_return": ("change", "tries"),
    "console:host_calendar": ("month", "room", "listing"),
    "console:host_section": ("more",),
    "console:host_team": ("host",),
    "console:host_arrivals": ("day",),
    "console:host_arrival": ("how",),
    "console:host_reviews": ("page",),
    "console:operator_ledger": ("booking", "before"),
    "console:host_money": ("host",),
    "console:operator_transfers": ("code",),
    "console:operator_bookings": ("q",),
    "suppliers:directory": ("q", "category", "kind", "place", "certificate", "page"),
    "sourcing:index": ("hotel", "month", "q", "category", "origin", "state", "page"),
    "sourcing:export": ("hotel", "month", "q", "category", "origin", "state"),
    "sourcing:print": ("hotel", "month", "q", "category", "origin", "state"),
    "sourcing:new": ("hotel", "expected", "copy", "photo", "seller"),
    "sourcing:inbox": ("hotel",),
    "sourcing:profile": ("hotel",),
    "sourcing:claims_about": ("month",),
    "sourcing:confirm_code": ("reference",),
    "notifications:outbox": ("page",),
    "accounts:sign_in": ("next",),
    "transparency:log": ("before",),
    "transparency:verify": ("entry", "leaf"),
    "accounts:check_mail": ("about",),
}
SECTIONS = (
    "words",
    "price",
    "weekdays",
    "place",
    "terms",
    "rooms",
    "seasons",
    "extras",
    "payees",
    "closures",
)
# Leaving by accident would end the walk.
_NOT_PRESSED = ("/sign-out", "/profile/delete", "/profile/sessions")


@dataclass(frozen=True)
class Surface:
    """A form or a query string, with what a willing person would send."""

    client: httpx.AsyncClient
    who: str
    method: str
    path: str
    fields: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.who}: {self.method} {self.path} {sorted(self.fields)}"


def browser(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://testserver",
        headers={"accept": "text/html"},
    )


def _params(world: World) -> dict[str, list[dict[str, str]]]:
    """Path parameters that lead somewhere, by route name."""
    own = world.one.paths
    params = {name: [own[family]] for family, (_, names) in OWNED.items() for name in names}
    offered = [own["listing"], own["homestay"], own["tour"]]
    for name in ("discovery:listing", "bookings:quote"):
        params[name] = offered
    params["bookings:checkout"] = [own["held"]]
    sections = (*SECTIONS, "steps", "days", "groups")
    params["console:host_section"] = [{**one, "section": name} for one in offered for name in sections]
    for name in ("suppliers:show", "suppliers:product", "suppliers:ask"):
        params[name] = [own["public product"]]
    params |= {"console:operator_booking": [own["booking"]], "suppliers:judge": [own["judged"]]}
    params |= {
        "console:operator_host_money": [own["host account"]],
        "console:operator_fund": [own["village"]],
    }
    params["payouts:fund"] = [own["fund"]]
    params["sourcing:register"] = [{"kind": "hotel"}, {"kind": "supplier"}]
    return params | {"sms:phone": [own["number"]]}


async def find(app: Starlette, world: World, stack: AsyncExitStack) -> list[Surface]:
    """Every surface of every identity."""
    params, found = _params(world), dict[tuple[str, str, str], Surface]()
    people = {"visitor": None, **{role: person.id for role, person in world.one.people.items()}}
    people |= {"officer": world.officer.id, "operator": world.operator.id}
    for who, person_id in people.items():
        client = await stack.enter_async_context(browser(app))
        if person_id is not None:
            await sign_in(client, person_id)
        for route in routes():
            if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or set()):
                continue
            if who in {"visitor", "guest"} or route.access.name == who:
                for values in params.get(route.name or "", [{}]):
                    await _open(client, who, route, values, found)
    return list(found.values())


async def _open(
    client: httpx.AsyncClient,
    who: str,
    route: GuardedRoute,
    params: dict[str, str],
    found: dict[tuple[str, str, str], Surface],
) -> None:
    names = set(re.findall(r"{(\w+)", route.path)) - {"locale"}
    if not names <= set(params):
        return
    path = re.sub(r"{(\w+)(:\w+)?}", lambda match: {"locale": "en", **params}[match[1]], route.path)
    page = await client.get(path)
    if page.status_code != 200 or "html" not in page.headers.get("content-type", ""):
        return
    if route.name in QUERIES:
        read = Surface(client, who, "GET", path, dict.fromkeys(QUERIES[route.name], "1"))
        found.setdefault(("read", "GET", path), read)
    for form in forms(page.text):
        action = urlsplit(urljoin(path, form["action"] or "")).path
        method = form["method"].upper()
        if not any(part in action for part in _NOT_PRESSED):
            # A form that stands on every page counts once; what is signed in may differ by identity.
            owner = who if method == "POST" else ""
            key = ("" if who == "visitor" else owner, method, action)
            if ("", method, action) not in found:
                found.setdefault(key, Surface(client, who, method, action, form["data"]))
