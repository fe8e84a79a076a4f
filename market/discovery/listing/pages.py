"""A listing's page for the three kinds: story, stock, price, money, reviews and what is near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.bookings.checks import HORIZON_DAYS, first_arrival
from market.bookings.quote import split
from market.discovery.directory import Place, get_directory, kabupaten_name, place_name
from market.discovery.listing import booking_box, queries, story, structured, trip
from market.discovery.listing.booking_box import Box, rooms_for
from market.discovery.listing.calendar import Month, Night, Picked, Rules, month_view, nights_of
from market.discovery.listing.queries import Shown
from market.discovery.listing.starts import with_beds
from market.discovery.listing.trip import Trip
from market.discovery.money_parts import BarPart, bar_parts, usual_names
from market.discovery.search.asked import Asked
from market.discovery.search.cards import get_cards
from market.errors import NotFound
from market.i18n import formats
from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.languages_themes import ISLANDS, KINDS, named
from market.listings.offering import Kind, Offering, Room, SlotRow, Status
from market.media.covers import cover_url, preview_url
from market.media.queries import Picture, photos_for
from market.places.geo import Spot, blur, project
from market.reviews.queries import ReviewRow, list_reviews
from market.values.text import Text, lazy
from market.web import forms, urls
from market.web.paging import slice_of
from market.web.render import render
from market.web.request import locale as locale_of
from market.web.request import settings, viewer

REVIEWS_SHOWN: Final = 6
_AHEAD_OF_MONTH: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class ReviewShown:
    """A review with its language named where it is not the reader's, and the host's answer."""

    id: int
    author: str
    country: str
    stars: int
    body: str
    lang: str
    language: str
    when: str
    reply: str
    reply_lang: str


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The nights calendar of one room type, with links to the months beside it and to the other rooms."""

    month: Month
    previous: tuple[str, str] | None
    next: tuple[str, str] | None
    rooms: list[tuple[str, str, bool]]
    states: list[str]


@dataclass(frozen=True, slots=True)
class ListingPage:
    """Everything the listing template shows."""

    shown: Shown
    open: bool
    stay: bool
    crumbs: list[tuple[str, str | None]]
    kind_label: str
    length: str
    place: str
    facts: list[tuple[str, str]]
    rating_tenths: int
    photos: list[Picture]
    cover_url: str
    preview_url: str
    data_block: Markup
    steps: list[story.Step]
    step_word: str
    rooms: list[story.RoomBox]
    calendar: CalendarView | None
    box: Box
    quote_href: str
    requote_href: str
    price: str
    per: str
    know: list[story.Row]
    policy: list[str]
    money: list[BarPart]
    money_of: str
    host_line: str
    initials: str
    village_href: str
    spot: Spot
    reviews: list[ReviewShown]
    reviews_previous: str | None
    reviews_next: str | None
    near: list[Markup]


async def listing(request: Request) -> Response:
    """The page of a published listing; a paused one, and a host's own draft, says so and cannot be booked."""
    locale, today, now = locale_of(request), clock.today(), clock.now()
    slug: str = request.path_params["slug"]
    who = viewer(request)
    shown = await queries.get_shown(
        slug, locale, who.organisation_ids(Right.PRICES.role), operator="operator" in who.roles
    )
    offering = await listings.get_offering(slug=slug) if shown is not None else None
    if shown is None or offering is None:
        raise NotFound
    chosen = trip.read(forms.raw_values(request.query_params), offering, today, locale)
    photos = (await photos_for([shown.id], locale)).get(shown.id, [])
    box, calendar, starts = await _box(offering, chosen, now, today, locale)
    page = slice_of(shown.rating_count, chosen.reviews, REVIEWS_SHOWN)
    reviews = await list_reviews(shown.id, locale, limit=REVIEWS_SHOWN, offset=page.offset)
    near = await get_cards(await queries.list_near(shown), Asked(), locale, now=now, today=today, eager=0)
    brand = settings(request).brand
    base = settings(request).base_url
    preview = base + (photos[0].src if photos else preview_url(shown.slug, shown.region, shown.emblem))
    steps = story.steps(offering, await _houses(offering, locale), locale)
    per = lazy("night") if offering.kind is Kind.HOMESTAY else lazy("guest")
    context = ListingPage(
        shown=shown,
        open=offering.status is Status.PUBLISHED,
        stay=offering.kind is Kind.HOMESTAY,
        crumbs=await _crumbs(shown, locale),
        kind_label=named(KINDS, shown.kind, locale),
        length=story.kick(offering, shown, locale),
        place=f"{shown.village_name}, {place_name(shown.kabupaten, shown.island)}",
        facts=story.facts(shown, offering, locale),
        rating_tenths=_tenths(shown),
        photos=photos,
        cover_url=cover_url(shown.slug, shown.region, shown.emblem, wide=True),
        preview_url=preview,
        data_block=structured.data_block(
            shown,
            offering,
            structured.About(
                url=base + urls.path("discovery:listing", locale=locale, slug=slug),
                picture=preview,
                place=f"{shown.village_name}, {kabupaten_name(shown.kabupaten)}",
                rating_tenths=_tenths(shown),
                spot=blur(shown.lat, shown.lon),
                steps=[step.title for step in steps],
                sessions=starts,
            ),
        ),
        steps=steps,
        step_word=translate(lazy("Day") if offering.kind is Kind.TOUR else lazy("Part"), locale),
        rooms=story.room_boxes(offering, locale),
        calendar=calendar,
        box=box,
        quote_href=urls.path("bookings:quote", locale=locale, slug=slug),
        requote_href=urls.path("discovery:listing", locale=locale, slug=slug),
        price=formats.money(shown.shown_price_minor, locale),
        per=translate(per, locale),
        know=story.good_to_know(shown, offering, today, locale),
        policy=story.policy_lines(offering, locale),
        money=_money(shown, offering, brand, locale),
        money_of=translate(_MONEY_OF[offering.kind], locale)
        % {"price": formats.money(shown.shown_price_minor, locale)},
        host_line=_host_line(shown, locale),
        initials=initials(shown.host_name),
        village_href=urls.path("discovery:village", locale=locale, slug=shown.village_slug),
        spot=project(*blur(shown.lat, shown.lon)),
        reviews=[_review(review, locale) for review in reviews],
        reviews_previous=chosen.href(locale, anchor="reviews", reviews=page.number - 1)
        if page.number > 1
        else None,
        reviews_next=_next_reviews(chosen, page.number, page.pages, locale),
        near=near,
    )
    return render(
        request,
        "discovery/listing.html",
        context,
        title=shown.title,
        description=shown.summary,
        robots=None if context.open else "noindex",
        keep=True,
    )


_MONEY_OF = {
    Kind.TOUR: lazy("Of %(price)s, the price for one guest"),
    Kind.HOMESTAY: lazy("Of %(price)s, the price of one night"),
    Kind.LESSON: lazy("Of %(price)s, the price for one guest"),
}


def _next_reviews(chosen: Trip, number: int, pages: int, locale: str) -> str | None:
    return chosen.href(locale, anchor="reviews", reviews=number + 1) if number < pages else None


async def _box(
    offering: Offering, chosen: Trip, now: datetime, today: date, locale: str
) -> tuple[Box, CalendarView | None, list[SlotRow]]:
    if offering.kind is Kind.HOMESTAY:
        return *await _stay(offering, chosen, now, today, locale), []
    slots = await listings.list_starts(offering.id, now)
    beds = await queries.beds_left([slot.id for slot in slots], now) if offering.kind is Kind.TOUR else {}
    starts = with_beds(slots, beds)
    return booking_box.starts_box(offering, starts, chosen, now, locale), None, starts


async def _stay(
    offering: Offering, chosen: Trip, now: datetime, today: date, locale: str
) -> tuple[Box, CalendarView | None]:
    last = today + timedelta(days=HORIZON_DAYS - 1)
    first = _month_shown(chosen, today, last)
    after = (first + timedelta(days=32)).replace(day=1)
    start = min(first, chosen.start or first)
    end = max(after, chosen.end or after, (chosen.start or after)) + _AHEAD_OF_MONTH
    slots = await listings.list_nights([room.id for room in offering.rooms], start, end, now)
    nights = {room.id: nights_of(offering, room, slots, start, end) for room in offering.rooms}
    room = next((r for r in offering.rooms if r.id == chosen.room), None) or _first_room(offering, chosen)
    box = booking_box.stay_box(offering, nights, room, chosen, now, locale)
    if room is None:
        return box, None
    limits = (today, first_arrival(offering, now), last)
    return box, _calendar(offering, room, nights[room.id], chosen, first, limits, locale)


def _month_shown(chosen: Trip, today: date, last: date) -> date:
    wanted = chosen.month or chosen.start or today
    return sorted((today, wanted, last))[1].replace(day=1)


def _first_room(offering: Offering, chosen: Trip) -> Room | None:
    """The cheapest room that takes the party as few rooms as there are."""
    fitting = [r for r in offering.rooms if rooms_for(r, chosen.party.total) <= r.count]
    return min(fitting or offering.rooms, key=lambda room: (room.price_minor, room.id), default=None)


def _calendar(
    offering: Offering,
    room: Room,
    nights: dict[date, Night],
    chosen: Trip,
    first: date,
    limits: tuple[date, date, date],
    locale: str,
) -> CalendarView:
    today, earliest, last = limits
    rules = Rules(
        today=today,
        first=earliest,
        last=last,
        rooms=chosen.rooms or rooms_for(room, chosen.party.total - chosen.party.infants),
        min_nights=offering.min_nights,
        max_nights=offering.max_nights,
    )

    def href(start: date, end: date | None) -> str:
        return chosen.href(locale, anchor="calendar", start=start, end=end, room=room.id, month=first)

    def beside(month: date) -> tuple[str, str]:
        return chosen.href(locale, anchor="calendar", month=month, room=room.id), formats.month_name(
            month, locale
        )

    month = month_view(first, nights, Picked(chosen.start, chosen.end), rules, href, locale)
    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)
    used = [cell.state for week in month.weeks for cell in week if cell is not None]
    order = ("open", "full", "shut", "pick-day", "in-range")
    return CalendarView(
        month=month,
        previous=beside(before) if before >= today.replace(day=1) else None,
        next=beside(after) if after <= last else None,
        rooms=_room_tabs(offering, room, chosen, locale),
        states=[state for state in order if state in used],
    )


def _room_tabs(offering: Offering, room: Room, chosen: Trip, locale: str) -> list[tuple[str, str, bool]]:
    if len(offering.rooms) < 2:
        return []
    names = {box.id: box.name for box in story.room_boxes(offering, locale)}
    return [
        (names[r.id], chosen.href(locale, anchor="calendar", room=r.id, rooms=None), r.id == room.id)
        for r in offering.rooms
    ]


async def _houses(offering: Offering, locale: str) -> dict[int, str]:
    """What the listed homestays are called in which a tour sleeps, by room type."""
    rooms = {step.room_type_id for step in offering.steps if step.room_type_id is not None}
    return await queries.house_names(rooms, locale)


async def _crumbs(shown: Shown, locale: str) -> list[tuple[str, str | None]]:
    def search(place: Place) -> str:
        return urls.path("discovery:search", locale=locale, place=place.slug)

    directory = await get_directory()
    crumbs: list[tuple[str, str | None]] = [
        (translate(lazy("Home"), locale), urls.path("discovery:home", locale=locale))
    ]
    names = dict.fromkeys([ISLANDS.get(shown.island, shown.island), kabupaten_name(shown.kabupaten)])
    crumbs += [(name, search(place)) for name in names if (place := directory.find(name)) is not None]
    return [*crumbs, (shown.village_name, None)]


def _tenths(shown: Shown) -> int:
    """The average of the stars in tenths, rounded half up; 0 without reviews."""
    if not shown.rating_count:
        return 0
    return (shown.rating_sum * 20 + shown.rating_count) // (shown.rating_count * 2)


def _money(shown: Shown, offering: Offering, brand: str, locale: str) -> list[BarPart]:
    host = _host_price(shown, offering)
    parts = split(offering, host=host, fee=shown.shown_price_minor - host)
    family = "" if offering.pooled else shown.host_name
    return bar_parts(parts, usual_names(family, shown.fund_name, brand), locale)


def _host_price(shown: Shown, offering: Offering) -> int:
    """The host's part of the price shown: the cheapest room's, or one adult's."""
    if offering.kind is Kind.HOMESTAY and offering.rooms:
        return min(shown.shown_price_minor, *(room.price_minor for room in offering.rooms))
    return min(shown.shown_price_minor, offering.price_minor)


def _answers(shown: queries.Shown) -> Text:
    """How fast the host answers, and when the host can be reached at all."""
    if (shown.reachable_from, shown.reachable_to) == ("00:00", "24:00"):
        return lazy("Answers within %(hours)s hours.", hours=shown.answers_hours)
    return lazy(
        "Answers within %(hours)s hours, when reachable: %(first)s to %(last)s WITA.",
        hours=shown.answers_hours,
        first=shown.reachable_from.replace(":", "."),
        last=shown.reachable_to.replace(":", "."),
    )


def _host_line(shown: Shown, locale: str) -> str:
    answers = _answers(shown)
    if shown.host_since is None:
        return translate(answers, locale)
    since = lazy("Hosting since %(year)s.", year=shown.host_since)
    return f"{translate(answers, locale)} {translate(since, locale)}"


def initials(name: str) -> str:
    """One or two letters for a face: Mama and Bapak do not count."""
    words = [
        word for word in name.split() if word.lower() not in {"mama", "bapak", "ibu", "kak", "opa", "oma"}
    ]
    return "".join(word[0] for word in (words or name.split())[:2]).upper()


def _review(review: ReviewRow, locale: str) -> ReviewShown:
    foreign = review.locale != locale
    return ReviewShown(
        id=review.id,
        author=review.author or translate(lazy("A guest"), locale),
        country=review.country,
        stars=review.stars,
        body=review.body,
        lang=review.locale,
        language=LOCALES.get(review.locale, review.locale) if foreign else "",
        when=formats.month_year(review.published_at.date(), locale),
        reply=review.reply,
        reply_lang=review.reply_locale,
    )
