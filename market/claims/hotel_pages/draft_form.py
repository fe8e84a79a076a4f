"""What a hotel types into a draft, read and shown again: amounts as people write them, one per excluded category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from starlette.datastructures import FormData

from market.claims.claiming import MOST_RUPIAH, Arrears, Stated
from market.claims.rule_versions import RuleVersion
from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing import amounts
from market.values.text import lazy
from market.web.forms import Form, Inbound, parse

_PREFIX = "out_"
Note = Annotated[str, Field(max_length=2000)]


class DraftForm(Inbound):
    """The draft's choices and texts. Amounts are read apart: there is one for each category the rule excludes."""

    compliant: Annotated[str, Field(pattern="^(yes|no)$")] = ""
    compliance_note: Note = ""
    arrears: Arrears | None = None
    arrears_note: Note = ""
    difference_note: Note = ""
    late_note: Note = ""


def amount_field(category: str) -> str:
    """The form field for what the books hold in an excluded category."""
    return _PREFIX + category


def read(
    data: FormData | Mapping[str, list[str]], rule: RuleVersion, locale: str
) -> tuple[Form[DraftForm], Stated | None]:
    """The form and what it states; None, with the errors at their fields, when something cannot be read."""
    form = parse(DraftForm, data, locale)
    typed = form.data
    total = rupiah(form, "total", locale)
    tax = rupiah(form, "tax_principal", locale)
    explained = {
        category: value
        for category in rule.excluded_categories
        if (value := rupiah(form, amount_field(category), locale))
    }
    if typed is None or form.errors:
        return form, None
    return form, Stated(
        total=total,
        explained=explained,
        difference_note=typed.difference_note,
        tax_principal=tax,
        compliant={"yes": True, "no": False}.get(typed.compliant),
        compliance_note=typed.compliance_note,
        arrears=typed.arrears,
        arrears_note=typed.arrears_note,
        late_note=typed.late_note,
    )


def shown(stated: Stated, locale: str) -> Form[Any]:
    """The form with what was stated before."""

    def amount(value: int | None) -> str:
        return "" if value is None else formats.number(value, locale)

    values: dict[str, str] = {
        "total": amount(stated.total),
        "tax_principal": amount(stated.tax_principal),
        "compliant": {True: "yes", False: "no", None: ""}[stated.compliant],
        "compliance_note": stated.compliance_note,
        "arrears": stated.arrears.value if stated.arrears else "",
        "arrears_note": stated.arrears_note,
        "difference_note": stated.difference_note,
        "late_note": stated.late_note,
        **{amount_field(category): amount(value) for category, value in stated.explained.items()},
    }
    return Form({name: [value] for name, value in values.items()}, None)


def rupiah(form: Form[Any], name: str, locale: str) -> int | None:
    """Whole rupiah from a field; None when it is empty. What is no amount becomes an error at the field."""
    typed = form.value(name).strip()
    if not typed or form.error(name):
        return None
    try:
        value = amounts.read(typed)
    except amounts.Unreadable:
        value = None
    if value is None or value != value.to_integral_value() or not 0 <= value <= MOST_RUPIAH:
        message = lazy("Enter whole rupiah, for example 80.000.000.")
        form.add_error(name, translate(message, locale))
        return None
    return int(value)
