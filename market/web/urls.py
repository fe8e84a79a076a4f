"""Paths by route name, without walking the route table: `path("bookings:show", locale="id", reference="K7QF")`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from starlette.routing import BaseRoute, Route

_templates: dict[str, tuple[str, frozenset[str]]] = {}
_CONVERTOR = re.compile(r"{(\w+):\w+}")
_PLACES = re.compile(r"{(\w+)}")


def learn(routes: Iterable[BaseRoute]) -> None:
    """Remember every named route's path template."""
    for route in routes:
        if isinstance(route, Route) and route.name:
            template = _CONVERTOR.sub(r"{\1}", route.path)
            _templates[route.name] = (template, frozenset(_PLACES.findall(template)))
    _of_language.cache_clear()


def path(name: str, **params: Any) -> str:
    """The path of a named route; parameters that the path does not take become the query string."""
    if len(params) == 1 and "locale" in params:
        return _of_language(name, params["locale"])
    return _filled(name, params)


@lru_cache(maxsize=2048)
def _of_language(name: str, locale: str) -> str:
    """Most links of a page are to places that differ by language alone."""
    return _filled(name, {"locale": locale})


def _filled(name: str, params: dict[str, Any]) -> str:
    template, places = _templates[name]
    filled = template.format(**{p: quote(str(params[p]), safe="") for p in places})
    query = {k: v for k, v in params.items() if k not in places and v is not None and v != ""}
    return f"{filled}?{urlencode(query, doseq=True)}" if query else filled
