"""What every answer carries, pages and refusals and failures alike; and cookies that only this host can set."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from market.app.create import create_app
from market.outbox.tools import Tools
from market.settings import S3, Settings, Stripe
from market.web import static
from market.web.guards import ANYONE, page
from market.web.security import content_policy
from tests.factories import make_listing, make_person, make_start
from tests.integration.bookings.doing import hold
from tests.web import sign_in

PATHS = (
    "/",
    "/en/",
    "/id/search",
    "/en/trips",
    "/en/sign-in",
    "/en/profile",
    "/en/operator/",
    "/en/nowhere",
    "/nowhere",
    "/healthz",
    "/robots.txt",
    "/sitemap.xml",
    "/static/css/app.css",
    "/static/none.css",
    "/media/photos/none.avif",
    "/en/outbox",
)
EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def check(answer: httpx.Response) -> None:
    for name, value in EXPECTED.items():
        assert answer.headers.get_list(name) == [value], (answer.url, name)
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert len(answer.headers.get_list("cache-control")) == 1
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient):
    for path in PATHS:
        check(await client.get(path))
        check(await client.head(path))
        check(await client.post(path))
    check(await client.get("/en/", headers={"host": "evil.test"}))
    check(await client.request("BREW", "/en/"))


async def test_a_failure_of_ours_carries_them_too_and_tells_nothing(
    app: Starlette, settings: Settings, tools: Tools
):
    async def broken(request: object) -> None:
        raise RuntimeError("secret-in-the-error postgres://user:password@host")

    app.router.routes.insert(0, page("/{locale}/broken", broken, access=ANYONE, name="broken"))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        for accept, kind in (("text/html", "text/html"), ("application/json", "application/problem+json")):
            answer = await client.get("/id/broken", headers={"accept": accept})
            assert answer.status_code == 500
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["cache-control"] == "no-store"
            check(answer)
            for word in ("secret-in-the-error", "password", "Traceback", "RuntimeError", "broken.py"):
                assert word not in answer.text


async def test_personal_pages_are_never_stored(client: httpx.AsyncClient):
    slot = await make_start(await make_listing())
    listing = await make_listing()
    slot = await make_start(listing)
    reference = await hold(client, listing.slug, slot=slot.id, adults=1)
    person = await make_person()
    await sign_in(client, person.id)
    for path in (
        f"/en/bookings/{reference}/checkout",
        f"/en/bookings/{reference}",
        "/en/trips",
        "/en/profile",
        "/en/",
        f"/en/listings/{listing.slug}/book?slot={slot.id}",
    ):
        assert (await client.get(path)).headers.get_list("cache-control") == ["no-store"], path


@pytest.fixture
async def secure(db: str, settings: Settings, tools: Tools) -> AsyncGenerator[httpx.AsyncClient]:
    """The app as it is behind https."""
    https = replace(settings, base_url="https://testserver")
    app = create_app(https, tools=Tools({**tools._adapters, Settings: https}))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as client:
        yield client


async def test_https_is_demanded_for_a_year(secure: httpx.AsyncClient, client: httpx.AsyncClient):
    for path in PATHS:
        answer = await secure.get(path)
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "strict-transport-security" not in (await client.get("/en/")).headers


async def test_cookies_are_guarded(secure: httpx.AsyncClient, client: httpx.AsyncClient):
    listing = await make_listing()
    slot = await make_start(listing)
    path = f"/en/listings/{listing.slug}/book"
    page_ = await secure.get(path, params={"slot": slot.id, "adults": 1})
    [cookie] = page_.headers.get_list("set-cookie")
    for part in ("__Host-bn_form=", "; HttpOnly", "; Path=/", "; SameSite=lax", "; Secure"):
        assert part in cookie
    assert "domain" not in cookie.lower()
    reference = await hold(secure, listing.slug, slot=slot.id, adults=1)
    assert set(secure.cookies) == {"__Host-bn_form", "__Host-bn_trips"}
    assert (await secure.get(f"/en/bookings/{reference}")).status_code in {200, 303}
    # A neighbour on another subdomain can plant a cookie without the prefix; it is not ours.
    trips = secure.cookies["__Host-bn_trips"]
    secure.cookies.clear()
    secure.cookies.set("bn_trips", trips)
    assert (await secure.get(f"/en/bookings/{reference}")).status_code == 404
    for cookie in (await client.get(path, params={"slot": slot.id})).headers.get_list("set-cookie"):
        assert cookie.startswith("bn_form=")
        assert "; HttpOnly" in cookie
        assert "; SameSite=lax" in cookie


async def test_a_cookie_is_deleted_the_way_it_was_set(secure: httpx.AsyncClient):
    person = await make_person()
    from market.accounts import sessions

    started = await sessions.start_session(person.id)
    secure.cookies.set("__Host-bn_session", started.token, domain="testserver.local")
    from tests.web import submit

    left = await submit(secure, await secure.get("/en/"), action="sign-out")
    assert left.status_code == 303
    gone = [c for c in left.headers.get_list("set-cookie") if c.startswith("__Host-bn_session=")]
    assert len(gone) == 1
    assert "Secure" in gone[0]
    assert "Max-Age=0" in gone[0]


def test_the_policy_opens_only_what_the_installation_uses(settings: Settings):
    plain = content_policy(settings)
    assert "http" not in plain
    with_more = replace(
        settings,
        stripe=Stripe("sk", "wh"),
        s3=S3("https://storage.test:9000/x", "b", "r", "a", "s"),
    )
    policy = content_policy(with_more)
    assert "form-action 'self' https://checkout.stripe.com;" in policy
    assert "img-src 'self' data: https://storage.test:9000;" in policy


async def test_no_page_needs_inline_code(client: httpx.AsyncClient):
    import re

    listing = await make_listing()
    await make_start(listing)
    for path in (
        "/en/",
        "/en/search",
        f"/en/listings/{listing.slug}",
        "/en/sign-in",
        "/en/trips",
        "/en/nowhere",
    ):
        text = (await client.get(path)).text
        assert not re.search(r"<[a-z][^>]*\s(style|on[a-z]+)=", text), path
        assert not re.search(r"<style|<script(?![^>]*\b(src|type=\"application/))", text), path


class TestStatic:
    """Static files: only what lies in the folder, once and for ever."""

    async def test_nothing_outside_is_served(self, client: httpx.AsyncClient):
        for path in (
            "/static/../market/settings.py",
            "/static/%2e%2e/pyproject.toml",
            "/static/..%2fpyproject.toml",
            "/static/css/../../pyproject.toml",
            "/static//etc/passwd",
            "/static/css/app.css%00.txt",
            "/static/css",
            "/static/",
            "/media/../pyproject.toml",
            "/media/photos/..%2f..%2f..%2fpyproject.toml",
            "/media/photos/%2e%2e/originals/1.jpg",
            "/media/originals/1.jpg",
            "/media//etc/passwd",
            "/media/photos/a\\..\\b.jpg",
            "/media/photos/%ff%fe.jpg",
            "/media/" + "photos/" * 600,
            "/covers/1/..%2f..%2fx.svg",
        ):
            request = client.build_request("GET", "http://testserver/x")
            request.url = httpx.URL("http://testserver").copy_with(raw_path=path.encode("latin-1"))
            answer = await client.send(request)
            if answer.status_code == 307:  # the client itself walked up: a page without its slash
                assert answer.headers["location"].startswith("http://testserver/"), path
                continue
            assert answer.status_code == 404 or path.startswith("/covers/"), path
            assert "[project]" not in answer.text

    async def test_versions_zipped_and_unchanged(self, client: httpx.AsyncClient):
        url = static.static("css/app.css")
        first = await client.get(url)
        assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert first.headers["content-encoding"] == "gzip"
        assert first.headers["content-type"].startswith("text/css")
        same = await client.get(url, headers={"if-none-match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        plain = await client.get(url, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == first.content
        assert (await client.get("/static/css/app.css")).headers["cache-control"] == "public, max-age=3600"
