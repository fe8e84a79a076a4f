"""One date of a tour or class for its host: who comes, whether it is sure to run, who waits; and all waiting lists.

What a minimum means for guests is `market.bookings.departing`'s business; dates are made in the calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.bookings import departing, waiting_queries
from market.bookings import queries as bookings
from market.bookings import words as booking_words
from market.bookings.departing import Minimum
from market.bookings.states import LABELS, SOLD, TAGS, WAITING
from market.bookings.waiting_queries import Waiting
from market.console import scope
from market.console.frame import Place, host_places
from market.errors import NotFound, Refused
from market.i18n import formats
from market.i18n.locales import pick
from market.listings import departures
from market.listings import queries as listings
from market.listings.departures import Outcome
from market.listings.offering import SlotRow
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking of the date."""

    reference: str
    guest: str
    party: str
    tag: str
    label: str
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class DeparturePage:
    """Context of console/departure.html."""

    places: Sequence[Place]
    title: str
    when: str
    tag: tuple[str, str]
    state: str
    what_then: str
    taken: str
    can_waive: bool
    waive_action: str
    booked: Sequence[Booked]
    waiting: Sequence[str]
    waiting_href: str
    calendar_href: str


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Who waits for one date or for nights of one room, in numbers."""

    listing: str
    what: str
    numbers: str
    offered: str
    href: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Context of console/waiting.html."""

    places: Sequence[Place]
    lines: Sequence[WaitingLine]


def _hosts(request: Request) -> frozenset[int]:
    """The hosts whose calendar the viewer keeps."""
    return viewer(request).organisation_ids(Right.CALENDAR.role)


async def _own_slot(request: Request) -> tuple[SlotRow, int]:
    """The date the path names and its host; NotFound unless the viewer keeps that calendar."""
    slot = await listings.get_slot(int(request.path_params["slot"]), clock.now())
    row = await db.fetch_one("SELECT host_id FROM listing WHERE id = $1", slot.listing_id if slot else 0)
    if slot is None or slot.kind == "night" or row is None or row["host_id"] not in _hosts(request):
        raise NotFound
    return slot, row["host_id"]


async def show(request: Request) -> Response:
    """Everything about one date."""
    slot, _ = await _own_slot(request)
    language, now = locale(request), clock.now()
    about = await bookings.get_listing_words(slot.listing_id, language)
    minimum = await departing.get_minimum(slot)
    decision = await departures.get_decision(slot.id)
    waived = decision is not None and decision.outcome is Outcome.WAIVED
    state, what_then = _words(minimum, waived=waived, language=language)
    open_still = minimum is not None and decision is None and slot.status in {"open", "closed"}
    waits = [
        line
        for line in await waiting_queries.list_for_listings([slot.listing_id], now)
        if line.slot_id == slot.id
    ]
    context = DeparturePage(
        places=host_places(request, "console:host_calendar"),
        title=about.title,
        when=booking_words.when(_kind(slot), slot.starts_on, slot.ends_on, slot.starts_at, language),
        tag=_tag(request, slot),
        state=words(request, state) if state else "",
        what_then=words(request, what_then) if what_then else "",
        taken=words(request, _taken(slot)),
        can_waive=open_still and slot.starts_at > now,
        waive_action=urls.path("console:host_waive", locale=language, slot=slot.id),
        booked=await _booked(request, slot),
        waiting=[_numbers(request, line) for line in waits],
        waiting_href=urls.path("console:host_waiting", locale=language),
        calendar_href=urls.path("console:host_calendar", locale=language),
    )
    return render(request, "console/departure.html", context, title=context.when, robots="noindex")


def _kind(slot: SlotRow) -> str:
    return "tour" if slot.kind == "departure" else "lesson"


_TAGS: dict[str, tuple[str, Text]] = {
    "open": ("info", lazy("Open")),
    "guaranteed": ("ok", lazy("Guaranteed")),
    "closed": ("", lazy("Closed")),
    "called_off": ("bad", lazy("Called off")),
}


def _tag(request: Request, slot: SlotRow) -> tuple[str, str]:
    kind, label = _TAGS[slot.status]
    return kind, words(request, label)


def _taken(slot: SlotRow) -> Text:
    return lazy(
        "%(confirmed)s of %(capacity)s places are sold, %(held)s are asked for or being paid.",
        confirmed=slot.confirmed,
        capacity=slot.capacity,
        held=slot.sold - slot.confirmed,
    )


def _words(minimum: Minimum | None, *, waived: bool, language: str) -> tuple[Text | None, Text | None]:
    """(where it stands, what happens next) for a date with a minimum; nothing for one without."""
    if minimum is None:
        return None, None
    if waived:
        return lazy("You said that it runs whoever comes. It is guaranteed."), None
    if minimum.guaranteed:
        return lazy("It is guaranteed: it runs, and its guests know."), None
    day = formats.day_long(minimum.decided_on, language)
    if minimum.called_off:
        return (
            lazy_n(
                "Called off: %(count)s guest was needed.",
                "Called off: %(count)s guests were needed.",
                minimum.needed,
            ),
            lazy("Its guests choose another date or get everything back. You need not do anything."),
        )
    then = lazy(
        "On %(day)s, at the beginning of the day, it is guaranteed or called off by the guests confirmed then.",
        day=day,
    )
    if minimum.missing:
        return (
            lazy_n(
                "%(count)s more guest is needed for it to run.",
                "%(count)s more guests are needed for it to run.",
                minimum.missing,
            ),
            then,
        )
    return lazy("Enough guests are confirmed so far."), then


async def _booked(request: Request, slot: SlotRow) -> list[Booked]:
    language = locale(request)
    return [
        Booked(
            reference=row.reference,
            guest=row.guest_name or row.reference,
            party=booking_words.party(row.party, language),
            tag=TAGS.get(row.state, "bad"),
            label=words(request, LABELS[row.state]),
            can_cancel=row.state in SOLD,
        )
        for row in await bookings.bookings_on_slot(slot.id)
        if row.guest_email and (row.state in SOLD or row.state in WAITING)
    ]


def _numbers(request: Request, line: Waiting) -> str:
    parties = lazy_n("%(count)s party", "%(count)s parties", line.parties)
    guests = lazy_n("%(count)s guest", "%(count)s guests", line.guests)
    return words(request, lazy("Waiting: %(parties)s, %(guests)s in all.", parties=parties, guests=guests))


async def waive(request: Request) -> Response:
    """The host runs it whoever comes."""
    slot, _ = await _own_slot(request)
    back = urls.path("console:host_departure", locale=locale(request), slot=slot.id)
    try:
        await departures.waive(slot.id, by=person_id(request), now=clock.now())
    except (Refused, NotFound) as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=lazy("It is guaranteed now. Everybody who booked is told."))


async def show_waiting(request: Request) -> Response:
    """Every waiting list of the viewer's listings, in numbers."""
    own = {listing.id: listing for listing in await scope.own_listings(request, Right.CALENDAR)}
    found = await waiting_queries.list_for_listings(own, clock.now())
    rooms = await listings.get_rooms({line.room_type_id for line in found if line.room_type_id is not None})
    context = WaitingPage(
        host_places(request, "console:host_calendar"),
        [_line(request, line, own[line.listing_id].title, rooms) for line in found],
    )
    title = words(request, lazy("Waiting lists"))
    return render(request, "console/waiting.html", context, title=title, robots="noindex")


def _line(
    request: Request, line: Waiting, title: str, rooms: dict[int, tuple[listings.Room, int]]
) -> WaitingLine:
    language = locale(request)
    what, href = formats.day_range(line.starts_on, line.ends_on, language), ""
    if line.slot_id is not None:
        href = urls.path("console:host_departure", locale=language, slot=line.slot_id)
    elif line.room_type_id in rooms:
        room = rooms[line.room_type_id][0]
        name = pick(room.texts, language).get("name", room.key) if room.texts else room.key
        what = f"{booking_words.stay(line.starts_on, line.ends_on, language)}, {name}"
    offered = lazy_n(
        "%(count)s has an offer for 24 hours", "%(count)s have an offer for 24 hours", line.offered
    )
    return WaitingLine(
        title, what, _numbers(request, line), words(request, offered) if line.offered else "", href
    )


routes = [
    page("/{locale}/host/departures/{slot:int}", show, access=HOST, name="console:host_departure"),
    page(
        "/{locale}/host/departures/{slot:int}/waive",
        waive,
        access=HOST,
        name="console:host_waive",
        methods=("POST",),
    ),
    page("/{locale}/host/waiting", show_waiting, access=HOST, name="console:host_waiting"),
]
