"""The page that explains where the money goes."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market.bookings.quote import Part
from market.discovery.money.example import EXAMPLE_MINOR, HOST_MINOR, usual_split
from market.discovery.money.queries import Totals, get_totals
from market.discovery.money_parts import BarPart, bar_parts, usual_names
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy, lazy_n
from market.web.render import render
from market.web.request import locale as locale_of
from market.web.request import settings


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """Everything the money template shows. `real` is empty until a first booking was completed."""

    brand: str
    example: list[BarPart]
    example_of: str
    host_price: str
    shown_price: str
    real: list[BarPart]
    real_of: str


async def money(request: Request) -> Response:
    """The rule, an example to the rupiah, and the sums of what really went where."""
    locale, brand = locale_of(request), settings(request).brand
    names = usual_names("", "", brand) | {"family": lazy("Host family")}
    totals = await get_totals()
    price = formats.money(EXAMPLE_MINOR, locale)
    context = MoneyPage(
        brand=brand,
        example=bar_parts(usual_split(EXAMPLE_MINOR), names, locale),
        example_of=translate(lazy("Of %(price)s", price=price), locale),
        host_price=formats.money(HOST_MINOR, locale),
        shown_price=price,
        real=_real(totals, names, locale),
        real_of=_real_of(totals, locale),
    )
    title = translate(lazy("Where the money goes"), locale)
    description = translate(
        lazy("How each price is split between family, guides, village fund and platform, to the rupiah."),
        locale,
    )
    return render(request, "discovery/money.html", context, title=title, description=description, keep=True)


def _real(totals: Totals, names: dict[str, Text | str], locale: str) -> list[BarPart]:
    if totals.total <= 0:
        return []
    parts = (
        Part("family", totals.hosts, {}),
        Part("fund", totals.villages, {}),
        Part("platform", totals.platform, {}),
    )
    return bar_parts(parts, {**names, "family": lazy("Hosts and the people they named")}, locale)


def _real_of(totals: Totals, locale: str) -> str:
    sentence = lazy_n(
        "Of %(amount)s from %(count)s completed booking",
        "Of %(amount)s from %(count)s completed bookings",
        totals.bookings,
        amount=formats.money(totals.total, locale),
    )
    return translate(sentence, locale)
