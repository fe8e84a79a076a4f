"""Cancelling a confirmed booking: the refund first, with its reason and when it arrives; then the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, queries, words
from market.bookings import service as bookings
from market.bookings.cancelling import RefundChanged
from market.bookings.forms import CancelForm
from market.bookings.pages import parts
from market.bookings.pages.parts import Summary
from market.bookings.rows import BookingRow
from market.bookings.states import WrongState
from market.values.text import lazy
from market.web.forms import parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, viewer


@dataclass(frozen=True, slots=True)
class CancelPage:
    """Context of bookings/cancel.html. `changed` says that the refund is not the one shown before."""

    summary: Summary
    action: str
    back_href: str
    changed: str
    paid_minor: int
    refund_minor: int
    kept_minor: int
    reason: str
    arrives: str
    cancellation: Sequence[str]


async def show_cancel(request: Request) -> Response:
    """What cancelling would give back now."""
    booking = await access.own_booking(request)
    if not bookings.can_cancel(booking, clock.now()):
        return redirect(request, parts.path(request, "bookings:show", booking.reference))
    return await _page(request, booking)


async def _page(request: Request, booking: BookingRow, *, changed: str = "", status: int = 200) -> Response:
    language, now = locale(request), clock.now()
    refund = bookings.refund_now(booking, now)
    context = CancelPage(
        summary=await parts.summary_of_booking(await queries.get_view(booking.reference), language),
        action=parts.path(request, "bookings:cancel", booking.reference),
        back_href=parts.path(request, "bookings:show", booking.reference),
        changed=changed,
        paid_minor=booking.balance,
        refund_minor=refund.amount,
        kept_minor=refund.kept,
        reason=said(request, refund.reason) if booking.balance else "",
        arrives=said(request, words.refund_arrives(booking.method)) if refund.amount else "",
        cancellation=words.cancellation(
            booking.policy,
            starts_at=booking.starts_at,
            from_when=booking.confirmed_at or booking.held_at,
            locale=language,
        ),
    )
    title = parts.page_title(request, lazy("Cancel the booking"), errors=bool(changed))
    return render(
        request, "bookings/cancel.html", context, title=title, robots=parts.ROBOTS, lean=True, status=status
    )


async def cancel(request: Request) -> Response:
    """Cancel, if the refund is still the one that was shown."""
    booking = await access.own_booking(request)
    here = parts.path(request, "bookings:show", booking.reference)
    form = parse(CancelForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, booking, changed=said(request, RefundChanged.message), status=422)
    try:
        await bookings.cancel_by_guest(
            booking.reference, by=viewer(request).person_id, shown_refund=form.data.shown, now=clock.now()
        )
    except RefundChanged as error:
        return await _page(request, booking, changed=said(request, error.message), status=409)
    except WrongState as error:
        return redirect(request, here, flash=error.message, kind="bad")
    return redirect(request, here, flash=lazy("Your booking is cancelled. The host has been told."))


routes = [
    page("/{locale}/bookings/{reference}/cancel", show_cancel, access=ANYONE, name="bookings:cancel"),
    page(
        "/{locale}/bookings/{reference}/cancel",
        cancel,
        access=ANYONE,
        name="bookings:cancel_now",
        methods=("POST",),
    ),
]
