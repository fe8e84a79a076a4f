"""What holds for suppliers, their goods and their offers: pure decisions on frozen values.

Reads no clock and no database. What is refused is raised with the field it stands in, so that a form can show
it there. Identifiers of the state (NPWP, NIB …) are `identifiers`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from market.errors import Invalid, Refused
from market.places import areas
from market.places.areas import Level
from market.suppliers import identifiers
from market.suppliers.offering import (
    CertificateDraft,
    CertificateKind,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Unit,
)
from market.values.text import Text, lazy

RENEW_AHEAD: Final = timedelta(days=60)
LONGEST_ORIGIN: Final = timedelta(days=3 * 366)
MOST_MONEY: Final = 10**13
_VILLAGES: Final = frozenset({Level.DESA, Level.KELURAHAN})
_NO_ONE_ALONE: Final = frozenset({SupplierKind.BUMDES, SupplierKind.COOPERATIVE})


class NotReady(Refused):
    """A page that cannot be public yet; `message` says what is missing."""

    code = "page_not_ready"


class WrongTurn(Refused):
    """A quotation that is not in a state for this."""

    code = "quotation_closed"
    message = lazy("This request was already settled. Open it again to see how it stands.")


# Names -------------------------------------------------------------------------------------------------


def is_named(*, sole_trader: bool, name_consent: bool) -> bool:
    """Whether a supplier may be shown by name: companies and groups always, one person only when they agreed."""
    return not sole_trader or name_consent


def public_name(name: str, code: str, *, sole_trader: bool, name_consent: bool) -> str:
    """The name visitors read: the code for a sole trader who did not agree to be named."""
    return name if is_named(sole_trader=sole_trader, name_consent=name_consent) else code


# What is written on a page -------------------------------------------------------------------------------


def checked_page(draft: PageDraft) -> PageDraft:
    """The page with its identifiers in their stored form. Raises Invalid with the field that is wrong."""
    if not areas.exists(draft.area_code) or areas.get(draft.area_code).level not in _VILLAGES:
        raise Invalid(
            "unknown_village", lazy("Choose the village or kelurahan from the list."), field="area_code"
        )
    if draft.sole_trader and draft.kind in _NO_ONE_ALONE:
        raise Invalid(
            "not_alone", lazy("A BUMDes or cooperative is never one person alone."), field="sole_trader"
        )
    nib = _checked("nib", draft.nib)
    npwp = _checked("npwp", draft.npwp)
    consent = draft.name_consent and draft.sole_trader
    return replace(draft, name_consent=consent, nib=nib, npwp=npwp, street=draft.street.strip())


def _checked(field: str, written: str) -> str:
    if not written.strip():
        return ""
    check = identifiers.nib if field == "nib" else identifiers.npwp
    try:
        return check(written).value
    except identifiers.WrongIdentifier as wrong:
        raise Invalid(wrong.code, wrong.message, field=field) from wrong


def check_product(draft: ProductDraft) -> None:
    """Raises Invalid with the field that is wrong."""
    if len(draft.months) != 12:
        raise ValueError("a year has twelve months")
    low, high = draft.price_low_minor, draft.price_high_minor
    if (low is None) != (high is None):
        missing = "price_low_minor" if low is None else "price_high_minor"
        raise Invalid("half_a_price", lazy("Give both ends of the price, or neither."), field=missing)
    if low is not None and high is not None and high < low:
        raise Invalid(
            "price_upside_down", lazy("The highest price is below the lowest one."), field="price_high_minor"
        )
    if not any(month.in_season for month in draft.months):
        raise Invalid(
            "no_season", lazy("Choose at least one month in which you can deliver."), field="season"
        )
    if any(month.capacity and not month.in_season for month in draft.months):
        raise Invalid(
            "capacity_off_season",
            lazy("There is a quantity in a month that is not chosen as season."),
            field="season",
        )


def check_certificate(draft: CertificateDraft) -> None:
    """Raises Invalid with the field that is wrong."""
    declared = draft.kind is CertificateKind.DECLARED_NON_HALAL
    if draft.kind is CertificateKind.OTHER and not draft.title:
        raise Invalid("no_title", lazy("Say what kind of certificate this is."), field="title")
    if not declared and not draft.issuer:
        raise Invalid("no_issuer", lazy("Write who issued the certificate."), field="issuer")
    if not declared and not draft.number:
        raise Invalid("no_number", lazy("Write the number on the certificate."), field="number")


def check_publishable(*, offered_products: int, about: str) -> None:
    """Raises NotReady when hotels would find nothing on the page."""
    if not about.strip():
        raise NotReady(message=lazy("Write a few sentences about your business first."))
    if not offered_products:
        raise NotReady(message=lazy("Add at least one product first."))


# Time and proof ----------------------------------------------------------------------------------------


class Validity(StrEnum):
    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"
    WITHOUT_END = "without_end"


def validity(expires_on: date | None, today: date) -> Validity:
    """How a dated paper stands; the day it expires on is its last good day."""
    if expires_on is None:
        return Validity.WITHOUT_END
    if expires_on < today:
        return Validity.EXPIRED
    return Validity.ENDING if expires_on - today <= RENEW_AHEAD else Validity.VALID


class OriginState(StrEnum):
    """How far an origin class can be relied on. Only `DECIDED` counts for anything."""

    STATED = "stated"
    DECIDED = "decided"
    EXPIRED = "expired"
    CHANGED = "changed"


class Decision(Protocol):
    """What is asked of an origin decision."""

    @property
    def about(self) -> str: ...
    @property
    def expires_on(self) -> date: ...


def origin_state(decision: Decision | None, about: str, today: date) -> OriginState:
    """How the newest decision on a product stands, if there is one; `about` is the product as it is now."""
    if decision is None:
        return OriginState.STATED
    if decision.about != about:
        return OriginState.CHANGED
    return OriginState.EXPIRED if decision.expires_on < today else OriginState.DECIDED


def judged_as(category: str, texts: dict[str, dict[str, str]]) -> str:
    """What an origin decision is about: the category and names; a product renamed is another product."""
    names = [f"{locale}={texts[locale].get('name', '')}" for locale in sorted(texts)]
    return "|".join([category, *names])


def check_origin(*, decided_on: date, expires_on: date, related: bool) -> None:
    """Raises Invalid or Refused when this person may not decide this, or not for so long."""
    if related:
        raise Refused(
            "related_officer", lazy("You act for this supplier, so somebody else has to decide this.")
        )
    if not decided_on < expires_on <= decided_on + LONGEST_ORIGIN:
        raise Invalid(
            "origin_expiry",
            lazy("The decision holds until a day within the coming three years."),
            field="expires_on",
        )


def strongest(origins: list[Origin]) -> Origin | None:
    """The best of some origin classes: A before B before C before X."""
    return min(origins, default=None)


# Quotations --------------------------------------------------------------------------------------------


class State(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    REFUSED = "refused"


TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.ASKED: frozenset({State.ANSWERED, State.DECLINED, State.WITHDRAWN}),
    State.ANSWERED: frozenset({State.ANSWERED, State.ACCEPTED, State.REFUSED, State.WITHDRAWN}),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.ACCEPTED: frozenset(),
    State.REFUSED: frozenset(),
}
OPEN: Final = frozenset(state for state, following in TRANSITIONS.items() if following)


def may_become(state: State, following: State) -> bool:
    """Whether a quotation may go from one state to another."""
    return following in TRANSITIONS[state]


@dataclass(frozen=True, slots=True)
class Offer:
    """A supplier's answer: rupiah without VAT, `delivery_minor` once for the whole delivery."""

    unit_price_minor: int
    delivery_minor: int
    deliver_on: date
    valid_until: date
    answer: str = ""

    def total(self, quantity: int) -> int:
        """What the hotel pays without VAT."""
        return self.unit_price_minor * quantity + self.delivery_minor


def check_request(quantity: int, wanted_on: date, today: date) -> None:
    """Raises Invalid with the field that is wrong."""
    if quantity < 1:
        raise Invalid("no_quantity", lazy("Enter how much you need."), field="quantity")
    if wanted_on < today:
        raise Invalid("wanted_in_the_past", lazy("Choose a day from today on."), field="wanted_on")


def check_offer(offer: Offer, quantity: int, today: date) -> None:
    """Raises Invalid with the field that is wrong."""
    if offer.total(quantity) > MOST_MONEY:
        raise Invalid(
            "too_much_money", lazy("This price is higher than we can take."), field="unit_price_minor"
        )
    if offer.deliver_on < today:
        raise Invalid("deliver_in_the_past", lazy("Choose a day from today on."), field="deliver_on")
    if offer.valid_until < today:
        raise Invalid("valid_in_the_past", lazy("Choose a day from today on."), field="valid_until")


def check_acceptance(valid_until: date, today: date) -> None:
    """Raises Refused when the offer's time is over; its last day still counts."""
    if today > valid_until:
        raise Refused("offer_over", lazy("This offer's time is over. Ask the supplier for a new price."))


def over_capacity(quantity: int, capacity: int | None) -> bool:
    """Whether a quantity is more than a month's stated capacity; a capacity not stated refuses nothing."""
    return capacity is not None and quantity > capacity


def unit_from(text: str) -> Unit:
    """A stored unit."""
    return Unit(text)


def reason_of(error: Invalid | Refused) -> tuple[str, Text]:
    """The field ("" when none) and the words of a refusal, for a form."""
    return (error.field or "", error.message) if isinstance(error, Invalid) else ("", error.message)
