"""Whose things a host may see: the organisations the viewer acts for, and nothing of anybody else's.

Every page of the host desk starts here. What belongs to others is not found, whatever its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from market import db
from market.db.sql import Row
from market.errors import NotFound
from market.i18n.locales import pick
from market.listings import draft_queries
from market.listings.drafts import ListingDraft
from market.listings.offering import Kind, Status
from market.web.request import locale, viewer


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A listing of the viewer's, by its address."""

    id: int
    slug: str
    kind: Kind
    status: Status
    host_id: int
    title: str

    @property
    def is_published(self) -> bool:
        return self.status is Status.PUBLISHED


def host_ids(request: Request) -> frozenset[int]:
    """The host organisations the viewer acts for."""
    return viewer(request).organisation_ids("host")


async def own_listing(request: Request) -> OwnListing:
    """The listing that the path names; NotFound unless it is the viewer's."""
    row = await db.fetch_one(
        "SELECT id, slug, kind, status, host_id FROM listing WHERE slug = $1", request.path_params["slug"]
    )
    if row is None or row["host_id"] not in host_ids(request):
        raise NotFound
    return await _own(row, locale(request))


async def own_listings(request: Request) -> list[OwnListing]:
    """Every listing of the viewer's, newest last."""
    ids = sorted(host_ids(request))
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT id, slug, kind, status, host_id FROM listing WHERE host_id IN ({places}) ORDER BY id", *ids
    )
    return [await _own(row, locale(request)) for row in rows]


async def _own(row: Row, language: str) -> OwnListing:
    texts = await db.fetch("SELECT locale, title FROM listing_text WHERE listing_id = $1", row["id"])
    titles = {text["locale"]: text["title"] for text in texts if text["title"]}
    title = pick(titles, language) if titles else row["slug"]
    return OwnListing(row["id"], row["slug"], Kind(row["kind"]), Status(row["status"]), row["host_id"], title)


async def draft_of(listing: OwnListing) -> ListingDraft:
    """Everything the host may edit of a listing."""
    draft = await draft_queries.get_draft(listing.id)
    if draft is None:
        raise NotFound
    return draft
