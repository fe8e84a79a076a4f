"""The door through which the mail server hands over answers: the mail as it came, signed."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from market import clock
from market.errors import NotFound
from market.media.storage import Storage
from market.messaging import mail_replies
from market.web.guards import SIGNED_MESSAGE, page
from market.web.request import settings, tools

SIGNATURE, TIMESTAMP = "x-benang-signature", "x-benang-timestamp"


async def webhook(request: Request) -> Response:
    """Take one signed mail in: 200 whatever became of it, 400 when it is not our mail server's."""
    config = settings(request)
    if not config.mail_inbound:
        raise NotFound
    now, body = clock.now(), await request.body()
    mail_replies.check(
        body,
        request.headers.get(SIGNATURE, ""),
        request.headers.get(TIMESTAMP, ""),
        secret=config.mail_inbound_secret,
        now=now,
    )
    outcome, fresh = await mail_replies.receive(
        body, config=config, storage=tools(request).of(Storage), now=now
    )
    return JSONResponse({"outcome": outcome.value, "duplicate": not fresh})


routes = [
    page(
        "/webhooks/mail",
        webhook,
        access=SIGNED_MESSAGE,
        name="messaging:mail",
        methods=("POST",),
        max_body=mail_replies.MOST_BYTES,
    )
]
