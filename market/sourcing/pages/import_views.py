"""Rows and columns of an import as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from market.i18n.messages import translate
from market.sourcing.imports import headings, queries
from market.sourcing.imports.papers import edited
from market.sourcing.imports.queries import BatchRow, ImportRow
from market.sourcing.rules import CATEGORIES, Paper
from market.sourcing.wording import PAPERS, category
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fix:
    """A field to put right: a control named `fix-ROW-FIELD`, and what is wrong with it."""

    name: str
    label: str
    value: str
    at: str
    error: str
    options: Options


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as it stands in the file, what became of it, and what to put right."""

    number: int
    cells: Sequence[tuple[str, bool]]
    fixes: Sequence[Fix]
    other: Sequence[str]
    out_name: str
    document_href: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The form that tells which column holds what."""

    form: Form[Any]
    sheets: Options
    headings: Options
    fields: Sequence[tuple[str, str, bool]]
    columns: Options
    letters: Sequence[str]
    first: Sequence[tuple[int, Sequence[str]]]


async def columns_of(batch: BatchRow, form: Form[Any], locale: str) -> Columns:
    """The beginning of a table and the form that tells its columns."""
    first = await queries.list_first_rows(batch.id)
    width = max((len(cells) for _, cells in first), default=0)
    letters = [_letter(n) for n in range(width)]
    shown: Sequence[str] = batch.settings["preview_headings"].get(
        form.value("heading_row"), batch.settings["headings"]
    )
    names = [("", translate(lazy("No column"), locale))] + [
        (str(n), f"{letters[n]}: {shown[n]}" if n < len(shown) and shown[n] else letters[n])
        for n in range(width)
    ]
    return Columns(
        form=form,
        sheets=[
            (str(n), name or translate(lazy("The table"), locale))
            for n, name in enumerate(batch.settings["sheets"])
        ],
        headings=[
            (str(number), f"{number}: {', '.join(cell for cell in cells if cell)[:60]}")
            for number, cells in first
        ],
        fields=[(f.key, translate(f.label, locale), f.key in headings.NEEDED) for f in headings.FIELDS],
        columns=names,
        letters=letters,
        first=first,
    )


def _letter(column: int) -> str:
    return chr(65 + column) if column < 26 else f"{chr(64 + column // 26)}{chr(65 + column % 26)}"


def row_view(row: ImportRow, batch: BatchRow, locale: str) -> RowView:
    """A row with what is wrong marked, and a control for everything that can be put right here."""
    columns: Mapping[str, int] = batch.settings.get("columns", {})
    cells, placed = edited(list(row.cells), row.edits, columns)
    wrong = {placed[problem.field] for problem in row.problems if problem.field in placed}
    fixable = [problem for problem in row.problems if problem.field in headings.BY_KEY] if columns else []
    return RowView(
        number=row.number,
        cells=[(cell, n in wrong) for n, cell in enumerate(cells)],
        fixes=[
            Fix(
                name=f"fix-{row.number}-{problem.field}",
                label=translate(headings.BY_KEY[problem.field].label, locale),
                value=_at(cells, placed.get(problem.field)),
                at=problem.at,
                error=problem.words,
                options=_options(problem.field, locale),
            )
            for problem in fixable
        ],
        other=[
            f"{p.at}: {p.words}" if p.at != str(row.number) else p.words
            for p in row.problems
            if p not in fixable
        ],
        out_name=f"out-{row.number}",
        document_href=urls.path("sourcing:show", locale=locale, reference=row.document)
        if row.document
        else "",
    )


def _at(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _options(field: str, locale: str) -> Options:
    if field == "category":
        return [("", translate(lazy("Choose"), locale))] + [
            (key, translate(category(key), locale)) for key in CATEGORIES
        ]
    if field == "paper":
        return [(paper.value, translate(PAPERS[paper], locale)) for paper in Paper]
    return []
