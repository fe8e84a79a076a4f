"""Imports of a hotel: upload, tell the columns, see what would happen, put rows right, confirm, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError, NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.media.storage import Storage
from market.settings import Settings
from market.sourcing.imports import batches, headings, queries
from market.sourcing.imports.queries import BatchRow
from market.sourcing.pages import scope
from market.sourcing.pages.import_views import Columns, RowView, columns_of, row_view
from market.sourcing.pages.scope import House
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled
from market.web.paging import Pages, pages_of, slice_of
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id, tools

BODY: Final = 11 * 1024 * 1024
_PAGE: Final = 25
Options = list[tuple[str, str]]
STATES: Final[Mapping[str, tuple[str, Text]]] = {
    "uploaded": ("wait", lazy("Waiting to be read")),
    "reading": ("wait", lazy("Being read")),
    "mapping": ("wait", lazy("Columns to be told")),
    "checking": ("wait", lazy("Being checked")),
    "ready": ("info", lazy("Checked, not entered yet")),
    "applying": ("wait", lazy("Being entered")),
    "applied": ("ok", lazy("In the ledger")),
    "undoing": ("wait", lazy("Being undone")),
    "undone": ("", lazy("Undone")),
    "failed": ("bad", lazy("Could not be read")),
    "discarded": ("", lazy("Thrown away")),
}
OUTCOMES: Final[Mapping[str, Text]] = {
    "error": lazy("To be put right"),
    "new": lazy("New"),
    "changed": lazy("Changed"),
    "duplicate": lazy("There already"),
    "left_out": lazy("Left out"),
}
_WORK: Final[Mapping[str, Text]] = {
    "uploaded": lazy("The file is being read"),
    "reading": lazy("The file is being read"),
    "checking": lazy("Every row is being checked"),
    "applying": lazy("The rows are being entered"),
    "undoing": lazy("The import is being undone"),
}


@dataclass(frozen=True, slots=True)
class BatchView:
    """One import in the list."""

    href: str
    filename: str
    when: str
    by: str
    tag: tuple[str, str]
    rows: str


@dataclass(frozen=True, slots=True)
class Index:
    """Context of sourcing/imports.html."""

    house: House
    form: Form[Any]
    action: str
    batches: Sequence[BatchView]
    template_href: str


@dataclass(frozen=True, slots=True)
class Show:
    """Context of sourcing/import.html. `columns` is there while they are told, `work` while the worker is at it."""

    house: House
    batch: BatchRow
    state: tuple[str, str]
    when: str
    work: str | None
    columns: Columns | None
    column_heads: Sequence[tuple[str, str]]
    errors: Sequence[tuple[str, str]]
    tabs_shown: Sequence[tuple[str, str, bool]]
    outcome: str
    rows: Sequence[RowView]
    pages: Pages
    may_confirm: bool
    to_enter: int


# The list and the upload ------------------------------------------------------------------------------------
async def index(request: Request) -> Response:
    """Imports so far, and a new one."""
    house = await scope.house(request, _wanted(request), "sourcing:imports")
    if request.method == "GET":
        return await _index(request, house, filled({}))
    sent = await request.form()
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _index(
            request, house, Form({}, None, [("file", words(request, lazy("Choose a file first.")))])
        )
    try:
        reference = await batches.upload(
            await file.read(),
            file.filename,
            hotel_id=house.id,
            by=person_id(request),
            now=clock.now(),
            storage=tools(request).of(Storage),
            installation=tools(request).of(Settings).secrets,
        )
    except DomainError as error:
        return await _index(request, house, Form({}, None, [("file", words(request, error.message))]))
    return redirect(request, urls.path("sourcing:import", locale=locale_of(request), reference=reference))


def _wanted(request: Request) -> int | None:
    wanted = request.query_params.get("hotel", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else None


async def _index(request: Request, house: House, form: Form[Any]) -> Response:
    locale = locale_of(request)
    action = urls.path("sourcing:imports", locale=locale, hotel=house.id if house.options else None)
    listed = await queries.list_batches(house.id, locale)
    context = Index(
        house=house,
        form=form,
        action=action,
        batches=[_batch_view(one, locale) for one in listed],
        template_href=urls.path("sourcing:import_template", locale=locale),
    )
    title = words(request, lazy("Import purchases"))
    return render(
        request,
        "sourcing/imports.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _batch_view(one: BatchRow, locale: str) -> BatchView:
    kind, label = STATES[one.state]
    return BatchView(
        href=urls.path("sourcing:import", locale=locale, reference=one.reference),
        filename=one.filename,
        when=formats.instant(one.created_at, locale),
        by=one.by,
        tag=(kind, translate(label, locale)),
        rows=formats.number(one.row_count, locale),
    )


async def template(request: Request) -> Response:
    """An empty table with headings that need no telling, and one example."""
    locale = locale_of(request)
    keys = (
        "date",
        "number",
        "seller",
        "description",
        "category",
        "quantity",
        "unit",
        "gross",
        "vat",
        "paper",
    )
    head = [next(iter(headings.BY_KEY[key].called)).capitalize() for key in keys]
    example = [
        "30/09/2026",
        "INV-0012",
        "UD Contoh",
        "Madu hutan",
        "makanan",
        "12",
        "botol",
        "1.800.000",
        "0",
        "nota",
    ]
    body = "\ufeff" + "\r\n".join(";".join(row) for row in (head, example)) + "\r\n"
    name = translate(lazy("purchases"), locale)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


# One import -------------------------------------------------------------------------------------------------
async def show(request: Request) -> Response:
    """Where an import stands, and what can be done."""
    batch = await own(request)
    if batch.state == "mapping":
        kept = batch.settings
        values = {"sheet": kept["sheet"], "heading_row": kept["heading_row"], **_as_fields(kept["columns"])}
        return await shown(request, batch, filled(values))
    return await shown(request, batch, filled({}))


def _as_fields(columns: Mapping[str, int]) -> dict[str, str]:
    return {f"column_{key}": str(at) for key, at in columns.items()}


async def own(request: Request) -> BatchRow:
    """The import in the path, if it is one of the viewer's hotels'."""
    found = await queries.get_batch(
        request.path_params["reference"], scope.hotel_ids(request), locale_of(request)
    )
    if found is None:
        raise NotFound
    return found


async def shown(request: Request, batch: BatchRow, form: Form[Any]) -> Response:
    """The page of an import, with a form of columns as it was typed."""
    locale = locale_of(request)
    house = await scope.house(request, batch.hotel_id, "sourcing:imports")
    settled = batch.state in {"ready", "applying", "applied", "undoing", "undone"}
    outcome = _outcome(request, batch)
    total = batch.counts[outcome]
    number = request.query_params.get("page", "1")
    part = slice_of(
        total, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1, _PAGE
    )
    rows = (
        await queries.list_rows(batch.id, outcome, locale, offset=part.offset, limit=_PAGE)
        if settled and not batch.works
        else []
    )
    kind, label = STATES[batch.state]
    columns = await columns_of(batch, form, locale) if batch.state == "mapping" else None
    context = Show(
        house=house,
        batch=batch,
        state=(kind, translate(label, locale)),
        when=formats.instant(batch.created_at, locale),
        work=translate(_WORK[batch.state], locale) if batch.works else None,
        columns=columns,
        column_heads=[(letter, "") for letter in columns.letters] if columns else [],
        errors=form.errors,
        tabs_shown=_tabs(batch, outcome, locale) if settled else [],
        outcome=outcome,
        rows=[row_view(row, batch, locale) for row in rows],
        pages=pages_of(part, lambda n: href_of(batch, locale, show=outcome, page=n), locale),
        may_confirm=batch.state == "ready" and batch.counts["new"] + batch.counts["changed"] > 0,
        to_enter=batch.counts["new"] + batch.counts["changed"],
    )
    title = words(request, lazy("Import of %(file)s", file=batch.filename))
    return render(
        request,
        "sourcing/import.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _outcome(request: Request, batch: BatchRow) -> str:
    asked = request.query_params.get("show", "")
    if asked in OUTCOMES:
        return asked
    return next((key for key in OUTCOMES if batch.counts[key]), "new")


def _tabs(batch: BatchRow, outcome: str, locale: str) -> list[tuple[str, str, bool]]:
    return [
        (
            f"{translate(label, locale)} ({formats.number(batch.counts[key], locale)})",
            href_of(batch, locale, show=key),
            key == outcome,
        )
        for key, label in OUTCOMES.items()
        if batch.counts[key] or key in {"new", outcome}
    ]


def href_of(batch: BatchRow, locale: str, **query: Any) -> str:
    """The address of an import's page."""
    return urls.path("sourcing:import", locale=locale, reference=batch.reference, **query)
