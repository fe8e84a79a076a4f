"""A claim's papers for its hotel: the receipt of submission as a page and as PDF, and the certificate of an award."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import award_papers
from market.claims import claiming_queries as queries
from market.claims.claiming_queries import ClaimRow
from market.claims.hotel_pages import claim_views
from market.claims.hotel_pages.claim_page import own_claim
from market.claims.hotel_pages.documents import attachment
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.transparency import log
from market.transparency.keys import LogKeys
from market.values.text import Text, lazy
from market.web import urls
from market.web.render import render
from market.web.request import locale as locale_of
from market.web.request import settings, tools

_TEMPLATE: Final = Path(__file__).parents[1] / "typst" / "receipt.typ"


@dataclass(frozen=True, slots=True)
class ShowReceipt:
    """Context of claims/hotel_receipt.html."""

    claim_href: str
    pdf_href: str
    intro: str
    facts: list[tuple[str, str]]
    log: list[tuple[str, str]]
    closing: str


_INTRO: Final = lazy(
    "The office received this claim. The purchases of the month are frozen; their hash below would change with"
    " a single rupiah."
)
_CLOSING: Final = lazy(
    "Anyone can check that the public log holds this entry: its number and hash are above. Keep this receipt."
)


async def _receipt(request: Request) -> tuple[ClaimRow, ShowReceipt, str]:
    claim, locale = await own_claim(request), locale_of(request)
    if claim.submitted_at is None:
        raise NotFound
    entry = await log.get_entry(claim.submitted_index) if claim.submitted_index is not None else None
    facts: list[tuple[Text, str]] = [
        (lazy("Claim"), claim.reference),
        (lazy("Hotel"), await queries.hotel_name(claim.hotel_id)),
        (lazy("Month"), formats.month(claim.period.first_day, locale)),
        (lazy("Submitted"), formats.instant(claim.submitted_at, locale)),
        (lazy("Lines"), formats.number(claim.line_count, locale)),
        (lazy("Share claimed"), claim_views.percent(claim.share, locale)),
        (lazy("Tax of the month"), claim_views.money(claim.stated.tax_principal, locale)),
        (lazy("Award claimed"), claim_views.money(claim.award_minor, locale)),
    ]
    logged: list[tuple[Text, str]] = [
        (lazy("Hash of the lines (SHA-256)"), claim.snapshot_sha256),
        (lazy("Entry of the public log"), "–" if entry is None else str(entry.index)),
        (lazy("Hash of the entry"), "–" if entry is None else entry.leaf_hash_hex),
    ]
    context = ShowReceipt(
        claim_href=urls.path("claims:hotel_claim", locale=locale, reference=claim.reference),
        pdf_href=urls.path("claims:hotel_receipt_pdf", locale=locale, reference=claim.reference),
        intro=translate(_INTRO, locale),
        facts=[(translate(label, locale), value) for label, value in facts],
        log=[(translate(label, locale), value) for label, value in logged],
        closing=translate(_CLOSING, locale),
    )
    return (
        claim,
        context,
        translate(lazy("Receipt for claim %(reference)s", reference=claim.reference), locale),
    )


async def show(request: Request) -> Response:
    """The receipt as a page."""
    _, context, title = await _receipt(request)
    return render(request, "claims/hotel_receipt.html", context, title=title, robots="noindex")


async def download(request: Request) -> Response:
    """The receipt as PDF."""
    claim, context, title = await _receipt(request)
    locale = locale_of(request)
    data = {
        "lang": locale,
        "brand": settings(request).brand,
        "title": title,
        "intro": context.intro,
        "facts": context.facts,
        "log_title": translate(lazy("In the public log"), locale),
        "log": context.log,
        "closing": context.closing,
    }
    made = await asyncio.to_thread(_pdf, data)
    return attachment(made, f"receipt-{claim.reference}.pdf", "application/pdf")


async def certificate(request: Request) -> Response:
    """The certificate of the claim's award as PDF."""
    claim, locale = await own_claim(request), locale_of(request)
    made = await award_papers.certificate_pdf_of(
        claim.id, tools(request).of(LogKeys), settings(request), locale=locale, now=clock.now()
    )
    return attachment(made, f"certificate-{claim.reference}.pdf", "application/pdf")


async def certificate_file(request: Request) -> Response:
    """The same facts, signed, as the file that anybody can check."""
    claim, locale = await own_claim(request), locale_of(request)
    made = await award_papers.certificate_json(
        claim.id, tools(request).of(LogKeys), settings(request), locale=locale, now=clock.now()
    )
    return attachment(made, f"certificate-{claim.reference}.json", "application/json")


def _pdf(data: dict[str, Any]) -> bytes:
    import typst  # noqa: PLC0415 - 40 MB that only a process that sets a PDF should load

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made: Any = typst.compile(_TEMPLATE, format="pdf", sys_inputs=inputs, ignore_system_fonts=True)
    return made
