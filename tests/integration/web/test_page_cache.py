"""Which pages visitors share, which never, and how quickly a change shows."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market import db
from market.outbox.tools import Tools
from market.web import page_cache
from market.web.page_cache import PageCache
from tests.factories import make_listing, make_person, make_start
from tests.integration.bookings.doing import book, hold
from tests.web import post_form, sign_in

HOME = "/en/"


def cache_of(app: Starlette) -> PageCache:
    """The cache inside the app's chain of middleware."""
    layer: ASGIApp | None = app.middleware_stack
    while layer is not None and not isinstance(layer, PageCache):
        layer = getattr(layer, "app", None)
    assert layer is not None
    return layer


def kept(app: Starlette) -> set[tuple[str, str]]:
    return {(method, path.decode()) for method, path, _ in cache_of(app).entries}


@pytest.fixture
async def fresh(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    """A client that keeps no cookies and asks for no compression."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver",
        headers={"accept": "text/html", "accept-encoding": "identity"},
    ) as client:
        yield client


async def test_a_visitors_page_is_kept_and_shared(app: Starlette, fresh: httpx.AsyncClient):
    listing = await make_listing()
    path = f"/en/listings/{listing.slug}"
    first = await fresh.get(path)
    assert ("GET", path) in kept(app)
    # What no rule of the cache can notice still shows the kept page: so it was not made again.
    await db.execute("UPDATE listing_text SET title = 'Renamed behind its back'")
    again = await fresh.get(path)
    assert again.text == first.text
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers.get_list("cache-control") == ["private, no-cache"]
    for answer in (first, again, await fresh.get(path)):
        assert {name.strip() for name in answer.headers["vary"].split(",")} == {"Accept-Encoding", "Cookie"}
        assert answer.headers["vary"] == first.headers["vary"]
    assert "x-page-cache" not in first.headers
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert len(again.headers.get_list(name)) == 1, name


async def test_unchanged_pages_are_not_sent_again(fresh: httpx.AsyncClient):
    first = await fresh.get(HOME)
    same = await fresh.get(HOME, headers={"if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    assert not same.content
    assert "content-length" not in same.headers
    other = await fresh.get(HOME, headers={"if-none-match": 'W/"somethingelse"'})
    assert other.status_code == 200


async def test_plain_and_compressed_are_the_same_page(fresh: httpx.AsyncClient):
    plain = await fresh.get(HOME)
    assert "content-encoding" not in plain.headers
    for _ in range(2):
        zipped = await fresh.get(HOME, headers={"accept-encoding": "br, gzip"})
        assert zipped.headers["content-encoding"] == "gzip"
        assert zipped.content == plain.content
    async with fresh.stream("GET", HOME, headers={"accept-encoding": "gzip"}) as raw:
        packed = b"".join([chunk async for chunk in raw.aiter_raw()])
    assert gzip.decompress(packed) == plain.content
    assert int(zipped.headers["content-length"]) == len(packed)


async def test_head_has_the_headers_of_get(fresh: httpx.AsyncClient):
    got, head = await fresh.get(HOME), await fresh.head(HOME)
    assert head.status_code == 200
    assert head.headers["etag"] == got.headers["etag"]


async def test_languages_and_queries_do_not_mix(fresh: httpx.AsyncClient):
    texts = {
        path: (await fresh.get(path)).text for path in ("/en/", "/id/", "/en/search", "/en/search?q=kopi")
    }
    assert len(set(texts.values())) == 4
    for path, text in texts.items():
        assert (await fresh.get(path)).text == text
        assert f'<html lang="{path[1:3]}"' in text


async def test_nothing_personal_is_kept(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    slot = await make_start(listing)
    quote = f"/en/listings/{listing.slug}/book?slot={slot.id}"
    personal = (quote, "/en/trips", "/en/sign-in", "/en/nowhere", "/", "/healthz", "/static/css/app.css")
    for path in personal:
        answer = await client.get(path)
        assert answer.headers.get("cache-control") != "private, no-cache", path
    await client.post("/en/trips", data={"reference": "x"})
    assert kept(app) == set()
    reference = await book(client, tools, listing.slug, slot=slot.id, adults=1)
    for path in (HOME, f"/en/listings/{listing.slug}", f"/en/bookings/{reference}"):
        assert "bn_trips" in client.cookies
        assert (await client.get(path)).headers["cache-control"] == "no-store"
    assert kept(app) == set()


async def test_a_session_sees_its_own_page_and_leaves_none(
    app: Starlette, client: httpx.AsyncClient, fresh: httpx.AsyncClient
):
    await fresh.get(HOME)
    before = dict(cache_of(app).entries)
    person = await make_person(name="Yohana Marker")
    await sign_in(client, person.id)
    mine = await client.get(HOME)
    assert "Yohana" in mine.text
    assert mine.headers["cache-control"] == "no-store"
    assert cache_of(app).entries == before
    assert "Yohana" not in (await fresh.get(HOME)).text
    # Two cookie headers, as some proxies send them, hide no session.
    token = client.cookies["bn_session"]
    split = await fresh.get(HOME, headers=[("cookie", "bn_form=abc"), ("cookie", f"bn_session={token}")])
    assert "Yohana" in split.text
    assert (await fresh.get(HOME, headers={"authorization": "Bearer x"})).headers[
        "cache-control"
    ] == "no-store"


async def test_a_flash_is_shown_once_and_to_one(
    app: Starlette, client: httpx.AsyncClient, fresh: httpx.AsyncClient
):
    person = await make_person()
    await sign_in(client, person.id)
    left = await post_form(client, HOME, action="sign-out")
    assert left.status_code == 303
    shown = await client.get(left.headers["location"])
    assert "You are signed out." in shown.text
    assert "You are signed out." not in (await client.get(HOME)).text
    assert "You are signed out." not in (await fresh.get(HOME)).text


async def test_a_hold_shows_at_once(client: httpx.AsyncClient, fresh: httpx.AsyncClient):
    listing = await make_listing(capacity=1)
    slot = await make_start(listing, capacity=1)
    path = f"/en/listings/{listing.slug}"
    before = (await fresh.get(path)).text
    await hold(client, listing.slug, slot=slot.id, adults=1)
    assert (await fresh.get(path)).text != before


async def test_changed_content_shows_at_once(fresh: httpx.AsyncClient):
    before = await fresh.get(HOME)
    async with db.transaction():
        await db.execute("UPDATE content_version SET value = value WHERE name = 'public'")
        await page_cache.bump()
        same = await fresh.get(HOME)
        assert same.headers["etag"] == before.headers["etag"]
    listing = await make_listing(title="A brand-new thing to do")
    path = f"/en/listings/{listing.slug}"
    assert "brand-new" in (await fresh.get(path)).text
    await db.execute("UPDATE listing_text SET title = 'Another name' WHERE listing_id = $1", listing.id)
    async with db.transaction():
        await page_cache.bump()
    assert "Another name" in (await fresh.get(path)).text


async def test_a_change_in_another_process_shows_within_a_second(
    fresh: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    listing = await make_listing()
    path = f"/en/listings/{listing.slug}"
    await fresh.get(path)
    await db.execute("UPDATE listing_text SET title = 'Changed elsewhere'")
    await db.execute("UPDATE content_version SET value = value + 1 WHERE name = 'public'")
    assert page_cache.CHECK_SECONDS <= 1.0
    now = page_cache.time.monotonic
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: now() + page_cache.CHECK_SECONDS + 0.01)
    assert "Changed elsewhere" in (await fresh.get(path)).text


async def test_a_lapsed_hold_shows_soon(fresh: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    listing = await make_listing()
    path = f"/en/listings/{listing.slug}"
    await fresh.get(path)
    await db.execute("UPDATE listing_text SET title = 'Nobody said so'")
    assert page_cache.MAX_SECONDS <= 15.0
    now = page_cache.time.monotonic
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: now() + page_cache.MAX_SECONDS + 0.01)
    assert "Nobody said so" in (await fresh.get(path)).text


async def test_memory_is_bounded(app: Starlette, fresh: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_cache, "MAX_ENTRIES", 3)
    for number in range(6):
        await fresh.get(f"/en/search?page={number + 1}")
    cache = cache_of(app)
    assert [query for _, _, query in cache.entries] == [b"page=4", b"page=5", b"page=6"]
    assert cache.size == sum(entry.size for entry in cache.entries.values())
    await fresh.get("/en/search?page=4")
    one = next(iter(cache.entries.values())).size
    monkeypatch.setattr(page_cache, "MAX_BYTES", int(one * 1.5))
    await fresh.get("/en/search?q=kopi")
    assert len(cache.entries) == 1
    assert cache.size == sum(entry.size for entry in cache.entries.values()) <= page_cache.MAX_BYTES


@pytest.mark.parametrize(
    ("status", "extra"),
    [(404, []), (500, []), (200, [(b"set-cookie", b"a=b")]), (200, [(b"x-page-cache", b"0")])],
)
async def test_only_whole_answers_that_ask_are_kept(db: str, status: int, extra: list[tuple[bytes, bytes]]):
    asks = [] if extra and extra[0][0] == b"x-page-cache" else [(b"x-page-cache", b"1")]

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [*asks, *extra]})
        await send({"type": "http.response.body", "body": b"hello"})

    cache, sent = PageCache(page), list[Message]()

    async def collect(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": []}
    await cache(scope, nothing, collect)
    assert not cache.entries
    assert sent[0]["status"] == status
    assert b"x-page-cache" not in dict(sent[0]["headers"])
