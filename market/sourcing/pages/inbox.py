"""The receipts' inbox: photos taken first and logged later; and the files of evidence, to the hotel's people only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.errors import DomainError, NotFound
from market.media.storage import Storage
from market.settings import Settings
from market.sourcing import listing_queries, receipts
from market.sourcing.pages import scope, uploads
from market.sourcing.pages.scope import House
from market.sourcing.pages.views import PhotoView, photo_view
from market.sourcing.receipts import File
from market.values.text import lazy, lazy_n
from market.web import urls
from market.web.forms import Form, filled
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import tools


@dataclass(frozen=True, slots=True)
class Inbox:
    """Context of sourcing/inbox.html."""

    house: House
    form: Form[Any]
    photos: Sequence[PhotoView]
    action: str
    new_href: str
    drawing: bool


async def inbox(request: Request) -> Response:
    """What waits to be logged; new photos come in by the same page."""
    wanted = request.query_params.get("hotel", "")
    wanted_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else None
    house = await scope.house(request, wanted_id, "sourcing:inbox")
    if request.method == "GET":
        return await _page(request, house, filled({}))
    kept = await uploads.keep(request, await request.form(), house.id)
    if kept.refused or not kept.references:
        refused = kept.refused or (lazy("Choose a photo or a PDF first."),)
        return await _page(
            request, house, Form({}, None, [(uploads.FIELD, words(request, r)) for r in refused])
        )
    said = lazy_n(
        "%(count)s receipt is in the inbox.", "%(count)s receipts are in the inbox.", len(kept.references)
    )
    return redirect(request, _href(request, house), flash=said)


def _href(request: Request, house: House) -> str:
    href = urls.path("sourcing:inbox", locale=locale_of(request))
    return f"{href}?hotel={house.id}" if house.options else href


async def _page(request: Request, house: House, form: Form[Any]) -> Response:
    locale = locale_of(request)
    photos = await listing_queries.list_inbox(house.id)
    context = Inbox(
        house=house,
        form=form,
        photos=[photo_view(row, locale) for row in photos],
        action=_href(request, house),
        new_href=urls.path("sourcing:new", locale=locale),
        drawing=any(row.state == "waiting" for row in photos),
    )
    title = words(request, lazy("Receipts"))
    return render(
        request,
        "sourcing/inbox.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


async def remove(request: Request) -> Response:
    """Throw a photo of the inbox away."""
    reference, house_id = await _own(request)
    house = await scope.house(request, house_id, "sourcing:inbox")
    try:
        await receipts.withdraw(reference, hotel_id=house_id, storage=tools(request).of(Storage))
    except DomainError as refusal:
        return redirect(request, _href(request, house), flash=refusal.message, kind="bad")
    return redirect(request, _href(request, house), flash=lazy("The photo is thrown away."))


async def take_off(request: Request) -> Response:
    """Take a photo off its document, back into the inbox."""
    reference, house_id = await _own(request)
    house = await scope.house(request, house_id, "sourcing:inbox")
    try:
        await receipts.back_to_inbox(reference, hotel_id=house_id)
    except DomainError as refusal:
        return redirect(request, _href(request, house), flash=refusal.message, kind="bad")
    return redirect(request, _href(request, house), flash=lazy("The photo is back in the inbox."))


async def _own(request: Request) -> tuple[str, int]:
    """The photo in the path and its hotel, if the viewer buys for it."""
    reference = request.path_params["reference"]
    hotel_id = await receipts.hotel_of(reference)
    if hotel_id is None or hotel_id not in scope.hotel_ids(request):
        raise NotFound
    return reference, hotel_id


# Files ------------------------------------------------------------------------------------------------------
async def original(request: Request) -> Response:
    """The file as it was handed in, always as an attachment: the server never renders it, and a browser need not."""
    file = await _read(request, preview=False)
    headers = {
        "content-disposition": f'attachment; filename="{file.filename}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(file.data, media_type=file.media_type, headers=headers)


async def preview(request: Request) -> Response:
    """The re-drawn picture without metadata."""
    file = await _read(request, preview=True)
    headers = {"cache-control": "private, max-age=3600", "x-content-type-options": "nosniff"}
    return Response(file.data, media_type=file.media_type, headers=headers)


async def _read(request: Request, *, preview: bool) -> File:
    read = receipts.preview if preview else receipts.original
    return await read(
        request.path_params["reference"],
        hotel_ids=scope.hotel_ids(request),
        storage=tools(request).of(Storage),
        installation=tools(request).of(Settings).secrets,
    )
