"""Sessions: what a cookie opens, for how long, and what it does not open without a second factor."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.accounts import handlers, sessions
from market.accounts.sessions import find_viewer
from market.outbox.tools import Tools
from market.settings import Settings
from market.web.request import SESSION_COOKIE, Viewer
from tests.factories import make_host, make_member, make_person
from tests.integration.accounts.doing import with_second_factor


async def test_one_query_finds_person_roles_and_organisations(db: str) -> None:
    person = await make_person(name="Mama Ros", email="ros@example.test")
    host = await make_host(person=person)
    started = await sessions.start_session(person.id)
    who = await find_viewer(started.token, demo=False)
    assert who is not None
    assert (who.person_id, who.name, who.email, who.locale) == (
        person.id,
        "Mama Ros",
        "ros@example.test",
        "en",
    )
    assert who.roles == {"host"}
    assert who.organisation_ids("host") == {host.id}
    assert who.session_hash == started.hash
    assert sessions.is_fresh(who)


async def test_without_a_cookie_nothing_is_asked(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a visitor costs no session query")

    monkeypatch.setattr(sessions.db, "fetch", refuse)
    assert (await client.get("/en/check-mail")).status_code == 200


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "b\"n'; DROP", "%00"])
async def test_a_made_up_cookie_opens_nothing(client: httpx.AsyncClient, cookie: str) -> None:
    answer = await client.get("/en/profile", headers={"cookie": f"{SESSION_COOKIE}={cookie}"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/sign-in?next=%2Fen%2Fprofile"


async def test_an_unproved_address_does_not_show(db: str) -> None:
    person = await make_person(email="not-mine@example.test", verified=False)
    who = await find_viewer((await sessions.start_session(person.id)).token, demo=False)
    assert who is not None
    assert who.email == ""


async def test_a_session_ends_after_thirty_idle_days(db: str) -> None:
    token = (await sessions.start_session((await make_person()).id)).token
    now = clock.now()
    with clock.frozen(now + timedelta(days=29)):
        assert await find_viewer(token, demo=False) is not None
    with clock.frozen(now + timedelta(days=58)):
        assert await find_viewer(token, demo=False) is not None, "being seen moves the limit on"
    with clock.frozen(now + timedelta(days=89)):
        assert await find_viewer(token, demo=False) is None


async def test_no_session_lives_longer_than_180_days(db: str) -> None:
    token = (await sessions.start_session((await make_person()).id)).token
    now = clock.now()
    for day in range(20, 180, 20):
        with clock.frozen(now + timedelta(days=day)):
            assert await find_viewer(token, demo=False) is not None
    with clock.frozen(now + timedelta(days=181)):
        assert await find_viewer(token, demo=False) is None


async def test_a_staff_session_ends_after_twelve_hours(db: str, settings: Settings) -> None:
    person, _ = await with_second_factor(settings)
    await make_member(person, "operator")
    token = (await sessions.start_session(person.id)).token
    now = clock.now()
    with clock.frozen(now + timedelta(hours=11)):
        assert await find_viewer(token, demo=False) is not None
    with clock.frozen(now + timedelta(hours=12, minutes=1)):
        assert await find_viewer(token, demo=False) is None


@pytest.mark.parametrize("role", ["officer", "operator", "administrator"])
async def test_staff_roles_stay_shut_without_a_second_factor(db: str, settings: Settings, role: str) -> None:
    plain = await make_person()
    await make_member(plain, role)
    await make_host(person=plain)
    token = (await sessions.start_session(plain.id)).token
    assert _roles(await find_viewer(token, demo=False)) == {"host"}
    assert _roles(await find_viewer(token, demo=True)) == {"host", role}
    safe, _ = await with_second_factor(settings)
    await make_member(safe, role)
    token = (await sessions.start_session(safe.id)).token
    assert _roles(await find_viewer(token, demo=False)) == {role}


def _roles(who: Viewer | None) -> frozenset[str]:
    assert who is not None
    return who.roles


async def test_a_deleted_person_has_no_session(db: str) -> None:
    person = await make_person()
    token = (await sessions.start_session(person.id)).token
    person.deleted_at = clock.now()
    await person.save()
    assert await find_viewer(token, demo=False) is None


async def test_freshness_runs_out(db: str) -> None:
    token = (await sessions.start_session((await make_person()).id)).token
    who = await find_viewer(token, demo=False)
    assert who is not None
    sessions.require_fresh(who, minutes=5)
    with clock.frozen(clock.now() + timedelta(minutes=6)), pytest.raises(sessions.NotFresh):
        sessions.require_fresh(who, minutes=5)


async def test_rotation_leaves_one_session(db: str) -> None:
    person = await make_person()
    first = await sessions.start_session(person.id)
    second = await sessions.rotate_session(first.hash, person.id)
    assert await find_viewer(first.token, demo=False) is None
    assert await find_viewer(second.token, demo=False) is not None
    third = await sessions.start_session(person.id)
    assert await sessions.end_all_sessions(person.id, but=third.hash) == 1
    assert await find_viewer(third.token, demo=False) is not None


async def test_expired_rows_are_forgotten(db: str, tools: Tools) -> None:
    await sessions.start_session((await make_person()).id)
    with clock.frozen(clock.now() + timedelta(days=31)):
        await handlers.forget(tools)
    assert await _count("web_session") == 0


async def _count(table: str) -> int:
    rows = await db.fetch(f"SELECT COUNT(*) AS n FROM {table}")
    return int(rows[0]["n"])
