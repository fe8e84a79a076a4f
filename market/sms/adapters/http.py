"""A signed HTTP gateway: messages go out as signed JSON, and come in to `/webhooks/sms` signed the same way.

The signature is HMAC-SHA256 over `timestamp.body` in hex, in `X-Benang-Signature` beside `X-Benang-Timestamp`
(seconds since 1970). A delivery older than 300 s, or ahead of our clock by more, is not believed; networks may
have held its message for up to 30 days.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Annotated, Final

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from market import clock, db
from market.errors import Invalid, Upstream
from market.notifications.sms_gateway import Sms, SmsRefused
from market.values.text import lazy

SIGNATURE, TIMESTAMP = "x-benang-signature", "x-benang-timestamp"
TOLERANCE_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 15
_OLDEST_SECONDS: Final = 30 * 24 * 3600
_ALREADY_TAKEN: Final = 409
_REFUSALS: Final = frozenset({400, 404, 410, 422})


class Forged(Invalid):
    """The signature, its age or the form of a message is not right."""

    code = "forged"
    message = lazy("This message is not signed by our gateway.")


class Inbound(BaseModel):
    """A message as the gateway delivers it. `sent_at` is when the service centre took it."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    sender: Annotated[str, Field(alias="from", max_length=40)]
    text: Annotated[str, Field(max_length=2000)]
    sent_at: AwareDatetime


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def read(body: bytes, signature: str, timestamp: str, *, secret: str, now: datetime) -> Inbound:
    """A verified message. Raises Forged for everything else, without saying what was wrong."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Forged
    if not hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode()):
        raise Forged
    try:
        message = Inbound.model_validate_json(body)
    except ValidationError as error:
        raise Forged from error
    if abs(now.timestamp() - message.sent_at.timestamp()) > _OLDEST_SECONDS:
        raise Forged
    return message


class HttpSmsGateway:
    """Posts each message to one address. 2xx and 409 (known already) are taken, 400, 404, 410, 422 final."""

    keeps_only = False

    def __init__(self, url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._secret = secret
        self._transport = transport

    async def send(self, sms: Sms) -> None:
        db.assert_idle()
        body = json.dumps({"id": sms.key, "to": sms.to, "text": sms.text}).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "content-type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._secret, timestamp, body),
        }
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Upstream("sms", detail=type(error).__name__) from error
        if answer.status_code in _REFUSALS:
            raise SmsRefused(detail=f"the gateway answered {answer.status_code}")
        if not answer.is_success and answer.status_code != _ALREADY_TAKEN:
            raise Upstream("sms", detail=f"the gateway answered {answer.status_code}")
