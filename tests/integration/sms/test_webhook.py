"""The gateway's door: signed messages take effect once, everything else has none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.settings import SmsAccess
from market.sms import numbers
from market.sms.adapters import http
from market.sms.numbers import State
from tests import factories
from tests.integration.sms.phones import NUMBER, OWN

SECRET = "a-gateway-secret-that-is-long-enough-0123"


@pytest.fixture
def settings(settings):
    return replace(settings, sms=SmsAccess(None, "https://gateway.test/send", SECRET, OWN))


async def deliver(
    client: httpx.AsyncClient, message: object, *, secret: str = SECRET, age: int = 0, body: bytes = b""
) -> httpx.Response:
    raw = body or json.dumps(message).encode()
    stamp = str(int((clock.now() - timedelta(seconds=age)).timestamp()))
    headers = {http.TIMESTAMP: stamp, http.SIGNATURE: http.sign(secret, stamp, raw)}
    return await client.post("/webhooks/sms", content=raw, headers=headers)


async def test_the_door_takes_signed_messages_once(client, tools):
    host = await factories.make_host()
    noon = clock.now()
    await numbers.invite(
        NUMBER, organisation_id=host.id, by=None, by_name="Yeremias", locale="id", own=OWN, now=noon
    )
    message = {"from": NUMBER, "text": "YA", "sent_at": noon.isoformat()}
    first = await deliver(client, message)
    assert (first.status_code, first.json()) == (200, {"received": True, "duplicate": False})
    second = await deliver(client, message)
    assert (second.status_code, second.json()) == (200, {"received": True, "duplicate": True})
    assert (await numbers.find(NUMBER)).state is State.ACTIVE


async def test_forged_old_future_and_shapeless_messages_have_no_effect(client, tools):
    good = {"from": NUMBER, "text": "STOP", "sent_at": clock.now().isoformat()}
    for answer in [
        await deliver(client, good, secret="another-secret-that-is-long-enough-0123"),
        await deliver(client, good, age=301),
        await deliver(client, good, age=-302),
        await deliver(client, {"from": NUMBER, "text": "STOP", "sent_at": "2026-12-12T10:00:00"}),
        await deliver(client, {"from": NUMBER, "text": "STOP", "sent_at": "9999-12-31T23:59:59-12:00"}),
        await deliver(client, {"text": "STOP"}),
        await deliver(client, good, body=b"\xff\xfe not json"),
        await deliver(client, {**good, "text": "x" * 2001}),
        await client.post("/webhooks/sms", content=b"{}"),
        await client.post(
            "/webhooks/sms",
            content=b"{}",
            headers=[(http.TIMESTAMP.encode(), b"9" * 12), (http.SIGNATURE.encode(), b"\xfc")],
        ),
    ]:
        assert answer.status_code == 400
    assert (await client.post("/webhooks/sms", content=b"x" * 20_000)).status_code == 413
    assert await db.fetch("SELECT id FROM sms_inbound") == []
