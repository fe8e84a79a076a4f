"""What the mails about quotations say: the words are in templates/suppliers/mail_*.txt; this fills them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market.i18n import formats
from market.i18n.messages import translate
from market.notifications.wording import Wording, mail_from_template
from market.settings import Settings
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.wording import UNITS, amount
from market.web import urls

# What happened, the side that is told, and its page.
TOLD: Final[dict[str, tuple[str, str]]] = {
    "asked": ("supplier", "suppliers:request"),
    "withdrawn": ("supplier", "suppliers:request"),
    "accepted": ("supplier", "suppliers:request"),
    "refused": ("supplier", "suppliers:request"),
    "answered": ("hotel", "suppliers:quotation"),
    "declined": ("hotel", "suppliers:quotation"),
}


def _one_line(written: str) -> str:
    """What a person wrote, in one line: it can never look like a paragraph or a button of ours."""
    return " ".join(written.split())


@dataclass(frozen=True, slots=True)
class Facts:
    """What the mails tell; money and dates are formatted already, and "" where there is none."""

    name: str
    reference: str
    hotel: str
    supplier: str
    agent: str
    product: str
    amount: str
    wanted_on: str
    place: str
    note: str
    price: str
    total: str
    deliver_on: str
    valid_until: str
    answer: str
    reason: str
    address: str


def about(
    what: str, quotation: QuotationRow, *, supplier: str, name: str, locale: str, settings: Settings
) -> Wording:
    """The mail that tells one person what happened to a request."""
    unit = translate(UNITS[quotation.unit], locale)
    route = TOLD[what][1]

    def money(amount: int | None) -> str:
        return formats.money(amount, locale) if amount is not None else ""

    price = money(quotation.unit_price_minor)
    facts = Facts(
        name=name,
        reference=quotation.reference,
        hotel=_one_line(quotation.hotel),
        supplier=_one_line(supplier),
        agent=quotation.answered_for,
        product=_one_line(quotation.product_name(locale)),
        amount=amount(quotation.quantity, quotation.unit, locale),
        wanted_on=formats.day(quotation.wanted_on, locale),
        place=_one_line(quotation.place),
        note=_one_line(quotation.note),
        price=f"{price} / {unit}" if price else "",
        total=money(quotation.total_minor),
        deliver_on=formats.day(quotation.deliver_on, locale) if quotation.deliver_on else "",
        valid_until=formats.day(quotation.valid_until, locale) if quotation.valid_until else "",
        answer=_one_line(quotation.answer),
        reason=_one_line(quotation.reason),
        address=settings.base_url + urls.path(route, locale=locale, reference=quotation.reference),
    )
    return mail_from_template(f"suppliers/mail_{what}", facts, locale, settings)
