"""Bodies, methods and addresses as no browser sends them: refused below 500, nothing kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from market import db
from market.accounts.forms import local_path
from tests.factories import make_listing, make_person, make_start
from tests.integration.console.desk import Host, host_with
from tests.web import form_with, sign_in

MEGABYTE = 1024 * 1024


def png(width: int, height: int) -> bytes:
    """A tiny file that claims to be an enormous picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


async def token_of(client: httpx.AsyncClient) -> str:
    return form_with((await client.get("/en/trips")).text, field="csrf")["data"]["csrf"]


@pytest.fixture
async def host(client: httpx.AsyncClient) -> Host:
    made = await host_with()
    await sign_in(client, made.person.id)
    return made


async def photos() -> int:
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM photo")
    assert row
    return row["n"]


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("text.jpg", b"This is no picture at all.", "image/jpeg"),
        ("empty.jpg", b"", "image/jpeg"),
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("bomb.png", png(30_000, 30_000), "image/png"),
        ("flat.png", png(30_000, 1), "image/png"),
        ("nothing.png", png(0, 0), "image/png"),
        ("huge.png", png(2**31 - 1, 2**31 - 1), "image/png"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\xff" * 50, "image/jpeg"),
        ("script.gif", b"GIF89a/*" + b"\x00" * 30 + b"*/=alert(1)", "image/gif"),
        ("zip.webp", b"PK\x03\x04" + b"\x00" * 100, "image/webp"),
        ("../../x.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("\x00\u202egpj.exe", b"MZ" + b"\x00" * 100, "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("locale", ["en", "id"])
async def test_what_is_no_photo_is_refused_beside_its_field(
    client: httpx.AsyncClient, host: Host, name: str, content: bytes, media_type: str, locale: str
):
    path = f"/{locale}/host/listings/{host.listing.slug}/photos"
    answer = await client.post(
        path, data={"csrf": await token_of(client)}, files={"photos": (name, content, media_type)}
    )
    assert answer.status_code == 422, answer.text[:300]
    assert f'<html lang="{locale}"' in answer.text
    assert (
        'aria-invalid="true"' in answer.text or 'class="error' in answer.text or 'role="alert"' in answer.text
    )
    assert await photos() == 0


async def test_too_much_is_413_and_says_how_much(client: httpx.AsyncClient, host: Host):
    token = await token_of(client)
    slot = await make_start(host.listing)
    paths = (
        f"/en/listings/{host.listing.slug}/book",
        "/en/trips",
        "/en/sign-in",
        "/en/profile",
        f"/en/host/listings/{host.listing.slug}/edit/words",
    )
    for path in paths:
        answer = await client.post(
            path, data={"csrf": token, "slot": str(slot.id), "note": "x" * 20 * MEGABYTE}
        )
        assert answer.status_code == 413, path
        assert "larger than we can take" in answer.text
    for path in ("/webhooks/stripe", "/webhooks/sms"):
        answer = await client.post(path, content=b"x" * 20 * MEGABYTE)
        assert answer.status_code in {404, 413}, path

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * MEGABYTE

    streamed = await client.post(
        "/en/trips", content=endless(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert streamed.status_code == 413
    upload = f"/en/host/listings/{host.listing.slug}/photos"
    many = [("photos", (f"{n}.jpg", b"x" * 16 * MEGABYTE, "image/jpeg")) for n in range(1)]
    one = await client.post(upload, data={"csrf": token}, files=many)
    assert one.status_code == 422
    assert await photos() == 0


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
CSRF_PART = '--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{}\r\n'
BODIES: list[tuple[str, str]] = [
    (FORM, "csrf={}&reference=%"),
    (FORM, "csrf={}&reference=%zz&email=%e"),
    (FORM, "csrf={}&reference=%ff%fe&email=%C0%AF"),
    (FORM, "csrf={}&reference=%ED%A0%80&email=%00"),
    (FORM, "csrf={}&" + "&".join(f"f{n}=1" for n in range(5000))),
    (FORM, "csrf={}&" + "a" * 200_000 + "=1"),
    (FORM, "&&&=&=&csrf={}&;"),
    (FORM, "csrf={}&reference[]=a&reference[0][x]=b&email={{}}"),
    ("multipart/form-data", "csrf={}"),
    ("multipart/form-data; boundary=", "csrf={}"),
    ("multipart/form-data; boundary=" + "b" * 5000, "csrf={}"),
    (MULTIPART, ""),
    (MULTIPART, "--b"),
    (MULTIPART, CSRF_PART),
    (MULTIPART, CSRF_PART + "--b\r\n\r\nx\r\n--b--\r\n"),
    (MULTIPART, CSRF_PART + "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    (MULTIPART, CSRF_PART + "--b\r\nContent-Disposition: attachment; name=\r\n\r\nx\r\n--b--\r\n"),
    (
        MULTIPART,
        CSRF_PART
        + '--b\r\nContent-Disposition: form-data; name="reference"; filename="\r\n\r\nx\r\n--b--\r\n',
    ),
    (MULTIPART, CSRF_PART + "--b\r\n" + "X: y\r\n" * 3000 + "\r\nx\r\n--b--\r\n"),
    (
        MULTIPART,
        CSRF_PART + '--b\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    ),
    (MULTIPART + "; charset=utf-7", CSRF_PART + "--b--\r\n"),
    (MULTIPART + "; charset=hex", CSRF_PART + "--b--\r\n"),
    (MULTIPART + "; charset=idna", CSRF_PART + "--b--\r\n"),
    (MULTIPART + "; charset=punycode", CSRF_PART + "--b--\r\n"),
    (MULTIPART + "; charset=undefined", CSRF_PART + "--b--\r\n"),
    (MULTIPART + '; charset="a b"', CSRF_PART + "--b--\r\n"),
    (
        MULTIPART + "; charset=unicode_escape",
        CSRF_PART + '--b\r\nContent-Disposition: form-data; name="reference"\r\n\r\n\\ud800\r\n--b--\r\n',
    ),
    (
        MULTIPART + "; charset=unicode_escape",
        CSRF_PART + '--b\r\nContent-Disposition: form-data; name="extra_\\ud800"\r\n\r\n1\r\n--b--\r\n',
    ),
    ("application/json", '{{"csrf": "{}"}}'),
    ("text/plain", "csrf={}"),
    ("\u00e9", "csrf={}"),
    ("", "csrf={}"),
]


@pytest.mark.parametrize("number", range(len(BODIES)))
async def test_malformed_bodies_are_refused(client: httpx.AsyncClient, number: int):
    listing = await make_listing()
    await make_start(listing)
    token = await token_of(client)
    media_type, body = BODIES[number]
    sent = body.replace("{}", token).replace("{{", "{").replace("}}", "}").encode()
    for path in ("/en/trips", f"/id/listings/{listing.slug}/book", "/en/sign-in/link"):
        answer = await client.post(path, content=sent, headers={"content-type": media_type.encode("latin-1")})
        assert 400 <= answer.status_code < 500 or answer.status_code == 303, (path, answer.status_code)
    assert await db.fetch("SELECT id FROM booking") == []


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "brew", "X" * 300]
)
async def test_methods_that_no_page_has(client: httpx.AsyncClient, method: str):
    for path in ("/en/", "/en/trips", "/en/profile", "/healthz", "/webhooks/stripe", "/static/css/app.css"):
        answer = await client.request(method, path)
        assert answer.status_code in {303, 404, 405}, (path, answer.status_code)
        assert "allow" in answer.headers or answer.status_code != 405
        assert not answer.headers.get("access-control-allow-origin")


RAW_PATHS = [
    b"/en/%",
    b"/en/%zz",
    b"/en/%ff%fe",
    b"/en/%00",
    b"/en/%ED%A0%80",
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"/en/listings/%00",
    b"/en/listings/%ED%A0%80/book",
    b"/en/listings/" + b"x" * 9000,
    b"/en/bookings/%0d%0aSet-Cookie:%20a=b",
    b"/en/search?q=%",
    b"/en/search?q=%ff&q=%00&page=%ED%A0%80",
    b"/en/search?" + b"&" * 9000,
    b"/en/search?" + b"a=1&" * 3000,
    b"/en/outbox/" + b"9" * 5000,
    b"/en/sms/99999999999999999999",
    b"/en/outbox/9223372036854775807/files/9223372036854775808",
    b"/en/operator/jobs/" + b"9" * 30,
    b"//evil.test/%2f..",
    b"/\\evil.test",
    b"/en//evil.test",
    b"/en/sign-in?next=//evil.test",
    b"/xx/",
    b"/EN/",
    b"/en/trip/" + b"~" * 50,
    b"/en/trip/a~b~%C3%A9",
    b"/en/sign-in/link/%C3%A9",
    b"/en/reset/" + b"a" * 5000,
    b"/covers/%00/x.svg",
    b"/covers/1/" + b"x" * 5000 + b".svg",
]


@pytest.mark.parametrize("number", range(len(RAW_PATHS)))
async def test_odd_addresses_are_only_not_found(client: httpx.AsyncClient, number: int):
    request = client.build_request("GET", "http://testserver/")
    request.url = httpx.URL("http://testserver").copy_with(raw_path=RAW_PATHS[number])
    answer = await client.send(request)
    assert answer.status_code < 500
    assert "evil.test" not in httpx.URL(answer.headers.get("location", "")).host
    assert "a=b" not in str(answer.headers.get("set-cookie"))


ODD_COOKIES = [
    "\u00e9",
    "a~b~\u00e9",
    "~~",
    "a" * 6000,
    "%00",
    '"',
    "x~ffffffffffffffffffff~AAAA",
    "{}",
    "=",
    "\u00ff~1~2",
]


@pytest.mark.parametrize("value", ODD_COOKIES)
async def test_forged_cookies_open_and_break_nothing(client: httpx.AsyncClient, value: str):
    for name in ("bn_form", "bn_session", "bn_trips", "bn_flash", "bn_second"):
        headers = {"cookie": f"{name}={value}".encode("latin-1")}
        for path in ("/en/", "/en/trips", "/en/sign-in", "/en/sign-in/code", "/en/profile", "/"):
            assert (await client.get(path, headers=headers)).status_code in {200, 302, 303}, (name, path)
        assert (await client.post("/en/trips", headers=headers, data={"csrf": value})).status_code == 403


@pytest.fixture
async def anywhere(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver"
    ) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["evil.test", "testserver.evil.test", "", "testserver@evil.test", "evil.test:80", "[::1"]
)
async def test_other_hosts_are_refused(anywhere: httpx.AsyncClient, host: str):
    answer = await anywhere.get("/en/", headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    fine = await anywhere.get(
        "/en/", headers={"x-forwarded-host": "evil.test", "forwarded": "host=evil.test"}
    )
    assert fine.status_code == 200
    assert "evil.test" not in fine.text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "https://evil.test",
        "javascript:alert(1)",
        "/en/\r\nSet-Cookie: a=b",
        " //evil.test",
        "\t//evil.test",
        "/\t/evil.test",
        "/" + "x" * 600,
        "/\u00e9",
        "en/trips",
    ],
)
async def test_signing_in_leads_on_only_within_this_site(client: httpx.AsyncClient, target: str):
    assert not local_path(target)
    person = await make_person(email="traveller@demo.test")
    page = await client.get("/en/sign-in", params={"next": target})
    assert page.status_code == 200
    data = {"csrf": form_with(page.text, field="csrf")["data"]["csrf"], "email": person.email, "next": target}
    answer = await client.post("/en/sign-in/demo", data=data)
    assert answer.status_code == 303
    to = httpx.URL(answer.headers["location"])
    assert to.host == ""
    assert answer.headers["location"].startswith("/en/")
    assert "a=b" not in str(answer.headers.get_list("set-cookie"))


async def test_the_first_of_several_values_counts(client: httpx.AsyncClient):
    """The same field twice means the same everywhere: what was checked is what is used."""
    listing = await make_listing()
    slot = await make_start(listing)
    page = await client.get(f"/en/listings/{listing.slug}/book?slot={slot.id}&slot=999&adults=2&adults=9")
    assert "Rp 420,000" in page.text.replace("\xa0", " ")


async def test_problems_are_pages_or_json_in_ones_language(client: httpx.AsyncClient):
    page = await client.get("/id/tidak-ada")
    assert page.status_code == 404
    assert '<html lang="id"' in page.text
    machine = await client.get("/id/tidak-ada", headers={"accept": "application/json"})
    assert machine.headers["content-type"] == "application/problem+json"
    assert machine.json()["status"] == 404
    assert (await client.get("/no/where", headers={"accept-language": "en"})).text.count('lang="en"') >= 1
    weird = await client.get("/<script>alert(1)</script>")
    assert "<script>alert" not in weird.text
