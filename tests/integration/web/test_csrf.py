"""A form counts only with our token, from our pages; otherwise a page says so and nothing has changed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.applications import Starlette

from market import db
from market.accounts.models import Person
from tests.factories import make_person
from tests.web import form_with, sign_in

PAGE = "/en/profile"


def token_in(page: httpx.Response) -> str:
    return form_with(page.text, field="csrf")["data"]["csrf"]


def masked(secret: bytes) -> str:
    mask = secrets.token_bytes(16)
    both = mask + bytes(a ^ b for a, b in zip(mask, secret, strict=True))
    return base64.urlsafe_b64encode(both).decode().rstrip("=")


@pytest.fixture
async def person(client: httpx.AsyncClient) -> Person:
    made = await make_person(name="Before")
    await sign_in(client, made.id)
    return made


async def rename(client: httpx.AsyncClient, token: str | None, **kwargs: object) -> httpx.Response:
    data = {"name": "After", "phone": "", "language": "en"}
    return await client.post(PAGE, data=data if token is None else {**data, "csrf": token}, **kwargs)  # pyright: ignore[reportArgumentType]


async def name_of(person: Person) -> str:
    row = await db.fetch_one("SELECT name FROM person WHERE id = $1", person.id)
    assert row
    return row["name"]


@pytest.fixture
async def stranger(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver", headers={"accept": "text/html"}
    ) as other:
        yield other


async def test_the_right_token_counts(client: httpx.AsyncClient, person: Person):
    token = token_in(await client.get(PAGE))
    for headers in (
        {},
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://testserver"},
        {"origin": "null"},
    ):
        assert (await rename(client, token, headers=headers)).status_code == 303
    assert await name_of(person) == "After"


async def test_tokens_differ_from_page_to_page_and_all_count(client: httpx.AsyncClient, person: Person):
    tokens = {token_in(await client.get(PAGE)) for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        assert (await rename(client, token)).status_code == 303


@pytest.mark.parametrize(
    "kind", ["missing", "empty", "wrong", "short", "not base64", "accented", "raw cookie", "nul"]
)
async def test_anything_else_is_refused_in_words(client: httpx.AsyncClient, person: Person, kind: str):
    page = await client.get(PAGE)
    token = token_in(page)
    given = {
        "missing": None,
        "empty": "",
        "wrong": ("A" if token[0] != "A" else "B") + token[1:],
        "short": token[:-4],
        "not base64": "*" * 43,
        "accented": "é" * 43,
        "raw cookie": client.cookies["bn_form"],
        "nul": token[:20] + "\x00" + token[21:],
    }[kind]
    refused = await rename(client, given)
    assert refused.status_code == 403
    assert "Nothing was changed." in refused.text
    assert await name_of(person) == "Before"


async def test_a_token_of_another_cookie_is_refused(
    client: httpx.AsyncClient, person: Person, stranger: httpx.AsyncClient
):
    await client.get(PAGE)
    foreign = token_in(await stranger.get("/en/trips"))
    assert (await rename(client, foreign)).status_code == 403
    # Nor does a secret of one's own choice help without the cookie it belongs to.
    assert (await rename(client, masked(b"x" * 16))).status_code == 403
    client.cookies.delete("bn_form")
    assert (await rename(client, foreign)).status_code == 403
    assert await name_of(person) == "Before"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "http://testserver.evil.test"},
        {"origin": "http://testserver:8000"},
        {"origin": "http://evil.test/http://testserver"},
    ],
)
async def test_other_sites_are_refused_even_with_the_token(
    client: httpx.AsyncClient, person: Person, headers: dict[str, str]
):
    token = token_in(await client.get(PAGE))
    refused = await rename(client, token, headers=headers)
    assert refused.status_code == 403
    assert await name_of(person) == "Before"


async def test_the_token_counts_in_the_body_only(client: httpx.AsyncClient, person: Person):
    token = token_in(await client.get(PAGE))
    refused = await client.post(f"{PAGE}?csrf={token}", data={"name": "After", "language": "en"})
    assert refused.status_code == 403
    as_json = await client.post(PAGE, json={"name": "After", "language": "en", "csrf": token})
    assert as_json.status_code == 403
    as_file = await client.post(PAGE, files={"csrf": ("token.txt", token.encode())}, data={"name": "After"})
    assert as_file.status_code == 403
    assert await name_of(person) == "Before"


async def test_looking_needs_no_token_and_changes_nothing(client: httpx.AsyncClient, person: Person):
    looked = await client.get(f"{PAGE}?name=After&language=en", headers={"sec-fetch-site": "cross-site"})
    assert looked.status_code == 200
    assert await name_of(person) == "Before"


async def test_the_refusal_speaks_indonesian(client: httpx.AsyncClient, person: Person):
    refused = await client.post("/id/profile", data={"name": "After"})
    assert refused.status_code == 403
    assert '<html lang="id"' in refused.text
    assert "Nothing was changed." not in refused.text
