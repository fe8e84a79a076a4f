"""The options of a drop-down list, made once for each list and choice: long lists come again on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

Pair = tuple[object, str]
Entry = tuple[object, str | Sequence[Pair]]


def options(entries: Iterable[Entry], chosen: str) -> Markup:
    """`<option>` elements for (value, text) pairs, or `<optgroup>`s for (name, pairs); `chosen` is selected."""
    kept = tuple(
        (value, text if isinstance(text, str) else tuple(map(tuple, text))) for value, text in entries
    )
    return _options(kept, chosen)


@lru_cache(maxsize=1024)
def _options(entries: tuple[tuple[object, str | tuple[tuple[object, ...], ...]], ...], chosen: str) -> Markup:
    made = [
        _option(value, text, chosen)
        if isinstance(text, str)
        else f'<optgroup label="{escape(value)}">{"".join(_option(v, t, chosen) for v, t in text)}</optgroup>'
        for value, text in entries
    ]
    return Markup("\n".join(made))  # noqa: S704 - every value and text in it is escaped


def _option(value: object, text: object, chosen: str) -> str:
    selected = " selected" if str(value) == chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(text)}</option>'
