"""From a hold to the payment: who comes, the manners of the place, how to pay; and the page to wait on afterwards.

Coming back from a card page confirms nothing. It waits while the provider's own report is under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import queries as accounts
from market.bookings import access, choice, holding, paying, queries, words
from market.bookings import service as bookings
from market.bookings.checks import Unbookable
from market.bookings.forms import ContactForm
from market.bookings.pages import parts
from market.bookings.pages.parts import Summary
from market.bookings.paying import HoldOver
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.bookings.stock import SoldOut
from market.bookings.suggestions import quote_path
from market.bookings.words import BillLine, MoneyPart
from market.errors import NotFound, Upstream
from market.i18n import formats
from market.listings import queries as listings
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.rules import LABELS, Method
from market.payments.rules import State as PaymentState
from market.values.text import Text, lazy
from market.web.forms import Form, filled, parse, raw_values
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, settings, tools, viewer

_UNPROCESSABLE, _CONFLICT, _UNAVAILABLE = 422, 409, 503
_CONTACT = ("name", "email", "phone", "note", "manners", "method")
_WAITS = 20
_WAIT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A way to pay with what it means, as a row to pick."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Context of bookings/checkout.html. `over` says that the hold has run out."""

    summary: Summary
    action: str
    form: Form[Any]
    reference: str
    held_until: datetime
    can_extend: bool
    over: bool
    again_href: str
    instant: bool
    total_minor: int
    lines: Sequence[BillLine]
    parts: Sequence[MoneyPart]
    cancellation: Sequence[str]
    manners: Sequence[str]
    methods: Sequence[MethodRow]


async def _held(request: Request) -> BookingView | Response:
    """The guest's hold, ended or not; a booking that has moved on is shown instead."""
    view = await access.own_view(request)
    booking = view.row
    lapsed_hold = booking.state is State.EXPIRED and booking.deadline_at is None
    never_asked = lapsed_hold and booking.method in {"", "card", "demo_card"}
    if booking.state is not State.HELD and not never_asked:
        return redirect(request, parts.path(request, "bookings:show", booking.reference))
    return view


def _is_over(booking: BookingRow, now: datetime) -> bool:
    return booking.state is not State.HELD or booking.expires_at is None or booking.expires_at <= now


async def show_checkout(request: Request) -> Response:
    """The form, with what is known of the guest already."""
    held = await _held(request)
    if isinstance(held, Response):
        return held
    form = filled(await _known_of_guest(request, held.row))
    return await _page(request, held, form, now=clock.now())


async def _known_of_guest(request: Request, booking: BookingRow) -> dict[str, str]:
    """What was filled in before, or what a signed-in person's profile says."""
    if booking.guest_email:
        return {
            "name": booking.guest_name,
            "email": booking.guest_email,
            "phone": booking.guest_phone,
            "note": booking.note,
            "method": booking.method,
        }
    who = viewer(request)
    if who.person_id is None:
        return {}
    person = await accounts.get_person(who.person_id)
    return {"name": person.name, "email": person.email, "phone": person.phone}


async def _page(
    request: Request, view: BookingView, form: Form[Any], *, now: datetime, status: int = 200
) -> Response:
    booking, language = view.row, locale(request)
    about = await queries.get_listing_words(booking.listing_id, language)
    over = _is_over(booking, now)
    methods = _methods(request, booking, now)
    if len(methods) == 1 and not form.value("method"):
        form = Form({**form.raw, "method": [methods[0].value]}, form.data, form.errors)
    context = CheckoutPage(
        summary=await parts.summary_of_booking(view, language),
        action=parts.path(request, "bookings:checkout", booking.reference),
        form=form,
        reference=booking.reference,
        held_until=booking.expires_at or now,
        can_extend=not over and _can_extend(booking, now),
        over=over,
        again_href=quote_path(language, view.slug, choice.booked(booking)),
        instant=booking.instant,
        total_minor=booking.total_minor,
        lines=words.bill(booking.quote, language),
        parts=words.money_parts(
            booking.quote.parts, words.receivers(view, language, settings(request).brand), language
        ),
        cancellation=words.cancellation(
            booking.policy, starts_at=booking.starts_at, from_when=now, locale=language
        ),
        manners=about.manners,
        methods=methods,
    )
    title = _OVER if over else lazy("Your details and payment")
    return render(
        request,
        "bookings/checkout.html",
        context,
        title=parts.page_title(request, title, errors=bool(form.errors)),
        description=said(request, _DESCRIPTION),
        lean=True,
        status=_CONFLICT if over and request.method == "POST" else status,
    )


# No “noindex” is needed: without the guest's own cookie the page does not exist.
_DESCRIPTION = lazy("Who comes, the manners of the place, and how to pay.")
_OVER = lazy("The time to book has run out")


def _can_extend(booking: BookingRow, now: datetime) -> bool:
    """There is time left of the hour, and at least a minute to win."""
    if booking.expires_at is None:
        return False
    longest = min(now + holding.HOLD, booking.held_at + holding.LONGEST_HOLD)
    return booking.expires_at < booking.held_at + holding.LONGEST_HOLD and longest >= booking.expires_at


def _methods(request: Request, booking: BookingRow, now: datetime) -> list[MethodRow]:
    offered = payments.offered(
        tools(request),
        days_ahead=words.days_until(booking.starts_at, now),
        instant=booking.instant,
        on_arrival=booking.kind != "tour",
    )
    return [
        MethodRow(
            method.value,
            said(request, LABELS[method]),
            said(request, _consequence(method, booking, now, locale(request))),
        )
        for method in offered
    ]


_CONSEQUENCES: dict[tuple[Method, bool], Text] = {
    (Method.ON_ARRIVAL, True): lazy(
        "Confirmed at once. Bring the amount in rupiah; there may be no cash machine nearby."
    ),
    (Method.ON_ARRIVAL, False): lazy("Nothing now. When the host says yes, bring the amount in rupiah."),
    (Method.TRANSFER, False): lazy(
        "When the host says yes, you get the account and a code, and a day to transfer."
    ),
    (Method.CARD, True): lazy(
        "Visa, Mastercard, JCB, on Stripe's own page. The card number does not pass through us."
    ),
    (Method.CARD, False): lazy(
        "Your bank only sets the amount aside. It is charged when the host says yes, and let go otherwise."
    ),
}


def _consequence(method: Method, booking: BookingRow, now: datetime, language: str) -> Text:
    """What happens when this is chosen."""
    if method is Method.DEMO_CARD:
        return lazy("A practice page instead of a card page. No money moves.")
    if method is Method.TRANSFER and booking.instant:
        moment = formats.instant(paying.payment_deadline(booking, now), language)
        return lazy(
            "You get the account and a code. Transfer by %(moment)s; we confirm when the money is there.",
            moment=moment,
        )
    return _CONSEQUENCES[method, booking.instant]


async def check_out(request: Request) -> Response:
    """Take what was pressed: more time, the same places again, or going on to pay."""
    held = await _held(request)
    if isinstance(held, Response):
        return held
    now, raw = clock.now(), raw_values(await request.form())
    kept = {name: values for name, values in raw.items() if name in _CONTACT}
    if "again" in raw:
        return await _hold_again(request, held, kept, now)
    if _is_over(held.row, now):
        return await _page(request, held, Form(kept, None), now=now)
    if "extend" in raw:
        return await _extend(request, held, kept, now)
    form = parse(ContactForm, kept, locale(request))
    await _check_choices(request, held, form, now)
    if form.data is None:
        return await _page(request, held, form, now=now, status=_UNPROCESSABLE)
    return await _proceed(request, held, form, form.data, now)


async def _check_choices(request: Request, held: BookingView, form: Form[ContactForm], now: datetime) -> None:
    """What only this booking knows: whether there are manners to agree to, and which ways to pay it offers."""
    about = await queries.get_listing_words(held.row.listing_id, locale(request))
    if about.manners and form.value("manners") != "yes" and not form.error("manners"):
        form.add_error(
            "manners", said(request, lazy("Tick this once you have read the manners of the place."))
        )
    offered = {method.value for method in _methods(request, held.row, now)}
    if not form.error("method") and form.value("method") not in offered:
        form.add_error("method", said(request, lazy("Choose how you want to pay.")))


async def _extend(request: Request, held: BookingView, kept: dict[str, list[str]], now: datetime) -> Response:
    with suppress(WrongState):  # it ended in this very moment: the page says so
        await bookings.extend(held.row.reference, now)
    return await _page(request, await queries.get_view(held.row.reference), Form(kept, None), now=now)


async def _proceed(
    request: Request, held: BookingView, form: Form[ContactForm], data: ContactForm, now: datetime
) -> Response:
    reference = held.row.reference
    try:
        to = await bookings.proceed(
            reference,
            guest=data.guest,
            method=data.method,
            tools=tools(request),
            links=parts.links(request, reference, back="bookings:checkout"),
            description=parts.description(held.row, locale(request)),
            now=now,
        )
    except HoldOver:
        view = await queries.get_view(reference)
        return await _page(request, view, Form(form.raw, None), now=max(now, view.row.expires_at or now))
    except WrongState:
        return redirect(request, parts.path(request, "bookings:show", reference))
    except Upstream as error:
        form.add_error("", said(request, error.message))
        return await _page(request, await queries.get_view(reference), form, now=now, status=_UNAVAILABLE)
    return redirect(request, to or parts.path(request, "bookings:show", reference))


async def _hold_again(
    request: Request, held: BookingView, kept: dict[str, list[str]], now: datetime
) -> Response:
    """The same choice held anew at today's price; the details stay in the form. Gone: the page with alternatives."""
    booking, language = held.row, locale(request)
    if not _is_over(booking, now):
        return await _page(request, held, Form(kept, None), now=now)
    elsewhere = redirect(request, quote_path(language, held.slug, choice.booked(booking)))
    offering = await listings.get_offering(listing_id=booking.listing_id)
    if offering is None:
        raise NotFound
    raw = {name: [value] for name, value in choice.booked(booking).items()}
    asked = await choice.read(offering, raw, now=now, locale=language)
    if asked.choice is None:
        return elsewhere
    try:
        fresh = await bookings.hold(
            offering=offering,
            choice=asked.choice,
            request_key=f"again:{booking.reference}",
            locale=language,
            person_id=viewer(request).person_id,
            now=now,
            holder=access.holder(request),
        )
    except (SoldOut, Unbookable):
        return elsewhere
    view = await queries.get_view(fresh.reference)
    if view.row.state is not State.HELD:
        return redirect(request, parts.path(request, "bookings:show", fresh.reference))
    response = await _page(request, view, Form(kept, None), now=now)
    access.remember(request, response, fresh.reference)
    return response


@dataclass(frozen=True, slots=True)
class WaitPage:
    """Context of bookings/wait.html. `next_href` is asked again after a few seconds; empty when we stop asking."""

    summary: Summary
    reference: str
    next_href: str
    show_href: str
    email: str


async def pay_return(request: Request) -> Response:
    """Back from the card page: wait for the payment's own report, then show the booking."""
    booking = await access.own_booking(request)
    changing = request.query_params.get("change") == "1"
    show = parts.path(request, "bookings:show", booking.reference)
    newest = await _newest_payment(booking.reference)
    if newest is None or not await _is_waiting(booking, newest.state, changing=changing):
        return redirect(request, show)
    tries = _tries(request)
    if tries == 2:
        await payments.look_again(newest.reference, now=clock.now())
    more = {"tries": tries + 1, "change": "1" if changing else None}
    context = WaitPage(
        summary=await parts.summary_of_booking(await queries.get_view(booking.reference), locale(request)),
        reference=booking.reference,
        next_href=parts.path(request, "bookings:pay_return", booking.reference, **more)
        if tries < _WAITS
        else "",
        show_href=show,
        email=booking.guest_email,
    )
    title = said(request, lazy("Waiting for your payment"))
    response = render(request, "bookings/wait.html", context, title=title, robots=parts.ROBOTS, lean=True)
    if context.next_href:
        # As a header it works without a script, and the page's own button does the same by hand.
        response.headers["refresh"] = f"{_WAIT_SECONDS}; url={context.next_href}"
    return response


async def _newest_payment(reference: str) -> payment_queries.PaymentRow | None:
    found = await payment_queries.list_payments(reference)
    return found[-1] if found else None


async def _is_waiting(booking: BookingRow, payment: PaymentState, *, changing: bool) -> bool:
    """Whether the report of a payment may still be on its way, or is here and not yet acted upon."""
    if payment in {PaymentState.FAILED, PaymentState.CANCELLED}:
        return False
    if changing:
        row = await db.fetch_one(
            "SELECT state FROM amendment WHERE booking_id = $1 ORDER BY id DESC LIMIT 1", booking.id
        )
        return row is not None and row["state"] == "held"
    return booking.state in {State.HELD, State.PAYMENT_DUE}


def _tries(request: Request) -> int:
    raw = request.query_params.get("tries", "1")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 4 else _WAITS


routes = [
    page("/{locale}/bookings/{reference}/checkout", show_checkout, access=ANYONE, name="bookings:checkout"),
    page(
        "/{locale}/bookings/{reference}/checkout",
        check_out,
        access=ANYONE,
        name="bookings:check_out",
        methods=("POST",),
    ),
    page("/{locale}/bookings/{reference}/return", pay_return, access=ANYONE, name="bookings:pay_return"),
]
