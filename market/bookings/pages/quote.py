"""Choosing what to book: the form, its price line by line, and the hold. Sold out shows what is still free."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, choice, holding, queries, rotation
from market.bookings import service as bookings
from market.bookings.checks import Unbookable
from market.bookings.choice import Asked
from market.bookings.pages import choosing, parts
from market.bookings.pages.choosing import Fields, Priced
from market.bookings.pages.parts import Summary
from market.bookings.quote import quote
from market.bookings.stock import SoldOut
from market.bookings.suggestions import Suggestion, quote_path
from market.errors import NotFound, TooMany
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.offering import Offering, Status
from market.values.ids import new_token
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, raw_values
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import locale, settings, viewer

CONFLICT, UNPROCESSABLE, TOO_MANY = 409, 422, 429


@dataclass(frozen=True, slots=True)
class QuotePage:
    """Context of bookings/quote.html."""

    summary: Summary
    action: str
    form: Form[Any]
    fields: Fields
    started: bool
    request_key: str
    priced: Priced | None
    sold_out: bool
    waiting_href: str
    alternatives: Sequence[Suggestion]
    manners: Sequence[str]
    instant: bool
    hold_minutes: int


async def _offering(request: Request) -> Offering:
    """The listing that the path names. A draft does not exist; a paused one says why it cannot be booked."""
    offering = await listings.get_offering(slug=request.path_params["slug"])
    if offering is None or offering.status is Status.DRAFT:
        raise NotFound
    return offering


async def show_quote(request: Request) -> Response:
    """The choice form with the price of what the address says."""
    offering, now = await _offering(request), clock.now()
    asked = await choice.read(offering, raw_values(request.query_params), now=now, locale=locale(request))
    return await _page(request, offering, asked, request_key=new_token(), now=now)


async def _page(
    request: Request, offering: Offering, asked: Asked, *, request_key: str, now: datetime, status: int = 200
) -> Response:
    language = locale(request)
    about = await queries.get_listing_words(offering.id, language)
    picked = asked.choice
    gone = status == CONFLICT or await choosing.is_gone(offering, asked, now)
    shown = picked is not None and not gone
    context = QuotePage(
        summary=await parts.summary_of_choice(offering, picked, language),
        action=quote_path(language, offering.slug, {}),
        form=asked.form,
        fields=await choosing.fields_of(offering, asked.form, now, language),
        started=asked.started,
        request_key=request_key,
        priced=choosing.priced(
            offering, picked, about, now=now, locale=language, brand=settings(request).brand
        )
        if shown and picked
        else None,
        sold_out=gone and picked is not None,
        waiting_href=urls.path(
            "bookings:waiting_list", **{**choice.params(picked), "locale": language, "slug": offering.slug}
        )
        if gone and picked
        else "",
        alternatives=await choosing.alternatives_for(offering, picked, now, language)
        if gone and picked
        else [],
        manners=about.manners,
        instant=await rotation.is_sure(offering, picked, now) if picked else offering.instant,
        hold_minutes=int(holding.HOLD.total_seconds()) // 60,
    )
    title = parts.page_title(
        request, lazy("Book: %(title)s", title=about.title), errors=bool(asked.form.errors)
    )
    return render(
        request,
        "bookings/quote.html",
        context,
        title=title,
        description=about.summary,
        status=status,
    )


def _known(raw: Mapping[str, list[str]]) -> dict[str, str]:
    """The fields of a choice out of a form, as they go into an address."""
    return {
        name: values[0][:100]
        for name, values in raw.items()
        if values and values[0].strip() and (name in choice.FIELDS or name.startswith(choice.EXTRA))
    }


async def hold(request: Request) -> Response:
    """Hold what the form says and go on to the checkout; or show the form again with what stands in the way."""
    offering, now, language = await _offering(request), clock.now(), locale(request)
    raw = raw_values(await request.form())
    if "look" in raw:
        return redirect(request, quote_path(language, offering.slug, _known(raw)))
    key = raw.get("request_key", [""])[0]
    request_key = key if key.isascii() and key.isprintable() and 16 <= len(key) <= 100 else new_token()
    asked = await choice.read(offering, raw, now=now, locale=language)
    if asked.choice is None:
        if not asked.form.errors:
            asked.form.add_error("", translate(lazy("Choose what you want to book."), language))
        return await _page(request, offering, asked, request_key=request_key, now=now, status=UNPROCESSABLE)
    total = quote(offering, asked.choice).total
    if raw.get("shown", [str(total)])[0] != str(total):
        asked.form.errors.append(("", translate(_PRICE_DIFFERS, language)))
        return await _page(request, offering, asked, request_key=request_key, now=now, status=UNPROCESSABLE)
    try:
        held = await bookings.hold(
            offering=offering,
            choice=asked.choice,
            request_key=_once(request_key, asked),
            locale=language,
            person_id=viewer(request).person_id,
            now=now,
            holder=access.holder(request),
        )
    except (Unbookable, SoldOut, TooMany) as refusal:
        return await _not_held(request, offering, asked, refusal, request_key=request_key, now=now)
    response = redirect(request, parts.path(request, "bookings:checkout", held.reference))
    access.remember(request, response, held.reference)
    return response


async def _not_held(
    request: Request,
    offering: Offering,
    asked: Asked,
    refusal: Unbookable | SoldOut | TooMany,
    *,
    request_key: str,
    now: datetime,
) -> Response:
    """The form again with what stood in the way: a rule, somebody faster, or too many holds already."""
    status, shown = CONFLICT, asked
    if isinstance(refusal, Unbookable):
        for field, message in refusal.problems:
            asked.form.add_error(field, translate(message, locale(request)))
        status, shown = UNPROCESSABLE, Asked(asked.form, None, started=True)
    elif isinstance(refusal, TooMany):
        asked.form.errors.append(("", translate(refusal.message, locale(request))))
        status = TOO_MANY
    return await _page(request, offering, shown, request_key=request_key, now=now, status=status)


_PRICE_DIFFERS = lazy("The price is not the one you saw. Please look at it and hold once more.")


def _once(request_key: str, asked: Asked) -> str:
    """One page and one choice make one hold: pressing twice is the same, going back and choosing anew is not."""
    picked = sorted(choice.params(asked.choice).items()) if asked.choice else []
    return hashlib.sha256(repr((request_key, picked)).encode()).hexdigest()


routes = [
    page("/{locale}/listings/{slug}/book", show_quote, access=ANYONE, name="bookings:quote"),
    page("/{locale}/listings/{slug}/book", hold, access=ANYONE, name="bookings:hold", methods=("POST",)),
]
