"""A listing's photos: upload, watch the work, describe, order and delete. All forms work without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console import scope
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import DomainError, Invalid, NotFound, Refused
from market.media import queries, service
from market.media.queries import PhotoRow
from market.media.storage import Storage
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, raw_values
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, tools

FIELD: Final = "photos"
REFRESH_SECONDS: Final = 2
# Four photos of the largest size, or twelve from a usual phone; each file has its own limit as well.
UPLOAD_BYTES: Final = 4 * service.MAX_BYTES + 1024 * 1024


class PhotoForm(Inbound):
    """What to do with one photo."""

    act: Literal["save", "earlier", "later", "delete", "again"]
    alt_id: Annotated[str, Field(max_length=service.MAX_ALT)] = ""
    alt_en: Annotated[str, Field(max_length=service.MAX_ALT)] = ""


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A photo with the form that describes it."""

    row: PhotoRow
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class Photos:
    """Context of console/photos.html."""

    places: Sequence[Place]
    listing: OwnListing
    form: Form[Any]
    photos: Sequence[PhotoCard]
    room_left: int
    limit: int
    in_work: int


@dataclass(frozen=True, slots=True)
class PhotoWork:
    """Context of console/photo_work.html."""

    places: Sequence[Place]
    listing: OwnListing
    photos: Sequence[PhotoRow]


async def show(request: Request) -> Response:
    """The photos and how far the work on them is."""
    return await _page(request, await scope.own_listing(request), filled({}))


async def work(request: Request) -> Response:
    """How far the worker is. The page loads itself again, and goes back to the photos when all are done."""
    listing = await scope.own_listing(request)
    rows = [row for row in await queries.list_photos(listing.id, locale(request)) if row.in_work]
    if not rows:
        return redirect(request, _back(request, listing), flash=lazy("Your photos are ready."))
    context = PhotoWork(host_places(request, "console:host_listings"), listing, rows)
    title = words(request, lazy("Preparing photos"))
    response = render(request, "console/photo_work.html", context, title=title, robots="noindex")
    response.headers["refresh"] = str(REFRESH_SECONDS)
    return response


async def upload(request: Request) -> Response:
    """Take in one photo or several; each is judged alone, so a bad one does not cost the others."""
    listing = await scope.own_listing(request)
    taken, errors = await _take(request, listing, await request.form())
    if errors:
        form: Form[Any] = Form({}, None, errors)
        return await _page(request, listing, form)
    flash = lazy_n(
        "%(count)s photo is here; its sizes are being made.",
        "%(count)s photos are here; their sizes are being made.",
        taken,
    )
    to = urls.path("console:host_photo_work", locale=locale(request), slug=listing.slug)
    return redirect(request, to, flash=flash)


async def _take(request: Request, listing: OwnListing, sent: FormData) -> tuple[int, list[tuple[str, str]]]:
    files = [file for file in sent.getlist(FIELD) if isinstance(file, UploadFile) and file.filename]
    if not files:
        return 0, [(FIELD, words(request, service.Empty.message))]
    taken, errors = 0, list[tuple[str, str]]()
    for file in files:
        try:
            await _add(request, listing, file)
        except (Invalid, Refused) as refusal:
            errors.append((FIELD, _named(request, file, refusal)))
        else:
            taken += 1
    if taken:
        await _noted(request, listing)
    return taken, errors


async def _noted(request: Request, listing: OwnListing) -> None:
    async with db.transaction():
        await scope.note(request, listing.acting, "photos", listing.title)


async def _add(request: Request, listing: OwnListing, file: UploadFile) -> None:
    if (file.size or 0) > service.MAX_BYTES:
        raise service.TooBig
    data = await file.read()
    await service.add_photo(listing.id, data, storage=tools(request).of(Storage), now=clock.now())


def _named(request: Request, file: UploadFile, refusal: DomainError) -> str:
    """The refusal with the file it is about."""
    name = "".join(c for c in (file.filename or "") if c.isprintable())[-60:]
    return f"{name}: {words(request, refusal.message)}"


async def change(request: Request) -> Response:
    """Describe, move, delete or retry one photo."""
    listing = await scope.own_listing(request)
    photo_id = int(request.path_params["photo"])
    if photo_id >= 2**53:
        raise NotFound
    raw = raw_values(await request.form())
    own = {name: raw.get(f"{name}-{photo_id}", []) for name in ("alt_id", "alt_en")}
    form = parse(PhotoForm, {**own, "act": raw.get("act", [])}, locale(request))
    if form.data is None:
        return redirect(request, _back(request, listing), flash=Invalid.message, kind="bad")
    said = await _act(listing, photo_id, form.data)
    await _noted(request, listing)
    return redirect(request, _back(request, listing), flash=said)


async def _act(listing: OwnListing, photo_id: int, data: PhotoForm) -> Text:
    match data.act:
        case "save":
            await service.describe(listing.id, photo_id, {"id": data.alt_id, "en": data.alt_en})
            return lazy("Saved.")
        case "earlier":
            await service.move(listing.id, photo_id, by=-1)
            return lazy("Moved. The first photo is the cover.")
        case "later":
            await service.move(listing.id, photo_id, by=1)
            return lazy("Moved. The first photo is the cover.")
        case "delete":
            await service.delete_photo(listing.id, photo_id)
            return lazy("The photo is deleted.")
        case "again":
            await service.try_again(listing.id, photo_id)
            return lazy("We try once more to prepare this photo.")


def _back(request: Request, listing: OwnListing) -> str:
    return urls.path("console:host_photos", locale=locale(request), slug=listing.slug)


async def _page(request: Request, listing: OwnListing, form: Form[Any]) -> Response:
    rows = await queries.list_photos(listing.id, locale(request))
    cards = [
        PhotoCard(row, filled({f"alt_{code}-{row.id}": text for code, text in row.alt.items()}))
        for row in rows
    ]
    context = Photos(
        places=host_places(request, "console:host_listings"),
        listing=listing,
        form=form,
        photos=cards,
        room_left=service.MAX_PHOTOS - len(rows),
        limit=service.MAX_PHOTOS,
        in_work=sum(row.in_work for row in rows),
    )
    title = fix(request, f"{words(request, lazy('Photos'))}: {listing.title}", form)
    status = 422 if form.errors else 200
    return render(request, "console/photos.html", context, title=title, status=status, robots="noindex")


_PHOTOS = "/{locale}/host/listings/{slug}/photos"
routes = [
    page(_PHOTOS, show, access=HOST, name="console:host_photos"),
    page(_PHOTOS, upload, access=HOST, name="console:host_upload", methods=("POST",), max_body=UPLOAD_BYTES),
    page(f"{_PHOTOS}/work", work, access=HOST, name="console:host_photo_work"),
    page(f"{_PHOTOS}/{{photo:int}}", change, access=HOST, name="console:host_photo", methods=("POST",)),
]
