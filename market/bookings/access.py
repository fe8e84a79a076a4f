"""Who looks at a booking: its guest, somebody of its host, an operator, or nobody at all.

A guest without an account is known by a signed cookie that lists references, set when places are held or by
the signed link in a mail. Deny is the default: whoever is none of these is told that there is no such page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.bookings import queries, rows
from market.bookings.flooding import Holder
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.errors import NotFound
from market.settings import Settings
from market.values.ids import ALPHABET
from market.web import urls
from market.web.request import TRIPS_COOKIE, Viewer, client_address, settings, viewer
from market.web.signing import sign, unsign

COOKIE_PURPOSE: Final = "trips"
LINK_PURPOSE: Final = "trip"
KEPT = timedelta(days=180)
LINK_AFTER_END = timedelta(days=60)
_MOST = 40
_LONGEST_REFERENCE = 16


class Role(StrEnum):
    """What somebody is to a booking."""

    GUEST = "guest"
    HOST = "host"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking and what its viewer is to it."""

    view: BookingView
    role: Role

    @property
    def row(self) -> BookingRow:
        return self.view.row


def known(request: Request) -> tuple[str, ...]:
    """The references this browser holds, newest last."""
    raw = request.cookies.get(TRIPS_COOKIE, "")
    value = unsign(raw, COOKIE_PURPOSE, settings(request).secrets) if raw else None
    return tuple(part for part in (value or "").split(".") if is_reference(part))[-_MOST:]


def holder(request: Request) -> Holder:
    """Who asks for a hold, as far as the limits on holds go."""
    most = settings(request).hold_limit
    return Holder(client_address(request), known(request), viewer(request).person_id, most)


def remember(request: Request, response: Response, reference: str) -> None:
    """From now on this browser may open a booking."""
    config = settings(request)
    references = [*(old for old in known(request) if old != reference), reference][-_MOST:]
    signed = sign(".".join(references), COOKIE_PURPOSE, config.secrets, clock.now() + KEPT)
    response.set_cookie(
        TRIPS_COOKIE,
        signed,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=config.secure,
        path="/",
    )


def is_reference(text: str) -> bool:
    """Whether a text could be one of our references; anything else never reaches a query."""
    return 0 < len(text) <= _LONGEST_REFERENCE and all(letter in ALPHABET for letter in text)


def role_of(booking: BookingRow, who: Viewer, references: tuple[str, ...]) -> Role | None:
    """What a viewer is to a booking; None for a stranger. A hold is nobody's business but the guest's."""
    if queries.may_see_as_guest(booking, who, references):
        return Role.GUEST
    # A guest who was forgotten leaves a booking that was confirmed; nobody else comes without an address.
    if booking.state is State.HELD or not (booking.guest_email or booking.confirmed_at):
        return None
    if booking.host_ids & who.organisation_ids(Right.REQUESTS.role):
        return Role.HOST
    return Role.OPERATOR if "operator" in who.roles else None


async def open_booking(request: Request) -> Seen:
    """The booking that the path names, for whoever may see it; NotFound for everybody else."""
    reference = request.path_params["reference"]
    if not is_reference(reference):
        raise NotFound
    view = await queries.get_view(reference)
    role = role_of(view.row, viewer(request), known(request))
    if role is None:
        raise NotFound
    return Seen(view, role)


async def own_view(request: Request) -> BookingView:
    """The guest's own booking with what its pages show; NotFound for everybody else, as `own_booking`."""
    seen = await open_booking(request)
    if seen.role is not Role.GUEST:
        raise NotFound
    return seen.view


async def own_booking(request: Request) -> BookingRow:
    """The guest's own booking that the path names; NotFound for everybody else, host and operator included."""
    reference = request.path_params["reference"]
    if not is_reference(reference):
        raise NotFound
    booking = await rows.get(reference)
    if role_of(booking, viewer(request), known(request)) is not Role.GUEST:
        raise NotFound
    return booking


def trip_link(booking: BookingRow, locale: str, config: Settings, now: datetime) -> str:
    """The address in a mail that opens this booking in any browser until 60 days after its end."""
    until = max(booking.ends_at, now) + LINK_AFTER_END
    token = sign(booking.reference, LINK_PURPOSE, config.secrets, until)
    return config.base_url + urls.path("bookings:link", locale=locale, token=token)


def linked(token: str, config: Settings) -> str | None:
    """The reference a trip link is for; None when it is forged or too old."""
    value = unsign(token, LINK_PURPOSE, config.secrets)
    return value if value is not None and is_reference(value) else None
