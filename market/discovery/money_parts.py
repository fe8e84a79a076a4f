"""Where a price goes, as the money bar draws it: rupiah that add up to the price, per cent that add up to 100.

The split itself is `market.bookings.quote.split`; here it only gets names, colours and widths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from market.bookings.quote import Part
from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.values.money import allocate
from market.values.text import Text, lazy

_CLASSES: Final = {
    "family": "m1",
    "guide": "m2",
    "materials": "m3",
    "fund": "m4",
    "platform": "m5",
    "tax": "m6",
}


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of `ui/money_bar.html`."""

    cls: str
    percent: int
    label: str
    amount: str
    x: str
    width: str


def bar_parts(parts: Sequence[Part], names: dict[str, Text | str], locale: str) -> list[BarPart]:
    """The parts in the bar's fixed order. `names` says what to call a kind where a part has no name of its own."""
    ordered = sorted(parts, key=lambda part: _CLASSES[part.kind])
    percents = allocate(100, [part.amount for part in ordered])
    bar: list[BarPart] = []
    at = 0
    for part, percent in zip(ordered, percents, strict=True):
        name = pick(part.texts, locale).get("name", "") if part.texts else ""
        width = f"{percent - 1}.6" if percent else "0"
        label = name or translate(names.get(part.kind, part.kind), locale)
        bar.append(
            BarPart(_CLASSES[part.kind], percent, label, formats.money(part.amount, locale), str(at), width)
        )
        at += percent
    return bar


def usual_names(host: str, fund: str, brand: str) -> dict[str, Text | str]:
    """What the parts of a listing's price are called; no host where a village's families host in turn."""
    return {
        "family": lazy("%(host)s and family", host=host) if host else lazy("The family whose turn it is"),
        "guide": lazy("Guides, drivers, cooks"),
        "materials": lazy("Materials and food, bought nearby"),
        "fund": fund or lazy("Village fund"),
        "platform": lazy("%(brand)s: servers, support, training", brand=brand),
        "tax": lazy("Tax"),
    }
