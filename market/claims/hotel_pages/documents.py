"""A claim's documents: add one, take one off a draft, download one's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import claiming_documents, claiming_service
from market.claims.claiming import DocumentKind
from market.claims.hotel_pages import draft_form
from market.claims.hotel_pages.claim_page import back, own_claim
from market.claims.hotel_pages.claims import draft_page
from market.claims.states import NotNow, State
from market.errors import NotFound, Refused
from market.i18n.messages import translate
from market.media.storage import Storage
from market.values.text import lazy
from market.web.forms import Form
from market.web.request import locale as locale_of
from market.web.request import settings, tools

UPLOAD_BYTES = claiming_documents.MOST_BYTES + 64 * 1024


async def add(request: Request) -> Response:
    """Keep an uploaded file with the draft."""
    claim = await own_claim(request)
    locale = locale_of(request)
    if claim.state is not State.DRAFT:
        return back(request, claim, NotNow.message, "bad")
    data = await request.form()
    kinds = {kind.value: kind for kind in DocumentKind}
    kind, file = kinds.get(str(data.get("kind") or "")), data.get("file")
    upload: Form[Any] = Form({"kind": [str(data.get("kind") or "")]}, None)
    if kind is None:
        upload.add_error("kind", translate(lazy("Choose one of the options."), locale))
    if not isinstance(file, UploadFile):
        upload.add_error("file", translate(lazy("Choose a file."), locale))
    if kind is not None and isinstance(file, UploadFile):
        try:
            document = await claiming_documents.keep(
                await file.read(),
                file.filename or "",
                kind,
                claim.id,
                storage=tools(request).of(Storage),
                secrets=settings(request).secrets,
                now=clock.now(),
            )
            await claiming_service.add_document(claim, document, now=clock.now())
        except claiming_documents.WrongFile as wrong:
            upload.add_error("file", translate(wrong.message, locale))
        except Refused as refusal:
            upload.add_error("file", translate(refusal.message, locale))
        else:
            return back(request, claim, lazy("The document is kept with your claim."))
    return await draft_page(request, claim, draft_form.shown(claim.stated, locale), upload)


async def remove(request: Request) -> Response:
    """Take a document off a draft."""
    claim = await own_claim(request)
    try:
        await claiming_service.remove_document(claim, request.path_params["document"], now=clock.now())
    except Refused as refusal:
        return back(request, claim, refusal.message, "bad")
    return back(request, claim, lazy("The document is taken off."))


async def download(request: Request) -> Response:
    """One of the claim's documents, always as a download."""
    claim = await own_claim(request)
    wanted = request.path_params["document"]
    document = next((one for one in claim.documents if one.reference == wanted), None)
    if document is None:
        raise NotFound
    data = await claiming_documents.read(
        document, storage=tools(request).of(Storage), secrets=settings(request).secrets
    )
    return attachment(data, document.filename, document.media_type)


def attachment(data: bytes, filename: str, media_type: str) -> Response:
    """Bytes to save, never to show: whatever they hold, the browser does not open them on our pages."""
    plain = filename.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
    headers = {
        "content-disposition": disposition,
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(data, media_type=media_type, headers=headers)
