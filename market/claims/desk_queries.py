"""Reads for one claim on an officer's desk: tasks, flags with their papers, lines, chairs, story.

A constant number of queries. Rows are frozen and hold values, no words; names of officers are for officers only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from market import db
from market.claims.desk_rows import (
    ChairRow,
    DecisionRow,
    EventRow,
    EvidenceRow,
    FlagRow,
    HoldRow,
    LineRow,
    More,
    PaperRow,
    TaskRow,
)
from market.claims.lots import Chair
from market.claims.states import State
from market.claims.tasks import Task, TaskState
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json

PAGE: Final = 50


async def more_of(claim_id: int) -> More:
    """Everything single about a claim in one row."""
    row = await db.fetch_one(
        "SELECT c.*, o.name AS hotel, COALESCE(h.code, '') AS hotel_code, p.name AS submitter,"
        " COALESCE(x.reference, '') AS corrects, k.number AS sk_number, k.decided_on AS sk_on,"
        " COALESCE(a.reference, '') AS certificate, COALESCE(a.state, '') AS certificate_state"
        " FROM claim c JOIN organisation o ON o.id = c.hotel_id"
        " LEFT JOIN hotel_profile h ON h.organisation_id = c.hotel_id"
        " LEFT JOIN person p ON p.id = c.submitted_by LEFT JOIN claim x ON x.id = c.corrects_id"
        " LEFT JOIN claim_sk k ON k.claim_id = c.id LEFT JOIN award_certificate a ON a.claim_id = c.id"
        " WHERE c.id = $1",
        claim_id,
    )
    if row is None:
        raise LookupError(f"no claim {claim_id}")
    return More(
        hotel=row["hotel"],
        hotel_code=row["hotel_code"],
        submitted_by=row["submitter"] or "",
        share=row["share"],
        capped_by=row["capped_by"],
        denominator=row["denominator_minor"] or 0,
        decided_share=row["decided_share"],
        statements=as_json(row["statements"]),
        documents=as_json(row["documents"]),
        difference_note=row["difference_note"],
        adjustment=row["adjustment_minor"],
        corrects=row["corrects"],
        sk=(row["sk_number"], as_date(row["sk_on"])) if row["sk_number"] else None,
        certificate=row["certificate"],
        certificate_state=row["certificate_state"],
    )


async def list_tasks(claim_id: int) -> list[TaskRow]:
    """The claim's tasks, the machine's first."""
    rows = await db.fetch("SELECT * FROM claim_task WHERE claim_id = $1 ORDER BY id", claim_id)
    return [
        TaskRow(
            Task(row["name"]),
            bool(row["automatic"]),
            TaskState(row["state"]),
            as_json(row["found"]),
            row["note"],
            row["done_by"],
        )
        for row in rows
    ]


async def list_flags(claim_id: int) -> list[FlagRow]:
    """The claim's flags, open ones first."""
    rows = await db.fetch(
        "SELECT * FROM claim_flag WHERE claim_id = $1 ORDER BY resolution IS NOT NULL, id", claim_id
    )
    return [_flag(row) for row in rows]


def _flag(row: Row) -> FlagRow:
    facts, records = as_json(row["facts"]), as_json(row["records"])
    return FlagRow(
        id=row["id"],
        rule=row["rule"],
        version=row["rule_version"],
        subject=row["subject"],
        sentence=facts["sentence"],
        figures=facts["figures"],
        documents=tuple(records["documents"]),
        line_id=row["line_id"],
        resolution=row["resolution"] or "",
        note=row["note"],
        resolved_by=row["resolved_by"],
        resolved_at=as_instant_or_none(row["resolved_at"]),
    )


async def papers(document_ids: Collection[int]) -> dict[int, PaperRow]:
    """Documents of any hotel with what their suppliers said and their evidence; for flags and lines."""
    wanted = sorted(set(document_ids))[:400]
    if not wanted:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1))
    rows = await db.fetch(
        "SELECT d.*, o.name AS hotel, COALESCE(a.words, '') AS said, COALESCE(g.name, '') AS said_by"
        " FROM purchase_document d JOIN organisation o ON o.id = d.hotel_id"
        " LEFT JOIN confirmation_answer a ON a.id = (SELECT MAX(n.id) FROM confirmation_answer n"
        f" WHERE n.document_id = d.id) LEFT JOIN organisation g ON g.id = a.agent_id WHERE d.id IN ({places})",
        *wanted,
    )
    files = await db.fetch(
        "SELECT document_id, reference, filename, media_type, preview_key FROM evidence"
        f" WHERE document_id IN ({places}) AND state IN ('waiting', 'ready') ORDER BY id",
        *wanted,
    )
    evidence: dict[int, list[EvidenceRow]] = {}
    for file in files:
        evidence.setdefault(file["document_id"], []).append(
            EvidenceRow(file["reference"], file["filename"], file["media_type"], bool(file["preview_key"]))
        )
    return {row["id"]: _paper(row, tuple(evidence.get(row["id"], []))) for row in rows}


def _paper(row: Row, evidence: tuple[EvidenceRow, ...]) -> PaperRow:
    return PaperRow(
        id=row["id"],
        reference=row["reference"],
        hotel=row["hotel"],
        hotel_id=row["hotel_id"],
        seller=row["seller_name"],
        number=row["number"],
        paper=row["paper"],
        invoice_on=as_date(row["invoice_on"]),
        entered_at=as_instant(row["entered_at"]),
        net_minor=row["net_minor"],
        credit_note=row["kind"] == "credit_note",
        confirmation=row["confirmation"],
        confirmed_net_minor=row["confirmed_net_minor"],
        said=row["said"],
        said_by=row["said_by"],
        evidence=evidence,
    )


async def list_lines(
    claim_id: int,
    *,
    flagged: Collection[int],
    sampled: Collection[int],
    only: Collection[int] | None,
    after: int,
    limit: int = PAGE,
) -> list[LineRow]:
    """Lines from a position on; `only` keeps to some of them (flagged, drawn)."""
    values: list[Any] = [claim_id, after, limit + 1]
    keep = ""
    if only is not None:
        chosen = sorted(only)[:2000]
        places = ", ".join(f"${n}" for n in range(4, len(chosen) + 4)) or "NULL"
        keep, values = f" AND c.line_id IN ({places})", [*values, *chosen]
    rows = await db.fetch(
        "SELECT c.*, d.verdict, d.net_minor AS decided_net, d.reason, d.note FROM claim_line c"
        " LEFT JOIN line_decision d ON d.id = (SELECT MAX(m.id) FROM line_decision m"
        " WHERE m.claim_id = c.claim_id AND m.line_id = c.line_id)"
        f" WHERE c.claim_id = $1 AND c.position > $2{keep} ORDER BY c.position LIMIT $3",
        *values,
    )
    return [_line(row, row["line_id"] in flagged, row["line_id"] in sampled) for row in rows]


def _line(row: Row, flagged: bool, sampled: bool) -> LineRow:
    return LineRow(
        line_id=row["line_id"],
        position=row["position"],
        document_id=row["document_id"],
        document=row["document_reference"],
        number=row["number"],
        seller=row["seller_name"],
        description=row["description"],
        category=row["category"],
        origin=row["origin"],
        invoice_at=as_instant(row["invoice_at"]),
        net_minor=row["net_minor"],
        credit_note=bool(row["credit_note"]),
        evidenced=bool(row["evidenced"]),
        confirmed=bool(row["confirmed"]),
        related=bool(row["related"]),
        confirmed_net_minor=row["confirmed_net_minor"],
        verdict=row["verdict"] or "",
        decided_net=row["decided_net"],
        reason=row["reason"] or "",
        note=row["note"] or "",
        flagged=flagged,
        sampled=sampled,
    )


async def line_ids(claim_id: int) -> list[int]:
    """Every line of a claim."""
    rows = await db.fetch("SELECT line_id FROM claim_line WHERE claim_id = $1", claim_id)
    return [row["line_id"] for row in rows]


async def list_chairs(claim_id: int) -> list[ChairRow]:
    """Who sits, and sat, where."""
    rows = await db.fetch(
        "SELECT s.*, p.name FROM claim_chair s JOIN person p ON p.id = s.person_id WHERE s.claim_id = $1"
        " ORDER BY s.seated_at, s.chair DESC",
        claim_id,
    )
    return [
        ChairRow(Chair(r["chair"]), r["person_id"], r["name"], r["left_at"] is not None, r["left_reason"])
        for r in rows
    ]


async def list_events(claim_id: int) -> list[EventRow]:
    """The claim's story, newest first."""
    rows = await db.fetch(
        "SELECT e.*, COALESCE(p.name, '') AS person FROM claim_event e LEFT JOIN person p ON p.id = e.person_id"
        " WHERE e.claim_id = $1 ORDER BY e.id DESC LIMIT 200",
        claim_id,
    )
    return [
        EventRow(
            r["name"], State(r["to_state"]), r["person"], r["reason"], r["log_index"], as_instant(r["at"])
        )
        for r in rows
    ]


async def list_decisions(claim_id: int) -> list[DecisionRow]:
    """Every decision, undone ones too, oldest first."""
    rows = await db.fetch(
        "SELECT d.*, p.name, EXISTS (SELECT 1 FROM claim_undo u WHERE u.decision_id = d.id"
        " AND u.approved_at IS NOT NULL) AS undone FROM claim_decision d JOIN person p ON p.id = d.person_id"
        " WHERE d.claim_id = $1 ORDER BY d.id",
        claim_id,
    )
    return [
        DecisionRow(
            r["kind"],
            r["outcome"],
            r["name"],
            tuple(as_json(r["reasons"])),
            r["note"],
            r["award_minor"],
            as_json(r["assessment"])["result"]["share"] or "",
            as_instant(r["decided_at"]),
            r["log_index"],
            bool(r["undone"]),
        )
        for r in rows
    ]


async def open_hold(claim_id: int) -> HoldRow | None:
    """The hold that is on the claim now."""
    row = await db.fetch_one(
        "SELECT h.*, p.name FROM claim_hold h JOIN person p ON p.id = h.begun_by WHERE h.claim_id = $1"
        " AND h.ended_at IS NULL",
        claim_id,
    )
    return HoldRow(row["reason"], row["note"], as_instant(row["begun_at"]), row["name"]) if row else None


async def own_documents(claim_id: int) -> frozenset[int]:
    """The purchase documents of a claim and those its flags put beside them: what its officers may open."""
    rows = await db.fetch("SELECT DISTINCT document_id FROM claim_line WHERE claim_id = $1", claim_id)
    flags = await db.fetch("SELECT records FROM claim_flag WHERE claim_id = $1", claim_id)
    beside = {number for flag in flags for number in as_json(flag["records"])["documents"]}
    return frozenset(row["document_id"] for row in rows) | beside
