"""Roles from the command line: the first operator, clear refusals, and sessions that end with the change."""

from __future__ import annotations

import asyncio
import sys

import pytest

from market.accounts import queries, roles, sessions
from market.accounts.roles import CannotChangeRole
from market.transparency.keys import new_signer, write_signer
from tests.factories import make_host, make_person


async def test_somebody_becomes_operator_and_stops(db: str):
    person = await make_person(email="ana@example.test")
    before = await sessions.start_session(person.id)
    said = await roles.grant(" Ana@Example.test ", "operator")
    assert said.startswith("ana@example.test is now operator.")
    assert "second factor" in said
    assert await queries.roles_of(person.id) == {"operator"}
    assert await sessions.find_viewer(before.token, demo=True) is None
    assert await roles.grant("ana@example.test", "operator") == "ana@example.test is operator already."
    after = await sessions.start_session(person.id)
    assert await roles.revoke("ana@example.test", "operator") == "ana@example.test is no longer operator."
    assert await queries.roles_of(person.id) == frozenset()
    assert await sessions.find_viewer(after.token, demo=True) is None


async def test_a_host_acts_for_one_organisation(db: str):
    person, host, other = await make_person(email="rosa@example.test"), await make_host(), await make_host()
    assert "now host of" in await roles.grant("rosa@example.test", "host", host.slug)
    assert [o.slug for o in await queries.organisations_of(person.id)] == [host.slug]
    with pytest.raises(CannotChangeRole, match="is not host of"):
        await roles.revoke("rosa@example.test", "host", other.slug)
    await roles.revoke("rosa@example.test", "host", host.slug)
    assert await queries.roles_of(person.id) == frozenset()


@pytest.mark.parametrize(
    ("email", "role", "organisation", "words"),
    [
        ("ana@example.test", "king", None, "There is no role 'king'. Roles are: host,"),
        ("ana", "operator", None, "'ana' is not an email address."),
        ("nobody@example.test", "operator", None, "No account has the address nobody@example.test."),
        ("ana@example.test", "host", None, "name it with --organisation"),
        ("ana@example.test", "host", "no-such", "There is no organisation 'no-such'."),
        ("ana@example.test", "operator", "HOST", "is not held for an organisation"),
        ("ana@example.test", "supplier", "HOST", "is a host; a supplier acts for a supplier"),
        ("new@example.test", "operator", None, "has not proved the mailbox yet"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    db: str, email: str, role: str, organisation: str | None, words: str
):
    person, host = await make_person(email="ana@example.test"), await make_host()
    await make_person(email="new@example.test", verified=False)
    with pytest.raises(CannotChangeRole, match=words.replace(".", r"\.")):
        await roles.grant(email, role, host.slug if organisation == "HOST" else organisation)
    assert await queries.roles_of(person.id) == frozenset()


async def test_the_command_says_what_it_did(db: str, monkeypatch: pytest.MonkeyPatch):
    await make_person(email="ana@example.test")
    monkeypatch.setenv("MARKET_DATABASE_URL", db)
    monkeypatch.setenv("MARKET_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("MARKET_LOG_KEY", write_signer(new_signer("testserver/log")))

    async def run(*arguments: str) -> int:
        # The command has a loop and a connection of its own, as it has in a process of its own.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "market",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        said.append((out + err).decode())
        return process.returncode or 0

    said: list[str] = []
    assert await run("grant", "ana@example.test", "operator") == 0
    assert "is now operator" in said[-1]
    assert await run("grant", "nobody@example.test", "operator") == 2
    assert "No account has the address" in said[-1]
    assert await run("revoke", "ana@example.test", "operator") == 0
