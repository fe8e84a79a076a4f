"""The phones that answer for a supplier: its own people's page, and that of the BUMDes that keeps members' pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import NotFound
from market.i18n.locales import LOCALES
from market.sms import number_pages, numbers, supply
from market.sms.forms import InviteForm
from market.sms.number_pages import NumberRow, number_row
from market.suppliers import desk_queries
from market.values.text import lazy
from market.web.forms import Form, filled, parse
from market.web.guards import SUPPLIER, page
from market.web.render import render, words
from market.web.request import locale, settings, viewer


@dataclass(frozen=True, slots=True)
class Phone:
    """A number, and from when on it may answer (None: already)."""

    row: NumberRow
    answers_from: datetime | None


@dataclass(frozen=True, slots=True)
class SupplierPhones:
    """Context of sms/supplier.html."""

    phones: Sequence[Phone]
    form: Form[InviteForm]
    suppliers: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    our_number: str


async def phones(request: Request) -> Response:
    """Who is asked by SMS, and inviting another phone."""
    allowed = await _allowed(request)
    form: Form[InviteForm] = filled({"language": locale(request)})
    if request.method == "POST":
        form = parse(InviteForm, await request.form(), locale(request))
        if form.data is not None and form.data.host not in allowed:
            raise NotFound
        if await number_pages.is_invited(request, form, lambda asked: _invite(request, asked)):
            return number_pages.invited(request, "sms:supplier")
    known = await numbers.list_of(frozenset(allowed))
    now = clock.now()
    starts = [await supply.answers_from(number) for number in known]
    context = SupplierPhones(
        phones=[
            Phone(number_row(number, request), start if start is not None and start > now else None)
            for number, start in zip(known, starts, strict=True)
        ],
        form=form,
        suppliers=[(str(organisation_id), name) for organisation_id, name in allowed.items()],
        languages=list(LOCALES.items()),
        our_number=settings(request).sms.number,
    )
    return render(
        request,
        "sms/supplier.html",
        context,
        title=words(request, lazy("Answer hotels by SMS")),
        robots="noindex",
        status=422 if form.errors else 200,
    )


async def _allowed(request: Request) -> dict[int, str]:
    """The organisations whose phones the viewer may register: their own, and members their BUMDes keeps."""
    pages = await desk_queries.list_pages(viewer(request).organisation_ids("supplier"))
    return {page.organisation_id: page.name for page in pages}


async def _invite(request: Request, asked: InviteForm) -> None:
    who = viewer(request)
    await numbers.invite(
        asked.number,
        organisation_id=asked.host,
        by=who.person_id,
        by_name=who.name or settings(request).brand,
        locale=asked.language,
        own=settings(request).sms.number,
        now=clock.now(),
    )


async def stop(request: Request) -> Response:
    """Disconnect a number; only its owner can come back, by MULAI."""
    number = await numbers.get(request.path_params["number_id"])
    if number.organisation_id not in await _allowed(request):
        raise NotFound
    return await number_pages.stopped(request, number, "sms:supplier")


routes = [
    page("/{locale}/supplier/phones", phones, access=SUPPLIER, name="sms:supplier", methods=("GET", "POST")),
    page(
        "/{locale}/supplier/phones/{number_id:int}/stop",
        stop,
        access=SUPPLIER,
        name="sms:supplier_stop",
        methods=("POST",),
    ),
]
