"""Countries by their two letters, named in the reader's language: whose citizen a guest is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from babel import Locale

HOME: Final = "ID"
# Regions, unions and test codes that CLDR lists beside countries; nobody holds their passport.
_NO_PASSPORT: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", HOME})


@lru_cache(maxsize=4)
def names(locale: str) -> dict[str, str]:
    """Every country but our own, by name."""
    known = Locale.parse(locale).territories
    own = {code: name for code, name in known.items() if _is_country(code)}
    return dict(sorted(own.items(), key=lambda pair: pair[1]))


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NO_PASSPORT


def name(code: str, locale: str) -> str:
    return names(locale).get(code, code)
