"""From stored rows to what a page shows, in one language. The one place that decides what visitors may read:

a sole trader who did not agree to be named appears by code and kecamatan, without their own words, without the
village and without the numbers of certificates, which would lead to the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.suppliers import wording
from market.suppliers.offering import CertificateKind, Origin, Texts
from market.suppliers.queries import Entry
from market.suppliers.rows import CertificateRow, DecisionRow, MonthRow, ProductRow, SupplierRow
from market.suppliers.rules import OriginState, Validity
from market.suppliers.wording import (
    CATEGORIES,
    CERTIFICATES,
    CERTIFICATES_SHORT,
    KINDS,
    ORIGIN_MEANING,
    ORIGIN_STATES,
    ORIGINS,
    UNITS,
    VALIDITIES,
)
from market.values.text import lazy
from market.web import urls

Tag = tuple[str, str]
_ON_CARD = 4


@dataclass(frozen=True, slots=True)
class MonthView:
    name: str
    short: str
    in_season: bool
    amount: str


@dataclass(frozen=True, slots=True)
class OriginView:
    """A product's origin in plain words, with its proof. `evidence` is the office's, `stated` the supplier's."""

    title: str
    meaning: str
    tag: Tag
    checked: bool
    evidence: str
    stated: str
    office: str
    decided_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class CertificateView:
    id: int
    title: str
    number: str
    issuer: str
    expires_on: date | None
    tag: Tag
    declared: bool
    product_id: int | None
    product: str


@dataclass(frozen=True, slots=True)
class ProductView:
    id: int
    href: str
    ask_href: str
    name: str
    about: str
    category: str
    unit: str
    price: str
    months: tuple[MonthView, ...]
    season: str
    in_season: bool
    origin: OriginView
    certificates: tuple[CertificateView, ...]


@dataclass(frozen=True, slots=True)
class SupplierView:
    """A page as visitors read it."""

    code: str
    href: str
    name: str
    named: bool
    kind: str
    place: str
    initials: str
    about: str
    people_count: int | None
    nib: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A supplier in the directory's grid."""

    href: str
    name: str
    kind: str
    place: str
    goods: str
    season: str
    tags: tuple[tuple[str, str, str], ...]


def words_in(texts: Texts, key: str, locale: str) -> str:
    """A text in a language, or in whatever language it was written."""
    written = {code: words[key] for code, words in texts.items() if words.get(key)}
    return pick(written, locale) if written else ""


def supplier_href(row: SupplierRow, locale: str) -> str:
    return urls.path("suppliers:show", locale=locale, slug=row.address)


def supplier_view(row: SupplierRow, locale: str) -> SupplierView:
    """What a visitor may read of a supplier."""
    return SupplierView(
        code=row.code,
        href=supplier_href(row, locale),
        name=row.public_name,
        named=row.named,
        kind=translate(KINDS[row.kind], locale),
        place=place_line(row, locale),
        initials="".join(part[0] for part in row.name.split()[:2] if part[:1].isalpha())
        if row.named
        else "?",
        about=words_in(row.texts, "about", locale) if row.named else "",
        people_count=row.people_count,
        nib=row.nib if row.named and not row.sole_trader else "",
        agent_name=row.agent_name,
    )


def place_line(row: SupplierRow, locale: str) -> str:
    """Village and kecamatan with the kabupaten; without the village for those who are not named."""
    *inner, kabupaten = row.place
    parts = [*inner[:-1], translate(lazy("kecamatan %(name)s", name=inner[-1]), locale), kabupaten]
    return ", ".join(parts)


def card_view(entry: Entry, today: date, locale: str) -> CardView:
    """A supplier as a card: goods, what is in season this month, the best proof and valid certificates."""
    row = entry.supplier
    return CardView(
        href=supplier_href(row, locale),
        name=row.public_name,
        kind=translate(KINDS[row.kind], locale),
        place=", ".join(row.place[-2:]),
        goods=", ".join(words_in(product.texts, "name", locale) for product in entry.products[:_ON_CARD]),
        season=_card_season(entry, today, locale),
        tags=tuple(_card_tags(entry, locale)),
    )


def _card_season(entry: Entry, today: date, locale: str) -> str:
    """What can be had this month among the goods that have a season; `All year` when none has one."""
    seasonal = [product for product in entry.products if not all(month.in_season for month in product.months)]
    if not seasonal:
        return translate(lazy("All year"), locale)
    now = [p for p in seasonal if any(month.in_season for month in p.months if month.number == today.month)]
    goods = ", ".join(words_in(product.texts, "name", locale) for product in now[:_ON_CARD])
    return translate(lazy("In season now: %(goods)s", goods=goods), locale) if goods else ""


def _card_tags(entry: Entry, locale: str) -> list[tuple[str, str, str]]:
    tags: list[tuple[str, str, str]] = []
    decided = sorted(p.origin for p in entry.products if p.origin_state is OriginState.DECIDED)
    if decided:
        words = lazy("Origin checked: %(origin)s", origin=decided[0].value)
        tags.append(("sea", translate(words, locale), "shield-check"))
    good = {c.kind for c in entry.certificates if c.validity is not Validity.EXPIRED}
    for kind in CertificateKind:
        if kind in good and kind is not CertificateKind.OTHER:
            icon = "info" if kind is CertificateKind.DECLARED_NON_HALAL else "badge-check"
            tags.append(("", translate(CERTIFICATES_SHORT[kind], locale), icon))
    return tags


def product_view(
    row: ProductRow, supplier: SupplierRow, certificates: tuple[CertificateRow, ...], today: date, locale: str
) -> ProductView:
    """A product as visitors read it; `certificates` are the page's, of which those for it (or for all) count."""
    address = {"locale": locale, "slug": supplier.address, "product": row.slug}
    own = [c for c in certificates if c.product_id in {None, row.id}]
    return ProductView(
        id=row.id,
        href=urls.path("suppliers:product", **address),
        ask_href=urls.path("suppliers:ask", **address),
        name=words_in(row.texts, "name", locale),
        about=words_in(row.texts, "about", locale),
        category=translate(CATEGORIES[row.category], locale),
        unit=translate(UNITS[row.unit], locale),
        price=price_line(row, locale),
        months=tuple(_month(month, row, locale) for month in row.months),
        season=season_line(row, locale),
        in_season=any(m.in_season for m in row.months if m.number == today.month),
        origin=origin_view(row, locale, named=supplier.named),
        certificates=tuple(certificate_view(c, locale, named=supplier.named) for c in own),
    )


def price_line(row: ProductRow, locale: str) -> str:
    """`Rp 45.000 – Rp 60.000 / kg`, or "" when the supplier gives no hint."""
    low, high = row.price_low_minor, row.price_high_minor
    if low is None or high is None:
        return ""
    price = formats.money(low, locale)
    if high > low:
        price = f"{price} – {formats.money(high, locale)}"
    return f"{price} / {translate(UNITS[row.unit], locale)}"


def month_name(number: int, locale: str, *, short: bool = False) -> str:
    day = date(2000, number, 1)
    return formats.month_short(day, locale) if short else formats.month_name(day, locale)


def _month(month: MonthRow, row: ProductRow, locale: str) -> MonthView:
    amount = ""
    if month.in_season and month.capacity is not None:
        amount = wording.amount(month.capacity, row.unit, locale)
    return MonthView(
        month_name(month.number, locale),
        month_name(month.number, locale, short=True),
        month.in_season,
        amount,
    )


def season_line(row: ProductRow, locale: str) -> str:
    """`All year`, or runs of months (`April–July, October`); a run over the new year stays one."""
    good = [month.number for month in row.months if month.in_season]
    if len(good) == len(row.months):
        return translate(lazy("All year"), locale)
    runs = [[first] for first in good if (first - 2) % 12 + 1 not in good]
    for run in runs:
        while (following := run[-1] % 12 + 1) in good:
            run.append(following)
    named = [(month_name(run[0], locale), month_name(run[-1], locale)) for run in runs]
    return ", ".join(first if first == last else f"{first}–{last}" for first, last in named)


def origin_view(row: ProductRow, locale: str, *, named: bool) -> OriginView:
    """A product's origin class, what it means, and who found it on what evidence."""
    kind, words = ORIGIN_STATES[row.origin_state]
    checked = row.origin_state is OriginState.DECIDED
    decision: DecisionRow | None = row.decision
    return OriginView(
        title=translate(ORIGINS[row.origin], locale),
        meaning=translate(ORIGIN_MEANING[row.origin], locale),
        tag=(kind, translate(words, locale)),
        checked=checked,
        evidence=pick(decision.evidence, locale) if decision and decision.evidence else "",
        stated=row.stated_evidence if named else "",
        office=decision.office if decision else "",
        decided_on=decision.decided_on if decision else None,
        expires_on=decision.expires_on if decision else None,
    )


def origin_options(locale: str) -> list[dict[str, str]]:
    """The four classes to choose from, each with its meaning."""
    return [
        {
            "value": origin.value,
            "title": translate(ORIGINS[origin], locale),
            "text": translate(ORIGIN_MEANING[origin], locale),
        }
        for origin in Origin
    ]


def certificate_view(
    row: CertificateRow, locale: str, *, named: bool = True, product: str = ""
) -> CertificateView:
    """A certificate with its state; its number only where the supplier is named."""
    declared = row.kind is CertificateKind.DECLARED_NON_HALAL
    kind, words = VALIDITIES[row.validity]
    return CertificateView(
        id=row.id,
        title=row.title or translate(CERTIFICATES[row.kind], locale),
        number=row.number if named else "",
        issuer=row.issuer,
        expires_on=row.expires_on,
        tag=("info", translate(lazy("Supplier's own statement"), locale))
        if declared and row.expires_on is None
        else (kind, translate(words, locale)),
        declared=declared,
        product_id=row.product_id,
        product=product,
    )
