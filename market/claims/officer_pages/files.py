"""Files of a claim for officers: evidence, the hotel's documents, the dossier, the certificate.

Everything is sent to be saved or as a picture of our own making, never rendered from what somebody uploaded. Who
opened which evidence is written into the claim's story, once a person and file.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.claims import award_papers, claiming_documents, desk_queries, steps
from market.claims.claiming_queries import document_of
from market.claims.hotel_pages.documents import attachment
from market.claims.officer_pages import dossier
from market.claims.officer_pages.desk import claim_for
from market.claims.steps import ClaimHead
from market.errors import NotFound
from market.media.storage import Storage
from market.sourcing import receipts
from market.transparency.keys import LogKeys
from market.web.request import locale as locale_of
from market.web.request import person_id, settings, tools

_PICTURE = {
    "cache-control": "private, max-age=300",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
}


async def evidence(request: Request) -> Response:
    """A re-drawn picture to look at, or the original to save."""
    claim, part = await claim_for(request), str(request.path_params["part"])
    if part not in {"preview", "original"}:
        raise NotFound
    file = await receipts.for_officers(
        str(request.path_params["evidence"]),
        await desk_queries.own_documents(claim.id),
        part=part,
        storage=tools(request).of(Storage),
        installation=settings(request).secrets,
    )
    await _note_seen(claim, str(request.path_params["evidence"]), person_id(request))
    if part == "preview":
        return Response(file.data, media_type=file.media_type, headers=_PICTURE)
    return attachment(file.data, file.filename, file.media_type)


async def _note_seen(claim: ClaimHead, evidence_reference: str, by: int) -> None:
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT EXISTS (SELECT 1 FROM claim_event WHERE claim_id = $1 AND name = 'evidence.seen'"
            " AND person_id = $2 AND reason = $3) AS noted",
            claim.id,
            by,
            evidence_reference,
        )
        if not (row and row["noted"]):
            await steps.tell(claim, "evidence.seen", by=by, now=clock.now(), reason=evidence_reference)


async def document(request: Request) -> Response:
    """One of the documents the hotel handed in with its claim."""
    claim = await claim_for(request)
    more = await desk_queries.more_of(claim.id)
    wanted = str(request.path_params["document"])
    kept = next((one for one in more.documents if one["reference"] == wanted), None)
    if kept is None:
        raise NotFound
    found = document_of(kept)
    data = await claiming_documents.read(
        found, storage=tools(request).of(Storage), secrets=settings(request).secrets
    )
    return attachment(data, found.filename, found.media_type)


async def show_dossier(request: Request) -> Response:
    """The file on paper: everything that led to the decision."""
    claim = await claim_for(request)
    contents = await dossier.contents(claim, locale_of(request), settings(request), now=clock.now())
    data = await asyncio.to_thread(dossier.render_pdf, contents)
    return attachment(data, f"{claim.reference}-{claim.period}.pdf", "application/pdf")


async def certificate(request: Request) -> Response:
    """The certificate as PDF, or with `?as=json` as the file that anybody can check."""
    claim = await claim_for(request)
    keys = tools(request).of(LogKeys)
    if request.query_params.get("as") == "json":
        data = await award_papers.certificate_json(
            claim.id, keys, settings(request), locale=locale_of(request), now=clock.now()
        )
        return attachment(data, f"{claim.reference}.json", "application/json")
    data = await award_papers.certificate_pdf_of(
        claim.id, keys, settings(request), locale=locale_of(request), now=clock.now()
    )
    return attachment(data, f"{claim.reference}-certificate.pdf", "application/pdf")
