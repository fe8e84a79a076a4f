"""Joining a waiting list of what is sold out, and one's own place on it by the link of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import limits
from market.accounts import queries as accounts
from market.accounts.limits import Limit
from market.bookings import access, choice, queries, waiting, waiting_queries, waiting_telling, words
from market.bookings.checks import Unbookable
from market.bookings.forms import one_line_name
from market.bookings.pages import choosing, parts
from market.bookings.pages.parts import Summary
from market.bookings.quote import Choice
from market.bookings.states import WrongState
from market.bookings.suggestions import quote_path
from market.bookings.waiting import Entry, EntryState, NotWaiting, StillFree
from market.errors import NotFound
from market.listings import queries as listings
from market.listings.offering import Offering, Status
from market.notifications.addresses import MailAddress
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, raw_values
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import client_address, locale, settings, viewer

_MAILBOX: Final = Limit(5, timedelta(days=1))


class JoinForm(Inbound):
    """Who waits. The choice comes in the fields beside it."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "name": {"missing": lazy("Enter your name as on your identity card or passport.")},
        "email": {"missing": lazy("Enter an email address, for example maria@example.org.")},
    }

    name: Annotated[str, Field(min_length=2, max_length=120), AfterValidator(one_line_name)]
    email: MailAddress


class PlaceForm(Inbound):
    """What somebody does with their place."""

    act: Literal["confirm", "leave"]


@dataclass(frozen=True, slots=True)
class JoinPage:
    """Context of bookings/waiting_join.html."""

    summary: Summary
    action: str
    form: Form[Any]
    hidden: Mapping[str, str]
    other_href: str


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Context of bookings/waiting_place.html. `rank` is 0 where there is none."""

    summary: Summary
    action: str
    title: str
    text: str
    tag: tuple[str, str]
    rank: int
    when: str
    party: str
    can_confirm: bool
    can_leave: bool
    offer_href: str
    listing_href: str


@dataclass(frozen=True, slots=True)
class SentPage:
    """Context of bookings/waiting_sent.html."""

    summary: Summary
    email: str
    other_href: str


async def _offering(request: Request) -> Offering:
    offering = await listings.get_offering(slug=request.path_params["slug"])
    if offering is None or offering.status is not Status.PUBLISHED:
        raise NotFound
    return offering


async def _wanted(request: Request, offering: Offering, raw: Mapping[str, list[str]]) -> Choice | None:
    """What the visitor wants to wait for; None when it cannot be booked at all, or is free."""
    now = clock.now()
    asked = await choice.read(offering, raw, now=now, locale=locale(request))
    if asked.choice is None or not await choosing.is_gone(offering, asked, now):
        return None
    return asked.choice


async def show_join(request: Request) -> Response:
    """The form for somebody who wants to wait; what is free is booked instead."""
    offering = await _offering(request)
    raw = raw_values(request.query_params)
    wanted = await _wanted(request, offering, raw)
    if wanted is None:
        return redirect(request, quote_path(locale(request), offering.slug, _known(raw)))
    return await _join_page(request, offering, wanted, filled(await _known_person(request)))


def _known(raw: Mapping[str, list[str]]) -> dict[str, str]:
    return {
        name: values[0][:100]
        for name, values in raw.items()
        if values and values[0].strip() and (name in choice.FIELDS or name.startswith(choice.EXTRA))
    }


async def _known_person(request: Request) -> dict[str, str]:
    who = viewer(request)
    if who.person_id is None:
        return {}
    person = await accounts.get_person(who.person_id)
    return {"name": person.name, "email": person.email}


async def _join_page(
    request: Request, offering: Offering, wanted: Choice, form: Form[Any], *, status: int = 200
) -> Response:
    language = locale(request)
    picked = choice.params(wanted)
    context = JoinPage(
        summary=await parts.summary_of_choice(offering, wanted, language),
        action=urls.path("bookings:join_waiting", locale=language, slug=offering.slug),
        form=form,
        hidden=picked,
        other_href=quote_path(language, offering.slug, picked),
    )
    title = parts.page_title(request, lazy("Waiting list"), errors=bool(form.errors))
    return render(
        request,
        "bookings/waiting_join.html",
        context,
        title=title,
        robots=parts.ROBOTS,
        lean=True,
        status=status,
    )


async def join(request: Request) -> Response:
    """Put somebody on the list. What the answer says does not tell whether an address was on it already."""
    offering, language = await _offering(request), locale(request)
    raw = raw_values(await request.form())
    wanted = await _wanted(request, offering, raw)
    elsewhere = quote_path(language, offering.slug, _known(raw))
    if wanted is None:
        return redirect(request, elsewhere, flash=StillFree.message)
    form = parse(JoinForm, {name: raw[name] for name in ("name", "email") if name in raw}, language)
    if form.data is None:
        return await _join_page(request, offering, wanted, form, status=422)
    who, email = viewer(request), form.data.email.lower()
    proven = who.signed_in and who.email.lower() == email
    await limits.count("mail_address", client_address(request))
    if not proven and not await _may_be_asked(email):
        return await _sent(request, offering, wanted, email)
    try:
        entry = await waiting.join(
            offering=offering,
            choice=wanted,
            name=form.data.name,
            email=email,
            person_id=who.person_id if proven else None,
            proven=proven,
            locale=language,
            now=clock.now(),
        )
    except (StillFree, Unbookable) as refusal:
        return redirect(request, elsewhere, flash=refusal.message)
    if proven:
        return redirect(request, waiting_telling.link(entry, settings(request), language))
    return await _sent(request, offering, wanted, email)


async def _may_be_asked(email: str) -> bool:
    """A mailbox gets a few of our questions a day, whoever asks for them."""
    async with db.transaction():
        return await limits.count_inside("waiting", email, limit=_MAILBOX, now=clock.now())


async def _sent(request: Request, offering: Offering, wanted: Choice, email: str) -> Response:
    language = locale(request)
    summary = await parts.summary_of_choice(offering, wanted, language)
    context = SentPage(summary, email, summary.href)
    title = said(request, lazy("Please look in your mail"))
    return render(request, "bookings/waiting_sent.html", context, title=title, robots=parts.ROBOTS, lean=True)


# One's own place -----------------------------------------------------------------------------------------
async def _entry(request: Request) -> Entry:
    reference = waiting_telling.linked(request.path_params["token"], settings(request))
    if reference is None:
        raise NotFound
    return await waiting.get(reference)


def _here(request: Request) -> str:
    return urls.path("bookings:waiting_entry", locale=locale(request), token=request.path_params["token"])


async def show_place(request: Request) -> Response:
    """Where somebody stands on a list, with what can be done about it."""
    entry, language, now = await _entry(request), locale(request), clock.now()
    offering = await listings.get_offering(listing_id=entry.listing_id)
    if offering is None:
        raise NotFound
    live = entry.state in {EntryState.UNCONFIRMED, EntryState.WAITING, EntryState.OFFERED}
    open_still = live and entry.cutoff_at > now
    kind = offering.kind.value
    title, text = _WORDS[entry.state]
    context = PlacePage(
        summary=await parts.summary_of_choice(offering, None, language),
        action=_here(request),
        title=said(request, title),
        text=said(request, text),
        tag=(_TAGS[entry.state], said(request, _LABELS[entry.state])),
        rank=await waiting_queries.get_rank(entry) if entry.state is EntryState.WAITING else 0,
        when=words.when(kind, entry.starts_on, entry.ends_on, entry.starts_at, language),
        party=words.party(entry.party, language),
        can_confirm=open_still and entry.state is EntryState.UNCONFIRMED,
        can_leave=live,
        offer_href=await _offer_href(request, entry, now),
        listing_href=urls.path("discovery:listing", locale=language, slug=offering.slug),
    )
    page_title = said(request, lazy("Your place on the waiting list"))
    response = render(
        request, "bookings/waiting_place.html", context, title=page_title, robots=parts.ROBOTS, lean=True
    )
    response.headers["referrer-policy"] = "no-referrer"  # the address is a key
    return response


async def _offer_href(request: Request, entry: Entry, now: datetime) -> str:
    """The offered hold, for whoever holds the entry's own link."""
    reference = await waiting_queries.get_offer_reference(entry)
    if entry.state is not EntryState.OFFERED or not reference:
        return ""
    booking = (await queries.get_view(reference)).row
    return access.trip_link(booking, locale(request), settings(request), now)


_LABELS: Mapping[EntryState, Text] = {
    EntryState.UNCONFIRMED: lazy("Not confirmed yet"),
    EntryState.WAITING: lazy("On the list"),
    EntryState.OFFERED: lazy("A place is held for you"),
    EntryState.TAKEN: lazy("Taken"),
    EntryState.MISSED: lazy("Over"),
    EntryState.LEFT: lazy("Left"),
    EntryState.ENDED: lazy("Over"),
}
_TAGS: Mapping[EntryState, str] = {
    EntryState.UNCONFIRMED: "wait",
    EntryState.WAITING: "info",
    EntryState.OFFERED: "ok",
    EntryState.TAKEN: "ok",
    EntryState.MISSED: "",
    EntryState.LEFT: "",
    EntryState.ENDED: "",
}
_WORDS: Mapping[EntryState, tuple[Text, Text]] = {
    EntryState.UNCONFIRMED: (
        lazy("One step is missing"),
        lazy("Confirm that this address is yours. Only then can we offer you a place."),
    ),
    EntryState.WAITING: (
        lazy("You are on the waiting list"),
        lazy(
            "When a place comes free, it goes to the first on the list whose party fits. You get an email, and"
            " the place is held for you for 24 hours."
        ),
    ),
    EntryState.OFFERED: (
        lazy("A place is held for you"),
        lazy("Open it and pay in time; after that it goes to the next on the list."),
    ),
    EntryState.TAKEN: (lazy("You took your place"), lazy("Your booking shows everything from here on.")),
    EntryState.MISSED: (
        lazy("The place went to the next"),
        lazy("It was held for you, and the time ran out. You can join the list again."),
    ),
    EntryState.LEFT: (lazy("You left the list"), lazy("We have forgotten your name and address.")),
    EntryState.ENDED: (
        lazy("The list is closed"),
        lazy("No place came free in time. Perhaps another date or host fits you as well."),
    ),
}


async def act(request: Request) -> Response:
    """Confirm the address, or leave."""
    entry = await _entry(request)
    here = _here(request)
    form = parse(PlaceForm, await request.form(), locale(request))
    if form.data is None:
        return redirect(request, here)
    try:
        if form.data.act == "confirm":
            await waiting.confirm(entry.reference, clock.now())
            flash = lazy("Thank you. You are on the waiting list.")
        else:
            await waiting.leave(entry.reference, clock.now())
            flash = lazy("You left the list. We have forgotten your name and address.")
    except (NotWaiting, WrongState) as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=flash)


_LIST = "/{locale}/listings/{slug}/waiting"
_PLACE = "/{locale}/waiting/{token}"
routes = [
    page(_LIST, show_join, access=ANYONE, name="bookings:waiting_list"),
    page(_LIST, join, access=ANYONE, name="bookings:join_waiting", methods=("POST",)),
    page(_PLACE, show_place, access=ANYONE, name="bookings:waiting_entry"),
    page(_PLACE, act, access=ANYONE, name="bookings:waiting_act", methods=("POST",)),
]
