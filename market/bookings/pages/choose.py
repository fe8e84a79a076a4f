"""A promise that could not be kept: the guest takes another date free of charge, or everything back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, departing, moving, queries, story, words
from market.bookings import service as bookings
from market.bookings.checks import HORIZON_DAYS, Unbookable
from market.bookings.moving import ChoiceOver, SameDate
from market.bookings.pages import parts
from market.bookings.pages.parts import Summary
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.bookings.stock import SoldOut
from market.i18n import formats
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.offering import Offering
from market.values.dates import DateRange, local_day
from market.values.text import Text, lazy
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import locale, viewer


class ChooseForm(Inbound):
    """What the guest takes: the money, or one of the dates (a start's number, or the day of arrival)."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "act": {"any": lazy("Choose another date, or everything back.")},
        "slot": {"any": lazy("Choose one of the dates.")},
    }

    act: Literal["move", "money"]
    slot: Annotated[int, Field(ge=1, le=2**53)] | None = None
    day: date | None = None
    other_day: date | None = None


@dataclass(frozen=True, slots=True)
class DateRow:
    """Another date as a row to pick."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """Context of bookings/choose.html."""

    summary: Summary
    action: str
    back_href: str
    form: Form[Any]
    why: str
    until: datetime
    field: str
    dates: Sequence[DateRow]
    stay: bool
    first_day: date
    last_day: date
    paid_minor: int
    arrives: str


async def show_choice(request: Request) -> Response:
    """The dates that are free, and the money."""
    booking = await access.own_booking(request)
    if not moving.is_open(booking, clock.now()):
        return redirect(request, parts.path(request, "bookings:show", booking.reference))
    return await _page(request, booking, filled({}))


async def _page(request: Request, booking: BookingRow, form: Form[Any], *, status: int = 200) -> Response:
    language, now = locale(request), clock.now()
    offering = await listings.get_offering(listing_id=booking.listing_id)
    stay = booking.nights is not None
    today = local_day(now)
    context = ChoosePage(
        summary=await parts.summary_of_booking(await queries.get_view(booking.reference), language),
        action=parts.path(request, "bookings:choose", booking.reference),
        back_href=parts.path(request, "bookings:show", booking.reference),
        form=form,
        why=await _why(booking, language),
        until=booking.deadline_at or now,
        field="day" if stay else "slot",
        dates=await _dates(booking, offering, now, language) if offering else [],
        stay=stay,
        first_day=today,
        last_day=today + timedelta(days=HORIZON_DAYS),
        paid_minor=booking.balance,
        arrives=translate(words.refund_arrives(booking.method), language) if booking.balance else "",
    )
    title = parts.page_title(request, lazy("Another date, or everything back"), errors=bool(form.errors))
    return render(
        request, "bookings/choose.html", context, title=title, robots=parts.ROBOTS, lean=True, status=status
    )


async def _why(booking: BookingRow, language: str) -> str:
    """The reason that was given, in the giver's own words."""
    events = await queries.story_of(booking.id)
    said = [event.reason for event in events if event.to_state == booking.state.value and event.reason]
    if said:
        return said[-1]
    return translate(_WHY[booking.state], language) if booking.state in _WHY else ""


_WHY: Mapping[State, Text] = {
    State.CALLED_OFF: lazy("Too few guests had booked this date seven days before."),
    State.FORCE_MAJEURE: lazy("Weather, sea or a like event makes your visit impossible on this date."),
}


async def _dates(booking: BookingRow, offering: Offering, now: datetime, language: str) -> list[DateRow]:
    rows: list[DateRow] = []
    for other in await moving.list_dates(booking, offering, now):
        picked = other.choice
        if picked.slot is not None:
            slot = picked.slot
            value = str(slot.id)
            title = words.when(booking.kind, slot.starts_on, slot.ends_on, slot.starts_at, language)
        elif picked.nights is not None:
            value = picked.nights.start.isoformat()
            title = words.stay(picked.nights.start, picked.nights.end, language)
        else:
            continue
        planned = moving.preview(booking, offering, picked)
        stands = departing.minimum_of(picked.slot) if picked.slot is not None else None
        said = [translate(_cost(planned.refund, language), language)]
        said += [words.minimum(stands, language)] if stands else []
        rows.append(DateRow(value, title, " · ".join(said)))
    return rows


def _cost(refund: int, language: str) -> Text:
    if refund:
        return lazy("No extra charge, %(amount)s comes back", amount=formats.money(refund, language))
    return lazy("No extra charge")


async def choose(request: Request) -> Response:
    """Carry out the choice, or show the page again with what stands in its way."""
    booking = await access.own_booking(request)
    here = parts.path(request, "bookings:show", booking.reference)
    form = parse(ChooseForm, await request.form(), locale(request))
    if form.data is None:
        return await _again(request, booking, form)
    try:
        if form.data.act == "money":
            await bookings.take_money(booking.reference, by=viewer(request).person_id, now=clock.now())
            return redirect(request, here, flash=lazy("Done. Everything you paid comes back to you."))
        if not await _move(request, booking, form, form.data):
            return await _again(request, booking, form)
    except ChoiceOver as error:
        return redirect(request, here, flash=error.message, kind="bad")
    return redirect(request, here, flash=lazy("Your new date is confirmed. The host has been told."))


async def _again(request: Request, booking: BookingRow, form: Form[Any]) -> Response:
    if not moving.is_open(booking, clock.now()):
        here = parts.path(request, "bookings:show", booking.reference)
        return redirect(request, here, flash=ChoiceOver.message, kind="bad")
    return await _page(request, booking, form, status=422)


async def _move(request: Request, booking: BookingRow, form: Form[ChooseForm], data: ChooseForm) -> bool:
    """Move to the date that was picked; False with the reason in the form."""
    language, now = locale(request), clock.now()
    offering = await listings.get_offering(listing_id=booking.listing_id)
    picked = await _picked(booking, offering, data, now) if offering else None
    field = "slot"
    if booking.nights is not None:
        field = "other_day" if data.other_day else "day"
    if offering is None or picked is None:
        form.add_error(field, translate(lazy("Choose one of the dates."), language))
        return False
    try:
        await bookings.move(
            booking.reference,
            offering=offering,
            choice=picked,
            by=viewer(request).person_id,
            actor=story.GUEST,
            now=now,
        )
    except Unbookable as refusal:
        form.add_error(field, translate(refusal.problems[0][1], language))
    except (SoldOut, SameDate) as refusal:
        form.add_error(field, translate(refusal.message, language))
    else:
        return True
    return False


async def _picked(booking: BookingRow, offering: Offering, data: ChooseForm, now: datetime) -> Choice | None:
    """What was booked, on the date that was picked."""
    usual = await moving.usual_choice(booking, offering, now)
    if usual is None:
        return None
    if usual.nights is not None:
        start = data.other_day or data.day
        return (
            replace(usual, nights=DateRange(start, start + timedelta(days=usual.nights.nights)))
            if start
            else None
        )
    slot = await listings.get_slot(data.slot, now) if data.slot else None
    return replace(usual, slot=slot) if slot is not None and slot.listing_id == offering.id else None


routes = [
    page("/{locale}/bookings/{reference}/choose", show_choice, access=ANYONE, name="bookings:choose"),
    page(
        "/{locale}/bookings/{reference}/choose",
        choose,
        access=ANYONE,
        name="bookings:choose_now",
        methods=("POST",),
    ),
]
