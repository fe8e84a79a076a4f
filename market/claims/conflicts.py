"""Which officers may not touch a claim: declared relations, memberships, shared marks, and earlier chairs.

Officers declare hotels and suppliers by name, and tax numbers, phones and accounts of people close to them, of
which only a keyed hash is kept. Declaring one gives up the chairs it forbids. The database refuses the hotel's own
people and declared ones once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from market import db
from market.claims import marks
from market.claims.flags import related
from market.db.sql import as_instant
from market.errors import Forbidden, Invalid, NotFound
from market.values.text import lazy


class ConflictKind(StrEnum):
    HOTEL = "hotel"
    SUPPLIER = "supplier"
    NPWP = "npwp"
    PHONE = "phone"
    BANK = "bank"


NAMED: Final = frozenset({ConflictKind.HOTEL, ConflictKind.SUPPLIER})


class Related(Forbidden):
    """The officer is related to the hotel or to a supplier of the claim."""

    code = "conflict_of_interest"
    message = lazy(
        "You are related to this hotel or to one of its suppliers, so this claim is not yours to touch."
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration of an officer that still holds. `name` is the organisation's, "" for a kept hash."""

    id: int
    kind: ConflictKind
    name: str
    note: str
    declared_at: datetime


async def related_officers(claim_id: int, secrets: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Officers who are related to the claim's hotel or suppliers, with the kinds of mark they share."""
    parties = await marks.parties_of(claim_id, secrets)
    others = [party for party in parties if party.role != "officer"]
    found: dict[int, tuple[str, ...]] = {}
    for officer in parties:
        if officer.role == "officer":
            shared = {kind for other in others for kind in related.shared_marks(officer, other)}
            if shared:
                found[int(officer.key[2:])] = tuple(sorted(shared))
    return found


async def require_unrelated(claim_id: int, person_id: int, secrets: tuple[str, ...]) -> None:
    """Raise Related when this officer may not touch the claim."""
    if person_id in await related_officers(claim_id, secrets):
        raise Related


async def origin_deciders(claim_id: int) -> frozenset[int]:
    """Who decided the origin of goods in the claim: they do not verify it."""
    rows = await db.fetch(
        "SELECT DISTINCT o.decided_by FROM claim_line l JOIN origin_decision o ON o.id = (SELECT MAX(m.id)"
        " FROM origin_decision m WHERE m.product_id = l.product_id) WHERE l.claim_id = $1"
        " AND l.product_id IS NOT NULL",
        claim_id,
    )
    return frozenset(row["decided_by"] for row in rows)


async def declare(
    person_id: int,
    kind: ConflictKind,
    *,
    organisation_id: int | None = None,
    value: str = "",
    note: str,
    by: int,
    secret: str,
    now: datetime,
) -> None:
    """Write a declaration down; a chair that it forbids is given up at once.

    A hotel or supplier is named by its organisation, anything else by its value. Raises Invalid, NotFound.
    """
    key_hash = ""
    if kind in NAMED:
        await _check_organisation(kind, organisation_id)
    else:
        made = marks.mark(kind.value, value, secret)
        if made is None:
            raise Invalid(message=lazy("Enter the number."), field="value")
        organisation_id, key_hash = None, made[1]
    async with db.transaction():
        await db.execute(
            "INSERT INTO officer_conflict (person_id, kind, organisation_id, key_hash, note, declared_by,"
            " declared_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            person_id,
            kind.value,
            organisation_id,
            key_hash,
            note,
            by,
            now,
        )


async def _check_organisation(kind: ConflictKind, organisation_id: int | None) -> None:
    row = await db.fetch_one(
        "SELECT id FROM organisation WHERE id = $1 AND kind = $2", organisation_id or 0, kind.value
    )
    if row is None:
        raise Invalid(message=lazy("Choose one from the list."), field="organisation")


async def end(conflict_id: int, *, person_id: int, by: int, now: datetime) -> None:
    """A declaration no longer holds; it stays to be read. Raises NotFound for somebody else's."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE officer_conflict SET ended_by = $1, ended_at = $2 WHERE id = $3 AND person_id = $4"
            " AND ended_at IS NULL",
            by,
            now,
            conflict_id,
            person_id,
        )
        if not changed:
            raise NotFound


async def declared_by(person_id: int) -> list[Declared]:
    """What an officer has declared and not ended."""
    rows = await db.fetch(
        "SELECT c.id, c.kind, COALESCE(o.name, '') AS name, c.note, c.declared_at FROM officer_conflict c"
        " LEFT JOIN organisation o ON o.id = c.organisation_id"
        " WHERE c.person_id = $1 AND c.ended_at IS NULL ORDER BY c.id",
        person_id,
    )
    return [
        Declared(r["id"], ConflictKind(r["kind"]), r["name"], r["note"], as_instant(r["declared_at"]))
        for r in rows
    ]
