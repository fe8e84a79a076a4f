"""The port an SMS leaves through, and the gateway that keeps everything here. Others live in `market.sms`.

A gateway knows nothing about opt-in, quiet hours or limits: those are decided before a message is queued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from market import db
from market.errors import Upstream


@dataclass(frozen=True, slots=True)
class Sms:
    """One message of one part. `key` stays the same when it is tried again: a gateway sends it once."""

    to: str
    text: str
    key: str


class SmsRefused(Upstream):
    """The gateway will never send this message: trying again does not help."""

    code = "sms_refused"


class SmsGateway(Protocol):
    """Hands messages over. Raises Upstream when that may work later, SmsRefused when it never will."""

    @property
    def keeps_only(self) -> bool: ...

    async def send(self, sms: Sms) -> None: ...


class OutboxSmsGateway:
    """Sends nothing: the delivery row is the message, and the outbox page shows it."""

    keeps_only = True

    async def send(self, sms: Sms) -> None:
        db.assert_idle()
