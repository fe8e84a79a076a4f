"""Recompute every claim of the database from its frozen lines and the public log, and name the first difference.

`python -m market replay` runs it. Nothing stored is trusted: lines are hashed again, assessments and decisions
reckoned again with the inputs they wrote down, lots drawn again from their seeds, budgets shared again, and each
is compared with the claim and with its entry in the log. Reads only; memory does not grow with a claim's lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market import db
from market.claims import lots, programme, rulings, sampling, snapshot
from market.claims.assess_file import as_json as public_json
from market.claims.assessment import Assessment, conclude
from market.claims.awards import share_budget
from market.claims.draws import sample_start
from market.claims.lines import Line, LineGroup
from market.claims.lots import DrawKind
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.claims.rulings import Ruling, Verdict
from market.claims.snapshot import FrozenLine
from market.claims.tally import tally_groups
from market.db.sql import Row, as_instant, as_json
from market.transparency import log

_AT_ONCE: Final = 5_000


class Difference(Exception):
    """Something stored is not what it was made of."""

    def __init__(self, where: str, what: str, stored: object, found: object) -> None:
        super().__init__(f"{where}: {what}: stored {stored!r}, recomputed {found!r}")


@dataclass(slots=True)
class Counts:
    """How much was recomputed."""

    claims: int = 0
    lines: int = 0
    decisions: int = 0
    draws: int = 0
    awards: int = 0
    rupiah: int = 0


class Groups:
    """Lines added up as they pass by: all that an assessment needs of them."""

    def __init__(self, rule: RuleVersion, period: Period) -> None:
        self.rule = rule
        self.start, self.end = period.bounds()
        self.sums: dict[LineGroup, list[int]] = {}

    def add(self, lines: Iterable[Line]) -> None:
        """Add lines of the period. Raises ValueError for one of another period."""
        limit = self.rule.confirm_required_from
        for line in lines:
            if not self.start <= line.invoice_at < self.end:
                raise ValueError(f"line {line.id} lies in another period")
            waived = not line.credit_note and line.net < limit
            kind = LineGroup(
                line.supplier,
                line.category,
                line.origin,
                line.credit_note,
                line.evidenced,
                line.confirmed,
                line.related,
                waived,
                0,
                0,
            )
            sums = self.sums.setdefault(kind, [0, 0])
            sums[0] += 1
            sums[1] += line.net

    def assess(self, inputs: Mapping[str, Any]) -> Assessment:
        """The assessment of everything added, with the inputs that a claim or decision kept."""
        groups = [kind._replace(line_count=count, net=net) for kind, (count, net) in self.sums.items()]
        return conclude(
            self.rule,
            tally_groups(self.rule, groups),
            tax_principal=inputs["tax_principal"],
            awarded_this_year=inputs["awarded_this_year"],
            budget=inputs["budget"],
        )


async def everything(say: Callable[[str], None] = lambda _: None) -> Counts:
    """Recompute all claims and budgets. Raises Difference for the first thing that is not right."""
    counts = Counts()
    rules = await _rules()
    after = 0
    while rows := await db.fetch(
        "SELECT * FROM claim WHERE id > $1 AND submitted_at IS NOT NULL ORDER BY id LIMIT 100", after
    ):
        for row in rows:
            await _claim(row, rules[row["rule_id"]], counts)
            say(f"{row['reference']} {row['period']}: {row['state']}, as stored")
        after = rows[-1]["id"]
    await _budgets()
    return counts


async def _rules() -> dict[int, RuleVersion]:
    found: dict[int, RuleVersion] = {}
    for stored in await programme.list_versions():
        _same(f"rule {stored.rule.version}", "hash", stored.sha256, programme.digest(stored.rule))
        found[stored.id] = stored.rule
    return found


async def _claim(row: Row, rule: RuleVersion, counts: Counts) -> None:
    where, period = f"claim {row['reference']}", Period.parse(row["period"])
    submitted = Groups(rule, period)
    decisions = [_Decision(d, await _rulings_until(row["id"], d)) for d in await _decisions(row["id"])]
    for decision in decisions:
        decision.groups = Groups(rule, period)
    digest, lines = hashlib.sha256(), 0
    after = 0
    while chunk := await _lines(row["id"], after):
        after, lines = chunk[-1].position, lines + len(chunk)
        for line in chunk:
            digest.update(snapshot.written(line))
        submitted.add(line.as_line() for line in chunk)
        for decision in decisions:
            decision.groups.add(rulings.counted(chunk, decision.rulings, rule))
    _same(where, "number of lines", row["line_count"], lines)
    _same(where, "hash of its lines", row["snapshot_sha256"], digest.hexdigest())
    await _submission(where, row, submitted)
    for decision in decisions:
        await _decision(where, decision)
    await _draws(where, row, rule, counts)
    await _award(where, row, decisions, counts)
    counts.claims += 1
    counts.lines += lines
    counts.decisions += len(decisions)


async def _lines(claim_id: int, after: int) -> list[FrozenLine]:
    rows = await db.fetch(
        f"SELECT {snapshot.COLUMNS} FROM claim_line WHERE claim_id = $1 AND position > $2 ORDER BY position"
        f" LIMIT {_AT_ONCE}",
        claim_id,
        after,
    )
    return [snapshot.line_of(row) for row in rows]


async def _submission(where: str, row: Row, groups: Groups) -> None:
    """What the claim said when it came in, and what the log says about it."""
    kept = as_json(row["assessment"])
    found = groups.assess(kept["inputs"])
    _same_result(where, "assessment at submission", kept["result"], found)
    _same(where, "share claimed", row["share"], str(found.share) if found.share else "")
    _same(where, "award claimed", row["award_minor"], found.award.amount)
    _same(where, "tax principal", row["tax_principal_minor"], kept["inputs"]["tax_principal"])
    public = await _public(where, row["submitted_index"], "claim.submitted", row["reference"])
    _same(where, "hash of its lines in the log", public["lines_sha256"], row["snapshot_sha256"])


# Decisions ----------------------------------------------------------------------------------------------


class _Decision:
    """A decision with the rulings on lines that stood when it was made."""

    groups: Groups

    def __init__(self, row: Row, found: dict[int, Ruling]) -> None:
        self.row = row
        self.rulings = found
        self.assessment = as_json(row["assessment"])


async def _decisions(claim_id: int) -> list[Row]:
    return await db.fetch("SELECT * FROM claim_decision WHERE claim_id = $1 ORDER BY id", claim_id)


async def _rulings_until(claim_id: int, decision: Row) -> dict[int, Ruling]:
    """The newest ruling on each line at the time of a decision."""
    rows = await db.fetch(
        "SELECT line_id, verdict, net_minor FROM line_decision WHERE claim_id = $1 AND decided_at <= $2 ORDER BY id",
        claim_id,
        as_instant(decision["decided_at"]),
    )
    return {row["line_id"]: Ruling(Verdict(row["verdict"]), row["net_minor"]) for row in rows}


async def _decision(where: str, decision: _Decision) -> None:
    row, kept = decision.row, decision.assessment
    here = f"{where}, decision {row['id']}"
    found = decision.groups.assess(kept["inputs"])
    _same_result(here, "assessment", kept["result"], found)
    granted = found.award.amount if row["outcome"] == "award" else 0
    _same(here, "award", row["award_minor"], granted)
    public = await _public(here, row["log_index"], "decision.recorded", None)
    _same(here, "award in the log", public["award"], granted)
    _same(here, "outcome in the log", public["outcome"], row["outcome"])


# Draws --------------------------------------------------------------------------------------------------


async def _draws(where: str, row: Row, rule: RuleVersion, counts: Counts) -> None:
    for draw in await lots.draws_of(row["id"]):
        here = f"{where}, {draw.kind.value} {draw.round}"
        committed = await _public(here, draw.committed_index, "draw.committed", row["reference"])
        _same(here, "candidates in the log", committed["candidates"], dict(draw.candidates))
        if draw.seed is None:
            continue
        hits = ()
        if draw.kind is DrawKind.SAMPLE:
            start = sample_start(draw.seed, row["reference"], int(draw.candidates["interval"]))
            hits = sampling.hits_of(await snapshot.read(row["id"]), rule, draw.candidates, start)
        found = lots.outcome(draw.kind, draw.seed, row["reference"], draw.candidates, hits)
        _same(here, "result", draw.result, found)
        made = await _public(here, draw.drawn_index, "draw.made", row["reference"])
        _same(here, "seed in the log", made["seed"], draw.seed)
        counts.draws += 1


# Awards -------------------------------------------------------------------------------------------------

_DECIDED: Final = frozenset({"recommended", "effective", "superseded"})


async def _award(where: str, row: Row, decisions: list[_Decision], counts: Counts) -> None:
    """What the claim is awarded: the newest decision that stands, or the part a shared budget left of it."""
    if row["state"] not in _DECIDED:
        return
    undone = {
        r["decision_id"]
        for r in await db.fetch(
            "SELECT decision_id FROM claim_undo WHERE claim_id = $1 AND approved_at IS NOT NULL", row["id"]
        )
    }
    last = [
        d
        for d in decisions
        if d.row["id"] not in undone
        and d.row["kind"] in {"approve", "audit", "objection"}
        and d.row["outcome"] == "award"
    ][-1]
    award = last.row["award_minor"]
    _same(where, "share decided", row["decided_share"], last.assessment["result"]["share"] or "")
    if row["state"] != "recommended":
        decree = await db.fetch_one("SELECT log_index FROM claim_sk WHERE claim_id = $1", row["id"])
        award = min(award, await _part(row["id"], award))
        public = await _public(where, decree["log_index"] if decree else None, "award.effective", None)
        _same(where, "award in the log", public["award"], award)
        _same(where, "payable", row["payable_minor"], _paid(row, award))
    _same(where, "award", row["decided_award_minor"], award)
    counts.awards += 1
    counts.rupiah += award


def _paid(row: Row, award: int) -> int:
    return 0 if row["kind"] == "correction" else award + row["adjustment_minor"]


async def _part(claim_id: int, award: int) -> int:
    row = await db.fetch_one(
        "SELECT p.given_minor FROM budget_part p JOIN budget_round r ON r.id = p.round_id"
        " WHERE p.claim_id = $1 AND r.state = 'effective'",
        claim_id,
    )
    return int(row["given_minor"]) if row else award


async def _budgets() -> None:
    for row in await db.fetch("SELECT id, period, budget_minor FROM budget_round WHERE state = 'effective'"):
        parts = await db.fetch(
            "SELECT c.reference, p.asked_minor, p.given_minor FROM budget_part p JOIN claim c ON c.id = p.claim_id"
            " WHERE p.round_id = $1",
            row["id"],
        )
        given = share_budget(row["budget_minor"], {p["reference"]: p["asked_minor"] for p in parts})
        _same(
            f"budget of {row['period']}",
            "its parts",
            {p["reference"]: p["given_minor"] for p in parts},
            given,
        )


# Comparing ----------------------------------------------------------------------------------------------


async def _public(where: str, index: int | None, kind: str, reference: str | None) -> Mapping[str, Any]:
    """The open facts of a log entry, which must be of this kind and about this claim."""
    entry = await log.get_entry(index) if index is not None else None
    if entry is None:
        raise Difference(where, f"log entry {kind}", index, None)
    _same(where, f"kind of log entry {index}", kind, entry.leaf.kind)
    if reference is not None:
        _same(where, f"subject of log entry {index}", f"claim:{reference}", entry.leaf.subject)
    return entry.leaf.public or {}


def _same_result(where: str, what: str, stored: Mapping[str, Any], found: Assessment) -> None:
    shown = public_json(found)
    del shown["excluded"]
    _same(where, what, dict(stored), shown)


def _same(where: str, what: str, stored: object, found: object) -> None:
    if _plain(stored) != _plain(found):
        raise Difference(where, what, stored, found)


def _plain(value: Any) -> Any:
    """Tuples and enums as the JSON in which they are kept."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
