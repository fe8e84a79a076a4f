"""What the search tests share: listings with their words, and a search without the web around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from starlette.datastructures import QueryParams

from market import clock, db
from market.discovery.directory import get_directory
from market.discovery.search import finding
from market.discovery.search.asked import read
from market.discovery.search.spelling import get_vocabulary, understand
from market.listings import search_words
from market.listings.models import Listing
from market.web import page_cache

Search = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def find(db: str) -> Search:
    """Slugs found for a query string, as the page would find them."""

    async def search(**query: object) -> list[str]:
        page_cache.forget()
        params = QueryParams({name.rstrip("_"): str(value) for name, value in query.items()})
        today, now = clock.today(), clock.now()
        asked, notes = read(params, await get_directory(), today, "en")
        assert notes == []
        meant = understand(asked.q, await get_vocabulary()) if asked.q else []
        usable = [one for one in meant if one.words]
        if meant and not usable:
            return []
        found = await finding.find(asked, usable, now=now, today=today)
        rows = await Listing.filter(id__in=found.ids)
        slugs = {row.id: row.slug for row in rows}
        return [slugs[listing_id] for listing_id in found.ids]

    return search


async def give_words(listing: Listing, title: str, text: str = "") -> None:
    """Index a listing as its saver would, and say that content changed."""
    async with db.transaction():
        await search_words.index_listing(listing.id, [text], listing.rank, titles=[title])
        await page_cache.bump()
