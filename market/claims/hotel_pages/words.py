"""What the keys of rules, assessments and claims are called on a hotel's and the public's pages."""

from __future__ import annotations

from typing import Final

from market.claims.awards import CappedBy
from market.claims.dashboard import Lack
from market.claims.lines import Reason
from market.claims.rule_versions import TaxInstrument
from market.i18n.messages import translate
from market.sourcing.rules import CATEGORIES
from market.sourcing.wording import category as name_of
from market.values.text import Text, lazy

REASONS: Final[dict[Reason, Text]] = {
    Reason.OTHER_PERIOD: lazy("Belongs to another month"),
    Reason.OUT_OF_SCOPE: lazy("Outside of the programme"),
    Reason.NOT_EVIDENCED: lazy("Without the paper it needs"),
    Reason.NOT_CONFIRMED: lazy("Not confirmed by the supplier"),
    Reason.RELATED_PARTY: lazy("From a business related to the hotel"),
}
REASON_MEANING: Final[dict[Reason, Text]] = {
    Reason.OTHER_PERIOD: lazy("Reckoned with the month of its invoice."),
    Reason.OUT_OF_SCOPE: lazy("Neither in your purchases nor in the local part."),
    Reason.NOT_EVIDENCED: lazy("Stays in your purchases, does not count as local."),
    Reason.NOT_CONFIRMED: lazy("Stays in your purchases, does not count as local."),
    Reason.RELATED_PARTY: lazy("Stays in your purchases, does not count as local."),
}
CAPPED: Final[dict[CappedBy, Text]] = {
    CappedBy.MIN_PERIOD_SPEND: lazy("Your purchases of the month are below the programme's minimum."),
    CappedBy.CATEGORY_MINIMUMS: lazy("A category is below the share the rule asks of it."),
    CappedBy.CAP_PERIOD: lazy("Held down by the most that one month can bring."),
    CappedBy.CAP_YEAR: lazy("Held down by the most that one year can bring."),
    CappedBy.BUDGET: lazy("Held down by what the programme's budget has left."),
}
LACKS: Final[dict[Lack, Text]] = {
    Lack.EVIDENCE: lazy("Add the missing papers"),
    Lack.CONFIRMATION: lazy("Get the suppliers' confirmation"),
    Lack.ORIGIN: lazy("Have the origin of the goods decided"),
    Lack.SUPPLIER: lazy("Choose the seller from the directory"),
}
INSTRUMENTS: Final[dict[TaxInstrument, Text]] = {
    TaxInstrument.PBJT_HOTEL: lazy("Hotel tax (PBJT on hotel services)"),
    TaxInstrument.PBJT_FOOD: lazy("Restaurant tax (PBJT on food and drink)"),
    TaxInstrument.PBB_P2: lazy("Property tax (PBB-P2)"),
    TaxInstrument.REKLAME: lazy("Advertising tax"),
    TaxInstrument.PENALTY_WAIVER: lazy("Waiver of tax penalties"),
    TaxInstrument.NON_TAX_AWARD: lazy("An award other than tax"),
}


def category(code: str, locale: str) -> str:
    """A category's name; a city's own category is shown by its code."""
    if code in CATEGORIES:
        return translate(name_of(code), locale)
    return code.replace("_", " ").capitalize()
