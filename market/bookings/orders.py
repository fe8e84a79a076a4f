"""What a booking is for, in one short line that the card provider keeps with the payment, and back again.

So a booking whose row was lost after it was paid can be made again (`remaking`). Who booked is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode

from market.bookings import choice
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.i18n.locales import is_locale
from market.listings import queries as listings
from market.listings.offering import Offering
from market.values.dates import DateRange
from market.values.party import Party


class NotAnOrder(ValueError):
    """This does not say what was booked; the words say why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was booked, and in which language."""

    offering: Offering
    choice: Choice
    locale: str


def written(booking: BookingRow) -> str:
    """A booking's choice as a query string."""
    return urlencode({"listing": booking.listing_id, "language": booking.locale, **choice.booked(booking)})


async def read(text: str, now: datetime) -> Order:
    """What `written` wrote, with the listing as it is now. Raises NotAnOrder."""
    given = dict(parse_qsl(text))
    try:
        offering = await listings.get_offering(listing_id=int(given["listing"]))
        if offering is None:
            raise NotAnOrder("its listing is not here")
        found = await _choice(offering, given, now)
    except (KeyError, ValueError) as error:
        raise (
            error if isinstance(error, NotAnOrder) else NotAnOrder("it does not say what was booked")
        ) from error
    locale = given.get("language", "")
    return Order(offering, found, locale if is_locale(locale) else "id")


async def _choice(offering: Offering, given: Mapping[str, str], now: datetime) -> Choice:
    party = Party(int(given["adults"]), int(given["children"]), int(given["infants"]))
    prefix = choice.EXTRA
    extras = {name.removeprefix(prefix): int(n) for name, n in given.items() if name.startswith(prefix)}
    if "slot" in given:
        slot = await listings.get_slot(int(given["slot"]), now)
        if slot is None:
            raise NotAnOrder("its departure or session is not here")
        return Choice(party, slot=slot, extras=extras)
    room = next((one for one in offering.rooms if one.id == int(given["room"])), None)
    if room is None:
        raise NotAnOrder("its room is not here")
    nights = DateRange(date.fromisoformat(given["from"]), date.fromisoformat(given["to"]))
    return Choice(party, room=room, rooms=int(given["rooms"]), nights=nights, extras=extras)
