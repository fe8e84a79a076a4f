"""The file of everything kept about somebody: theirs, complete, and nobody else's."""

from __future__ import annotations

import json

import httpx

from market import clock, db
from market.accounts import taking_along
from tests import factories
from tests.web import sign_in


async def _booking(email: str, person_id: int | None = None) -> None:
    listing = await factories.make_listing()
    await db.execute(
        "INSERT INTO booking (reference, request_key, state, kind, listing_id, host_id, person_id, locale, starts_on,"
        " ends_on, starts_at, ends_at, cutoff_at, adults, instant, currency, total_minor, offer, held_at, created_at,"
        " updated_at, guest_name, guest_email) VALUES ($1, $1, 'confirmed', 'lesson', $2, $3, $4, 'en', $5, $5, $6,"
        " $6, $6, 1, TRUE, 'IDR', 1, '{}', $6, $6, $6, 'Hannah', $7)",
        f"BK{email[:6].upper()}",
        listing.id,
        listing.host_id,
        person_id,
        clock.today(),
        clock.now(),
        email,
    )


async def test_holds_what_is_theirs_and_nothing_else(client: httpx.AsyncClient) -> None:
    own = await factories.make_person(email="hannah@example.test")
    await _booking("hannah@example.test")
    await _booking("somebody@example.test")
    await sign_in(client, own.id)
    answer = await client.get("/en/profile/data")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert "no-store" in answer.headers["cache-control"]
    kept = json.loads(answer.content)
    assert [account["email"] for account in kept["account"]] == ["hannah@example.test"]
    assert [booking["guest_email"] for booking in kept["bookings"]] == ["hannah@example.test"]
    assert "somebody" not in answer.text


async def test_an_unproved_address_opens_nobodys_bookings(db) -> None:
    own = await factories.make_person(email="hannah@example.test", verified=False)
    await _booking("hannah@example.test")
    assert (await taking_along.everything(own.id))["bookings"] == []


async def test_a_visitor_signs_in_first(client: httpx.AsyncClient) -> None:
    answer = await client.get("/en/profile/data")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]
