"""What a person does with an import: tell its columns, put rows right, leave some out, confirm, undo, throw away."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError
from market.media.storage import Storage
from market.sourcing.imports import batches, headings
from market.sourcing.imports.queries import BatchRow
from market.sourcing.pages.imports import href_of, own, shown
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, raw_values
from market.web.render import redirect, words
from market.web.request import locale as locale_of
from market.web.request import tools

_FIX: Final = re.compile(r"(fix|out)-([0-9]{1,6})(?:-([a-z_]{1,20}))?")


async def tell_columns(request: Request) -> Response:
    """Which column holds what."""
    batch, sent = await own(request), await request.form()
    form = Form[Any](raw_values(sent), None)
    columns = {
        field.key: int(value)
        for field in headings.FIELDS
        if (value := form.value(f"column_{field.key}")).isascii() and value.isdigit() and len(value) < 3
    }
    try:
        await batches.set_layout(
            batch.reference,
            hotel_id=batch.hotel_id,
            sheet=_small(form.value("sheet")),
            heading_row=_small(form.value("heading_row")),
            columns=columns,
            now=clock.now(),
        )
    except DomainError as error:
        if batch.state != "mapping":
            return redirect(request, href_of(batch, locale_of(request)), flash=error.message, kind="bad")
        field = str(error.facts.get("field", "sheet"))
        form.add_error(field if field == "sheet" else f"column_{field}", words(request, error.message))
        return await shown(request, batch, form)
    return redirect(request, href_of(batch, locale_of(request)))


def _small(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 0


async def correct(request: Request) -> Response:
    """Corrections of the rows that were shown."""
    sent = await request.form()
    edits, out = _corrections(sent)
    return await _act(
        request,
        lambda batch: batches.correct(batch.reference, edits, out, hotel_id=batch.hotel_id, now=clock.now()),
    )


def _corrections(sent: FormData) -> tuple[dict[int, dict[str, str]], set[int]]:
    edits: dict[int, dict[str, str]] = {}
    out: set[int] = set()
    for name, values in raw_values(sent).items():
        match = _FIX.fullmatch(name)
        if match is None:
            continue
        number = int(match[2])
        if match[1] == "out":
            out.add(number)
        elif match[3]:
            edits.setdefault(number, {})[match[3]] = " ".join(values[0].split())[:2_000]
    return {number: fields for number, fields in edits.items() if number not in out}, out


async def take_back_in(request: Request) -> Response:
    """Rows that were left out come back."""
    return await _act(
        request, lambda b: batches.take_back_in(b.reference, hotel_id=b.hotel_id, now=clock.now())
    )


async def change_columns(request: Request) -> Response:
    """Back to telling the columns."""
    return await _act(
        request, lambda b: batches.change_layout(b.reference, hotel_id=b.hotel_id, now=clock.now())
    )


async def confirm(request: Request) -> Response:
    """Enter what was checked: just this file, just this list."""
    sent = await request.form()
    sha256, seen = str(sent.get("file", "")), str(sent.get("seen", ""))
    return await _act(
        request,
        lambda b: batches.confirm(
            b.reference, hotel_id=b.hotel_id, sha256=sha256, seen=seen, now=clock.now()
        ),
    )


async def undo(request: Request) -> Response:
    """Void all that the import entered."""
    return await _act(request, lambda b: batches.undo(b.reference, hotel_id=b.hotel_id, now=clock.now()))


async def discard(request: Request) -> Response:
    """Throw it away; nothing of it is in the ledger."""
    batch = await own(request)
    locale = locale_of(request)
    try:
        await batches.discard(
            batch.reference, hotel_id=batch.hotel_id, storage=tools(request).of(Storage), now=clock.now()
        )
    except DomainError as error:
        return redirect(request, href_of(batch, locale), flash=error.message, kind="bad")
    to = urls.path("sourcing:imports", locale=locale)
    return redirect(request, to, flash=lazy("The import is thrown away. Nothing was entered."))


async def _act(request: Request, command: Callable[[BatchRow], Coroutine[Any, Any, None]]) -> Response:
    batch = await own(request)
    href = href_of(batch, locale_of(request))
    try:
        await command(batch)
    except DomainError as error:
        return redirect(request, href, flash=error.message, kind="bad")
    return redirect(request, href)
