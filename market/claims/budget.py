"""A month's budget shared among its recommended awards: proposed by one person, put into effect by another.

To the rupiah by largest remainder, ties to the smaller reference (`awards.share_budget`); everybody gets the same
from the public entry. What a claim is given replaces its award when the decree is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.claims import conflicts, programme
from market.claims.awards import share_budget
from market.errors import Invalid, NotFound, Refused
from market.transparency import log
from market.values.periods import Period
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class Part:
    """One claim's part of a budget."""

    claim_id: int
    reference: str
    hotel: str
    asked: int
    given: int


@dataclass(frozen=True, slots=True)
class Round:
    """A sharing of a month's budget."""

    id: int
    period: Period
    budget: int
    state: str
    note: str
    proposed_by: int
    proposer: str
    parts: tuple[Part, ...]


async def recommended(period: Period) -> dict[str, tuple[int, int]]:
    """The month's recommended awards: claim reference to (row, rupiah)."""
    rows = await db.fetch(
        "SELECT id, reference, decided_award_minor FROM claim WHERE period = $1 AND state = 'recommended'"
        " AND kind = 'original' ORDER BY reference",
        str(period),
    )
    return {row["reference"]: (row["id"], row["decided_award_minor"]) for row in rows}


async def propose(period: Period, budget: int, *, note: str, by: int, now: datetime) -> int:
    """Propose how a month's budget is shared among what is recommended now; the round's id."""
    if budget < 0:
        raise Invalid(message=lazy("Enter an amount of rupiah."), field="budget")
    stored = await programme.in_force(period)
    async with db.transaction():
        await _all_decided(period)
        found = await recommended(period)
        if not found:
            raise Refused("nothing_recommended", lazy("No award of this month is recommended yet."))
        given = share_budget(budget, {reference: award for reference, (_, award) in found.items()})
        rows = await db.fetch(
            "INSERT INTO budget_round (period, rule_id, budget_minor, state, note, proposed_by, proposed_at)"
            " VALUES ($1, $2, $3, 'proposed', $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            str(period),
            stored.id,
            budget,
            note,
            by,
            now,
        )
        if not rows:
            raise Refused("budget_open", lazy("The budget of this month is shared out or proposed already."))
        for reference, (claim_id, award) in found.items():
            await db.execute(
                "INSERT INTO budget_part (round_id, claim_id, asked_minor, given_minor) VALUES ($1, $2, $3, $4)",
                rows[0]["id"],
                claim_id,
                award,
                given[reference],
            )
    return int(rows[0]["id"])


async def _all_decided(period: Period) -> None:
    """Everybody shares or nobody: a claim still at work would come too late, one in effect was paid in full."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS open FROM claim WHERE period = $1 AND kind = 'original' AND state NOT IN"
        " ('draft', 'withdrawn', 'recommended', 'rejected')",
        str(period),
    )
    if row and row["open"]:
        raise Refused(
            "claims_open",
            lazy(
                "Other claims of this month are still at work or already in effect, so it cannot be shared now."
            ),
        )


async def put_into_effect(round_id: int, *, by: int, secrets: tuple[str, ...], now: datetime) -> None:
    """The second person agrees. Refused to the proposer, to officers related to a claim, and when awards changed."""
    for part in (await get(round_id)).parts:
        await conflicts.require_unrelated(part.claim_id, by, secrets)
    async with db.transaction():
        found = await get(round_id)
        if found.state != "proposed":
            raise Refused("round_moved_on", lazy("This round has moved on in the meantime."))
        if found.proposed_by == by:
            raise Refused("four_eyes", lazy("A second person has to agree: you proposed this yourself."))
        now_recommended = await recommended(found.period)
        if {p.reference: (p.claim_id, p.asked) for p in found.parts} != now_recommended:
            raise Refused(
                "awards_changed",
                lazy("The awards of this month changed. Withdraw this round and propose it again."),
            )
        public = {
            "period": str(found.period),
            "budget": found.budget,
            "awards": {p.reference: p.asked for p in found.parts},
            "given": {p.reference: p.given for p in found.parts},
        }
        entry = await log.append(
            "budget.shared", subject=f"budget:{found.period}:{round_id}", facts=public, public=public, now=now
        )
        await db.execute(
            "UPDATE budget_round SET state = 'effective', approved_by = $1, approved_at = $2, log_index = $3"
            " WHERE id = $4 AND state = 'proposed'",
            by,
            now,
            entry.index,
            round_id,
        )


async def withdraw(round_id: int) -> None:
    """Give up a proposal."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE budget_round SET state = 'withdrawn' WHERE id = $1 AND state = 'proposed'", round_id
        )
        if not changed:
            raise Refused("round_moved_on", lazy("This round has moved on in the meantime."))


async def get(round_id: int) -> Round:
    """A round with its parts. Raises NotFound."""
    found = await _rounds("r.id = $1", round_id)
    if not found:
        raise NotFound
    return found[0]


async def list_rounds(limit: int = 24) -> list[Round]:
    """The newest rounds first."""
    return (await _rounds("r.id > $1", 0))[:limit]


async def _rounds(where: str, value: int) -> list[Round]:
    rows = await db.fetch(
        "SELECT r.id, r.period, r.budget_minor, r.state, r.note, r.proposed_by, p.name AS proposer"
        f" FROM budget_round r JOIN person p ON p.id = r.proposed_by WHERE {where} ORDER BY r.id DESC LIMIT 60",
        value,
    )
    parts = await db.fetch(
        "SELECT b.round_id, b.claim_id, c.reference, o.name, b.asked_minor, b.given_minor FROM budget_part b"
        " JOIN budget_round r ON r.id = b.round_id JOIN claim c ON c.id = b.claim_id"
        f" JOIN organisation o ON o.id = c.hotel_id WHERE {where} ORDER BY c.reference",
        value,
    )
    by_round: dict[int, list[Part]] = {}
    for part in parts:
        by_round.setdefault(part["round_id"], []).append(
            Part(part["claim_id"], part["reference"], part["name"], part["asked_minor"], part["given_minor"])
        )
    return [
        Round(
            row["id"],
            Period.parse(row["period"]),
            row["budget_minor"],
            row["state"],
            row["note"],
            row["proposed_by"],
            row["proposer"],
            tuple(by_round.get(row["id"], [])),
        )
        for row in rows
    ]
