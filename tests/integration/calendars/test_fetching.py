"""Sixty and more hostile addresses that reach nothing, and a real server that may be reached by the tests' own door."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from market.calendars.adapters.fetching import MOST_BYTES, CalendarFetcher, FetchFailed
from tests.integration.calendars.site import Site, http, ics, running

FILE = ics((date(2026, 12, 21), date(2026, 12, 24)))

TYPED = [
    *(
        "http://127.0.0.1:{p}/",
        "http://localhost:{p}/",
        "http://127.1:{p}/",
        "http://0:{p}/",
        "http://0.0.0.0:{p}/",
    ),
    *(
        "http://2130706433:{p}/",
        "http://0x7f000001:{p}/",
        "http://0x7f.0.0.1:{p}/",
        "http://017700000001:{p}/",
    ),
    *("http://0177.0.0.01:{p}/", "http://127.0.0.1.:{p}/", "http://[::1]:{p}/", "http://[::]:{p}/"),
    *("http://[::ffff:127.0.0.1]:{p}/", "http://[::ffff:7f00:1]:{p}/", "http://[64:ff9b::7f00:1]:{p}/"),
    *("http://[::127.0.0.1]:{p}/", "http://[fe80::1%25lo]:{p}/", "http://[2002:7f00:1::]:{p}/"),
    *("http://user@127.0.0.1:{p}/", "http://ok.test@127.0.0.1:{p}/", "http://127.0.0.1:{p}@ok.test/"),
    *("http://ok.test#@127.0.0.1:{p}/", "http://127.0.0.1\\@ok.test:{p}/", "http://ok.test\\.127.0.0.1:{p}/"),
    *("http://①②⑦.⓪.⓪.①:{p}/", "http://127。0。0。1:{p}/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/", "http://LOCALHOST:{p}/"),
    *(
        "http://a.localhost:{p}/",
        "http://printer.local:{p}/",
        "http://db.internal:{p}/",
        "http://canary:{p}/",
    ),
    *("file:///etc/passwd", "ftp://127.0.0.1:{p}/", "gopher://127.0.0.1:{p}/_GET", "dict://127.0.0.1:{p}/"),
    *("ldap://127.0.0.1:{p}/", "data:text/calendar,BEGIN", "jar:http://127.0.0.1:{p}!/", "//127.0.0.1:{p}/"),
    *(
        "http:/127.0.0.1:{p}/",
        "http:127.0.0.1:{p}/",
        "http:///127.0.0.1:{p}/",
        " http://127.0.0.1:{p}/",
        "http://",
    ),
    *("http://127.0.0.1:{p}\r\nX: y/", "http://127.0.0.1%00.ok.test:{p}/", "http://127.0.0.1%2eok.test:{p}/"),
]
REFUSED = {"bad_address", "not_public", "no_such_host"}
RESOLVED = [
    *(
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - refused
        "10.0.0.1",
        "172.16.9.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.0.1",
    ),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *(
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "fe80::1",
        "fe80::1%lo",
        "fd00::1",
        "::127.0.0.1",
        "2001:0:7f00:1::1",
    ),
    *("198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.0.8", "240.1.1.1", "203.0.113.1", "nonsense", ""),
]


async def failure(fetcher: CalendarFetcher, url: str) -> str:
    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(url)
    return failed.value.problem


@pytest.fixture
async def canary():
    """A server on loopback that nobody may reach."""
    async with running() as site:
        yield site
        assert site.asked == []


async def test_no_hostile_address_reaches_the_canary(canary: Site):
    async def to_the_canary(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    ports = frozenset({80, 443, canary.port})
    for fetcher in (CalendarFetcher(ports=ports), CalendarFetcher(resolver=to_the_canary, ports=ports)):
        for typed in TYPED:
            assert await failure(fetcher, typed.format(p=canary.port)) in REFUSED, typed
    assert len(TYPED) + len(RESOLVED) >= 60


@pytest.mark.parametrize("address", RESOLVED)
async def test_a_good_name_with_a_bad_address_is_not_opened(canary: Site, address: str):
    async def lies(host: str, port: int) -> list[str]:
        return [address]

    async def mixed(host: str, port: int) -> list[str]:
        return ["8.8.8.8", address]

    for resolver in (lies, mixed):
        fetcher = CalendarFetcher(resolver=resolver, ports=frozenset({canary.port}))
        assert await failure(fetcher, canary.url()) == "not_public"


async def test_a_name_is_resolved_once_and_never_again(canary: Site):
    """DNS that says something else the second time gains nothing."""
    said: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        said.append(host)
        return ["203.0.113.1"] if len(said) == 1 else ["127.0.0.1"]

    fetcher = CalendarFetcher(
        resolver=rebinding, allowed=lambda a: a == "203.0.113.1", ports=frozenset({canary.port}), seconds=0.5
    )
    assert await failure(fetcher, canary.url()) in {"no_answer", "too_slow"}
    assert said == ["calendars.test"]


async def test_a_calendar_is_fetched_with_its_name_in_the_host_header():
    async with running() as site:
        site.pages["/room.ics?s=1"] = http(FILE)
        assert await site.fetcher().fetch(site.url("/room.ics?s=1")) == FILE
        assert f"host: calendars.test:{site.port}" in site.asked[0].lower()
        assert "cookie" not in site.asked[0].lower()


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("http://elsewhere.test:{p}/room.ics", "leads_elsewhere"),
        ("http://127.0.0.1:{p}/canary", "bad_address"),
        ("//169.254.169.254/latest", "bad_address"),
        ("file:///etc/passwd", "bad_address"),
        ("/old.ics", "leads_elsewhere"),
        ("", "leads_elsewhere"),
    ],
)
async def test_redirects_lead_nowhere_else(location: str, problem: str):
    async with running() as site:
        site.pages["/old.ics"] = http(
            b"", status="302 Found", headers=f"Location: {location.format(p=site.port)}\r\n"
        )
        site.pages["/canary"] = site.pages["/room.ics"] = http(FILE)
        assert await failure(site.fetcher(), site.url("/old.ics")) == problem
        assert all("/old.ics" in head for head in site.asked)


async def test_a_redirect_within_the_site_is_followed():
    async with running() as site:
        site.pages["/old.ics"] = http(b"", status="301 Moved", headers="Location: /room.ics\r\n")
        site.pages["/room.ics"] = http(FILE)
        assert await site.fetcher().fetch(site.url("/old.ics")) == FILE


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (http(b"x" * (MOST_BYTES + 1)), "too_big"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_BYTES + 1), "too_big"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", "too_big"),
        (http(gzip.compress(b"x" * 30_000_000), headers="Content-Encoding: gzip\r\n"), "too_big"),
        (http(b"not gzip", headers="Content-Encoding: gzip\r\n"), "broken"),
        (http(gzip.compress(FILE)[:-9], headers="Content-Encoding: gzip\r\n"), "broken"),
        (http(FILE, headers="Content-Encoding: br\r\n"), "refused"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN", "broken"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "broken"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", "broken"),
        (http(b"", status="404 Not Found"), "gone"),
        (http(b"", status="500 Oh"), "refused"),
        (http(b"", status="204 No Content"), "refused"),
        (b"", "broken"),
    ],
)
async def test_bad_answers_have_names(answer: bytes, problem: str):
    async with running() as site:
        site.pages["/room.ics"] = answer
        assert await failure(site.fetcher(), site.url()) == problem


async def test_compressed_calendars_are_unpacked():
    async with running() as site:
        site.pages["/room.ics"] = http(gzip.compress(FILE), headers="Content-Encoding: gzip\r\n")
        assert await site.fetcher().fetch(site.url()) == FILE


async def test_a_slow_drip_ends_in_time():
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            writer.write(b"B")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with running() as site:
        site.pages["/room.ics"] = drip
        started = asyncio.get_running_loop().time()
        assert await failure(site.fetcher(seconds=0.3), site.url()) == "too_slow"
        assert asyncio.get_running_loop().time() - started < 2


async def test_a_resolver_that_sleeps_ends_in_time():
    async def asleep(host: str, port: int) -> list[str]:
        await asyncio.sleep(5)
        return []

    fetcher = CalendarFetcher(resolver=asleep, seconds=0.2)
    assert await failure(fetcher, "http://calendars.test/") == "too_slow"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pair = folder / f"{name}.pem", folder / f"{name}.key"
    pair[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pair[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pair


async def test_tls_asks_for_the_name_and_checks_it(tmp_path: Path):
    named: list[str | None] = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem, key = certificate(tmp_path, "calendars.test")
    serving.load_cert_chain(pem, key)
    serving.sni_callback = lambda _, name, __: named.append(name)
    async with running(serving) as site:
        site.pages["/room.ics"] = http(FILE)
        url = site.url().replace("http://", "https://")
        trusting = ssl.create_default_context(cafile=str(pem))
        assert await site.fetcher(tls=trusting).fetch(url) == FILE
        assert named == ["calendars.test"]
        assert await failure(site.fetcher(), url) == "tls"
        other = url.replace("calendars.test", "other.test")
        assert await failure(site.fetcher(tls=trusting), other) == "tls"


async def test_a_name_that_does_not_exist_is_said_so():
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert await failure(CalendarFetcher(resolver=unknown), "https://calendars.test/") == "no_such_host"
