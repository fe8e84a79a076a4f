"""Reads of the purchase ledger for assessments: lines added up by the database, one scan of one index.

The index `purchase_line_assessed` holds everything an assessment reads, in the order of the grouping, so a
year of a large hotel never visits the table. What the sums mean is decided by `tally` and `assessment`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from market import db
from market.claims.lines import CheckedSum, LineGroup, Origin
from market.claims.periods import Period
from market.db.sql import Row
from market.suppliers.rows import places

_FIXED = 2
_MARKS = "credit_note, evidenced, confirmed, related"
_WHERE = "FROM purchase_line WHERE hotel_id = $1 AND period {chosen} AND live = TRUE"
_GROUPS = (
    f"SELECT seller_key, category, origin, {_MARKS},"
    " COUNT(*) AS line_count, CAST(SUM(net_minor) AS BIGINT) AS net,"
    " CAST(SUM(CASE WHEN net_minor < $2 THEN 1 ELSE 0 END) AS BIGINT) AS small_count,"
    " CAST(SUM(CASE WHEN net_minor < $2 THEN net_minor ELSE 0 END) AS BIGINT) AS small_net"
    f" {_WHERE.format(chosen='= $3')} GROUP BY seller_key, category, origin, {_MARKS}"
)
# The checks of `tally`, in the database's words: evidenced, confirmed or waived, and not related.
_PASSES = "evidenced AND (confirmed OR (NOT credit_note AND net_minor < $2)) AND NOT related"
_SIGNED = "CASE WHEN credit_note THEN -net_minor ELSE net_minor END"
_SUMS = (
    "SELECT period, seller_key, category, origin,"
    f" CAST(SUM({_SIGNED}) AS BIGINT) AS bought,"
    f" CAST(SUM(CASE WHEN {_PASSES} THEN {_SIGNED} ELSE 0 END) AS BIGINT) AS passing"
    f" {_WHERE} GROUP BY period, seller_key, category, origin"
)


async def grouped_lines(hotel_id: int, period: Period, *, confirm_required_from: int) -> list[LineGroup]:
    """The live lines of a hotel's period, added up as far as a rule cannot tell them apart.

    `confirm_required_from` is the rule's: purchases below it are kept apart, because they need no supplier's
    word.
    """
    rows = await db.fetch(_GROUPS, hotel_id, confirm_required_from, str(period))
    return [group for row in rows for group in _groups(row)]


async def checked_sums(
    hotel_id: int, periods: Iterable[Period], *, confirm_required_from: int
) -> dict[Period, list[CheckedSum]]:
    """The same lines for many periods, added up further: only what passes the checks and what does not.

    A period without lines is an empty list.
    """
    wanted = {str(period): period for period in periods}
    found: dict[Period, list[CheckedSum]] = {period: [] for period in wanted.values()}
    if wanted:
        sql = _SUMS.format(chosen=f"IN ({places(len(wanted), _FIXED + 1)})")
        for row in await db.fetch(sql, hotel_id, confirm_required_from, *wanted):
            passing = row["passing"]
            found[wanted[row["period"]]].append(
                CheckedSum(
                    row["seller_key"],
                    row["category"],
                    Origin(row["origin"]),
                    passing,
                    row["bought"] - passing,
                )
            )
    return found


def _groups(row: Row) -> Iterable[LineGroup]:
    """One or two groups of a row: small purchases, and the rest."""
    credit_note = bool(row["credit_note"])
    small = (0, 0) if credit_note else (row["small_count"], row["small_net"])
    rest = (row["line_count"] - small[0], row["net"] - small[1])
    for waived, (line_count, net) in ((True, small), (False, rest)):
        if line_count:
            yield LineGroup(
                supplier=row["seller_key"],
                category=row["category"],
                origin=Origin(row["origin"]),
                credit_note=credit_note,
                evidenced=bool(row["evidenced"]),
                confirmed=bool(row["confirmed"]),
                related=bool(row["related"]),
                waived=waived,
                line_count=line_count,
                net=net,
            )


async def first_and_last(hotel_id: int) -> tuple[Period, Period] | None:
    """The first and the last period in which a hotel bought anything; None before its first line."""
    row = await db.fetch_one(
        "SELECT MIN(period) AS first, MAX(period) AS last FROM purchase_line WHERE hotel_id = $1", hotel_id
    )
    return (Period.parse(row["first"]), Period.parse(row["last"])) if row and row["first"] else None


async def seller_names(hotel_id: int, keys: Sequence[str]) -> Mapping[str, str]:
    """How sellers that stand in no directory are written on the hotel's newest document of each."""
    if not keys:
        return {}
    asked = ", ".join(f"(${number})" for number in range(2, len(keys) + 2))
    rows = await db.fetch(
        f"WITH asked(seller_key) AS (VALUES {asked}) SELECT a.seller_key, (SELECT d.seller_name"
        " FROM purchase_document d WHERE d.hotel_id = $1 AND d.seller_key = a.seller_key"
        " ORDER BY d.invoice_on DESC, d.id DESC LIMIT 1) AS name FROM asked a",
        hotel_id,
        *keys,
    )
    return defaultdict(str, {row["seller_key"]: row["name"] or "" for row in rows})
