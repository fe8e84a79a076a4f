"""Finding a request's route without trying all of them: the table is looked up by the first fixed word of the path.

Order still decides among routes that share that word, as everywhere. What a route matches, how it answers and what
happens when none does stays the toolkit's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

_CHOSEN = "market.route"


class ByWord(BaseRoute):
    """All routes behind one. `/{locale}/search/…` stands under "search", `/covers/…` under "covers"; a route with
    no fixed word there is tried for every path.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._all = list(routes)
        words = [_word(route) for route in self._all]
        self._anywhere = self._of(words, None)
        self._under = {word: self._of(words, word) for word in words if word is not None}

    def _of(self, words: Sequence[str | None], *wanted: str | None) -> Sequence[BaseRoute]:
        return [r for r, word in zip(self._all, words, strict=True) if word is None or word in wanted]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first full match, else the first that lacks only the method."""
        partial: tuple[BaseRoute, Scope] | None = None
        for route in self._candidates(scope["path"]) if scope["type"] == "http" else ():
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, _CHOSEN: route}
            if match is Match.PARTIAL and partial is None:
                partial = route, child
        if partial is None:
            return Match.NONE, {}
        return Match.PARTIAL, {**partial[1], _CHOSEN: partial[0]}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the matched route answer."""
        route: Any = scope.pop(_CHOSEN)
        scope["route"] = route
        await route.handle(scope, receive, send)

    def _candidates(self, path: str) -> Sequence[BaseRoute]:
        first, _, rest = path[1:].partition("/")
        under_first = self._under.get(first)
        under_second = self._under.get(rest.partition("/")[0])
        if under_first is not None and under_second is not None:
            return self._all  # the first word may be a language after all
        return under_first or under_second or self._anywhere


def _word(route: BaseRoute) -> str | None:
    """The first fixed segment of a route's path, looking past its language; None when there is none."""
    if not isinstance(route, Route):
        return None
    first, _, rest = route.path[1:].partition("/")
    word = rest.partition("/")[0] if first == "{locale}" else first
    return None if "{" in word else word
