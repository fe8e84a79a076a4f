"""Starting an account, and choosing a new password: both only with a link that proved the mailbox."""

from __future__ import annotations

import httpx
import pytest

from market import db
from market.accounts import queries, sessions
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests.factories import make_person
from tests.integration.accounts.doing import (
    OTHER_PASSWORD,
    PASSWORD,
    is_signed_in,
    link_to,
    mails_to,
    told,
    with_password,
    with_second_factor,
)
from tests.web import follow, post_form, submit


async def test_an_account_starts_with_a_proved_mailbox(client: httpx.AsyncClient, tools: Tools) -> None:
    asked = await post_form(
        client, "/id/sign-up", {"email": "Baru@Example.test", "next": "/id/trips"}, action="sign-up"
    )
    told_page = await follow(client, asked)
    assert "Baru@Example.test".lower() in told_page.text
    assert "/id/outbox" in told_page.text
    assert await queries.find_by_email("baru@example.test") is None, "no account before the mailbox is proved"
    link = await link_to("baru@example.test", tools)
    page = await client.get(link)
    assert 'autocomplete="new-password"' in page.text
    done = await submit(client, page, {"name": "  Baru \n Ndun ", "new_password": PASSWORD})
    assert done.headers["location"] == "/id/trips"
    assert await is_signed_in(client)
    person = await queries.find_by_email("baru@example.test")
    assert person is not None
    assert (person.name, person.verified, person.locale) == ("Baru Ndun", True, "id")
    assert (await client.get(link)).status_code == 410


async def test_an_account_that_exists_is_never_touched(client: httpx.AsyncClient, tools: Tools) -> None:
    await with_password(email="old@example.test", name="Old Name")
    before = await db.fetch("SELECT * FROM person WHERE email = 'old@example.test'")
    asked = await post_form(client, "/en/sign-up", {"email": "old@example.test"}, action="sign-up")
    fresh = await post_form(client, "/en/sign-up", {"email": "new@example.test"}, action="sign-up")
    assert asked.headers["location"] == fresh.headers["location"]
    await worker.drain(tools)
    (mail,) = await mails_to("old@example.test")
    assert mail["subject"] == "You already have an account"
    assert "/welcome/" not in mail["body"]
    assert await db.fetch("SELECT * FROM person WHERE email = 'old@example.test'") == before


async def test_two_welcome_links_make_one_account(client: httpx.AsyncClient, tools: Tools) -> None:
    await post_form(client, "/en/sign-up", {"email": "pair@example.test"}, action="sign-up")
    first = await client.get(await link_to("pair@example.test", tools))
    await post_form(client, "/en/sign-up", {"email": "pair@example.test"}, action="sign-up")
    second = await client.get(await link_to("pair@example.test", tools))
    values = {"name": "Pair", "new_password": PASSWORD}
    assert (await submit(client, first, values)).status_code == 303
    assert (await submit(client, second, {**values, "new_password": OTHER_PASSWORD})).status_code == 410


@pytest.mark.parametrize("weak", ["short", "passwordpassword", "123456789012345", "maria example ndun"])
async def test_a_weak_password_keeps_what_was_typed_and_the_link(
    client: httpx.AsyncClient, tools: Tools, weak: str
) -> None:
    await post_form(client, "/en/sign-up", {"email": "maria@example.test"}, action="sign-up")
    page = await client.get(await link_to("maria@example.test", tools))
    answer = await submit(client, page, {"name": "Maria Ndun", "new_password": weak})
    assert answer.status_code == 422
    assert "<title>Fix: Welcome" in answer.text
    assert 'value="Maria Ndun"' in answer.text
    assert f'value="{weak}"' not in answer.text
    assert len(told(answer)) == 1
    assert (await submit(client, answer, {"new_password": PASSWORD})).status_code == 303


async def test_a_reset_ends_every_session_and_tells_the_owner(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    person = await with_password(email="reset@example.test")
    elsewhere = await sessions.start_session(person.id)
    asked = await post_form(client, "/en/reset", {"email": "reset@example.test"}, action="reset")
    assert asked.headers["location"] == "/en/check-mail?about=reset"
    page = await client.get(await link_to("reset@example.test", tools))
    assert (await submit(client, page, {"new_password": OTHER_PASSWORD})).status_code == 303
    assert await is_signed_in(client)
    assert await sessions.find_viewer(elsewhere.token, demo=True) is None
    await worker.drain(tools)
    assert (await mails_to("reset@example.test"))[-1]["subject"] == "Your password was changed"
    client.cookies.clear()
    answer = await post_form(
        client, "/en/sign-in", {"email": "reset@example.test", "password": PASSWORD}, action="sign-in"
    )
    assert answer.status_code == 422, "the old password is gone"


async def test_a_reset_for_nobody_sends_nothing(client: httpx.AsyncClient, tools: Tools) -> None:
    answer = await post_form(client, "/en/reset", {"email": "nobody@example.test"}, action="reset")
    assert answer.headers["location"] == "/en/check-mail?about=reset"
    await worker.drain(tools)
    assert await db.fetch("SELECT id FROM delivery") == []
    assert await db.fetch("SELECT email FROM one_time_token") == []


async def test_five_resets_a_day(client: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (
            await post_form(client, "/en/reset", {"email": "x@example.test"}, action="reset")
        ).status_code == 303
    refused = await post_form(client, "/en/reset", {"email": "x@example.test"}, action="reset")
    assert refused.status_code == 429
    assert "today" in told(refused)[0]


async def test_a_reset_does_not_skip_the_second_factor(
    client: httpx.AsyncClient, settings: Settings, tools: Tools
) -> None:
    await with_second_factor(settings, email="both@example.test")
    await post_form(client, "/en/reset", {"email": "both@example.test"}, action="reset")
    page = await client.get(await link_to("both@example.test", tools))
    answer = await submit(client, page, {"new_password": "lontar!7"})
    assert answer.headers["location"] == "/en/sign-in/code", "8 characters are enough beside a second factor"
    assert not await is_signed_in(client)


async def test_links_are_kept_as_hashes_and_serve_one_purpose(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    await make_person(email="hash@example.test")
    await post_form(client, "/en/sign-in", {"link_email": "hash@example.test"}, action="link")
    link = await link_to("hash@example.test", tools)
    token = link.rsplit("/", 1)[1]
    kept = await db.fetch("SELECT * FROM one_time_token")
    assert token not in str(kept)
    assert token not in str(await db.fetch("SELECT * FROM job"))
    for path in (f"/en/reset/{token}", f"/en/welcome/{token}"):
        assert (await client.get(path)).status_code == 410
    assert (await client.get(f"/en/sign-in/link/{token[:-1]}")).status_code == 410


async def test_the_worker_writes_each_mail_once(client: httpx.AsyncClient, tools: Tools) -> None:
    await make_person(email="once@example.test")
    await post_form(client, "/en/sign-in", {"link_email": "once@example.test"}, action="link")
    await worker.drain(tools)
    await db.execute("UPDATE job SET state = 'ready', lease_until = NULL")
    await worker.drain(tools)
    assert len(await mails_to("once@example.test")) == 1


async def test_mails_speak_the_reader_s_language(client: httpx.AsyncClient, tools: Tools) -> None:
    await make_person(email="en@example.test")
    await post_form(client, "/id/sign-in", {"link_email": "en@example.test"}, action="link")
    await worker.drain(tools)
    (mail,) = await mails_to("en@example.test")
    assert mail["locale"] == "en"
    assert "/en/sign-in/link/" in mail["body"]
    assert 'lang="en"' in mail["html"]
