"""The worker's part of imports: read the file, check every row, enter what is new, undo. Safe to run twice.

Each step shows how far it is in `done_count`. Entering goes in portions, each with its rows' marks in one
transaction: a worker that dies goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from market import clock, db
from market.db.sql import Row, as_json, execute_many, to_json
from market.errors import DomainError, NotFound
from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.media.storage import NoSuchFile, Storage
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing import entry
from market.sourcing.imports import batches, headings, sheets, ubl
from market.sourcing.imports.batches import WORK, WrongStep, move, open_file
from market.sourcing.imports.judging import Paper, judge
from market.sourcing.imports.papers import TABLES, invoices_in, known_sellers, left_out_of, papers_of
from market.sourcing.imports.rows import CellProblem, Known
from market.sourcing.imports.sheets import BadFile, Sheet
from market.sourcing.rules import Source
from market.values.text import Text, lazy

_PORTION: Final = 1_000
_ENTER: Final = 400
_PREVIEW: Final = 8


@handles(WORK)
async def work(payload: Payload, tools: Tools) -> None:
    """Do one step of an import, if it still waits for just that step."""
    batch = await db.fetch_one("SELECT * FROM import_batch WHERE id = $1", int(payload["batch"]))
    if batch is None:
        return
    steps = {"read": _read, "check": _check, "apply": _apply, "undo": _undo}
    try:
        await steps[payload["step"]](batch, tools)
    except WrongStep:
        return


# Reading ----------------------------------------------------------------------------------------------------
async def _read(batch: Row, tools: Tools) -> None:
    if batch["state"] not in {"uploaded", "reading"}:
        return
    if batch["state"] == "uploaded":
        await move(batch["id"], "reading", clock.now())
    try:
        data = await open_file(batch, tools.of(Storage), tools.of(Settings).secrets)
        if batch["format"] in TABLES:
            await _read_table(batch, data)
        else:
            await _read_invoices(batch, data, await known_sellers())
    except BadFile as error:
        await _fail(batch, error.message)
    except (NotFound, NoSuchFile):
        await _fail(batch, lazy("The file is no longer there. Upload it once more."))


async def _fail(batch: Row, why: Text) -> None:
    problem = to_json({locale: translate(why, locale) for locale in LOCALES})
    await move(batch["id"], "failed", clock.now(), problem=problem)


async def _read_table(batch: Row, data: bytes) -> None:
    read = sheets.read_xlsx if batch["format"] == "xlsx" else sheets.read_csv
    found = await asyncio.to_thread(read, data)
    kept: dict[str, Any] = as_json(batch["settings"])
    chosen = kept["sheet"] if kept.get("chosen") else headings.likeliest(found)
    sheet = found[chosen]
    layout = headings.guess(sheet)
    columns = await batches.remembered(batch["hotel_id"], layout.signature) or dict(layout.columns)
    columns = {
        k: v for k, v in columns.items() if v < max((len(line.cells) for line in sheet.lines), default=0)
    }
    settings = {
        "sheet": chosen,
        "sheets": [one.name for one in found],
        "heading_row": layout.heading_row,
        "headings": list(layout.headings),
        "columns": columns,
        "preview_headings": {str(line.number): list(line.cells) for line in sheet.lines[:20]},
    }
    await _keep_lines(batch["id"], sheet)
    known = not headings.lacking(columns) and not kept.get("chosen") and columns == dict(layout.columns)
    known = known or await batches.remembered(batch["hotel_id"], layout.signature) is not None
    async with db.transaction():
        count = len(headings.rows_below(sheet, layout))
        to = "checking" if known and not headings.lacking(columns) else "mapping"
        await move(batch["id"], to, clock.now(), settings=to_json(settings), row_count=count, done_count=0)
        if to == "checking":
            await batches.order(batch["id"], "check", clock.now())


async def _keep_lines(batch_id: int, sheet: Sheet) -> None:
    async with db.transaction():
        await db.execute("DELETE FROM import_row WHERE batch_id = $1", batch_id)
        for start in range(0, len(sheet.lines), _PORTION):
            await _insert_rows(
                batch_id, ((line.number, list(line.cells)) for line in sheet.lines[start : start + _PORTION])
            )


async def _insert_rows(batch_id: int, numbered: Iterable[tuple[int, list[str]]]) -> None:
    await execute_many(
        "INSERT INTO import_row (batch_id, row_number, outcome, cells, edits, problems)"
        " VALUES ($1, $2, 'unread', $3, '{}', '[]')",
        [[batch_id, number, to_json(cells)] for number, cells in numbered],
    )


async def _read_invoices(batch: Row, data: bytes, known: Known) -> None:
    """E-invoices need no columns: each is a row that shows what was read."""
    invoices = await asyncio.to_thread(invoices_in, batch["format"], data, known)
    async with db.transaction():
        await db.execute("DELETE FROM import_row WHERE batch_id = $1", batch["id"])
        await _insert_rows(batch["id"], ((one.position, _summary(one)) for one in invoices))
        await move(batch["id"], "checking", clock.now(), row_count=len(invoices), done_count=0)
        await batches.order(batch["id"], "check", clock.now())


def _summary(one: ubl.ReadDocument) -> list[str]:
    document = one.document
    if document is None:
        return []
    lines = ", ".join(line.description for line in document.lines)
    return [
        document.invoice_on.isoformat(),
        document.number,
        document.seller_name,
        lines[:200],
        str(document.net_minor),
    ]


# Checking ---------------------------------------------------------------------------------------------------
async def _check(batch: Row, tools: Tools) -> None:
    if batch["state"] != "checking":
        return
    now = clock.now()
    left_out = await left_out_of(batch["id"])
    papers, wrong = await papers_of(batch, tools, left_out)
    papers = await judge(batch["hotel_id"], papers, now)
    outcomes = {number: ("error", problems) for number, problems in wrong.items()}
    for paper in papers:
        for number in paper.rows:
            outcomes[number] = (paper.outcome, paper.problems)
    counts = Counter(outcome for outcome, _ in outcomes.values())
    async with db.transaction():
        await _mark(batch["id"], outcomes)
        await move(
            batch["id"],
            "ready",
            now,
            row_count=len(outcomes) + len(left_out),
            done_count=len(outcomes),
            new_count=counts["new"],
            changed_count=counts["changed"],
            duplicate_count=counts["duplicate"],
            error_count=counts["error"],
        )


async def _mark(batch_id: int, outcomes: Mapping[int, tuple[str, tuple[CellProblem, ...]]]) -> None:
    marks = [
        [outcome, to_json([_problem_json(problem) for problem in problems]), batch_id, number]
        for number, (outcome, problems) in outcomes.items()
    ]
    for start in range(0, len(marks), _PORTION):
        await execute_many(
            "UPDATE import_row SET outcome = $1, problems = $2 WHERE batch_id = $3 AND row_number = $4",
            marks[start : start + _PORTION],
        )


def _problem_json(problem: CellProblem) -> dict[str, Any]:
    """A problem as a row keeps it: its words in every language, since the reader is not known yet."""
    words = {locale: translate(problem.message, locale) for locale in LOCALES}
    return {"at": problem.address, "field": problem.field, "code": problem.code, "words": words}


# Entering and undoing ---------------------------------------------------------------------------------------
async def _apply(batch: Row, tools: Tools) -> None:
    if batch["state"] != "applying":
        return
    papers, _ = await papers_of(batch, tools, await left_out_of(batch["id"]))
    marked = await _outcomes(batch["id"])
    entered = {number for number, (_, document_id) in marked.items() if document_id is not None}
    todo = [
        p
        for p in papers
        if p.rows[0] not in entered and marked.get(p.rows[0], ("", None))[0] in {"new", "changed"}
    ]
    fresh = [paper for paper in todo if marked[paper.rows[0]][0] == "new"]
    changed = [paper for paper in todo if marked[paper.rows[0]][0] == "changed"]
    done = len(entered)
    for start in range(0, len(fresh), _ENTER):
        some = fresh[start : start + _ENTER]
        done += await _enter(batch, some, done)
    for paper in await judge(batch["hotel_id"], changed, clock.now()):
        done += await _replace(batch, paper)
    await move(batch["id"], "applied", clock.now(), applied_at=clock.now(), done_count=done)
    await tools.of(Storage).delete(batch["storage_key"])


async def _outcomes(batch_id: int) -> dict[int, tuple[str, int | None]]:
    found = await db.fetch(
        "SELECT row_number, outcome, document_id FROM import_row WHERE batch_id = $1", batch_id
    )
    return {row["row_number"]: (row["outcome"], row["document_id"]) for row in found}


async def _enter(batch: Row, papers: Sequence[Paper], done: int) -> int:
    """Enter a portion with its rows' marks; how many rows."""
    now, source = clock.now(), Source(batch["format"])
    try:
        async with db.transaction():
            made = await entry.enter_many(
                [paper.document for paper in papers],
                hotel_id=batch["hotel_id"],
                by=batch["created_by"],
                now=now,
                source=source,
                batch_id=batch["id"],
            )
            marks = [
                ["new" if one.document_id else "duplicate", one.document_id, batch["id"], number]
                for one, paper in zip(made, papers, strict=True)
                for number in paper.rows
            ]
            await execute_many(
                "UPDATE import_row SET outcome = $1, document_id = $2 WHERE batch_id = $3 AND row_number = $4",
                marks,
            )
            await db.execute(
                "UPDATE import_batch SET done_count = $1 WHERE id = $2", done + len(marks), batch["id"]
            )
    except DomainError as refusal:
        if len(papers) == 1:
            await _refused(batch["id"], papers[0], refusal)
            return 0
        return sum([await _enter(batch, [paper], done) for paper in papers])
    return len(marks)


async def _refused(batch_id: int, paper: Paper, refusal: DomainError) -> None:
    """A document that the ledger did not take after all: its rows say why."""
    problem = CellProblem(
        str(paper.rows[0]), str(refusal.facts.get("field", "")), refusal.code, refusal.message
    )
    await _mark(batch_id, dict.fromkeys(paper.rows, ("error", (problem,))))


async def _replace(batch: Row, paper: Paper) -> int:
    """Replace a document that the file states otherwise; the ledger keeps both."""
    if not paper.replaces:
        return await _enter(batch, [paper], 0) if paper.outcome == "new" else 0
    reason = f"{batch['reference']} {batch['filename']}"
    try:
        async with db.transaction():
            reference = await entry.replace(
                paper.replaces,
                paper.document,
                hotel_id=batch["hotel_id"],
                by=batch["created_by"],
                reason=reason,
                now=clock.now(),
            )
            row = await db.fetch_one("SELECT id FROM purchase_document WHERE reference = $1", reference)
            await execute_many(
                "UPDATE import_row SET document_id = $1 WHERE batch_id = $2 AND row_number = $3",
                [[row["id"] if row else None, batch["id"], number] for number in paper.rows],
            )
    except DomainError as refusal:
        await _refused(batch["id"], paper, refusal)
        return 0
    return len(paper.rows)


async def _undo(batch: Row, tools: Tools) -> None:
    if batch["state"] != "undoing":
        return
    now = clock.now()
    try:
        async with db.transaction():
            await entry.void_batch(
                batch["id"],
                hotel_id=batch["hotel_id"],
                by=batch["created_by"],
                reason=f"{batch['reference']} undone",
                now=now,
            )
            await move(batch["id"], "undone", now, undone_at=now, problem="")
    except DomainError as refusal:
        words = to_json({locale: translate(refusal.message, locale) for locale in LOCALES})
        await move(batch["id"], "applied", now, problem=words)
