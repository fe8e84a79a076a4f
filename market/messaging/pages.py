"""The conversation about one booking: the guest and the host write, operators look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, words
from market.bookings.access import Role, Seen
from market.bookings.pages import parts
from market.bookings.states import State
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.messaging import queries, rules, service
from market.messaging.forms import MessageForm
from market.messaging.queries import MessageRow
from market.messaging.service import Closed, TooFast
from market.values.text import lazy
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, viewer

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message, ready to print."""

    text: str
    by: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Context of messaging/thread.html."""

    with_whom: str
    title: str
    when: str
    reference: str
    booking_href: str
    action: str
    messages: Sequence[Bubble]
    some_hidden: bool
    contact_open: bool
    can_write: bool
    is_operator: bool
    form: Form[Any]
    longest: int


async def _conversation(request: Request) -> Seen:
    """A booking that has a conversation; a hold has none yet."""
    seen = await access.open_booking(request)
    if seen.row.state is State.HELD or not (seen.row.guest_email or seen.row.confirmed_at):
        raise NotFound
    return seen


async def show(request: Request) -> Response:
    """The conversation; opening it marks the other side's messages as read."""
    seen = await _conversation(request)
    response = await _page(request, seen, filled({}))
    await service.mark_read(seen.row.id, by=seen.role, now=clock.now())
    return response


async def _page(request: Request, seen: Seen, form: Form[Any], *, status: int = 200) -> Response:
    booking, language = seen.row, locale(request)
    messages = await queries.list_messages(booking.id)
    hidden_words = said(request, lazy("[hidden until confirmed]"))
    shown = [rules.masked(message.body, booking.state, hidden_words) for message in messages]
    context = ThreadPage(
        with_whom=seen.view.host_name if seen.role is Role.GUEST else booking.guest_name,
        title=words.title(booking, language),
        when=words.booking_when(booking, language),
        reference=booking.reference,
        booking_href=parts.path(request, "bookings:show", booking.reference),
        action=parts.path(request, "messaging:thread", booking.reference),
        messages=[
            Bubble(text, _by(seen, message, language), message.author == seen.role.value)
            for message, (text, _) in zip(messages, shown, strict=True)
        ],
        some_hidden=any(fell for _, fell in shown),
        contact_open=booking.state in rules.KNOWN_TO_EACH_OTHER,
        can_write=seen.role is not Role.OPERATOR
        and rules.may_write(booking.state, booking.ends_at, clock.now()),
        is_operator=seen.role is Role.OPERATOR,
        form=form,
        longest=rules.LONGEST,
    )
    title = parts.page_title(
        request, lazy("Messages, %(name)s", name=context.with_whom), errors=bool(form.errors)
    )
    return render(request, "messaging/thread.html", context, title=title, robots=parts.ROBOTS, status=status)


def _by(seen: Seen, message: MessageRow, language: str) -> str:
    """Who wrote when, and whether the other side has seen it."""
    when = formats.instant(message.created_at, language)
    if message.author != seen.role.value:
        name = seen.view.host_name if message.author == Role.HOST.value else seen.row.guest_name
        return translate(lazy("%(name)s, %(when)s", name=name, when=when), language)
    if message.read_at is not None:
        return translate(lazy("You, %(when)s · read", when=when), language)
    return translate(lazy("You, %(when)s · sent", when=when), language)


async def write(request: Request) -> Response:
    """Send a message to the other side."""
    seen = await _conversation(request)
    if seen.role is Role.OPERATOR:
        raise NotFound
    form = parse(MessageForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, seen, form, status=_UNPROCESSABLE)
    try:
        await service.write(
            seen.row.reference,
            author=seen.role,
            person_id=viewer(request).person_id,
            body=form.data.body,
            now=clock.now(),
        )
    except (Closed, TooFast) as error:
        form.add_error("body", said(request, error.message))
        return await _page(request, seen, form, status=429 if isinstance(error, TooFast) else 409)
    here = parts.path(request, "messaging:thread", seen.row.reference)
    return redirect(request, f"{here}#write", flash=lazy("Sent. The other side is told by email."))


routes = [
    page("/{locale}/bookings/{reference}/messages", show, access=ANYONE, name="messaging:thread"),
    page(
        "/{locale}/bookings/{reference}/messages",
        write,
        access=ANYONE,
        name="messaging:write",
        methods=("POST",),
    ),
]
