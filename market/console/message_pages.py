"""The host's inbox: every conversation with guests in one list, what nobody has read first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rights import Right
from market.bookings import words
from market.console import scope
from market.console.frame import Place, host_places
from market.i18n import formats
from market.messaging import queries, rules
from market.messaging.queries import Thread
from market.values.text import lazy
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import render
from market.web.render import words as said
from market.web.request import locale

_PAGE = 20
_SHOWN = 140
_FARTHEST = 500


class PageForm(Inbound):
    """Which page of the list."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the inbox."""

    guest: str
    about: str
    last: str
    mine: bool
    when: str
    unread: int
    href: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Context of console/messages.html."""

    places: Sequence[Place]
    lines: Sequence[Conversation]
    previous: str | None
    following: str | None


async def messages(request: Request) -> Response:
    """All conversations of the viewer's hosts."""
    asked = parse(PageForm, request.query_params, locale(request))
    number = min(max(asked.data.page, 1), _FARTHEST) if asked.data else 1
    hosts = scope.host_ids(request, Right.REQUESTS)
    found = await queries.list_threads(hosts, limit=_PAGE + 1, offset=(number - 1) * _PAGE)
    here = urls.path("console:host_messages", locale=locale(request))
    context = Inbox(
        places=host_places(request, "console:host_messages"),
        lines=[_line(request, thread) for thread in found[:_PAGE]],
        previous=f"{here}?page={number - 1}" if number > 1 else None,
        following=f"{here}?page={number + 1}" if len(found) > _PAGE else None,
    )
    title = said(request, lazy("Messages"))
    return render(request, "console/messages.html", context, title=title, robots="noindex")


def _line(request: Request, thread: Thread) -> Conversation:
    """The newest words, masked as in the conversation itself."""
    booking, language = thread.booking, locale(request)
    hidden = said(request, lazy("[hidden until confirmed]"))
    text, _ = rules.masked(thread.body, booking.state, hidden)
    text = " ".join(text.split())
    if not text and thread.pictures:
        text = said(request, lazy("A picture"))
    return Conversation(
        guest=booking.guest_name or booking.reference,
        about=f"{words.title(booking, language)} · {words.booking_when(booking, language)}",
        last=text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…",
        mine=thread.author == "host",
        when=formats.instant(thread.at, language),
        unread=thread.unread,
        href=urls.path("messaging:thread", locale=language, reference=booking.reference),
    )


routes = [page("/{locale}/host/messages", messages, access=HOST, name="console:host_messages")]
