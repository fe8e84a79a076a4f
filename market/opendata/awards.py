"""What the programme decided, as everybody may read it: awards, the lots behind them, and digits of amounts.

Officers are codes here as in the public log; a hotel is named, because an award is public money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from market import db
from market.claims import lots, programme, sampling, snapshot
from market.claims.flags import benford
from market.claims.flags.benford import FirstDigits
from market.claims.lots import Draw, DrawKind
from market.claims.periods import Period
from market.claims.replay_files import PUBLIC_STATES
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.values.share import Share

_STATES = ", ".join(f"'{state}'" for state in PUBLIC_STATES)


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One decided claim. Amounts are rupiah; `decree` is "" while the award is only recommended."""

    claim: str
    hotel_id: int
    hotel: str
    hotel_slug: str
    period: Period
    is_correction: bool
    rule: str
    state: State
    share: str
    award: int
    payable: int | None
    decree: str
    decree_on: date | None
    decided_at: datetime
    effective_at: datetime | None
    certificate: str

    @property
    def exact_share(self) -> Share | None:
        return Share.parse(self.share) if self.share else None


_AWARDS = (
    "SELECT c.reference, c.hotel_id, o.name AS hotel, o.slug AS hotel_slug, c.period, c.kind, r.version, c.state,"
    " c.decided_share, c.decided_award_minor, c.payable_minor, c.decided_at, c.effective_at, k.number,"
    " k.decided_on, t.reference AS certificate FROM claim c JOIN organisation o ON o.id = c.hotel_id"
    " JOIN rule_version r ON r.id = c.rule_id LEFT JOIN claim_sk k ON k.claim_id = c.id"
    " LEFT JOIN award_certificate t ON t.claim_id = c.id"
)
_ORDER = "ORDER BY c.period DESC, o.name, c.id DESC"


async def list_awards(*, limit: int = 500, hotel_slug: str = "") -> list[AwardRow]:
    """Awards recommended, in effect or superseded, the latest month first; of one hotel, when it is named."""
    hotel = "AND o.slug = $2" if hotel_slug else ""
    rows = await db.fetch(
        f"{_AWARDS} WHERE c.state IN ({_STATES}) {hotel} {_ORDER} LIMIT $1",
        limit,
        *([hotel_slug] if hotel_slug else []),
    )
    return [_award(row) for row in rows]


async def get_award(reference: str) -> AwardRow | None:
    """The award of a claim, when it is public."""
    row = await db.fetch_one(f"{_AWARDS} WHERE c.reference = $1 AND c.state IN ({_STATES})", reference)
    return _award(row) if row else None


def _award(row: Row) -> AwardRow:
    return AwardRow(
        claim=row["reference"],
        hotel_id=row["hotel_id"],
        hotel=row["hotel"],
        hotel_slug=row["hotel_slug"],
        period=Period.parse(row["period"]),
        is_correction=row["kind"] == "correction",
        rule=row["version"],
        state=State(row["state"]),
        share=row["decided_share"],
        award=row["decided_award_minor"],
        payable=row["payable_minor"],
        decree=row["number"] or "",
        decree_on=as_date(row["decided_on"]) if row["decided_on"] else None,
        decided_at=as_instant(row["decided_at"]),
        effective_at=as_instant_or_none(row["effective_at"]),
        certificate=row["certificate"] or "",
    )


# Draws --------------------------------------------------------------------------------------------------


async def list_draws(*, limit: int = 2_000, claim: str = "") -> list[tuple[str, Draw]]:
    """Draws with their claim's reference, the newest first: those of one claim, when it is named.

    Who was drawn is public from the moment the log has it, whatever becomes of the claim.
    """
    one = "AND c.reference = $2" if claim else ""
    rows = await db.fetch(
        "SELECT d.*, c.reference FROM claim_draw d JOIN claim c ON c.id = d.claim_id"
        f" WHERE TRUE {one} ORDER BY d.id DESC LIMIT $1",
        limit,
        *([claim] if claim else []),
    )
    return [(row["reference"], lots.draw_row(row)) for row in rows]


def draw_json(claim: str, draw: Draw) -> dict[str, Any]:
    """A draw with what is needed to repeat it. The lines of a sample stand in the claim's own file."""
    result: Mapping[str, Any] | None = draw.result
    if result is not None and draw.kind is DrawKind.SAMPLE:
        result = {"start": result["start"]}
    return {
        "claim": claim,
        "kind": draw.kind.value,
        "round": draw.round,
        "candidates": draw.candidates,
        "committed_in_log_entry": draw.committed_index,
        "committed_at": draw.committed_at.isoformat(),
        "seed_source": draw.seed_source,
        "seed": draw.seed,
        "seed_reference": draw.seed_reference,
        "result": result,
        "made_in_log_entry": draw.drawn_index,
    }


async def sample_file(claim: ClaimHead) -> dict[str, Any] | None:
    """A claim's drawn sample with the lines it was drawn from, in their order; None while there is none."""
    for draw in await lots.draws_of(claim.id):
        if draw.kind is DrawKind.SAMPLE and draw.result is not None:
            rule = (await programme.get(claim.rule_id)).rule
            return {
                "claim": claim.reference,
                "seed": draw.seed,
                "seed_reference": draw.seed_reference,
                **draw.candidates,
                "start": draw.result["start"],
                "lines": sampling.countable(await snapshot.read(claim.id), rule),
                "hits": draw.result["hits"],
            }
    return None


# Digits -------------------------------------------------------------------------------------------------


async def first_digits() -> FirstDigits | None:
    """First digits of the purchases of all claims in effect; None while they are too few or too alike."""
    rows = await db.fetch(
        "SELECT l.net_minor FROM claim c JOIN claim_line l ON l.claim_id = c.id WHERE c.state = 'effective'"
    )
    return benford.first_digits([row["net_minor"] for row in rows])
