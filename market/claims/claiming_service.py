"""Commands of a hotel on its drafts: open one, state figures, keep documents, give it up; and its words to the
office later on (answers, objections). Submitting is `submitting`. Whether this person may act for this hotel was
settled before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from market import db
from market.claims import claiming, programme
from market.claims import claiming_queries as queries
from market.claims.claiming import Stated
from market.claims.claiming_queries import ClaimRow, Document
from market.claims.periods import Period
from market.claims.states import NotNow, State
from market.db.sql import to_json
from market.errors import Refused
from market.values.ids import new_reference
from market.values.text import lazy

MOST_DOCUMENTS = 12


class TooEarly(Refused):
    """The month is not over."""

    code = "too_early"
    message = lazy("This month is not over yet. A claim is made when it is.")


class TooLate(Refused):
    """The window of the rule has closed."""

    code = "too_late"
    message = lazy("The time to claim for this month is over.")


class NothingToCorrect(Refused):
    """A correction needs a claim in effect and adjustments that it has not seen."""

    code = "nothing_to_correct"
    message = lazy("There is nothing to correct: enter the adjustment in your purchases first.")


async def open_draft(hotel_id: int, period: Period, *, by: int, now: datetime) -> str:
    """The reference of a new draft for a period, or of the claim that is there already.

    Raises `programme.NoRule`, TooEarly and TooLate.
    """
    stored = await programme.in_force(period)
    days = claiming.window(stored.rule, period)
    async with db.transaction():
        reference = new_reference()
        made = await _insert(
            reference, hotel_id, period, "original", None, stored.id, Stated(), by=by, now=now, fresh=True
        )
        if made is None:
            row = await db.fetch_one(
                "SELECT reference FROM claim WHERE hotel_id = $1 AND period = $2 AND kind = 'original'"
                " AND state <> 'withdrawn'",
                hotel_id,
                str(period),
            )
            return str(row["reference"]) if row else ""
        if days.is_over(now):
            raise TooLate(closed=days.closes)
        if not days.holds(now):
            raise TooEarly(opens=days.opens)
    return reference


async def open_correction(hotel_id: int, period: Period, *, by: int, now: datetime) -> str:
    """The reference of a draft that reckons a period again, with what was stated before filled in.

    It corrects the claim that is in effect, under that claim's rule. Raises NothingToCorrect.
    """
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT * FROM claim WHERE hotel_id = $1 AND period = $2 AND state = 'effective' ORDER BY id DESC"
            " LIMIT 1",
            hotel_id,
            str(period),
        )
        if row is None or not await queries.adjustments_since(hotel_id, period):
            raise NothingToCorrect(period=str(period))
        base = queries.claim_row(row)
        stated = replace(base.stated, late_note="", difference_note="")
        reference = new_reference()
        made = await _insert(
            reference,
            hotel_id,
            period,
            "correction",
            base.id,
            base.rule_id,
            stated,
            by=by,
            now=now,
            fresh=True,
            documents=base.documents,
        )
        if made is None:
            raise Refused(
                "correction_open",
                lazy("A correction of this month is under way already."),
                period=str(period),
            )
    return reference


async def _insert(
    reference: str,
    hotel_id: int,
    period: Period,
    kind: str,
    corrects_id: int | None,
    rule_id: int,
    stated: Stated,
    *,
    by: int,
    now: datetime,
    fresh: bool,
    documents: tuple[Document, ...] = (),
) -> int | None:
    """The id of a new draft; None when the hotel has one for this already."""
    rows = await db.fetch(
        "INSERT INTO claim (reference, hotel_id, period, kind, corrects_id, rule_id, state, stated_total_minor,"
        " difference_note, tax_principal_minor, statements, documents, created_by, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10, $11, $12, $13, $13)"
        " ON CONFLICT DO NOTHING RETURNING id",
        reference,
        hotel_id,
        str(period),
        kind,
        corrects_id,
        rule_id,
        stated.total,
        stated.difference_note,
        stated.tax_principal,
        to_json(queries.statements_of(stated)),
        to_json([queries.document_json(one) for one in documents]),
        by,
        now,
    )
    if not rows:
        return None
    await _event(rows[0]["id"], "opened", State.DRAFT, State.DRAFT, by=by, now=now)
    return int(rows[0]["id"])


async def save(claim: ClaimRow, stated: Stated, *, now: datetime) -> None:
    """Write down what the hotel states. Raises NotNow once it is submitted."""
    async with db.transaction():
        await _held(claim, now)
        await db.execute(
            "UPDATE claim SET stated_total_minor = $1, difference_note = $2, tax_principal_minor = $3,"
            " statements = $4 WHERE id = $5",
            stated.total,
            stated.difference_note,
            stated.tax_principal,
            to_json(queries.statements_of(stated)),
            claim.id,
        )


async def add_document(claim: ClaimRow, document: Document, *, now: datetime) -> None:
    """Keep a document with a draft. The same file twice is kept once. Raises NotNow, and Refused for too many."""
    async with db.transaction():
        kept = (await _held(claim, now)).documents
        if any(one.sha256 == document.sha256 and one.kind is document.kind for one in kept):
            return
        if len(kept) >= MOST_DOCUMENTS:
            raise Refused(
                "too_many_documents", lazy("A claim keeps at most %(most)s documents.", most=MOST_DOCUMENTS)
            )
        await _keep(claim.id, (*kept, document))


async def remove_document(claim: ClaimRow, reference: str, *, now: datetime) -> None:
    """Take a document off a draft; none of that reference is as good as gone. Raises NotNow."""
    async with db.transaction():
        kept = (await _held(claim, now)).documents
        await _keep(claim.id, tuple(one for one in kept if one.reference != reference))


async def give_up(claim: ClaimRow, *, by: int, now: datetime) -> None:
    """Withdraw a draft; another one can be opened. Raises NotNow."""
    async with db.transaction():
        await _held(claim, now)
        await db.execute("UPDATE claim SET state = 'withdrawn' WHERE id = $1", claim.id)
        await _event(claim.id, "withdrawn", State.DRAFT, State.WITHDRAWN, by=by, now=now)


async def _held(claim: ClaimRow, now: datetime) -> ClaimRow:
    """The draft as it is now, locked until the transaction ends. Raises NotNow when it is no draft any more."""
    changed = await db.execute(
        "UPDATE claim SET updated_at = $1 WHERE id = $2 AND state = 'draft'", now, claim.id
    )
    found = await queries.get_claim_by_id(claim.id)
    if not changed or found is None:
        raise NotNow(start=claim.state.value, to=State.DRAFT.value)
    return found


async def _keep(claim_id: int, documents: tuple[Document, ...]) -> None:
    kept = to_json([queries.document_json(one) for one in documents])
    await db.execute("UPDATE claim SET documents = $1 WHERE id = $2", kept, claim_id)


async def _event(
    claim_id: int, name: str, start: State, to: State, *, by: int, now: datetime, log_index: int | None = None
) -> None:
    await db.execute(
        "INSERT INTO claim_event (claim_id, name, from_state, to_state, person_id, log_index, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        claim_id,
        name,
        start.value,
        to.value,
        by,
        log_index,
        now,
    )
