"""Commands on rule versions: draft, propose, make effective by a second person; and which one is in force.

A version that was proposed is not edited any more, one in force or used is never changed: the database refuses
it too. The newest version whose days cover a period is the one of that period, so a successor ends its
predecessor without touching it. What the fields mean lives in `rule_versions`, their JSON in `rule_json`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import rfc8785

from market import db
from market.claims.rule_json import parse_rule, rule_as_json
from market.claims.rule_versions import RuleVersion
from market.db.sql import Row, as_instant_or_none, as_json
from market.errors import NotFound, Refused
from market.sourcing import standing
from market.transparency import log
from market.values.periods import Period
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule version with its row: who proposed and who approved it, and whether a claim used it."""

    id: int
    rule: RuleVersion
    state: str
    sha256: str
    installed: bool
    note: str
    drafted_by: int | None
    proposed_by: int | None
    proposed_at: datetime | None
    approved_by: int | None
    approved_at: datetime | None
    used_at: datetime | None


class NoRule(Refused):
    """No rule version is in force for the whole period."""

    code = "no_rule"
    message = lazy("No rule of the programme is in force for this month.")


_ALL = "SELECT * FROM rule_version"


async def in_force(period: Period) -> StoredRule:
    """The rule version of a period. Raises NoRule."""
    rows = await db.fetch(
        f"{_ALL} WHERE state = 'effective' AND effective_from <= $1"
        " AND (effective_to IS NULL OR effective_to >= $2) ORDER BY effective_from DESC, id DESC LIMIT 1",
        period.first_day,
        period.last_day,
    )
    if not rows:
        raise NoRule(period=str(period))
    return _stored(rows[0])


async def get(rule_id: int) -> StoredRule:
    """A version by its row. Raises NotFound."""
    row = await db.fetch_one(f"{_ALL} WHERE id = $1", rule_id)
    if row is None:
        raise NotFound
    return _stored(row)


async def find(version: str) -> StoredRule:
    """A version by its name, such as R1. Raises NotFound."""
    row = await db.fetch_one(f"{_ALL} WHERE version = $1", version)
    if row is None:
        raise NotFound
    return _stored(row)


async def list_versions() -> list[StoredRule]:
    """All versions, the latest first."""
    return [_stored(row) for row in await db.fetch(f"{_ALL} ORDER BY effective_from DESC, id DESC")]


def digest(rule: RuleVersion) -> str:
    """SHA-256 of the rule as canonical JSON, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(rule_as_json(rule))).hexdigest()


# --- changing them -----------------------------------------------------------------------------------------


async def draft(rule: RuleVersion, *, note: str, by: int, now: datetime) -> int:
    """Keep a draft under the rule's name; a draft of that name is written over. Its row's id.

    Refused when a version of that name is proposed, in force or was withdrawn.
    """
    body, sha256 = _body(rule)
    async with db.transaction():
        row = await db.fetch_one("SELECT id, state FROM rule_version WHERE version = $1", rule.version)
        if row is None:
            rows = await db.fetch(
                "INSERT INTO rule_version (version, state, body, sha256, effective_from, effective_to, note,"
                " drafted_by, drafted_at) VALUES ($1, 'draft', $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                rule.version,
                body,
                sha256,
                rule.effective_from,
                rule.effective_to,
                note,
                by,
                now,
            )
            return int(rows[0]["id"])
        if row["state"] != "draft":
            raise Refused("version_taken", lazy("This version is no draft any more. Give yours a new name."))
        await db.execute(
            "UPDATE rule_version SET body = $1, sha256 = $2, effective_from = $3, effective_to = $4, note = $5,"
            " drafted_by = $6, drafted_at = $7 WHERE id = $8",
            body,
            sha256,
            rule.effective_from,
            rule.effective_to,
            note,
            by,
            now,
            row["id"],
        )
        return int(row["id"])


async def propose(version: str, *, by: int, now: datetime) -> None:
    """Hand a draft to a second person. From here on its text stands."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE rule_version SET state = 'proposed', proposed_by = $1, proposed_at = $2"
            " WHERE version = $3 AND state = 'draft'",
            by,
            now,
            version,
        )
        _moved(changed)


async def send_back(version: str, *, by: int) -> None:
    """Open a proposed version for editing again."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE rule_version SET state = 'draft', proposed_by = NULL, proposed_at = NULL"
            " WHERE version = $1 AND state = 'proposed'",
            version,
        )
        _moved(changed)


async def make_effective(version: str, *, by: int, today: date, now: datetime) -> int:
    """The second person puts a proposed version into force; the position of its entry in the log.

    Refused to whoever proposed or drafted it, and for a version that would begin in the past or change a period
    for which a claim was already made.
    """
    async with db.transaction():
        stored = await find(version)
        if stored.state != "proposed":
            _moved(0)
        if by in {stored.proposed_by, stored.drafted_by}:
            raise Refused(
                "four_eyes", lazy("A second person puts a rule into force: you drafted or proposed this one.")
            )
        await _check_start(stored.rule, today)
        starts = stored.rule.effective_from
        month = str(Period(starts.year, starts.month))
        await standing.set_evidence_limit(month, stored.rule.evidence_limit, now)
        entry = await log.append(
            "rule.effective",
            subject=f"rule:{version}",
            facts={"version": version, "sha256": stored.sha256},
            public={
                "version": version,
                "sha256": stored.sha256,
                "effective_from": stored.rule.effective_from.isoformat(),
            },
            now=now,
        )
        await db.execute(
            "UPDATE rule_version SET state = 'effective', approved_by = $1, approved_at = $2, log_index = $3"
            " WHERE id = $4 AND state = 'proposed'",
            by,
            now,
            entry.index,
            stored.id,
        )
    return entry.index


async def _check_start(rule: RuleVersion, today: date) -> None:
    starts = rule.effective_from
    if starts.day != 1:
        raise Refused("not_a_month", lazy("A rule begins on the first day of a month."))
    if starts < today:
        raise Refused(
            "in_the_past", lazy("A rule begins in the future: what was bought was bought under another.")
        )
    used = await db.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM claim WHERE period >= $1 AND state <> 'withdrawn') AS used",
        str(Period(starts.year, starts.month)),
    )
    if used and used["used"]:
        raise Refused("period_claimed", lazy("A claim was made for a month that this rule would change."))


def _moved(changed: int) -> None:
    if changed != 1:
        raise Refused("rule_moved_on", lazy("This rule version has moved on in the meantime."))


def _body(rule: RuleVersion) -> tuple[str, str]:
    data = rfc8785.dumps(rule_as_json(rule))
    return data.decode(), hashlib.sha256(data).hexdigest()


def _stored(row: Row) -> StoredRule:
    body: Any = as_json(row["body"])
    return StoredRule(
        id=row["id"],
        rule=parse_rule(body),
        state=row["state"],
        sha256=row["sha256"],
        installed=bool(row["installed"]),
        note=row["note"],
        drafted_by=row["drafted_by"],
        proposed_by=row["proposed_by"],
        proposed_at=as_instant_or_none(row["proposed_at"]),
        approved_by=row["approved_by"],
        approved_at=as_instant_or_none(row["approved_at"]),
        used_at=as_instant_or_none(row["used_at"]),
    )


async def withdraw(version: str, *, by: int) -> None:
    """Give up a draft or a proposal; it stays to be read."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE rule_version SET state = 'withdrawn' WHERE version = $1 AND state IN ('draft', 'proposed')",
            version,
        )
        _moved(changed)
