"""Reads of a hotel's own claims: the list, one claim with everything that happened to it, and what a draft is
checked against. Scoped by hotel: a claim of another hotel does not exist here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from market import db
from market.claims import ledger_reading
from market.claims.claiming import Arrears, DocumentKind, Ledger, Stated, late_from
from market.claims.lines import LineGroup, Origin
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.claims.states import State
from market.db.sql import Row, as_instant, as_instant_or_none, as_json
from market.suppliers.rows import places
from market.values.dates import local_instant


@dataclass(frozen=True, slots=True)
class Document:
    """An uploaded document of a claim, as the claim keeps it. The file lies encrypted in the storage."""

    reference: str
    kind: DocumentKind
    filename: str
    media_type: str
    byte_count: int
    sha256: str
    storage_key: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim as stored. What the hotel stated is `stated`; results are None while there are none."""

    id: int
    reference: str
    hotel_id: int
    period: Period
    is_correction: bool
    corrects_id: int | None
    rule_id: int
    state: State
    stated: Stated
    documents: tuple[Document, ...]
    share: str
    award_minor: int | None
    capped_by: str
    line_count: int
    snapshot_sha256: str
    decided_share: str
    decided_award_minor: int | None
    adjustment_minor: int
    payable_minor: int | None
    submitted_at: datetime | None
    submitted_index: int | None
    due_at: datetime | None
    decided_at: datetime | None
    objection_until: datetime | None
    effective_at: datetime | None
    created_at: datetime


_CLAIMS = "SELECT * FROM claim"


async def list_claims(hotel_id: int) -> list[ClaimRow]:
    """All claims of a hotel, the latest period first."""
    rows = await db.fetch(f"{_CLAIMS} WHERE hotel_id = $1 ORDER BY period DESC, id DESC", hotel_id)
    return [claim_row(row) for row in rows]


async def get_claim(reference: str, hotel_ids: Collection[int]) -> ClaimRow | None:
    """A claim by its reference; only of these hotels."""
    row = await db.fetch_one(f"{_CLAIMS} WHERE reference = $1", reference)
    return claim_row(row) if row is not None and row["hotel_id"] in hotel_ids else None


async def get_claim_by_id(claim_id: int) -> ClaimRow | None:
    row = await db.fetch_one(f"{_CLAIMS} WHERE id = $1", claim_id)
    return claim_row(row) if row else None


async def ledger_of(hotel_id: int, period: Period, rule: RuleVersion) -> tuple[Ledger, list[LineGroup]]:
    """What the purchase ledger says of a period, and the groups it was read from."""
    groups = await ledger_reading.grouped_lines(
        hotel_id, period, confirm_required_from=rule.confirm_required_from
    )
    known = {*rule.in_scope_categories, *rule.excluded_categories}
    local = [
        group
        for group in groups
        if group.category in rule.in_scope_categories
        and group.origin is not Origin.X
        and not group.credit_note
    ]
    return (
        Ledger(
            line_count=sum(group.line_count for group in groups),
            bought=sum(-group.net if group.credit_note else group.net for group in groups),
            not_evidenced=sum(group.line_count for group in local if not group.evidenced),
            not_confirmed=sum(group.line_count for group in local if not (group.confirmed or group.waived)),
            late=await _late(hotel_id, period, rule),
            papers_waiting=await _papers_waiting(hotel_id, period),
            unknown_category=next((g.category for g in groups if g.category not in known), ""),
        ),
        groups,
    )


async def _late(hotel_id: int, period: Period, rule: RuleVersion) -> int:
    """How many live papers of the period were entered after the rule's days."""
    days = [period.first_day + timedelta(days=n) for n in range(period.last_day.day)]
    values: list[Any] = [hotel_id, str(period)]
    either: list[str] = []
    for day in days:
        values += [day, late_from(rule, local_instant(day))]
        either.append(f"(invoice_on = ${len(values) - 1} AND entered_at >= ${len(values)})")
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM purchase_document WHERE hotel_id = $1 AND period = $2 AND status = 'live'"
        f" AND entered_at >= $4 AND ({' OR '.join(either)})",
        *values,
    )
    return int(row["n"]) if row else 0


async def _papers_waiting(hotel_id: int, period: Period) -> int:
    """Photos of the period's papers that are not looked at yet."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM evidence e JOIN purchase_document d ON d.id = e.document_id"
        " WHERE e.hotel_id = $1 AND e.state = 'waiting' AND d.period = $2 AND d.status = 'live'",
        hotel_id,
        str(period),
    )
    return int(row["n"]) if row else 0


async def adjustments_since(hotel_id: int, period: Period) -> int:
    """How many live adjustments of a frozen period no claim has taken up yet."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM purchase_document WHERE hotel_id = $1 AND period = $2 AND status = 'live'"
        " AND is_adjustment AND claim_id IS NULL",
        hotel_id,
        str(period),
    )
    return int(row["n"]) if row else 0


def claim_row(row: Row) -> ClaimRow:
    """A row of `claim`."""
    return ClaimRow(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        period=Period.parse(row["period"]),
        is_correction=row["kind"] == "correction",
        corrects_id=row["corrects_id"],
        rule_id=row["rule_id"],
        state=State(row["state"]),
        stated=stated_of(row),
        documents=tuple(document_of(one) for one in as_json(row["documents"])),
        share=row["share"],
        award_minor=row["award_minor"],
        capped_by=row["capped_by"],
        line_count=row["line_count"],
        snapshot_sha256=row["snapshot_sha256"],
        decided_share=row["decided_share"],
        decided_award_minor=row["decided_award_minor"],
        adjustment_minor=row["adjustment_minor"],
        payable_minor=row["payable_minor"],
        submitted_at=as_instant_or_none(row["submitted_at"]),
        submitted_index=row["submitted_index"],
        due_at=as_instant_or_none(row["due_at"]),
        decided_at=as_instant_or_none(row["decided_at"]),
        objection_until=as_instant_or_none(row["objection_until"]),
        effective_at=as_instant_or_none(row["effective_at"]),
        created_at=as_instant(row["created_at"]),
    )


def stated_of(row: Row) -> Stated:
    """What the hotel stated, from the claim's columns and its `statements`."""
    said: Mapping[str, Any] = as_json(row["statements"])
    return Stated(
        total=row["stated_total_minor"],
        explained=dict(said.get("explained", {})),
        difference_note=row["difference_note"],
        tax_principal=row["tax_principal_minor"],
        compliant=said.get("compliant"),
        compliance_note=said.get("compliance_note", ""),
        arrears=Arrears(said["arrears"]) if said.get("arrears") else None,
        arrears_note=said.get("arrears_note", ""),
        late_note=said.get("late_note", ""),
    )


def statements_of(stated: Stated) -> dict[str, Any]:
    """What `stated_of` reads from the column `statements`."""
    return {
        "explained": dict(stated.explained),
        "compliant": stated.compliant,
        "compliance_note": stated.compliance_note,
        "arrears": stated.arrears.value if stated.arrears else None,
        "arrears_note": stated.arrears_note,
        "late_note": stated.late_note,
    }


def document_of(kept: Mapping[str, Any]) -> Document:
    """A document from the JSON in which the claim keeps it."""
    values: dict[str, Any] = dict(kept)
    values["kind"] = DocumentKind(values["kind"])
    values["added_at"] = datetime.fromisoformat(values["added_at"])
    return Document(**values)


def document_json(document: Document) -> dict[str, Any]:
    """What `document_of` reads."""
    return {
        "reference": document.reference,
        "kind": document.kind.value,
        "filename": document.filename,
        "media_type": document.media_type,
        "byte_count": document.byte_count,
        "sha256": document.sha256,
        "storage_key": document.storage_key,
        "added_at": document.added_at.isoformat(),
    }


async def periods_claimed(hotel_id: int, periods: Collection[Period]) -> frozenset[Period]:
    """Which of these periods have an original claim that was not withdrawn."""
    wanted = [str(period) for period in periods]
    if not wanted:
        return frozenset()
    rows = await db.fetch(
        "SELECT period FROM claim WHERE hotel_id = $1 AND kind = 'original' AND state <> 'withdrawn'"
        f" AND period IN ({places(len(wanted), 2)})",
        hotel_id,
        *wanted,
    )
    return frozenset(Period.parse(row["period"]) for row in rows)


async def periods_bought(hotel_id: int, periods: Collection[Period]) -> frozenset[Period]:
    """In which of these periods the hotel bought anything."""
    wanted = [str(period) for period in periods]
    if not wanted:
        return frozenset()
    asked = ", ".join(f"(${number})" for number in range(2, len(wanted) + 2))
    rows = await db.fetch(
        f"WITH asked(period) AS (VALUES {asked}) SELECT a.period FROM asked a WHERE EXISTS (SELECT 1"
        " FROM purchase_line l WHERE l.hotel_id = $1 AND l.period = a.period AND l.live = TRUE)",
        hotel_id,
        *wanted,
    )
    return frozenset(Period.parse(row["period"]) for row in rows)


async def open_adjustments(hotel_id: int) -> list[tuple[Period, int]]:
    """Frozen months with adjustments that no claim has taken up, and how many they are; the latest first."""
    rows = await db.fetch(
        "SELECT period, COUNT(*) AS n FROM purchase_document WHERE hotel_id = $1 AND status = 'live'"
        " AND is_adjustment AND claim_id IS NULL GROUP BY period ORDER BY period DESC",
        hotel_id,
    )
    return [(Period.parse(row["period"]), row["n"]) for row in rows]


async def hotel_name(hotel_id: int) -> str:
    row = await db.fetch_one("SELECT name FROM organisation WHERE id = $1", hotel_id)
    return row["name"] if row else ""
