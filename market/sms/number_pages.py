"""What every page about phones shares: a number as lists show it, inviting one, and disconnecting one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.sms import numbers
from market.sms.forms import InviteForm
from market.sms.numbers import Number, NumberTaken, State
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form
from market.web.render import redirect, words
from market.web.request import locale

_STATES: Final[dict[State, tuple[str, Text]]] = {
    State.INVITED: ("wait", lazy("Invited")),
    State.ACTIVE: ("ok", lazy("Active")),
    State.STOPPED: ("bad", lazy("Left")),
}


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number as the lists show it."""

    id: int
    number: str
    host: str
    tag: str
    state: str
    invited_by: str
    invited_at: datetime
    consented_at: datetime | None
    stopped_at: datetime | None
    may_stop: bool


def number_row(number: Number, request: Request) -> NumberRow:
    """A number as the lists show it, in the language of the request."""
    tag, label = _STATES[number.state]
    return NumberRow(
        id=number.id,
        number=number.number,
        host=number.host,
        tag=tag,
        state=words(request, label),
        invited_by=number.invited_by_name,
        invited_at=number.invited_at,
        consented_at=number.consented_at,
        stopped_at=number.stopped_at,
        may_stop=number.state is not State.STOPPED,
    )


async def is_invited(
    request: Request, form: Form[InviteForm], invite: Callable[[InviteForm], Awaitable[object]]
) -> bool:
    """Carry out a valid invitation by `invite`; False with the refusal at its field."""
    if form.data is None:
        return False
    try:
        await invite(form.data)
    except NumberTaken as taken:
        form.add_error("number", words(request, taken.message))
        return False
    return True


def invited(request: Request, route: str) -> Response:
    """Back to the page of the numbers, which says what comes next."""
    here = urls.path(route, locale=locale(request))
    return redirect(request, here, flash=lazy("Invited. The number is active once its owner replies YA."))


async def stopped(request: Request, number: Number, route: str) -> Response:
    """Disconnect a number; only its owner can come back, by MULAI."""
    await numbers.stop(number.id, clock.now())
    here = urls.path(route, locale=locale(request))
    said = lazy("No more SMS go to this number. Its owner can return by sending MULAI.")
    return redirect(request, here, flash=said)
