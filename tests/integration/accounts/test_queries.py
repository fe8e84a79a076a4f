"""Reads that other features call."""

from __future__ import annotations

import pytest

from market.accounts import queries, service
from tests.factories import make_host, make_member, make_person


async def test_people_of_an_organisation_by_role(db: str) -> None:
    first, second, other = (
        await make_person(name="A"),
        await make_person(name="B"),
        await make_person(name="C"),
    )
    host = await make_host(person=first)
    await make_member(second, "host", host.id)
    await make_member(other, "supplier", host.id)
    assert [p.name for p in await queries.people_of_organisation(host.id, "host")] == ["A", "B"]
    await service.delete_person(second.id)
    assert [p.name for p in await queries.people_of_organisation(host.id, "host")] == ["A"]


async def test_organisations_of_a_person(db: str) -> None:
    person = await make_person()
    await make_host(person=person, name="Zeta")
    alpha = await make_host(person=person, name="Alpha")
    rows = await queries.organisations_of(person.id)
    assert [row.name for row in rows] == ["Alpha", "Zeta"]
    assert (rows[0].id, rows[0].kind, rows[0].role) == (alpha.id, "host", "host")


async def test_find_by_email_and_get_person(db: str) -> None:
    person = await make_person(email="find@example.test")
    found = await queries.find_by_email("find@example.test")
    assert found == await queries.get_person(person.id)
    assert await queries.find_by_email("nobody@example.test") is None
    with pytest.raises(LookupError):
        await queries.get_person(person.id + 1000)
