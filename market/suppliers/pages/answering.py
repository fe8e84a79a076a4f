"""The supplier's side of a quotation: read the request, answer with a price, or say that it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import Invalid, Refused
from market.i18n.messages import translate
from market.suppliers import queries, quotations, rules
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.forms import OfferForm, ReasonForm
from market.suppliers.pages.quotes import QuotationView, view
from market.suppliers.pages.scope import Own, own_request
from market.suppliers.pages.views import month_name
from market.suppliers.rules import Offer, State
from market.suppliers.wording import amount
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of

_USUAL_VALIDITY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ShowRequest:
    """Context of suppliers/request.html."""

    quotation: QuotationView
    agent: str
    form: Form[Any]
    answer_action: str
    decline_action: str
    may_answer: bool
    may_decline: bool
    capacity_note: str
    today: date


async def show(request: Request) -> Response:
    """What the hotel asks, and the answer so far."""
    own, row = await own_request(request)
    return await _page(request, own, row, filled(_usual(row)))


async def answer(request: Request) -> Response:
    """Offer a price."""
    own, row = await own_request(request)
    form = parse(OfferForm, await request.form(), locale_of(request))
    if form.data is not None:
        sent = form.data
        offer = Offer(
            sent.unit_price_minor, sent.delivery_minor, sent.deliver_on, sent.valid_until, sent.answer
        )
        try:
            await quotations.answer(row.id, offer, own.acting, today=clock.today(), now=clock.now())
        except (Invalid, Refused) as wrong:
            field, message = rules.reason_of(wrong)
            form.add_error(field, translate(message, locale_of(request)))
        else:
            return _back(request, row, lazy("Your answer is on its way to the hotel."))
    return await _page(request, own, row, form)


async def decline(request: Request) -> Response:
    """Say that it cannot be delivered."""
    own, row = await own_request(request)
    form = parse(ReasonForm, await request.form(), locale_of(request))
    if form.data is None:
        return await _page(request, own, row, form)
    try:
        await quotations.decline(row.id, form.data.reason, own.acting, now=clock.now())
    except Refused as refusal:
        to = urls.path("suppliers:request", locale=locale_of(request), reference=row.reference)
        return redirect(request, to, flash=refusal.message, kind="bad")
    return _back(request, row, lazy("The hotel has been told that you cannot deliver this."))


def _back(request: Request, row: QuotationRow, said: Any) -> Response:
    to = urls.path("suppliers:request", locale=locale_of(request), reference=row.reference)
    return redirect(request, to, flash=said)


def _usual(row: QuotationRow) -> dict[str, Any]:
    """The answer given already, or a sensible start."""
    today = clock.today()
    return {
        "unit_price_minor": row.unit_price_minor,
        "delivery_minor": row.delivery_minor or 0,
        "deliver_on": row.deliver_on or max(row.wanted_on, today),
        "valid_until": row.valid_until or today + _USUAL_VALIDITY,
        "answer": row.answer,
    }


async def _page(request: Request, own: Own, row: QuotationRow, form: Form[Any]) -> Response:
    locale = locale_of(request)
    context = ShowRequest(
        quotation=view(row, locale, supplier=own.row.name),
        agent=own.row.agent_name if own.for_member else "",
        form=form,
        answer_action=urls.path("suppliers:answer", locale=locale, reference=row.reference),
        decline_action=urls.path("suppliers:decline", locale=locale, reference=row.reference),
        may_answer=rules.may_become(row.state, State.ANSWERED),
        may_decline=rules.may_become(row.state, State.DECLINED),
        capacity_note=await _capacity_note(row, locale),
        today=clock.today(),
    )
    title = words(request, lazy("Request %(reference)s", reference=row.reference))
    return render(
        request,
        "suppliers/request.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


async def _capacity_note(row: QuotationRow, locale: str) -> str:
    """A sentence when the hotel wants more than the month's stated quantity."""
    product = await queries.get_product_by_id(row.product_id, clock.today())
    capacity = product.capacity_in(row.wanted_on.month) if product else None
    if capacity is None or not rules.over_capacity(row.quantity, capacity):
        return ""
    return translate(
        lazy(
            "The hotel needs %(wanted)s, and the page says %(stated)s for %(month)s.",
            wanted=amount(row.quantity, row.unit, locale),
            stated=amount(capacity, row.unit, locale),
            month=month_name(row.wanted_on.month, locale),
        ),
        locale,
    )
