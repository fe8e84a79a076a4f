"""Changing dates or party: pick, see the price difference, then confirm. The booking stays as it is until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import queries as accounts
from market.bookings import access, alternatives, choice, queries, rotation, stock, words
from market.bookings import service as bookings
from market.bookings.changing import BeyondPromise, Change, NotChangeable, NothingChanged, PriceChanged
from market.bookings.checks import Unbookable
from market.bookings.choice import Asked
from market.bookings.forms import ChangeForm
from market.bookings.pages import choosing, parts
from market.bookings.pages.choosing import Fields
from market.bookings.pages.parts import Summary
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.bookings.stock import SoldOut
from market.bookings.suggestions import Suggestion, suggestion
from market.bookings.words import BillLine
from market.errors import NotFound, Upstream
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.offering import Offering
from market.values.text import Text, lazy
from market.web.forms import Form, parse, raw_values
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import locale, tools


@dataclass(frozen=True, slots=True)
class Planned:
    """A change as it would be: the new price, what is paid or comes back, and the fields that carry it."""

    when: str
    party: str
    lines: Sequence[BillLine]
    total_minor: int
    difference_minor: int
    refund_minor: int
    later: str
    new_host: str
    hidden: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Context of bookings/change.html."""

    summary: Summary
    action: str
    back_href: str
    form: Form[Any]
    fields: Fields
    paid_minor: int
    total_minor: int
    planned: Planned | None
    sold_out: bool
    only_promised: bool
    alternatives: Sequence[Suggestion]


async def _changeable(request: Request) -> tuple[BookingRow, Offering] | Response:
    booking = await access.own_booking(request)
    refusal = NotChangeable
    if booking.state is State.CONFIRMED:
        refusal = bookings.why_not(booking, clock.now())
    if refusal is not None:
        here = parts.path(request, "bookings:show", booking.reference)
        return redirect(request, here, flash=refusal.message, kind="bad")
    offering = await listings.get_offering(listing_id=booking.listing_id)
    if offering is None:
        raise NotFound
    return booking, offering


async def show_change(request: Request) -> Response:
    """What is booked, to be changed; with a choice in the address, what the change would cost."""
    found = await _changeable(request)
    if isinstance(found, Response):
        return found
    booking, offering = found
    now = clock.now()
    given = raw_values(request.query_params)
    raw = given or {name: [value] for name, value in choice.booked(booking).items()}
    asked = await choice.read(offering, raw, now=now, locale=locale(request))
    planned, gone = None, False
    if given:
        planned, gone = await _look_ahead(booking, offering, asked, now, locale(request))
    else:
        asked.form.errors.clear()  # what was sold under yesterday's rules is not a mistake
    return await _page(request, booking, offering, asked, planned, gone=gone, now=now)


async def _look_ahead(
    booking: BookingRow, offering: Offering, asked: Asked, now: datetime, language: str
) -> tuple[Planned | None, bool]:
    """The change as it would be, or that its places are gone; what stands in its way goes to the form."""
    planned = _plan(booking, offering, asked, now, language)
    if planned is None or asked.choice is None:
        return None, False
    found = await bookings.outlook(booking, offering, asked.choice, now)
    if not found.free:
        return None, True
    if not found.agreed:
        asked.form.add_error("", translate(BeyondPromise.message, language))
        return None, False
    if found.host_id is not None and found.host_id != booking.hosting_id:
        return replace(planned, new_host=await accounts.organisation_name(found.host_id)), False
    return planned, False


def _plan(
    booking: BookingRow, offering: Offering, asked: Asked, now: datetime, language: str
) -> Planned | None:
    """The change as it would be; what stands in its way goes to the form."""
    if asked.choice is None:
        return None
    try:
        change = bookings.preview(booking, offering, asked.choice, now)
    except (NothingChanged, NotChangeable) as error:
        asked.form.add_error("", translate(error.message, language))
        return None
    return _planned(booking, offering, asked, change, language)


def _planned(booking: BookingRow, offering: Offering, asked: Asked, change: Change, language: str) -> Planned:
    picked = asked.choice
    if picked is None:
        raise ValueError("only a whole choice can be planned")
    slot, nights = picked.slot, picked.nights
    if slot is not None:
        when = words.when(offering.kind.value, slot.starts_on, slot.ends_on, slot.starts_at, language)
    elif nights is not None:
        when = words.stay(nights.start, nights.end, language)
    else:
        raise ValueError("a choice is a departure, a session or nights")
    return Planned(
        when=when,
        party=words.party(picked.party, language),
        lines=words.bill(change.quote, language),
        total_minor=change.quote.total,
        difference_minor=change.difference,
        refund_minor=change.refund,
        later=translate(_later(booking, change), language),
        new_host="",
        hidden=choice.params(picked),
    )


def _later(booking: BookingRow, change: Change) -> Text:
    """What happens to the difference."""
    if change.difference == 0:
        return lazy("The price stays the same.")
    if booking.method == "on_arrival" and not booking.paid_minor:
        return lazy("You pay the new price when you arrive.")
    if change.difference > 0:
        if booking.method == "transfer":
            return lazy(
                "You get a code for the difference and a day to transfer it. Until then your booking stays as it is."
            )
        return lazy("You pay the difference on the next page. Until then your booking stays as it is.")
    return (
        words.refund_arrives(booking.method)
        if change.refund
        else lazy("Under your cancellation terms nothing comes back today.")
    )


async def _page(
    request: Request,
    booking: BookingRow,
    offering: Offering,
    asked: Asked,
    planned: Planned | None,
    *,
    gone: bool,
    now: datetime,
    status: int = 200,
) -> Response:
    language = locale(request)
    others = await _others(booking, offering, asked, now, language) if gone else []
    here = parts.path(request, "bookings:change", booking.reference)
    context = ChangePage(
        summary=await parts.summary_of_booking(await queries.get_view(booking.reference), language),
        action=here,
        back_href=parts.path(request, "bookings:show", booking.reference),
        form=asked.form,
        fields=await choosing.fields_of(offering, asked.form, now, language, own=booking.slot_id),
        paid_minor=booking.balance,
        total_minor=booking.total_minor,
        planned=planned,
        sold_out=gone,
        only_promised=not offering.instant,
        alternatives=[
            Suggestion(f"{here}?{row.href.partition('?')[2]}", row.title, row.text) for row in others
        ],
    )
    title = parts.page_title(request, lazy("Change dates or party"), errors=bool(asked.form.errors))
    return render(
        request, "bookings/change.html", context, title=title, robots=parts.ROBOTS, lean=True, status=status
    )


async def _others(
    booking: BookingRow, offering: Offering, asked: Asked, now: datetime, language: str
) -> list[Suggestion]:
    """What comes closest to a choice that is gone; where the host is asked, only what was promised."""
    if asked.choice is None:
        return []
    own = await stock.own_places(booking.id, now)
    return [
        suggestion(offering, other, language)
        for other in await alternatives.find(offering, asked.choice, now, own=own)
        if await rotation.is_sure(offering, other.choice, now, own=own)
    ]


async def change(request: Request) -> Response:
    """Carry out the change that was shown, or show what is different now."""
    found = await _changeable(request)
    if isinstance(found, Response):
        return found
    booking, offering = found
    now, language = clock.now(), locale(request)
    raw = raw_values(await request.form())
    shown = parse(ChangeForm, raw, language)
    asked = await choice.read(offering, raw, now=now, locale=language)
    planned = _plan(booking, offering, asked, now, language)
    if planned is None or asked.choice is None or shown.data is None:
        if planned is not None:
            asked.form.errors.append(("", translate(PriceChanged.message, language)))
        return await _page(request, booking, offering, asked, planned, gone=False, now=now, status=422)
    try:
        to = await bookings.change(
            booking.reference,
            offering=offering,
            choice=asked.choice,
            shown_difference=shown.data.shown,
            tools=tools(request),
            links=parts.links(request, booking.reference, back="bookings:show", change="1"),
            description=parts.description(booking, language),
            now=now,
        )
    except SoldOut:
        return await _page(request, booking, offering, asked, None, gone=True, now=now, status=409)
    except (PriceChanged, NotChangeable, NothingChanged, Unbookable, Upstream) as error:
        asked.form.errors.append(("", translate(error.message, language)))
        kept = planned if isinstance(error, PriceChanged) else None
        return await _page(request, booking, offering, asked, kept, gone=False, now=now, status=409)
    here = parts.path(request, "bookings:show", booking.reference)
    return redirect(request, to) if to is not None else redirect(request, here, flash=_done(booking, planned))


def _done(booking: BookingRow, planned: Planned) -> Text:
    waits = planned.difference_minor > 0 and booking.method == "transfer"
    if waits:
        return lazy("Your change is kept. It counts as soon as the difference has arrived.")
    return lazy("Your booking is changed. The host has been told.")


routes = [
    page("/{locale}/bookings/{reference}/change", show_change, access=ANYONE, name="bookings:change"),
    page(
        "/{locale}/bookings/{reference}/change",
        change,
        access=ANYONE,
        name="bookings:change_now",
        methods=("POST",),
    ),
]
