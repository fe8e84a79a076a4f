"""Open data as files: OCDS packages, CSV, draws and recomputable claims, with a description of all of them.

Addresses below /data/ belong to no language. The same data gives the same bytes, and every file carries an entity
tag made of them, so that a copy is renewed only when something changed.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from io import StringIO

from starlette.requests import Request
from starlette.responses import Response

from market.claims import replay_files, steps
from market.claims.periods import Period
from market.errors import NotFound
from market.opendata import awards, ocds, spending, tables
from market.opendata.ocds import Publisher
from market.opendata.tables import Described
from market.values.csv_cells import safe_cell
from market.web.guards import ANYONE, page
from market.web.request import settings

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_OPEN = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=60",
}


def publisher(request: Request) -> Publisher:
    """Who publishes: the installation, under the operator's name and prefix."""
    own = settings(request)
    return Publisher(own.brand, own.base_url, own.ocid_prefix, LICENCE)


def file(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """A file for anybody, from any website; 304 for whoever has these bytes already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, **_OPEN}
    asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in asked or "*" in asked:
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=headers)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 with a header. What a spreadsheet would take for a formula becomes text."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe_cell(value) if isinstance(value, str) else value for value in row] for row in rows)
    return out.getvalue().encode()


def _month(request: Request) -> Period:
    try:
        return Period.parse(request.path_params["month"])
    except ValueError:
        raise NotFound from None


async def package(request: Request) -> Response:
    """The OCDS release package of a month with awards in effect."""
    period = _month(request)
    effective = {a.claim: a.effective_at for a in await awards.list_awards() if a.period == period}
    rows = await spending.spent(str(period))
    when = {claim: at for claim, at in effective.items() if at is not None}
    if not when:
        raise NotFound
    found = ocds.package(
        publisher(request),
        period,
        rows,
        await spending.suppliers(row.supplier_id for row in rows),
        await spending.hotels(row.hotel_id for row in rows),
        when,
    )
    return file(request, ocds.written(found), "application/json", f"ocds-{period}.json")


async def purchases(request: Request) -> Response:
    """A month's local purchases by hotel, supplier, category and origin."""
    period = _month(request)
    if period not in {month for month, _ in await spending.months()}:
        raise NotFound
    head, rows = await tables.purchases(str(period))
    return file(request, table(head, rows), "text/csv; charset=utf-8", f"purchases-{period}.csv")


async def award_table(request: Request) -> Response:
    """Every award, recommended or in effect."""
    head, rows = tables.awards(await awards.list_awards(limit=100_000))
    return file(request, table(head, rows), "text/csv; charset=utf-8", "awards.csv")


async def spend_table(request: Request) -> Response:
    """Local purchases by month, kabupaten and category, without cells of fewer than five suppliers."""
    head, rows = await tables.spend()
    return file(request, table(head, rows), "text/csv; charset=utf-8", "spend.csv")


async def draws(request: Request) -> Response:
    """All lots and samples with what is needed to repeat them."""
    found = [awards.draw_json(claim, draw) for claim, draw in await awards.list_draws()]
    return file(request, ocds.written({"draws": found}), "application/json", "draws.json")


async def claim_file(request: Request) -> Response:
    """A decided claim as `python -m market assess` reads it."""
    reference = request.path_params["reference"]
    found = await replay_files.file_of(reference)
    if found is None:
        raise NotFound
    return file(request, ocds.written(found.content), "application/json", f"claim-{reference}.json")


async def sample_file(request: Request) -> Response:
    """The sample of a decided claim with the lines it was drawn from."""
    reference = request.path_params["reference"]
    found = None
    if await awards.get_award(reference) is not None:
        found = await awards.sample_file(await steps.get(reference))
    if found is None:
        raise NotFound
    return file(request, ocds.written(found), "application/json", f"sample-{reference}.json")


async def description(request: Request) -> Response:
    """What there is: every file with its columns and licence (a Frictionless data package)."""
    months = [str(month) for month, _ in await spending.months()]
    found = tables.described(months, Described(publisher(request).name, settings(request).base_url, LICENCE))
    return file(request, ocds.written(found), "application/json", "datapackage.json")


routes = [
    page("/data/datapackage.json", description, access=ANYONE, name="opendata:description"),
    page("/data/awards.csv", award_table, access=ANYONE, name="opendata:awards"),
    page("/data/spend.csv", spend_table, access=ANYONE, name="opendata:spend"),
    page("/data/draws.json", draws, access=ANYONE, name="opendata:draws"),
    page("/data/purchases/{month}.csv", purchases, access=ANYONE, name="opendata:purchases"),
    page("/data/ocds/{month}.json", package, access=ANYONE, name="opendata:package"),
    page("/data/claims/{reference}.json", claim_file, access=ANYONE, name="opendata:claim_file"),
    page("/data/claims/{reference}/sample.json", sample_file, access=ANYONE, name="opendata:sample_file"),
]
