"""A request for a price and its answer, made ready to be shown to either side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from market.i18n import formats
from market.i18n.messages import translate
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.rules import State
from market.suppliers.wording import QUOTATION_STATES, UNITS, amount
from market.values.text import Text, lazy
from market.web import urls

Fact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QuotationLine:
    """A request in a list."""

    href: str
    reference: str
    product: str
    amount: str
    other_side: str
    wanted_on: str
    total: str
    tag: tuple[str, str]
    open: bool


@dataclass(frozen=True, slots=True)
class QuotationView:
    """A request with its answer: rows for `ui/sum_list.html`."""

    reference: str
    product: str
    amount: str
    unit: str
    tag: tuple[str, str]
    asked: list[Fact]
    offered: list[Fact]
    reason: str
    total_minor: int | None


def state_tag(state: State, locale: str) -> tuple[str, str]:
    kind, said = QUOTATION_STATES[state]
    return kind, translate(said, locale)


def line(row: QuotationRow, other_side: str, route: str, locale: str) -> QuotationLine:
    """A request as one row of a list; `other_side` is who it is with."""
    return QuotationLine(
        href=urls.path(route, locale=locale, reference=row.reference),
        reference=row.reference,
        product=row.product_name(locale),
        amount=amount(row.quantity, row.unit, locale),
        other_side=other_side,
        wanted_on=formats.day(row.wanted_on, locale),
        total=formats.money(row.total_minor, locale) if row.total_minor is not None else "",
        tag=state_tag(row.state, locale),
        open=row.open,
    )


def view(row: QuotationRow, locale: str, *, supplier: str) -> QuotationView:
    """A request as its page shows it; `supplier` is the name the reader may know."""
    return QuotationView(
        reference=row.reference,
        product=row.product_name(locale),
        amount=amount(row.quantity, row.unit, locale),
        unit=translate(UNITS[row.unit], locale),
        tag=state_tag(row.state, locale),
        asked=_facts(
            locale,
            (lazy("Hotel"), row.hotel),
            (lazy("Supplier"), supplier),
            (lazy("Goods"), row.product_name(locale)),
            (lazy("Quantity"), amount(row.quantity, row.unit, locale)),
            (lazy("Needed on"), formats.day(row.wanted_on, locale)),
            (lazy("Deliver to"), row.place),
            (lazy("Note"), row.note),
            (lazy("Asked"), formats.instant(row.asked_at, locale)),
        ),
        offered=_offered(row, locale),
        reason=row.reason,
        total_minor=row.total_minor,
    )


def _offered(row: QuotationRow, locale: str) -> list[Fact]:
    if row.unit_price_minor is None or row.deliver_on is None or row.valid_until is None:
        return []
    return _facts(
        locale,
        (
            lazy("Price"),
            f"{formats.money(row.unit_price_minor, locale)} / {translate(UNITS[row.unit], locale)}",
        ),
        (lazy("Delivery"), formats.money(row.delivery_minor or 0, locale)),
        (lazy("Total without VAT"), formats.money(row.total_minor or 0, locale)),
        (lazy("Delivered on"), formats.day(row.deliver_on, locale)),
        (lazy("The price holds until"), formats.day(row.valid_until, locale)),
        (lazy("Answer"), row.answer),
        (lazy("Answered on behalf of the supplier by"), row.answered_for),
        (lazy("Answered"), formats.instant(row.answered_at, locale) if row.answered_at else ""),
    )


def _facts(locale: str, *given: tuple[Text, str]) -> list[Fact]:
    """The facts there are."""
    return [{"label": translate(label, locale), "text": text} for label, text in given if text]
