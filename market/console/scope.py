"""Whose things a viewer may see and change at the host's desk, and as whom; nothing of anybody else's.

Every page of the desk starts here and names the right it needs. Somebody of the host has it by membership, a
village's coordinator by the family's agreement; what a coordinator does is written down (`note`) and told to the
family. What belongs to others is not found, whatever its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from market import clock, db
from market.accounts.rights import Right
from market.db.sql import Row
from market.errors import NotFound
from market.i18n.locales import pick
from market.listings import draft_queries
from market.listings.drafts import ListingDraft
from market.listings.offering import Kind, Status
from market.villages import acts
from market.villages import queries as villages
from market.villages.acts import Acting
from market.web.request import locale, settings, viewer

# What a village's coordinator may do for a family that agreed: never its money, never its people.
FOR_FAMILIES = frozenset({Right.CALENDAR, Right.REQUESTS, Right.PRICES})


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A listing the viewer may work on, by its address, and as whom."""

    id: int
    slug: str
    kind: Kind
    status: Status
    host_id: int
    title: str
    acting: Acting
    acting_for: str = ""
    pooled: bool = False

    @property
    def is_published(self) -> bool:
        return self.status is Status.PUBLISHED


def host_ids(request: Request, right: Right | None = None) -> frozenset[int]:
    """The host organisations the viewer belongs to with a right; without one, with everything."""
    return viewer(request).organisation_ids(right.role if right is not None else "host")


def any_host_ids(request: Request) -> frozenset[int]:
    """The host organisations the viewer belongs to, with whatever right."""
    return frozenset().union(*(host_ids(request, right) for right in Right))


async def families(request: Request) -> dict[int, tuple[int, str]]:
    """The families the viewer may act for as a coordinator: (village's organisation, family's name) by family."""
    villages_of_viewer = host_ids(request, Right.COORDINATE)
    if not villages_of_viewer:
        return {}
    own = host_ids(request)
    agreed = await villages.list_agreed(villages_of_viewer)
    return {host: (org, name) for host, org, name in agreed if host not in own}


async def acting_for(request: Request, host_id: int, right: Right) -> Acting:
    """As whom the viewer does something for a host; NotFound without the right."""
    person = viewer(request).person_id
    if person is None:
        raise NotFound
    if host_id in host_ids(request, right):
        return Acting(host_id, person)
    if right in FOR_FAMILIES:
        found = (await families(request)).get(host_id)
        if found is not None:
            return Acting(host_id, person, found[0])
    raise NotFound


async def note(request: Request, acting: Acting, name: str, subject: str, *, detail: str = "") -> None:
    """Inside the act's transaction: what a coordinator does in a family's name is recorded and told."""
    await acts.record(acting, name, subject, detail=detail, now=clock.now(), config=settings(request))


_COLUMNS = "l.id, l.slug, l.kind, l.status, l.host_id, l.pooled, o.name AS host_name"


async def own_listing(request: Request, right: Right = Right.PRICES) -> OwnListing:
    """The listing that the path names; NotFound unless the viewer has the right for its host."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM listing l JOIN organisation o ON o.id = l.host_id WHERE l.slug = $1",
        request.path_params["slug"],
    )
    if row is None:
        raise NotFound
    acting = await acting_for(request, row["host_id"], right)
    return (await _owned(request, [row], {row["host_id"]: acting}))[0]


async def own_listings(request: Request, right: Right = Right.PRICES) -> list[OwnListing]:
    """Every listing of the viewer's own hosts with this right, newest last."""
    ids = sorted(host_ids(request, right))
    person = viewer(request).person_id
    if not ids or person is None:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM listing l JOIN organisation o ON o.id = l.host_id"
        f" WHERE l.host_id IN ({places}) ORDER BY l.id",
        *ids,
    )
    return await _owned(request, rows, {host_id: Acting(host_id, person) for host_id in ids})


async def _owned(request: Request, rows: list[Row], acting: dict[int, Acting]) -> list[OwnListing]:
    if not rows:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(rows) + 1))
    texts = await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({places}) AND title <> ''",
        *(row["id"] for row in rows),
    )
    titles: dict[int, dict[str, str]] = {}
    for text in texts:
        titles.setdefault(text["listing_id"], {})[text["locale"]] = text["title"]
    return [
        OwnListing(
            id=row["id"],
            slug=row["slug"],
            kind=Kind(row["kind"]),
            status=Status(row["status"]),
            host_id=row["host_id"],
            title=pick(titles.get(row["id"], {"id": row["slug"]}), locale(request)),
            acting=acting[row["host_id"]],
            acting_for=row["host_name"] if acting[row["host_id"]].on_behalf else "",
            pooled=bool(row["pooled"]),
        )
        for row in rows
    ]


async def draft_of(listing: OwnListing) -> ListingDraft:
    """Everything the host may edit of a listing."""
    draft = await draft_queries.get_draft(listing.id)
    if draft is None:
        raise NotFound
    return draft
