"""Opening a hotel or a supplier: somebody asks, staff look at it, and an approval makes the organisation with its
first member. Whoever asked never decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts.models import Membership, Organisation
from market.db.sql import Row, as_instant
from market.errors import Invalid, NotFound, Refused
from market.outbox import queue
from market.places import areas
from market.sourcing import profiles
from market.sourcing.models import OrganisationRequest
from market.sourcing.profiles import Profile
from market.values.ids import new_reference
from market.values.text import lazy

KINDS: Final = ("hotel", "supplier")
DECIDED: Final = "sourcing.opening_decided"
MOST_WAITING: Final = 3
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to open."""

    kind: str
    name: str
    area_code: str
    address: str = ""
    phone: str = ""
    npwp: str = ""
    nib: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with who made it and how it stands."""

    id: int
    reference: str
    kind: str
    name: str
    place: str
    address: str
    phone: str
    npwp: str
    nib: str
    note: str
    person_id: int
    person: str
    email: str
    asked_at: datetime
    state: str
    decided_by: str
    reason: str


async def ask(wish: Wish, *, by: int, now: datetime) -> str:
    """Ask to open an organisation; the request's reference. Raises Invalid with the field, or Refused when too many of
    this person's requests wait already.
    """
    checked, _ = profiles.check(Profile(area_code=wish.area_code, npwp=wish.npwp, nib=wish.nib))
    if wish.kind not in KINDS:
        raise Invalid("no_kind", lazy("Choose one of the options."), field="kind")
    async with db.transaction():
        waiting = await OrganisationRequest.filter(person_id=by, state="waiting").count()
        if waiting >= MOST_WAITING:
            raise Refused("too_many_waiting", lazy("Your earlier requests are still being looked at."))
        made = await OrganisationRequest.create(
            reference=f"R{new_reference(7)}",
            kind=wish.kind,
            name=wish.name.strip(),
            area_code=wish.area_code,
            address=wish.address,
            phone=wish.phone,
            npwp=checked.npwp,
            nib=checked.nib,
            note=wish.note,
            person_id=by,
            asked_at=now,
            state="waiting",
        )
    return made.reference


async def withdraw(reference: str, *, by: int) -> None:
    """Take back one's own request that nobody decided yet."""
    async with db.transaction():
        changed = await OrganisationRequest.filter(reference=reference, person_id=by, state="waiting").update(
            state="withdrawn"
        )
        if not changed:
            raise NotFound


async def forget_asker(person_id: int) -> None:
    """Somebody who asked is forgotten; what was not decided yet is withdrawn. An organisation that was opened stays."""
    await db.execute(
        "UPDATE organisation_request SET address = '', phone = '', npwp = '', nib = '', note = '',"
        " name = CASE WHEN state = 'approved' THEN name ELSE '' END,"
        " state = CASE WHEN state = 'waiting' THEN 'withdrawn' ELSE state END WHERE person_id = $1",
        person_id,
    )


async def approve(reference: str, *, by: int, now: datetime) -> int:
    """Make the organisation with the person who asked as its first member; its id."""
    async with db.transaction():
        request = await _waiting(reference, by)
        organisation = await Organisation.create(
            kind=request.kind,
            slug=await _free_slug(request.name),
            name=request.name,
            phone=request.phone,
            texts={},
            created_at=now,
        )
        await Membership.create(
            person_id=request.person_id, organisation_id=organisation.id, role=request.kind, created_at=now
        )
        request.update_from_dict(
            {"state": "approved", "decided_by": by, "decided_at": now, "organisation_id": organisation.id}
        )
        await request.save()
        if request.kind == "hotel":
            profile = Profile(
                area_code=request.area_code, address=request.address, npwp=request.npwp, nib=request.nib
            )
            await profiles.save(organisation.id, profile, now=now)
        await _tell(request)
    return organisation.id


async def refuse(reference: str, reason: str, *, by: int, now: datetime) -> None:
    """Say no, with the reason the person reads."""
    if not reason.strip():
        raise Invalid("no_reason", lazy("Say why, so that others understand it later."), field="reason")
    async with db.transaction():
        request = await _waiting(reference, by)
        request.update_from_dict(
            {"state": "refused", "decided_by": by, "decided_at": now, "reason": reason.strip()}
        )
        await request.save()
        await _tell(request)


async def _tell(request: OrganisationRequest) -> None:
    """Who asked hears of the decision by a letter of its own (`opening_letters`)."""
    await queue.add(DECIDED, {"request": request.id}, dedupe_key=f"{DECIDED}:{request.id}")


async def _waiting(reference: str, by: int) -> OrganisationRequest:
    request = await OrganisationRequest.filter(reference=reference).select_for_update().first()
    if request is None:
        raise NotFound
    if request.state != "waiting":
        raise Refused("decided_already", lazy("This request was already decided."))
    if request.person_id == by:
        raise Refused("own_request", lazy("Somebody else has to decide your own request."))
    return request


async def _free_slug(name: str) -> str:
    stem = _NOT_SLUG.sub("-", name.casefold()).strip("-")[:60] or "usaha"
    taken = await db.fetch_one("SELECT id FROM organisation WHERE slug = $1", stem)
    return stem if taken is None else f"{stem}-{new_reference(5).lower()}"


# Reads ------------------------------------------------------------------------------------------------------
_ROWS: Final = (
    "SELECT r.*, p.name AS person, p.email, s.name AS decided_name FROM organisation_request r"
    " JOIN person p ON p.id = r.person_id LEFT JOIN person s ON s.id = r.decided_by"
)


async def list_waiting(*, limit: int = 100) -> list[RequestRow]:
    """What waits for staff, oldest first."""
    rows = await db.fetch(f"{_ROWS} WHERE r.state = 'waiting' ORDER BY r.id LIMIT $1", limit)
    return [_row(row) for row in rows]


async def count_waiting() -> int:
    """How many requests wait for staff."""
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM organisation_request WHERE state = 'waiting'")
    return int(row["n"]) if row else 0


async def list_own(person_id: int) -> list[RequestRow]:
    """Somebody's own requests, newest first."""
    rows = await db.fetch(f"{_ROWS} WHERE r.person_id = $1 ORDER BY r.id DESC LIMIT 20", person_id)
    return [_row(row) for row in rows]


def _row(row: Row) -> RequestRow:
    return RequestRow(
        id=row["id"],
        reference=row["reference"],
        kind=row["kind"],
        name=row["name"],
        place=", ".join(areas.path(row["area_code"])[:3]),
        address=row["address"],
        phone=row["phone"],
        npwp=row["npwp"],
        nib=row["nib"],
        note=row["note"],
        person_id=row["person_id"],
        person=row["person"],
        email=row["email"] or "",
        asked_at=as_instant(row["asked_at"]),
        state=row["state"],
        decided_by=row["decided_name"] or "",
        reason=row["reason"],
    )
