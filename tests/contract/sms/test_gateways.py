"""What every gateway promises: handed over once per key, refused for good or to be tried again; and reading mail in."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime

import httpx
import pytest

from market import clock
from market.errors import Upstream
from market.notifications.sms_gateway import OutboxSmsGateway, Sms, SmsRefused
from market.sms.adapters import http
from market.sms.adapters.gammu import GammuSpool, decode
from market.sms.adapters.http import Forged, HttpSmsGateway

NUMBER = "+6281234567890"
SECRET = "a-gateway-secret-that-is-long-enough-0123"
SMS = Sms(NUMBER, "Pesanan 4821: è", "0123456789abcdef")


@pytest.fixture
def spool(tmp_path):
    for name in ("inbox", "outbox", "sent"):
        (tmp_path / name).mkdir()
    return GammuSpool(tmp_path)


# Gammu ---------------------------------------------------------------------------------------------------
async def test_a_message_is_one_whole_file_under_the_right_name(spool):
    with clock.frozen(datetime(2026, 11, 21, 10, 35, tzinfo=UTC)):
        await spool.send(SMS)
        await spool.send(SMS)  # a job that ran twice
    (file,) = (spool.folder / "outbox").iterdir()
    assert file.name == f"OUTC20261121_183500_00_{NUMBER}_0123456789abcdef.txt"
    assert file.read_text(encoding="utf-8") == SMS.text


async def test_what_the_daemon_sent_already_is_not_sent_again(spool):
    await spool.send(SMS)
    (file,) = (spool.folder / "outbox").iterdir()
    file.rename(spool.folder / "sent" / file.name)
    await spool.send(SMS)
    assert list((spool.folder / "outbox").iterdir()) == []


async def test_a_missing_folder_is_tried_again_and_a_wrong_number_never(tmp_path, spool):
    with pytest.raises(Upstream):
        await GammuSpool(tmp_path / "none").send(SMS)
    for wrong in ("../../etc/passwd", "0812", "+62 812", "+62812_x"):
        with pytest.raises(SmsRefused):
            await spool.send(Sms(wrong, "x", "k"))


def drop(spool: GammuSpool, name: str, content: bytes, *, age: float = 5) -> None:
    path = spool.folder / "inbox" / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))


async def test_the_inbox_is_read_in_order_with_long_messages_joined(spool):
    drop(spool, "IN20261121_183512_00_+6281234567890_00.txt", b"YA 4821")
    drop(spool, "IN20261121_183512_01_+6281234567890_00.txt", b"YA 4821")
    drop(spool, "IN20261122_080000_00_+6285550001111_01.txt", "belas Desember 🙏".encode("utf-16"))
    drop(spool, "IN20261122_080000_00_+6285550001111_00.txt", b"tutup dua ")
    drop(spool, "IN20261122_090000_00_3456_00.txt", b"PROMO")
    drop(spool, "IN20269999_996099_00_+6285550001111_00.txt", b"jam rusak")
    drop(spool, "IN00010101_000000_00_+6285550001111_00.txt", b"tahun satu")
    drop(spool, "IN-strange.txt", b"?")
    drop(spool, "IN20261122_100000_00_+6285550002222_00.txt", b"still being writ", age=0)
    received = await spool.collect()
    assert [(r.sender, r.text) for r in received] == [
        ("+6285550001111", "tahun satu"),
        (NUMBER, "YA 4821"),
        (NUMBER, "YA 4821"),
        ("+6285550001111", "tutup dua belas Desember 🙏"),
        ("3456", "PROMO"),
        ("+6285550001111", "jam rusak"),
    ]
    assert received[1].sent_at == received[2].sent_at == datetime(2026, 11, 21, 10, 35, 12, tzinfo=UTC)
    assert (spool.folder / "unread" / "IN-strange.txt").exists()
    for one in received:
        await spool.forget(one)
    assert [p.name for p in (spool.folder / "inbox").iterdir()] == [
        "IN20261122_100000_00_+6285550002222_00.txt"
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"YA 4821", "YA 4821"),
        ("è".encode(), "è"),
        ("YA 🙏".encode("utf-16") + b"\x00\x00\x00\x00", "YA 🙏"),
        (b"\xff\xfe" + "YA".encode("utf-16-le") + b"\x00", "YA"),
        (b"\xfe\xff" + "YA".encode("utf-16-be"), "YA"),
        (b"\xef\xbb\xbfYA", "YA"),
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"\x80abc", "\ufffdabc"),
    ],
)
def test_files_are_decoded_whatever_the_daemon_wrote(content, text):
    assert decode(content) == text


# HTTP ----------------------------------------------------------------------------------------------------
def gateway(status: int, seen: list[httpx.Request] | None = None) -> HttpSmsGateway:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status)

    return HttpSmsGateway("https://gateway.test/send", SECRET, httpx.MockTransport(answer))


async def test_a_message_is_posted_signed_with_its_key():
    seen: list[httpx.Request] = []
    await gateway(202, seen).send(SMS)
    request = seen[0]
    assert json.loads(request.content) == {"id": SMS.key, "to": NUMBER, "text": SMS.text}
    stamp = request.headers[http.TIMESTAMP]
    assert request.headers[http.SIGNATURE] == http.sign(SECRET, stamp, request.content)


@pytest.mark.parametrize("status", [200, 201, 202, 409])
async def test_taken(status):
    await gateway(status).send(SMS)


@pytest.mark.parametrize("status", [400, 404, 410, 422])
async def test_refused_for_good(status):
    with pytest.raises(SmsRefused):
        await gateway(status).send(SMS)


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500, 503])
async def test_tried_again_later(status):
    with pytest.raises(Upstream) as refusal:
        await gateway(status).send(SMS)
    assert not isinstance(refusal.value, SmsRefused)


async def test_a_gateway_that_does_not_answer_is_tried_again():
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no", request=request)

    with pytest.raises(Upstream):
        await HttpSmsGateway("https://gateway.test/", SECRET, httpx.MockTransport(silent)).send(SMS)


def test_no_secret_believes_nobody():
    now = datetime.now(UTC)
    stamp = str(int(now.timestamp()))
    with pytest.raises(Forged):
        http.read(b"{}", http.sign("", stamp, b"{}"), stamp, secret="", now=now)


async def test_without_a_gateway_nothing_leaves():
    outbox = OutboxSmsGateway()
    assert outbox.keeps_only
    await outbox.send(SMS)
