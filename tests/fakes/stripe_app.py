"""A small Stripe that the real `stripe` library talks to: an ASGI app over `stripe_books`.

It keeps idempotency keys (same key and facts: same answer; other facts: refused; still running: 409), signs and
delivers webhooks (once, twice, shuffled, or not at all), shows a page to pay at, and fails on demand. Tests use
it in-process through `serve`; browser journeys start it as a program:
`python -m tests.fakes.stripe_app --port 9000 --webhook-url http://127.0.0.1:8000/webhooks/stripe --secret whsec_x`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import html
import json
import random
import re
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fakes.stripe_books import ApiError, Books, Object, invalid

WEBHOOK_SECRET = "whsec_test"
_BRACKETS = re.compile(r"[^\[\]]+")


def sign(body: bytes, secret: str, at: int | None = None) -> str:
    """The `Stripe-Signature` header of a body."""
    moment = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mac}"


def nested(pairs: list[tuple[str, str]]) -> Object:
    """`a[b][0]=c` as nested dictionaries, the way Stripe reads forms."""
    result: Object = {}
    for name, value in pairs:
        parts = _BRACKETS.findall(name)
        place = result
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return result


@dataclass
class Fault:
    """Something goes wrong with the next `times` requests whose `METHOD /path` contains `match`."""

    match: str
    kind: str  # hang: no answer in time; before: 500, nothing done; after: done, and 500 all the same
    times: int = 1


class FakeStripe:
    """The app and its switches."""

    def __init__(
        self, *, secret: str = WEBHOOK_SECRET, webhook_url: str = "", books: Books | None = None
    ) -> None:
        self.books = books or Books()
        self.secret = secret
        self.webhook_url = webhook_url
        self.base_url = ""
        self.hang_seconds = 30.0
        self.most_on_a_page = 100
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self._delivered = 0
        self._keys: dict[str, tuple[str, Response | None]] = {}
        self.app = Starlette(routes=self._routes())

    def fail(self, match: str, kind: str, times: int = 1) -> None:
        """Arrange a fault."""
        self.faults.append(Fault(match, kind, times))

    def counted(self, match: str) -> int:
        """How many requests contained `match`."""
        return sum(match in line for line in self.requests)

    # Webhooks -----------------------------------------------------------------------------------------------
    def new_events(self) -> list[Object]:
        """Events since the last call."""
        fresh = self.books.events[self._delivered :]
        self._delivered = len(self.books.events)
        return fresh

    def message(
        self, event: Object, *, at: int | None = None, secret: str | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """An event as it travels: body and headers."""
        body = json.dumps(event).encode()
        signature = sign(body, secret or self.secret, at)
        return body, {"stripe-signature": signature, "content-type": "application/json"}

    async def deliver(
        self,
        client: httpx.AsyncClient,
        *,
        copies: int = 1,
        shuffle: random.Random | None = None,
        url: str = "",
    ) -> list[int]:
        """Send what has happened since; the answers' statuses."""
        batch = self.new_events() * copies
        if shuffle:
            shuffle.shuffle(batch)
        statuses: list[int] = []
        for event in batch:
            body, headers = self.message(event)
            response = await client.post(
                url or self.webhook_url or "/webhooks/stripe", content=body, headers=headers
            )
            statuses.append(response.status_code)
        return statuses

    async def _deliver_alone(self) -> None:
        if self.webhook_url:
            async with httpx.AsyncClient(timeout=10) as client:
                await self.deliver(client)

    # HTTP ---------------------------------------------------------------------------------------------------
    def _routes(self) -> list[Route]:
        books = self.books
        api: list[tuple[str, str, Callable[[str, Object], Object]]] = [
            ("POST", "/v1/checkout/sessions", lambda _id, params: self._create_session(params)),
            ("GET", "/v1/checkout/sessions", lambda _id, params: self._list_sessions(params)),
            ("GET", "/v1/checkout/sessions/{id}", lambda obj_id, _params: books.session(obj_id)),
            (
                "POST",
                "/v1/checkout/sessions/{id}/expire",
                lambda obj_id, _params: books.expire_session(obj_id),
            ),
            ("GET", "/v1/payment_intents/{id}", lambda obj_id, _params: books.intent(obj_id)),
            ("POST", "/v1/payment_intents/{id}/capture", books.capture),
            ("POST", "/v1/payment_intents/{id}/cancel", lambda obj_id, _params: books.cancel(obj_id)),
            ("POST", "/v1/refunds", lambda _id, params: books.create_refund(params)),
            ("GET", "/v1/refunds", lambda _id, params: self._list_refunds(params)),
            ("POST", "/v1/transfers", lambda _id, params: books.create_transfer(params)),
            ("GET", "/v1/transfers", lambda _id, params: self._list_transfers(params)),
            ("GET", "/v1/balance_transactions/{id}", lambda obj_id, _params: books.balance[obj_id]),
        ]
        routes = [Route(path, self._api(act), methods=[method]) for method, path, act in api]
        return [*routes, Route("/c/pay/{id}", self._page, methods=["GET", "POST"])]

    def _create_session(self, params: Object) -> Object:
        session = self.books.create_session(params)
        session["url"] = f"{self.base_url}/c/pay/{session['id']}"
        return session

    def _list_refunds(self, params: Object) -> Object:
        data = self.books.list_refunds(params.get("payment_intent", ""))
        return self._page_of(data, params, "/v1/refunds")

    def _list_sessions(self, params: Object) -> Object:
        sessions = [self.books.session(name) for name in reversed(self.books.sessions)]
        paths = [path.removeprefix("data.") for path in params.pop("expand", {}).values()]
        page = self._page_of(sessions, params, "/v1/checkout/sessions")
        return {**page, "data": [self.books.expanded(session, paths) for session in page["data"]]}

    def _page_of(self, data: list[Object], params: Object, url: str) -> Object:
        """A page of a list, the newest first, beginning after `starting_after`."""
        since = int(params.get("created", {}).get("gte", 0))
        wanted = [one for one in data if one["created"] >= since]
        after = params.get("starting_after")
        start = next((n for n, one in enumerate(wanted, start=1) if one["id"] == after), 0)
        most = min(int(params.get("limit", 10)), self.most_on_a_page)
        page = wanted[start : start + most]
        return {"object": "list", "data": page, "has_more": start + most < len(wanted), "url": url}

    def _list_transfers(self, params: Object) -> Object:
        data = [t for t in self.books.transfers.values() if t["transfer_group"] == params["transfer_group"]]
        return {"object": "list", "data": data[:1], "has_more": False, "url": "/v1/transfers"}

    def _api(self, act: Callable[[str, Object], Object]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            line = f"{request.method} {request.url.path}"
            self.requests.append(line)
            body = (await request.body()).decode()
            params = nested(
                parse_qsl(body if request.method == "POST" else request.url.query, keep_blank_values=True)
            )
            if not request.headers.get("authorization", "").startswith("Bearer sk_"):
                return _error(ApiError(401, "invalid_request_error", "api_key_missing"))
            obj_id = request.path_params.get("id", "")
            fault = self._fault(line)
            if fault == "before":
                return _error(ApiError(500, "api_error", "internal"))
            answer = self._once(request, f"{line} {body}", lambda: self._answer(act, obj_id, params))
            if fault == "hang":
                await asyncio.sleep(self.hang_seconds)
            return _error(ApiError(500, "api_error", "internal")) if fault == "after" else answer

        return endpoint

    def _answer(self, act: Callable[[str, Object], Object], obj_id: str, params: Object) -> Response:
        try:
            obj = act(obj_id, params)
        except ApiError as error:
            return _error(error)
        return JSONResponse(self.books.expanded(obj, list(params.get("expand", {}).values())))

    def _once(self, request: Request, facts: str, answer: Callable[[], Response]) -> Response:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return answer()
        known = self._keys.get(key)
        if known is not None:
            if known[0] != facts:
                return _error(ApiError(400, "idempotency_error", "idempotency_key_reused"))
            if known[1] is None:
                return _error(ApiError(409, "idempotency_error", "idempotency_key_in_use"))
            return known[1]
        response = answer()
        self._keys[key] = (facts, response)
        return response

    def hold_key(self, key: str, facts: str) -> None:
        """Make a key look as if its first request were still running."""
        self._keys[key] = (facts, None)

    def _fault(self, line: str) -> str:
        for fault in self.faults:
            if fault.times and fault.match in line:
                fault.times -= 1
                return fault.kind
        return ""

    async def _page(self, request: Request) -> Response:
        """The hosted page: pay, decline, or go back."""
        session_id = request.path_params["id"]
        try:
            session = self.books.session(session_id)
            if request.method == "POST":
                form = dict(parse_qsl((await request.body()).decode()))
                return self._pressed(session, form.get("press", ""))
        except ApiError as error:
            return _error(error)
        amount = html.escape(f"Rp {session['amount_total'] // 100}")
        back = html.escape(session["cancel_url"])
        return HTMLResponse(
            f"<!DOCTYPE html><html lang=en><title>Pay</title><h1>{html.escape(session['title'])}</h1><p>{amount}</p>"
            "<form method=post><button name=press value=pay>Pay</button>"
            "<button name=press value=decline>Decline</button></form>"
            f"<p>{session['status']}</p><a href='{back}'>Back</a></html>"
        )

    def _pressed(self, session: Object, press: str) -> Response:
        after = BackgroundTask(self._deliver_alone)
        if press == "pay":
            self.books.pay(session["id"])
            return RedirectResponse(session["success_url"], 303, background=after)
        if press == "decline":
            self.books.decline(session["id"])
            return RedirectResponse(f"/c/pay/{session['id']}", 303, background=after)
        raise invalid("parameter_invalid")


def _error(error: ApiError) -> Response:
    return JSONResponse(error.body, status_code=error.status)


@asynccontextmanager
async def serve(fake: FakeStripe) -> AsyncGenerator[str]:
    """The fake on a free loopback port for the length of a block; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        fake.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(fake.app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        server.capture_signals = _no_signals  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield fake.base_url
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


def _no_signals() -> Any:
    """The test runner keeps its own signal handlers."""
    from contextlib import nullcontext

    return nullcontext()


def main() -> None:
    parser = argparse.ArgumentParser(description="A small Stripe for browser journeys.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--secret", default=WEBHOOK_SECRET)
    options = parser.parse_args()
    fake = FakeStripe(secret=options.secret, webhook_url=options.webhook_url)
    fake.base_url = f"http://127.0.0.1:{options.port}"
    uvicorn.run(fake.app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
