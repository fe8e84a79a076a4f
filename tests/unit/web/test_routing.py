"""Looking the route table up by a word finds what trying every route in order finds."""

from __future__ import annotations

import pytest
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Scope

from market.web.routing import ByWord

PATHS = (
    "/robots.txt",
    "/covers/{slug}.svg",
    "/{locale}/",
    "/{locale}/search",
    "/{locale}/listings/{slug}",
    "/{locale}/listings/new",
    "/{locale}/host/listings/{slug}",
    "/{locale}/{anything}",
    "/log/tile/{path:path}",
)
ASKED = (
    "/",
    "/en",
    "/en/",
    "/en/search",
    "/en/search/",
    "/en/listings/x",
    "/en/listings/new",
    "/en/host/listings/x",
    "/en/whatever",
    "/covers/a.svg",
    "/covers/",
    "/search/search",
    "/robots.txt",
    "/log/tile/0/000",
    "/a/b/c/d",
    "",
)


async def _endpoint(request: object) -> None:
    """Never called."""


def _routes() -> list[BaseRoute]:
    made: list[BaseRoute] = [Route(path, _endpoint, name=path) for path in PATHS]
    return [*made, Route("/{locale}/search", _endpoint, methods=["POST"], name="post")]


def _first(routes: list[BaseRoute], scope: Scope) -> tuple[Match, str | None]:
    best: tuple[Match, str | None] = (Match.NONE, None)
    for route in routes:
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return match, route.name
        if match is Match.PARTIAL and best[0] is Match.NONE:
            best = match, route.name
    return best


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", ASKED)
def test_finds_what_trying_all_in_order_finds(path: str, method: str) -> None:
    scope: Scope = {"type": "http", "method": method, "path": path, "headers": []}
    routes = _routes()
    match, child = ByWord(routes).matches(scope)
    chosen = child.get("market.route")
    assert (match, getattr(chosen, "name", None)) == _first(routes, scope)


def test_stands_in_a_router_for_all_its_routes() -> None:
    router = Router(routes=[ByWord(_routes())])
    scope: Scope = {"type": "http", "method": "GET", "path": "/en/search", "headers": []}
    assert router.routes[0].matches(scope)[0] is Match.FULL
