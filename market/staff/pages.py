"""Looking on as somebody: its way out, and the page on which a person sees who looked at their account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.staff import log, looking
from market.staff.log import Act, ActRow
from market.values.text import lazy
from market.web import urls
from market.web.guards import SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


@dataclass(frozen=True, slots=True)
class Visits:
    """Context of staff/visits.html."""

    visits: Sequence[ActRow]


async def stop(request: Request) -> Response:
    """End looking on; the operator is back at the person's page."""
    looked_at = await looking.stop(viewer(request), clock.now())
    language = locale(request)
    if looked_at is None:
        return redirect(request, urls.path("accounts:profile", locale=language))
    back = urls.path("console:operator_person", locale=language, person=looked_at)
    return redirect(request, back, flash=lazy("You see the site as yourself again."))


async def visits(request: Request) -> Response:
    """Who looked on as the signed-in person, when and why."""
    rows = await log.list_looking(person_id(request))
    context = Visits([row for row in rows if row.act is Act.LOOKING])
    title = words(request, lazy("Who looked at your account"))
    return render(request, "staff/visits.html", context, title=title, robots="noindex")


routes = [
    page(
        "/{locale}/profile/looking/end",
        stop,
        access=SIGNED_IN,
        name="staff:stop",
        methods=("POST",),
        while_looking=True,
    ),
    page("/{locale}/profile/looking", visits, access=SIGNED_IN, name="staff:visits"),
]
