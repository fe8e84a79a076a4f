"""What the tests of the desks share: a signed-in host with a listing of a kind, a signed-in operator."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx

from market.accounts.models import Organisation, Person
from market.listings.models import Listing
from tests import factories, web


@dataclass
class Host:
    """A person, the organisation they act for, and a listing of it."""

    person: Person
    organisation: Organisation
    listing: Listing


async def host_with(kind: str = "lesson", **fields: Any) -> Host:
    person = await factories.make_person(name="Rosalina Wona")
    organisation = await factories.make_host(person=person)
    listing = await factories.make_listing(kind=kind, host_id=organisation.id, **fields)
    from market.db import execute

    await execute("INSERT INTO listing_language (listing_id, language) VALUES ($1, 'id')", listing.id)
    return Host(person, organisation, listing)


async def sign_in_operator(client: httpx.AsyncClient) -> Person:
    person = await factories.make_person(name="Orin Operator")
    await factories.make_member(person, "operator")
    await web.sign_in(client, person.id)
    return person


async def page(client: httpx.AsyncClient, path: str) -> str:
    """A page that must be there, as text with entities read."""
    response = await client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return unescape(response.text.replace("<wbr>", ""))
