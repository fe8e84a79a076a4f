"""What a phone without signal needs of the server: the script that keeps the list, and where its messages arrive."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from market import clock
from market.arrivals import service
from market.arrivals.forms import queued
from market.arrivals.service import Answer
from market.bookings.rows import BookingRow
from market.console import scope
from market.console.arrivals_pages import as_whom, received_by
from market.errors import NotFound
from market.i18n import formats
from market.values.text import Text
from market.web import static, urls
from market.web.guards import HOST, page
from market.web.render import words
from market.web.request import locale, person_id, settings

_BODY = 64 * 1024
_SCRIPT = "js/arrivals-worker.js"


async def worker(request: Request) -> Response:
    """The service worker. It may act for the arrivals pages of this language and for nothing else."""
    asset = static.assets().get(_SCRIPT)
    if asset is None:
        raise NotFound
    scope = urls.path("console:host_arrivals", locale=locale(request))
    return Response(
        asset.content,
        media_type="text/javascript",
        headers={"service-worker-allowed": scope, "cache-control": "no-cache"},
    )


async def sync(request: Request) -> Response:
    """Check-ins that waited for a signal; an answer for each, with the reason when it could not be."""
    form = await request.form()
    given = form.get("items")
    items = queued(given) if isinstance(given, str) else None
    if items is None:
        return JSONResponse({"answers": []}, status_code=422)

    async def told(booking: BookingRow) -> None:
        await scope.note(request, await as_whom(request, booking), "checked_in", booking.reference)

    answers = await service.take_in(
        items,
        host_ids=await received_by(request),
        secrets=settings(request).secrets,
        by=person_id(request),
        now=clock.now(),
        told=told,
    )
    return JSONResponse({"answers": [_said(request, answer) for answer in answers]})


def _said(request: Request, answer: Answer) -> dict[str, str]:
    """An answer in the reader's language."""
    message: Text | str = answer.message or ""
    return {
        "key": answer.key,
        "outcome": answer.outcome,
        "reference": answer.reference,
        "code": answer.code,
        "message": words(request, message) if message else "",
        "at": formats.instant(answer.at, locale(request)),
    }


routes = [
    page("/{locale}/host/arrivals/worker.js", worker, access=HOST, name="console:host_arrivals_worker"),
    page(
        "/{locale}/host/arrivals/sync",
        sync,
        access=HOST,
        name="console:host_arrivals_sync",
        methods=("POST",),
        max_body=_BODY,
    ),
]
