"""What a month is like in the islands, in one line. True for the province as a whole; pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy

_LINES: Final[dict[int, Text]] = {
    1: lazy("%(month)s: rain, green hills, maize in the gardens"),
    2: lazy("%(month)s: rain, green hills, the weeks of pasola in West Sumba"),
    3: lazy("%(month)s: the last big rains, the savanna at its greenest"),
    4: lazy("%(month)s: the rain ends, Easter processions in Larantuka"),
    5: lazy("%(month)s: dry paths, clear mornings, the first lontar sap"),
    6: lazy("%(month)s: dry and cool in the hills, coffee harvest in Bajawa"),
    7: lazy("%(month)s: cool nights in the hills, lontar sugar in the pan"),
    8: lazy("%(month)s: dry and windy, golden savanna, dances after the harvest"),
    9: lazy("%(month)s: dry and clear, the best month to walk"),
    10: lazy("%(month)s: hot and still, calm sea between the islands"),
    11: lazy("%(month)s: the first clouds, warm water, Wae Rebo gives thanks for its year"),
    12: lazy("%(month)s: the first rains, the savanna turns green"),
}


def headline(today: date, locale: str) -> str:
    """`December: the first rains, the savanna turns green`."""
    text = _LINES[today.month]
    return translate(Text(text.msgid, {"month": formats.month_name(today, locale)}), locale)
