"""“Problem with this stay”: the guest or the host says what is wrong, and the booking's money waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access
from market.bookings.access import Role, Seen
from market.errors import NotFound, Refused
from market.i18n import formats
from market.i18n.locales import pick
from market.payments import disputes
from market.payments.disputes import DisputeRow
from market.payouts import complaints, rules
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render, words
from market.web.request import locale, viewer


class ProblemForm(Inbound):
    """What is wrong, in one's own words."""

    body: Annotated[str, Field(min_length=20, max_length=4000)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "body": {
            "missing": lazy("Tell what happened, when, and what you would wish for."),
            "string_too_short": lazy("Tell what happened, when, and what you would wish for."),
        }
    }


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """Context of payouts/problem.html."""

    reference: str
    title: str
    when: str
    is_guest: bool
    form: Form[Any]
    can_tell: bool
    until: datetime
    told: Sequence[DisputeRow]


async def _seen(request: Request) -> Seen:
    """The booking, for its guest and its host only."""
    seen = await access.open_booking(request)
    if seen.role not in {Role.GUEST, Role.HOST}:
        raise NotFound
    return seen


async def show(request: Request) -> Response:
    """The form, or what was told before."""
    return await _page(request, await _seen(request), filled({}))


async def tell(request: Request) -> Response:
    """Open a complaint."""
    seen = await _seen(request)
    form = parse(ProblemForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, seen, form)
    here = urls.path("payouts:problem", locale=locale(request), reference=seen.row.reference)
    try:
        await complaints.complain(
            seen.row.reference,
            opened_by="guest" if seen.role is Role.GUEST else "host",
            body=form.data.body,
            person_id=viewer(request).person_id,
            now=clock.now(),
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Told. The money of this booking waits until it is decided."))


async def _page(request: Request, seen: Seen, form: Form[Any]) -> Response:
    row, language = seen.row, locale(request)
    told = [one for one in await disputes.disputes_of(row.reference) if one.kind is disputes.Kind.COMPLAINT]
    context = ProblemPage(
        reference=row.reference,
        title=pick(row.titles, language),
        when=formats.day_range(row.starts_on, row.ends_on, language),
        is_guest=seen.role is Role.GUEST,
        form=form,
        can_tell=complaints.can_complain(row, clock.now()) and not any(one.is_open for one in told),
        until=row.ends_at + rules.COMPLAIN_UNTIL,
        told=told,
    )
    title = words(request, lazy("Problem with this stay"))
    if form.errors:
        title = f"{words(request, lazy('Fix'))}: {title}"
    status = 422 if form.errors else 200
    return render(request, "payouts/problem.html", context, title=title, status=status, robots="noindex")


_PATH = "/{locale}/bookings/{reference}/problem"
routes = [
    page(_PATH, show, access=ANYONE, name="payouts:problem"),
    page(_PATH, tell, access=ANYONE, name="payouts:tell_problem", methods=("POST",)),
]
