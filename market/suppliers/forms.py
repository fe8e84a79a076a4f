"""What enters the directory: its search, pages, products, certificates, requests and answers.

Shapes and limits only; what the domain refuses is `rules`. Each form knows how to become the draft it stands
for, and how a stored row is shown in it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from market.suppliers import villages
from market.suppliers.offering import (
    Category,
    CertificateDraft,
    CertificateKind,
    MonthDraft,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Texts,
    Unit,
)
from market.suppliers.rows import ProductRow, SupplierRow
from market.values import marks
from market.values.text import Text, lazy
from market.web.forms import Inbound, parse

MONTHS = range(1, 13)
_GROUPED = re.compile(r"[0-9]{1,3}([., ])[0-9]{3}(\1[0-9]{3})*")


def _whole(written: object) -> object:
    """`45.000` and `Rp 45,000` are forty-five thousand, and never forty-five; anything with a part is refused."""
    if not isinstance(written, str):
        return written
    plain = re.sub(r"^rp\.?\s*", "", written.strip().replace("\N{NO-BREAK SPACE}", " "), flags=re.IGNORECASE)
    if grouped := _GROUPED.fullmatch(plain):
        return plain.replace(grouped[1], "")
    if not re.fullmatch(r"-?[0-9]{1,19}", plain, re.ASCII):
        raise PydanticCustomError("int_parsing", "a whole number")
    return plain


def _account(written: str) -> str:
    if written and not marks.is_account(written):
        raise PydanticCustomError("account", "an account number")
    return written


Name = Annotated[str, Field(min_length=2, max_length=120)]
About = Annotated[str, Field(max_length=3000)]
Line = Annotated[str, Field(max_length=200)]
Account = Annotated[str, Field(max_length=60), AfterValidator(_account)]
Rupiah = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=10**11)]
Capacity = Annotated[int | None, BeforeValidator(_whole), Field(ge=0, le=10**9)]
MonthNumber = Annotated[int, Field(ge=1, le=12)]
_RUPIAH: dict[str, Text] = {"int_parsing": lazy("Enter whole rupiah, for example 45.000.")}


class SearchForm(Inbound):
    """The directory's query string. Every field may be missing; what cannot be used is left out."""

    q: str = Field("", max_length=120)
    category: Category | None = None
    kind: SupplierKind | None = None
    place: str = Field("", max_length=20)
    certificate: CertificateKind | None = None
    page: int = Field(1, ge=1, le=1000)


def forgiven(raw: Mapping[str, list[str]], locale: str) -> SearchForm:
    """The usable part of a query string that may hold anything."""
    left = dict(raw)
    form = parse(SearchForm, left, locale)
    while form.data is None:
        wrong = {name for name, _ in form.errors}
        left = (
            {name: values for name, values in left.items() if name not in wrong}
            if wrong & left.keys()
            else {}
        )
        form = parse(SearchForm, left, locale)
    return form.data


class PageForm(Inbound):
    """A supplier's page."""

    name: Name
    kind: SupplierKind
    village: str = Field(max_length=120)
    area_code: str = Field("", max_length=20)
    sole_trader: Literal["yes", "no"]
    name_consent: Literal["yes", "no"] = "no"
    people_count: Annotated[int | None, BeforeValidator(_whole)] = Field(None, ge=1, le=100_000)
    nib: Line = ""
    npwp: Line = ""
    street: Line = ""
    account: Account = ""
    about_id: About = ""
    about_en: About = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "village": {"any": lazy("Write the name of the village or kelurahan.")},
        "sole_trader": {"missing": lazy("Choose one of the options.")},
        "kind": {"missing": lazy("Choose one of the options.")},
        "account": {"any": lazy("Enter the number of the account: digits only, at least six.")},
    }

    def draft(self, area_code: str, secrets: tuple[str, ...]) -> PageDraft:
        """The page, in the village that was found for what was typed (see `villages`)."""
        about = {"id": self.about_id, "en": self.about_en}
        return PageDraft(
            name=self.name,
            kind=self.kind,
            area_code=area_code,
            sole_trader=self.sole_trader == "yes",
            name_consent=self.name_consent == "yes",
            people_count=self.people_count,
            nib=self.nib,
            npwp=self.npwp,
            street=self.street,
            account_keys=marks.kept("bank", self.account, secrets),
            texts={locale: {"about": text} for locale, text in about.items() if text},
        )


class MemberForm(PageForm):
    """The page of a member that a BUMDes or cooperative opens."""

    phone: str = Field("", max_length=30)
    agreed: Literal["yes"]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        **PageForm.WORDS,
        "agreed": {"any": lazy("Ask the member first: without their agreement the page cannot be opened.")},
    }


def page_values(row: SupplierRow) -> dict[str, Any]:
    """A page's values for its form."""
    return {
        "name": row.name,
        "kind": row.kind.value,
        "village": villages.label(row.area_code),
        "sole_trader": "yes" if row.sole_trader else "no",
        "name_consent": "yes" if row.name_consent else None,
        "people_count": row.people_count,
        "nib": row.nib,
        "npwp": row.npwp,
        "street": row.street,
        **{f"about_{locale}": words.get("about", "") for locale, words in row.texts.items()},
    }


class ProductForm(Inbound):
    """A product with its year."""

    name_id: Name
    name_en: str = Field("", max_length=120)
    about_id: About = ""
    about_en: About = ""
    category: Category
    unit: Unit
    price_low_minor: Rupiah | None = None
    price_high_minor: Rupiah | None = None
    season: list[MonthNumber]
    capacity_1: Capacity = None
    capacity_2: Capacity = None
    capacity_3: Capacity = None
    capacity_4: Capacity = None
    capacity_5: Capacity = None
    capacity_6: Capacity = None
    capacity_7: Capacity = None
    capacity_8: Capacity = None
    capacity_9: Capacity = None
    capacity_10: Capacity = None
    capacity_11: Capacity = None
    capacity_12: Capacity = None
    stated_origin: Origin
    stated_evidence: str = Field("", max_length=1000)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "price_low_minor": _RUPIAH,
        "price_high_minor": _RUPIAH,
        "stated_origin": {"missing": lazy("Choose one of the options.")},
    }

    def draft(self) -> ProductDraft:
        return ProductDraft(
            category=self.category,
            unit=self.unit,
            texts=self._texts(),
            months=tuple(MonthDraft(getattr(self, f"capacity_{n}"), n in self.season) for n in MONTHS),
            stated_origin=self.stated_origin,
            stated_evidence=self.stated_evidence,
            price_low_minor=self.price_low_minor,
            price_high_minor=self.price_high_minor,
        )

    def _texts(self) -> Texts:
        texts: Texts = {"id": {"name": self.name_id, "about": self.about_id}}
        if self.name_en:
            texts["en"] = {"name": self.name_en, "about": self.about_en}
        return texts


def product_values(row: ProductRow) -> dict[str, Any]:
    """A product's values for its form."""
    texts = {f"{key}_{locale}": text for locale, words in row.texts.items() for key, text in words.items()}
    return {
        **texts,
        "category": row.category.value,
        "unit": row.unit.value,
        "price_low_minor": row.price_low_minor,
        "price_high_minor": row.price_high_minor,
        "season": [month.number for month in row.months if month.in_season],
        **{f"capacity_{month.number}": month.capacity for month in row.months},
        "stated_origin": row.stated_origin.value,
        "stated_evidence": row.stated_evidence,
    }


class CertificateForm(Inbound):
    """A certificate; `product` is a product's id, or nothing for the whole page."""

    kind: CertificateKind
    title: str = Field("", max_length=120)
    number: str = Field("", max_length=80)
    issuer: str = Field("", max_length=120)
    expires_on: date | None = None
    product: int | None = Field(None, ge=1, le=2**53)

    def draft(self) -> CertificateDraft:
        return CertificateDraft(
            self.kind, self.title, self.number, self.issuer, self.expires_on, self.product
        )


class AgentForm(Inbound):
    """Who may keep the page too."""

    agent: str = Field(max_length=20)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "agent": {"any": lazy("Choose a BUMDes or cooperative that is in the directory.")}
    }


class AskForm(Inbound):
    """A hotel asks for a price."""

    hotel: int | None = Field(None, ge=1, le=2**53)
    quantity: Annotated[int, BeforeValidator(_whole)] = Field(ge=1, le=10**7)
    wanted_on: date
    place: Line = ""
    note: str = Field("", max_length=1000)
    request_key: str = Field(min_length=16, max_length=64)


class OfferForm(Inbound):
    """A supplier's answer with a price."""

    unit_price_minor: Rupiah
    delivery_minor: Annotated[int, BeforeValidator(_whole)] = Field(0, ge=0, le=10**11)
    deliver_on: date
    valid_until: date
    answer: str = Field("", max_length=1000)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "unit_price_minor": _RUPIAH,
        "delivery_minor": _RUPIAH,
    }


class ReasonForm(Inbound):
    """Why not, if somebody wants to say so."""

    reason: str = Field("", max_length=400)


class AcceptForm(Inbound):
    """The sum the hotel saw when it said yes."""

    total_minor: int = Field(ge=1, le=10**15)


class DecisionForm(Inbound):
    """An officer's finding on origin."""

    origin: Origin
    evidence_id: str = Field(min_length=10, max_length=1000)
    evidence_en: str = Field("", max_length=1000)
    expires_on: date
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"origin": {"missing": lazy("Choose one of the options.")}}

    def evidence(self) -> dict[str, str]:
        return {"id": self.evidence_id} | ({"en": self.evidence_en} if self.evidence_en else {})
