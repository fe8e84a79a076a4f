"""From stored rows to what the ledger's pages show, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing.listing_queries import EvidenceRow, ExpectedRow, Listed
from market.sourcing.queries import DocumentRow, LineRow
from market.sourcing.rules import Kind
from market.sourcing.wording import CONFIRMATIONS, CONFIRMATIONS_SHORT, KINDS, ORIGINS_SHORT, category
from market.suppliers.offering import Origin
from market.suppliers.wording import amount as amount_of
from market.values.money import IDR
from market.values.text import lazy
from market.web import urls

Tag = tuple[str, str, str]  # kind, words, icon


@dataclass(frozen=True, slots=True)
class RowView:
    """A document in the list."""

    href: str
    day: str
    reference: str
    number: str
    seller: str
    goods: str
    category: str
    net: str
    origin: Tag
    evidence: Tag
    state: Tag
    void: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line on its document's page."""

    description: str
    category: str
    quantity: str
    stated: str
    net: str
    vat: str
    origin: Tag
    evidenced: bool
    confirmed: bool
    related: bool


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo or file, shown as its preview once that is drawn."""

    reference: str
    name: str
    when: str
    who: str
    original: str
    preview: str
    is_pdf: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class ExpectedView:
    """Something agreed on that can be logged with one tap."""

    id: int
    href: str
    goods: str
    seller: str
    day: str
    net: str


def month_of(period: str) -> date:
    """The first day of a month written `2026-11`."""
    return date.fromisoformat(f"{period}-01")


def row_view(listed: Listed, locale: str) -> RowView:
    """A document as one row."""
    document, lines = listed.document, listed.lines
    first = lines[0]
    more = len(lines) - 1
    goods = first.description if not more else f"{first.description} +{more}"
    names = list(dict.fromkeys(translate(category(line.category), locale) for line in lines))
    return RowView(
        href=urls.path("sourcing:show", locale=locale, reference=document.reference),
        day=formats.day_short(document.invoice_on, locale),
        reference=document.reference,
        number=document.number,
        seller=document.seller_name,
        goods=goods,
        category=", ".join(names),
        net=signed(document.net_minor, document.kind, locale),
        origin=origin_tag(lines, locale),
        evidence=_evidence_tag(listed, locale),
        state=state_tag(document, locale, short=True),
        void=not document.live,
    )


def signed(net_minor: int, kind: Kind, locale: str) -> str:
    """A net value; a credit note's with a minus."""
    return formats.money(-net_minor if kind is Kind.CREDIT_NOTE else net_minor, locale)


def origin_tag(lines: Sequence[LineRow], locale: str) -> Tag:
    """Where the goods come from; `Partly local` when it differs from line to line."""
    found = {line.origin for line in lines}
    if len(found) > 1 and Origin.X in found:
        return "info", translate(lazy("Partly local"), locale), "map-pin"
    kind, words = ORIGINS_SHORT[min(found)]
    return kind, translate(words, locale), "map-pin" if kind else ""


def state_tag(document: DocumentRow, locale: str, *, short: bool = False) -> Tag:
    """Void, a credit note, or where the supplier's word stands."""
    if not document.live:
        return "", translate(lazy("Void"), locale), "ban"
    if document.kind is Kind.CREDIT_NOTE:
        return "info", translate(KINDS[document.kind], locale), "undo-2"
    kind, icon, words = CONFIRMATIONS[document.confirmation]
    return kind, translate(CONFIRMATIONS_SHORT[document.confirmation] if short else words, locale), icon


def _evidence_tag(listed: Listed, locale: str) -> Tag:
    if listed.document.kind is Kind.CREDIT_NOTE:
        return "", translate(lazy("Not needed"), locale), ""
    if listed.document.evidenced:
        return "ok", translate(lazy("Proven"), locale), "paperclip"
    if listed.evidence_count:
        return "wait", translate(lazy("Too weak"), locale), "paperclip"
    return "wait", translate(lazy("Not there yet"), locale), "upload"


def line_view(line: LineRow, document: DocumentRow, locale: str) -> LineView:
    """A line with what stands on the paper and what it comes to."""
    kind, words = ORIGINS_SHORT[line.origin]
    percent = decimal(line.vat_percent, locale)
    return LineView(
        description=line.description,
        category=translate(category(line.category), locale),
        quantity=f"{decimal(str(Decimal(line.quantity_milli) / 1000), locale)} {line.unit}"
        if line.quantity_milli
        else "",
        stated=f"{document.currency} {decimal(line.amount, locale)}" if document.currency != IDR else "",
        net=formats.money(line.net_minor, locale),
        vat=f"{formats.money(line.vat_minor, locale)} ({percent} %)" if line.vat_minor else "",
        origin=(kind, translate(words, locale), "map-pin" if kind else ""),
        evidenced=line.evidenced,
        confirmed=line.confirmed,
        related=line.related,
    )


def decimal(written: str, locale: str) -> str:
    """A stored decimal number as a language writes it: `1.250,5` or `1,250.5`."""
    whole, _, part = written.partition(".")
    part = part.rstrip("0")
    grouped = f"{int(whole):,}"
    if locale == "id":
        grouped = grouped.replace(",", ".")
    return f"{grouped}{',' if locale == 'id' else '.'}{part}" if part else grouped


def photo_view(row: EvidenceRow, locale: str) -> PhotoView:
    """A photo or file with its addresses."""
    return PhotoView(
        reference=row.reference,
        name=row.filename,
        when=formats.instant(row.added_at, locale),
        who=row.added_by,
        original=urls.path("sourcing:evidence", locale=locale, reference=row.reference),
        preview=urls.path("sourcing:preview", locale=locale, reference=row.reference)
        if row.has_preview
        else "",
        is_pdf=row.is_pdf,
        failed=row.state == "failed",
    )


def expected_view(row: ExpectedRow, locale: str) -> ExpectedView:
    """An expected purchase with the address that logs it."""
    href = urls.path("sourcing:new", locale=locale)
    return ExpectedView(
        id=row.id,
        href=f"{href}?expected={row.id}",
        goods=f"{row.product_name(locale)}, {amount_of(row.quantity, row.unit, locale)}",
        seller=row.supplier,
        day=formats.day(row.expected_on, locale),
        net=formats.money(row.net_minor, locale),
    )
