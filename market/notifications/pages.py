"""The outbox of demo mode: every mail and SMS that would have left, readable without a mail server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound
from market.notifications import own_pages, queries
from market.notifications.queries import Delivery, Line
from market.values.text import lazy
from market.web import urls
from market.web.guards import DEMO, page
from market.web.paging import slice_of
from market.web.render import render, words
from market.web.request import locale

PER_PAGE = 30
# A mail is shown as its reader sees it, inline styles and all, but in a sandbox without script or network.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Outbox:
    """Context of notifications/outbox.html."""

    messages: list[Line]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """Context of notifications/message.html."""

    message: Delivery


async def outbox(request: Request) -> Response:
    """Mails and SMS, newest first."""
    typed = request.query_params.get("page", "1")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1
    part = slice_of(await queries.count_deliveries(), number, PER_PAGE)

    def to(number: int) -> str | None:
        here = urls.path("notifications:outbox", locale=locale(request), page=number)
        return here if 1 <= number <= part.pages else None

    context = Outbox(
        messages=await queries.list_deliveries(part.size, part.offset),
        newer=to(part.number - 1),
        older=to(part.number + 1),
    )
    return render(
        request, "notifications/outbox.html", context, title=words(request, lazy("Outbox")), robots="noindex"
    )


async def _found(request: Request) -> Delivery:
    delivery_id: int = request.path_params["delivery"]
    delivery = await queries.find_delivery(delivery_id) if delivery_id <= _MAX_ID else None
    if delivery is None:
        raise NotFound
    return delivery


async def message(request: Request) -> Response:
    """One message as text."""
    delivery = await _found(request)
    title = delivery.subject or words(request, lazy("SMS to %(number)s", number=delivery.recipient))
    return render(request, "notifications/message.html", Message(delivery), title=title, robots="noindex")


async def html_part(request: Request) -> Response:
    """The HTML part alone, under a policy of its own."""
    delivery = await _found(request)
    if not delivery.html:
        raise NotFound
    return Response(
        delivery.html,
        media_type="text/html",
        headers={"content-security-policy": MAIL_POLICY, "cache-control": "no-store"},
    )


async def attachment(request: Request) -> Response:
    """One attached file, always as a download."""
    delivery = await _found(request)
    number: int = request.path_params["number"]
    if number >= len(delivery.attachments):
        raise NotFound
    file = delivery.attachments[number]
    name = _UNSAFE_NAME.sub("-", file.name)
    return Response(
        file.content,
        media_type=file.media_type,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


routes = [
    *own_pages.routes,
    page("/{locale}/outbox", outbox, access=DEMO, name="notifications:outbox"),
    page("/{locale}/outbox/{delivery:int}", message, access=DEMO, name="notifications:message"),
    page("/{locale}/outbox/{delivery:int}/html", html_part, access=DEMO, name="notifications:html_part"),
    page(
        "/{locale}/outbox/{delivery:int}/files/{number:int}",
        attachment,
        access=DEMO,
        name="notifications:attachment",
    ),
]
