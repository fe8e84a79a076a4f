"""Outside demo mode staff set up a second factor before their pages open, and demo doors do not exist."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from market.accounts import service
from market.errors import Refused
from market.settings import Settings
from market.transparency.keys import new_signer, write_signer
from tests.factories import make_member
from tests.integration.accounts.doing import PASSWORD, code_of, with_password, with_second_factor
from tests.web import post_form, sign_in, submit


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, demo=False, log_key=write_signer(new_signer("testserver/log")))


async def test_an_operator_sets_up_a_second_factor_first(client: httpx.AsyncClient) -> None:
    person = await with_password(email="op@example.test")
    await make_member(person, "operator")
    values = {"email": "op@example.test", "password": PASSWORD}
    answer = await post_form(client, "/en/sign-in", values, action="sign-in")
    assert answer.headers["location"] == "/en/profile/second-factor"
    assert (await client.get("/en/operator/")).status_code == 403
    page = await client.get("/en/profile/second-factor")
    shown = re.search(r'class="raw">([A-Z2-7 ]+)<', page.text)
    assert shown
    done = await submit(client, page, {"code": code_of(shown[1].replace(" ", ""))}, action="second-factor")
    assert done.status_code == 200
    assert (await client.get("/en/operator/")).status_code == 200


async def test_staff_cannot_turn_it_off(client: httpx.AsyncClient, settings: Settings) -> None:
    person, _ = await with_second_factor(settings)
    await make_member(person, "officer")
    await sign_in(client, person.id)
    page = await client.get("/en/profile/second-factor")
    assert "second-factor/off" not in page.text
    with pytest.raises(Refused):
        await service.turn_off_second_factor(person.id, current=PASSWORD, device="", demo=False)


async def test_demo_doors_do_not_exist(client: httpx.AsyncClient) -> None:
    page = await client.get("/en/sign-in")
    assert "demo.test" not in page.text
    assert (await client.post("/en/sign-in/demo", data={"email": "operator@demo.test"})).status_code == 404
    assert (await client.get("/en/outbox")).status_code == 404


async def test_the_session_cookie_is_secure_on_https(client: httpx.AsyncClient, settings: Settings) -> None:
    person = await with_password(email="s@example.test")
    assert person.id
    assert not settings.secure
    answer = await post_form(
        client, "/en/sign-in", {"email": "s@example.test", "password": PASSWORD}, action="sign-in"
    )
    assert "Secure" not in answer.headers["set-cookie"]
