"""Signing in by password, by link, with a second factor, by one click in demo mode; signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from market import clock
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from market.web.request import SESSION_COOKIE
from tests.factories import make_host, make_member, make_person
from tests.integration.accounts.doing import (
    PASSWORD,
    code_of,
    is_signed_in,
    link_to,
    mails_to,
    told,
    with_password,
    with_second_factor,
)
from tests.web import post_form, submit

SIGN_IN = "/en/sign-in"


async def sign_in_as(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: Any
) -> httpx.Response:
    return await post_form(client, SIGN_IN, {"email": email, "password": password, **more}, action="sign-in")


async def test_the_right_password_opens_a_session(client: httpx.AsyncClient) -> None:
    person = await with_password(email="maria@example.test")
    answer = await sign_in_as(client, " Maria@Example.test ")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = await client.get("/en/profile")
    assert person.name in page.text


async def test_unknown_and_known_addresses_get_the_same_answer(client: httpx.AsyncClient) -> None:
    await with_password(email="known@example.test")
    wrong = await sign_in_as(client, "known@example.test", "not the right password")
    unknown = await sign_in_as(client, "unknown@example.test", "not the right password")
    assert wrong.status_code == unknown.status_code == 422
    assert told(wrong) == told(unknown) != []
    assert "<title>Fix: Sign in" in wrong.text
    assert 'value="known@example.test"' in wrong.text
    assert SESSION_COOKIE not in client.cookies


async def test_a_password_keeps_its_blanks(client: httpx.AsyncClient) -> None:
    await with_password(email="blank@example.test")
    assert (await sign_in_as(client, "blank@example.test", f" {PASSWORD}")).status_code == 422


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/en/search?place=alor", "/en/search?place=alor"),
        ("//evil.example/x", "/en/"),
        ("/\\evil.example", "/en/"),
        ("https://evil.example", "/en/"),
        ("javascript:alert(1)", "/en/"),
        ("/en/\r\nset-cookie: a=b", "/en/"),
    ],
)
async def test_next_stays_on_this_site(client: httpx.AsyncClient, asked: str, reached: str) -> None:
    await with_password(email="next@example.test")
    answer = await sign_in_as(client, "next@example.test", next=asked)
    assert answer.headers["location"] == reached


async def test_ten_wrong_passwords_close_the_door_for_a_while(client: httpx.AsyncClient) -> None:
    await with_password(email="target@example.test")
    for _ in range(10):
        assert (await sign_in_as(client, "target@example.test", "wrong wrong wrong")).status_code == 422
    refused = await sign_in_as(client, "target@example.test")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many attempts" in refused.text
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert (await sign_in_as(client, "target@example.test")).status_code == 303


async def test_errors_stand_beside_their_fields_in_indonesian_too(client: httpx.AsyncClient) -> None:
    answer = await post_form(
        client, "/id/sign-in", {"email": "bukan alamat", "password": ""}, action="sign-in"
    )
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'id="password-error"' in answer.text
    assert 'value="bukan alamat"' in answer.text


async def test_a_mailed_link_signs_in_once(client: httpx.AsyncClient, tools: Tools) -> None:
    await make_person(email="link@example.test", verified=False)
    asked = await post_form(
        client, SIGN_IN, {"link_email": "link@example.test", "next": "/en/trips"}, action="link"
    )
    assert asked.headers["location"] == "/en/check-mail?about=link"
    link = await link_to("link@example.test", tools)
    for _ in range(3):
        looked = await client.get(link)
        assert looked.status_code == 200, "looking uses nothing up"
    assert SESSION_COOKIE not in client.cookies
    used = await submit(client, looked)
    assert used.headers["location"] == "/en/trips"
    assert await is_signed_in(client)
    assert (await client.get(link)).status_code == 410


async def test_two_clicks_on_one_link_open_one_session(client: httpx.AsyncClient, tools: Tools) -> None:
    await make_person(email="twice@example.test")
    await post_form(client, SIGN_IN, {"link_email": "twice@example.test"}, action="link")
    page = await client.get(await link_to("twice@example.test", tools))
    assert (await submit(client, page)).status_code == 303
    assert (await submit(client, page)).status_code == 410


async def test_a_link_ends_after_twenty_minutes(client: httpx.AsyncClient, tools: Tools) -> None:
    await make_person(email="late@example.test")
    await post_form(client, SIGN_IN, {"link_email": "late@example.test"}, action="link")
    link = await link_to("late@example.test", tools)
    with clock.frozen(clock.now() + timedelta(minutes=21)):
        over = await client.get(link)
    assert over.status_code == 410
    assert "This link no longer works" in over.text


async def test_asking_for_a_link_tells_nothing_about_accounts(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    await make_person(email="here@example.test")
    known = await post_form(client, SIGN_IN, {"link_email": "here@example.test"}, action="link")
    unknown = await post_form(client, SIGN_IN, {"link_email": "nobody@example.test"}, action="link")
    assert known.status_code == unknown.status_code == 303
    assert known.headers["location"] == unknown.headers["location"]
    await worker.drain(tools)
    assert len(await mails_to("here@example.test")) == 1
    assert await mails_to("nobody@example.test") == []


async def test_five_links_a_day(client: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (
            await post_form(client, SIGN_IN, {"link_email": "a@example.test"}, action="link")
        ).status_code == 303
    assert (
        await post_form(client, SIGN_IN, {"link_email": "a@example.test"}, action="link")
    ).status_code == 429
    assert (
        await post_form(client, SIGN_IN, {"link_email": "b@example.test"}, action="link")
    ).status_code == 303


async def test_the_second_factor_is_asked_after_the_password(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _, secret = await with_second_factor(settings, email="two@example.test")
    first = await sign_in_as(client, "two@example.test", next="/en/trips")
    assert first.headers["location"] == "/en/sign-in/code"
    assert not await is_signed_in(client)
    page = await client.get("/en/sign-in/code")
    assert 'autocomplete="one-time-code"' in page.text
    wrong = await submit(client, page, {"code": "000000"})
    assert wrong.status_code == 422
    right = await submit(client, page, {"code": code_of(secret)})
    assert right.headers["location"] == "/en/trips"
    assert await is_signed_in(client)


async def test_a_code_works_once(client: httpx.AsyncClient, settings: Settings) -> None:
    _, secret = await with_second_factor(settings, email="once@example.test")
    code = code_of(secret)
    await sign_in_as(client, "once@example.test")
    page = await client.get("/en/sign-in/code")
    assert (await submit(client, page, {"code": code})).status_code == 303
    await sign_in_as(client, "once@example.test")
    page = await client.get("/en/sign-in/code")
    assert (await submit(client, page, {"code": code})).status_code == 422


async def test_five_codes_in_five_minutes(client: httpx.AsyncClient, settings: Settings) -> None:
    _, secret = await with_second_factor(settings, email="five@example.test")
    await sign_in_as(client, "five@example.test")
    page = await client.get("/en/sign-in/code")
    for _ in range(5):
        assert (await submit(client, page, {"code": "123456"})).status_code == 422
    assert (await submit(client, page, {"code": code_of(secret)})).status_code == 429


async def test_a_code_without_a_password_first_leads_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/en/sign-in/code")
    assert answer.headers["location"] == "/en/sign-in"


async def test_a_mailed_link_does_not_skip_the_second_factor(
    client: httpx.AsyncClient, settings: Settings, tools: Tools
) -> None:
    await with_second_factor(settings, email="skip@example.test")
    await post_form(client, SIGN_IN, {"link_email": "skip@example.test"}, action="link")
    page = await client.get(await link_to("skip@example.test", tools))
    assert (await submit(client, page)).headers["location"] == "/en/sign-in/code"
    assert not await is_signed_in(client)


async def test_signing_in_replaces_the_session_before(client: httpx.AsyncClient) -> None:
    await with_password(email="again@example.test")
    await sign_in_as(client, "again@example.test")
    first = client.cookies[SESSION_COOKIE]
    await sign_in_as(client, "again@example.test")
    assert client.cookies[SESSION_COOKIE] != first
    client.cookies.set(SESSION_COOKIE, first, domain="testserver.local")
    assert not await is_signed_in(client)


async def test_signing_out_ends_the_session_on_this_side(client: httpx.AsyncClient) -> None:
    await with_password(email="out@example.test")
    await sign_in_as(client, "out@example.test")
    token = client.cookies[SESSION_COOKIE]
    page = await client.get("/en/profile")
    assert (await submit(client, page, action="sign-out")).status_code == 303
    client.cookies.set(SESSION_COOKIE, token, domain="testserver.local")
    assert not await is_signed_in(client)


async def test_hosts_land_at_their_desk(client: httpx.AsyncClient) -> None:
    person = await with_password(email="host@example.test")
    await make_host(person=person)
    assert (await sign_in_as(client, "host@example.test")).headers["location"] == "/en/host/"


async def test_demo_mode_has_a_door_for_each_role(client: httpx.AsyncClient) -> None:
    person = await make_person(email="operator@demo.test", name="Operator")
    await make_member(person, "operator")
    page = await client.get(SIGN_IN)
    for role in ("traveller", "host", "supplier", "hotel", "officer1", "officer2", "officer3", "operator"):
        assert f'value="{role}@demo.test"' in page.text
    answer = await submit(client, page, {"email": "operator@demo.test"}, action="demo")
    assert answer.headers["location"] == "/en/operator/"
    assert (await client.get("/en/operator/")).status_code == 200


async def test_demo_doors_open_only_for_demo_people(client: httpx.AsyncClient) -> None:
    await make_person(email="real@example.test")
    for email in ("real@example.test", "traveller@demo.test", "nobody@demo.test"):
        answer = await post_form(client, SIGN_IN, {"email": email}, action="demo")
        assert answer.status_code == 404, email
    assert SESSION_COOKIE not in client.cookies
