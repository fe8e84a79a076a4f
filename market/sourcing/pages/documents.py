"""One document: what stands on it, what others say about it, its photos and its history; void it, ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError
from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing import confirmations, entry, inserting, listing_queries, queries, standing
from market.sourcing.forms import ReasonForm
from market.sourcing.listing_queries import AnswerRow, EventRow
from market.sourcing.pages import scope, uploads
from market.sourcing.pages.scope import House
from market.sourcing.pages.views import (
    LineView,
    PhotoView,
    Tag,
    decimal,
    line_view,
    photo_view,
    signed,
    state_tag,
)
from market.sourcing.queries import DocumentRow
from market.sourcing.rules import Confirmation, Kind, is_enough
from market.sourcing.wording import ANSWERS, EVENTS, PAPERS, SOURCES, counting
from market.values.money import IDR
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id

UNDO_WITHIN: Final = timedelta(minutes=10)
_WAYS: Final[dict[str, Text]] = {
    "web": lazy("on the website"),
    "link": lazy("by the link in the mail"),
    "sms": lazy("by SMS"),
}
Fact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShowDocument:
    """Context of sourcing/document.html."""

    house: House
    reference: str
    seller: str
    number: str
    tag: Tag
    live: bool
    is_credit: bool
    is_adjustment: bool
    facts: Sequence[Fact]
    net: str
    vat: str
    gross: str
    lines: Sequence[LineView]
    counting: str
    answers: Sequence[dict[str, str]]
    photos: Sequence[PhotoView]
    paper_note: str
    log: Sequence[dict[str, str]]
    form: Form[Any]
    may_undo: bool
    may_change: bool
    may_credit: bool
    may_ask_again: bool
    void_reason: str


async def show(request: Request) -> Response:
    """A document of the viewer's hotel."""
    return await _page(request, await scope.own_document(request), filled({}))


async def void(request: Request) -> Response:
    """Take it out of the reckoning, with a reason."""
    document = await scope.own_document(request)
    form = parse(ReasonForm, await request.form(), locale_of(request))
    if form.data is not None:
        try:
            await entry.void(
                document.reference,
                hotel_id=document.hotel_id,
                by=person_id(request),
                reason=form.data.reason,
                now=clock.now(),
            )
        except DomainError as refusal:
            form.add_error("reason", words(request, refusal.message))
        else:
            said = lazy("Void. It stays visible with your reason, and no longer counts.")
            return redirect(request, _href(request, document), flash=said)
    return await _page(request, document, form)


async def undo(request: Request) -> Response:
    """Take back what was logged a moment ago."""
    document = await scope.own_document(request)
    reason = words(request, lazy("Taken back right after logging"))
    try:
        await entry.void(
            document.reference,
            hotel_id=document.hotel_id,
            by=person_id(request),
            reason=reason,
            now=clock.now(),
        )
    except DomainError as refusal:
        return redirect(request, _href(request, document), flash=refusal.message, kind="bad")
    return redirect(request, _href(request, document), flash=lazy("Taken back. It no longer counts."))


async def attach(request: Request) -> Response:
    """Add photos or files to it."""
    document = await scope.own_document(request)
    kept = await uploads.keep(request, await request.form(), document.hotel_id, document.id)
    if kept.references:
        await inserting.note(
            [document.id],
            hotel_id=document.hotel_id,
            name="evidence_added",
            reason="",
            by=person_id(request),
            now=clock.now(),
        )
    if kept.refused or not kept.references:
        refused = kept.refused or (lazy("Choose a photo or a PDF first."),)
        errors = [(uploads.FIELD, words(request, text)) for text in refused]
        return await _page(request, document, Form({}, None, errors))
    return redirect(request, _href(request, document), flash=lazy("Added. A preview is being drawn."))


async def ask_again(request: Request) -> Response:
    """Ask the supplier once more."""
    document = await scope.own_document(request)
    try:
        await confirmations.ask_again(
            document.id, hotel_id=document.hotel_id, by=person_id(request), now=clock.now()
        )
    except DomainError as refusal:
        return redirect(request, _href(request, document), flash=refusal.message, kind="bad")
    said = lazy("Asked again. The supplier has seven days to answer.")
    return redirect(request, _href(request, document), flash=said)


def _href(request: Request, document: DocumentRow) -> str:
    return urls.path("sourcing:show", locale=locale_of(request), reference=document.reference)


# The page ---------------------------------------------------------------------------------------------------
async def _page(request: Request, document: DocumentRow, form: Form[Any]) -> Response:
    locale, now = locale_of(request), clock.now()
    house = await scope.house(request, document.hotel_id, "sourcing:index")
    lines = (await queries.list_lines([document.id]))[document.id]
    answers = (await listing_queries.list_answers([document.id]))[document.id]
    photos = await listing_queries.list_evidence(document.id)
    events = await listing_queries.list_events(document.id)
    may_change = document.live and document.claim_id is None
    just_now = now - document.entered_at <= UNDO_WITHIN and document.confirmation in {
        Confirmation.NONE,
        Confirmation.ASKED,
    }
    context = ShowDocument(
        house=house,
        reference=document.reference,
        seller=document.seller_name,
        number=document.number,
        tag=state_tag(document, locale),
        live=document.live,
        is_credit=document.kind is Kind.CREDIT_NOTE,
        is_adjustment=document.is_adjustment,
        facts=_facts(document, locale),
        net=signed(document.net_minor, document.kind, locale),
        vat=signed(document.vat_minor, document.kind, locale),
        gross=signed(document.net_minor + document.vat_minor, document.kind, locale),
        lines=[line_view(line, document, locale) for line in lines],
        counting=await counting(document.id, locale),
        answers=[_answer(answer, locale) for answer in answers],
        photos=[photo_view(row, locale) for row in photos],
        paper_note=await _paper_note(document, bool(photos), locale),
        log=[_event(event, locale) for event in reversed(events)],
        form=form,
        may_undo=may_change and just_now and document.replaces == "",
        may_change=may_change,
        may_credit=document.live and document.kind is Kind.PURCHASE,
        may_ask_again=document.live and document.confirmation is Confirmation.SILENT,
        void_reason=document.void_reason,
    )
    title = words(
        request, lazy("%(seller)s, %(day)s", seller=document.seller_name, day=_day(document, locale))
    )
    return render(
        request,
        "sourcing/document.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _day(document: DocumentRow, locale: str) -> str:
    return formats.day(document.invoice_on, locale)


def _facts(document: DocumentRow, locale: str) -> list[Fact]:
    def linked(reference: str) -> str:
        return urls.path("sourcing:show", locale=locale, reference=reference) if reference else ""

    given: list[tuple[Text, str, str]] = [
        (lazy("Reference"), document.reference, ""),
        (lazy("Paper"), translate(PAPERS[document.paper], locale), ""),
        (lazy("Document number"), document.number, ""),
        (lazy("Date"), _day(document, locale), ""),
        (lazy("Tax month"), formats.month(document.invoice_on.replace(day=1), locale), ""),
        (lazy("NPWP of the seller"), document.seller_npwp, ""),
        (lazy("Exchange rate"), _rate(document, locale), ""),
        (lazy("Takes back"), document.credits, linked(document.credits)),
        (lazy("In place of"), document.replaces, linked(document.replaces)),
        (lazy("Replaced by"), document.replaced_by, linked(document.replaced_by)),
        (lazy("Note"), document.note, ""),
        (lazy("Logged"), f"{formats.instant(document.entered_at, locale)}, {document.entered_by}", ""),
        (lazy("Came in as"), translate(SOURCES[document.source], locale), ""),
    ]
    return [
        {
            "label": translate(label, locale),
            "text": text,
            "href": href,
            "link": translate(lazy("Open"), locale),
        }
        for label, text, href in given
        if text
    ]


def _rate(document: DocumentRow, locale: str) -> str:
    return f"{document.currency} 1 = Rp {decimal(document.rate, locale)}" if document.currency != IDR else ""


def _answer(answer: AnswerRow, locale: str) -> dict[str, str]:
    who = answer.person or ""
    if answer.agent:
        who = (
            translate(lazy("%(person)s, for %(agent)s", person=who, agent=answer.agent), locale)
            if who
            else answer.agent
        )
    said = translate(ANSWERS[answer.answer], locale)
    if answer.net_minor is not None:
        said = f"{said}: {formats.money(answer.net_minor, locale)}"
    way = translate(_WAYS[answer.way], locale)
    return {
        "text": f"{said}. {answer.words}" if answer.words else said,
        "when": formats.instant(answer.answered_at, locale),
        "who": f"{who}, {way}" if who else way,
    }


def _event(event: EventRow, locale: str) -> dict[str, str]:
    text = translate(EVENTS[event.name], locale)
    return {
        "text": f"{event.person} {text}" if event.person and not event.name.startswith("said_") else text,
        "when": formats.instant(event.at, locale),
        "who": event.reason,
    }


async def _paper_note(document: DocumentRow, has_photo: bool, locale: str) -> str:
    """What is missing for the paper to prove the purchase, in a sentence; "" when nothing is."""
    if document.kind is Kind.CREDIT_NOTE or document.evidenced or not document.live:
        return ""
    limit = await standing.evidence_limit(document.period)
    if is_enough(document.paper, document.net_minor, limit):
        said = lazy("Add a photo of the paper: without one the purchase does not count.")
    elif has_photo:
        said = lazy(
            "From %(limit)s on, this kind of paper is not enough. A tax invoice or a signed delivery note is needed:"
            " correct the document with that paper.",
            limit=formats.money(limit, locale),
        )
    else:
        said = lazy(
            "From %(limit)s on, a tax invoice or a signed delivery note is needed, with a photo or PDF of it.",
            limit=formats.money(limit, locale),
        )
    return translate(said, locale)
