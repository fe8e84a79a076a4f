"""A booking's own page: where it stands, what happens next, the voucher, the money, and what can be done.

The guest acts here; the host and operators look. Cancelling and changing have pages of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, departing, moving, queries, words
from market.bookings import service as bookings
from market.bookings.access import Role, Seen
from market.bookings.forms import PayForm
from market.bookings.next_steps import NextStep, next_steps
from market.bookings.pages import parts
from market.bookings.pages.parts import Summary
from market.bookings.paying import HoldOver
from market.bookings.rows import BookingRow
from market.bookings.standing import Standing, has_lapsed, standing
from market.bookings.states import NOT_VISITED, SOLD, TAKEN_BACK, WAITING, State, WrongState
from market.bookings.voucher import Voucher, voucher
from market.bookings.words import BillLine, MoneyPart, StoryLine
from market.errors import NotFound, Upstream
from market.i18n.messages import translate
from market.listings import queries as listings
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.queries import PaymentRow, RefundRow, TransferInstructions
from market.payments.rules import LABELS, RefundState
from market.payments.rules import State as PaymentState
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web.forms import parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, settings, tools, viewer


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A payment or a refund as it stands in the books."""

    label: str
    tag: tuple[str, str]
    amount_minor: int
    at: datetime
    on: date


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay what is due."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What the host and operators see of the guest. Email and phone appear once the booking is confirmed."""

    name: str
    email: str
    phone: str
    note: str


@dataclass(frozen=True, slots=True)
class ShowPage:
    """Context of bookings/show.html."""

    summary: Summary
    reference: str
    is_guest: bool
    standing: Standing
    voucher: Voucher | None
    guest: GuestFacts
    lines: Sequence[BillLine]
    total_minor: int
    parts: Sequence[MoneyPart]
    parts_title: str
    payments: Sequence[MoneyLine]
    transfer: TransferInstructions | None
    ways: Sequence[Way]
    cancellation: Sequence[str]
    checkout_href: str
    can_withdraw: bool
    can_cancel: bool
    can_change: bool
    not_changeable: str
    has_calendar: bool
    has_messages: bool
    can_tell_problem: bool
    next_steps: Sequence[NextStep]
    minimum: tuple[str, str] | None
    story: Sequence[StoryLine]


async def show(request: Request) -> Response:
    """The booking, for its guest, its host and operators."""
    seen = await access.open_booking(request)
    now, language = clock.now(), locale(request)
    booking, guest = seen.row, seen.role is Role.GUEST
    paid = await payment_queries.list_payments(booking.reference)
    back = await payment_queries.list_refunds(booking.reference)
    story = await queries.story_of(booking.id)
    ahead = guest and booking.state is State.CONFIRMED and now < booking.starts_at
    refusal = bookings.why_not(booking, now) if ahead else None
    context = ShowPage(
        summary=await parts.summary_of_booking(seen.view, language),
        reference=booking.reference,
        is_guest=guest,
        standing=standing(booking, seen.role, paid, now, language),
        voucher=await _voucher(request, seen) if booking.state in words.ADDRESS_STATES else None,
        guest=_guest_facts(booking),
        lines=words.bill(booking.quote, language),
        total_minor=booking.total_minor,
        parts=_parts(seen, language, settings(request).brand),
        parts_title=said(request, _parts_title(booking)),
        payments=_money_lines(paid, back, language),
        transfer=await _transfer(request, booking) if guest else None,
        ways=_ways(request, booking, paid, now) if guest else [],
        cancellation=_terms(booking, now, language),
        checkout_href=parts.path(request, "bookings:checkout", booking.reference)
        if guest and booking.state is State.HELD
        else "",
        can_withdraw=guest and booking.state in WAITING and not has_lapsed(booking, now),
        can_cancel=guest and bookings.can_cancel(booking, now),
        can_change=ahead and refusal is None,
        not_changeable=said(request, refusal.message) if refusal is not None else "",
        has_calendar=booking.state in words.ADDRESS_STATES,
        can_tell_problem=seen.role in {Role.GUEST, Role.HOST} and _was_there(booking, now),
        has_messages=booking.state is not State.HELD and bool(booking.guest_email),
        next_steps=next_steps(booking, seen.role, story, now, language),
        minimum=await _minimum(booking, now, language),
        story=words.story(story, language),
    )
    title = parts.page_title(request, lazy("Booking %(reference)s", reference=booking.reference))
    return render(request, "bookings/show.html", context, title=title, robots=parts.ROBOTS)


def _was_there(booking: BookingRow, now: datetime) -> bool:
    """Whether the stay has begun and a problem with it can still be told (see `payouts.complaints`)."""
    return booking.state in words.ADDRESS_STATES and booking.starts_at <= now <= booking.ends_at + timedelta(
        hours=72
    )


async def _minimum(booking: BookingRow, now: datetime, language: str) -> tuple[str, str] | None:
    """Whether the departure is sure to run, as long as that is a question or good news."""
    if booking.slot_id is None or booking.state not in SOLD | WAITING or booking.starts_at <= now:
        return None
    slot = await listings.get_slot(booking.slot_id, now)
    stands = await departing.get_minimum(slot) if slot else None
    return words.minimum_story(stands, language) if stands and not stands.called_off else None


async def _voucher(request: Request, seen: Seen) -> Voucher:
    about = await queries.get_listing_words(seen.row.listing_id, locale(request))
    return voucher(seen.view, about, locale(request), settings(request))


def _guest_facts(booking: BookingRow) -> GuestFacts:
    shown = booking.state in words.ADDRESS_STATES
    return GuestFacts(
        booking.guest_name,
        booking.guest_email if shown else "",
        booking.guest_phone if shown else "",
        booking.note,
    )


def _parts(seen: Seen, language: str, brand: str) -> list[MoneyPart]:
    """Where the money goes; nothing while it waits to go back or along to another date, or where none ever came."""
    over = seen.row.state in NOT_VISITED or has_lapsed(seen.row, clock.now())
    if seen.row.state in TAKEN_BACK or (over and not seen.row.paid_minor):
        return []
    return words.money_parts(
        words.shared_now(seen.row), words.receivers(seen.view, language, brand), language
    )


def _parts_title(booking: BookingRow) -> Text:
    if booking.state is State.COMPLETED:
        return lazy("Where your money went")
    return lazy("Where what was kept goes") if booking.refunded_minor else lazy("Where this money goes")


def _terms(booking: BookingRow, now: datetime, language: str) -> list[str]:
    """The terms it was sold under, as long as they still matter."""
    if booking.state not in WAITING | SOLD:
        return []
    moment = booking.confirmed_at or now
    return words.cancellation(booking.policy, starts_at=booking.starts_at, from_when=moment, locale=language)


_PAYMENT_TAGS: dict[PaymentState, tuple[str, Text]] = {
    PaymentState.CREATED: ("wait", lazy("Waiting")),
    PaymentState.PENDING: ("wait", lazy("Waiting")),
    PaymentState.AUTHORISED: ("info", lazy("Set aside, not charged")),
    PaymentState.CAPTURED: ("ok", lazy("Paid")),
    PaymentState.FAILED: ("bad", lazy("Not successful")),
    PaymentState.CANCELLED: ("", lazy("Not charged")),
}
_REFUND_TAGS: dict[RefundState, tuple[str, Text]] = {
    RefundState.DUE: ("wait", lazy("Being sent back")),
    RefundState.SENT: ("wait", lazy("On its way")),
    RefundState.CONFIRMED: ("ok", lazy("Sent back")),
    RefundState.FAILED: ("bad", lazy("Delayed; we are on it")),
}


def _money_lines(paid: Sequence[PaymentRow], back: Sequence[RefundRow], language: str) -> list[MoneyLine]:
    """What the books say, oldest first. Attempts that came to nothing are left out once one succeeded."""
    done = any(payment.state is PaymentState.CAPTURED for payment in paid)
    lines = [
        MoneyLine(
            translate(LABELS[payment.method], language),
            _tag(_PAYMENT_TAGS[payment.state], language),
            payment.captured_minor or payment.amount_minor,
            payment.created_at,
            local_day(payment.created_at),
        )
        for payment in paid
        if not (done and payment.state in {PaymentState.FAILED, PaymentState.CANCELLED})
    ]
    for refund in back:
        label = lazy("Refund, %(method)s", method=LABELS[refund.method])
        tag = _tag(_REFUND_TAGS[refund.state], language)
        lines.append(
            MoneyLine(
                translate(label, language),
                tag,
                -refund.amount_minor,
                refund.created_at,
                local_day(refund.created_at),
            )
        )
    return sorted(lines, key=lambda line: line.at)


def _tag(tag: tuple[str, Text], language: str) -> tuple[str, str]:
    return tag[0], translate(tag[1], language)


async def _transfer(request: Request, booking: BookingRow) -> TransferInstructions | None:
    """How to transfer what is due, for the booking or for a change of it."""
    return await payment_queries.find_open_transfer(booking.reference, settings(request))


def _ways(request: Request, booking: BookingRow, paid: Sequence[PaymentRow], now: datetime) -> list[Way]:
    """How to pay what is due, unless it is being charged at this moment or its time is up."""
    under_way = any(payment.state is PaymentState.AUTHORISED for payment in paid)
    in_time = booking.expires_at is not None and booking.expires_at > now
    if booking.state is not State.PAYMENT_DUE or under_way or not in_time:
        return []
    offered = payments.offered(
        tools(request), days_ahead=words.days_until(booking.starts_at, now), instant=booking.instant
    )
    waiting = {p.method for p in paid if p.state is PaymentState.PENDING and not p.method.by_card}
    return [Way(m.value, said(request, LABELS[m])) for m in offered if m not in waiting]


async def pay(request: Request) -> Response:
    """Pay what is due, perhaps in another way than first chosen."""
    booking = await access.own_booking(request)
    here = parts.path(request, "bookings:show", booking.reference)
    now = clock.now()
    form = parse(PayForm, await request.form(), locale(request))
    paid = await payment_queries.list_payments(booking.reference)
    if form.data is None or form.data.method not in {way.value for way in _ways(request, booking, paid, now)}:
        return redirect(request, here, flash=lazy("Choose how you want to pay."), kind="bad")
    try:
        to = await bookings.pay_again(
            booking.reference,
            method=form.data.method,
            tools=tools(request),
            links=parts.links(request, booking.reference, back="bookings:show"),
            description=parts.description(booking, locale(request)),
            now=now,
        )
    except (HoldOver, WrongState, Upstream) as error:
        return redirect(request, here, flash=error.message, kind="bad")
    return redirect(request, to or here)


async def withdraw(request: Request) -> Response:
    """Take back a hold, a request or an unpaid booking."""
    booking = await access.own_booking(request)
    here = parts.path(request, "bookings:show", booking.reference)
    try:
        await bookings.withdraw(booking.reference, by=viewer(request).person_id, now=clock.now())
    except WrongState as error:
        return redirect(request, here, flash=error.message, kind="bad")
    return redirect(
        request, here, flash=lazy("Taken back. The places are open to others, and nothing was charged.")
    )


def _page_now(booking: BookingRow) -> str:
    """The page that asks something of the guest at this moment, or else the booking's own."""
    if moving.is_open(booking, clock.now()):
        return "bookings:choose"
    return "bookings:checkout" if booking.state is State.HELD else "bookings:show"


async def link(request: Request) -> Response:
    """The signed link of a mail: from now on this browser may open the booking."""
    reference = access.linked(request.path_params["token"], settings(request))
    if reference is None:
        raise NotFound
    booking = (await queries.get_view(reference)).row
    response = redirect(request, parts.path(request, _page_now(booking), reference))
    access.remember(request, response, reference)
    # The address is a key: it must not travel on to anybody in a Referer header.
    response.headers["referrer-policy"] = "no-referrer"
    return response


routes = [
    page("/{locale}/trip/{token}", link, access=ANYONE, name="bookings:link"),
    page("/{locale}/bookings/{reference}/pay", pay, access=ANYONE, name="bookings:pay", methods=("POST",)),
    page(
        "/{locale}/bookings/{reference}/withdraw",
        withdraw,
        access=ANYONE,
        name="bookings:withdraw",
        methods=("POST",),
    ),
    page("/{locale}/bookings/{reference}", show, access=ANYONE, name="bookings:show"),
]
