"""Routes that declare who may use them. A route without a declared access does not exist: `page` demands it.

The guard runs before the endpoint: language, access, form token. Ownership (is this booking mine?) is the
query's duty: a foreign id is not found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market import db
from market.errors import Forbidden, NotFound, Upstream
from market.i18n.locales import is_locale
from market.outbox import maintenance
from market.values.text import lazy
from market.web import csrf
from market.web.request import viewer

Endpoint = Callable[[Request], Awaitable[Response]]
FORM_BYTES = 256 * 1024
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TOO_LARGE = 413
_LONGEST_NUMBER = 18
_LARGEST_ID = 2**63 - 1


class _RowNumber(Convertor[int]):
    """Numbers in paths, no longer than a row's: the toolkit's own would fail over thousands of digits."""

    regex = "[0-9]{1,19}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("int", _RowNumber())


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route: anyone, anyone signed in, or holders of one of some roles."""

    name: str
    signed_in: bool = False
    roles: frozenset[str] = frozenset()
    demo_only: bool = False
    form_token: bool = True


ANYONE = Access("anyone")
SIGNED_IN = Access("signed in", signed_in=True)
HOST = Access("host", signed_in=True, roles=frozenset({"host"}))
SUPPLIER = Access("supplier", signed_in=True, roles=frozenset({"supplier"}))
HOTEL = Access("hotel", signed_in=True, roles=frozenset({"hotel"}))
OFFICER = Access("officer", signed_in=True, roles=frozenset({"officer"}))
OPERATOR = Access("operator", signed_in=True, roles=frozenset({"operator"}))
DEMO = Access("anyone, in demo mode", demo_only=True)
SIGNED_MESSAGE = Access("a machine that signs its messages", form_token=False)


class ReadOnly(Forbidden):
    """Staff look at the site as somebody else: nothing can be changed, and nobody's secrets are shown."""

    code = "read_only"
    message = lazy(
        "You look at this site as somebody else, so nothing can be changed and some pages stay shut."
        " Nothing was changed. End the visit first."
    )


class UnderRepair(Upstream):
    """The site is being put back in order: guests wait outside, and machines come again by themselves."""

    code = "under_repair"
    message = lazy(
        "We are putting this site back in order, and nothing can be booked, paid or changed meanwhile. What you"
        " booked and paid is on record, with us or with the payment service, and is being checked."
    )


REPAIRERS = frozenset({"operator", "administrator"})
"""Who comes in while the site is under repair."""


class GuardedRoute(Route):
    """A route that remembers its declared access, so that start-up and tests can list them all.

    `own_eyes`: shut to staff who look on as somebody. `while_looking`: what they may do all the same.
    `under_repair`: open to everybody while the site is under repair; others then to operators alone.
    """

    access: Access
    under_repair: bool
    own_eyes: bool
    while_looking: bool


def page(
    path: str,
    endpoint: Endpoint,
    *,
    access: Access,
    name: str,
    methods: tuple[str, ...] = ("GET",),
    max_body: int = FORM_BYTES,
    own_eyes: bool = False,
    while_looking: bool = False,
    under_repair: bool = False,
) -> GuardedRoute:
    """Declare a route. `/{locale}` in the path makes it a page of a language; unsafe methods need a form token.

    Staff who look on as somebody change nothing, whatever the route: unsafe methods are refused, and so is any
    write of a page that is only read. While the site is under repair only operators come in, but for routes that
    say otherwise.
    """

    async def guarded(request: Request) -> Response:
        if _announced(request) > max_body:
            raise HTTPException(_TOO_LARGE)
        if not _usable(request.path_params):
            raise NotFound
        shut = maintenance.known() is not None and not under_repair
        if shut and not (REPAIRERS & viewer(request).roles):
            raise UnderRepair
        refusal = _refusal(request, access)
        if refusal is not None:
            return refusal
        looking = viewer(request).looking is not None and not while_looking
        if looking and (own_eyes or request.method in UNSAFE):
            raise ReadOnly
        if request.method in UNSAFE and access.form_token:
            await csrf.check(request)
        with db.read_only(ReadOnly) if looking else nullcontext():
            return await endpoint(request)

    route = GuardedRoute(path, guarded, methods=list(methods), name=name)
    route.app = _Limited(route.app, max_body)
    route.access, route.own_eyes, route.while_looking = access, own_eyes, while_looking
    route.under_repair = under_repair
    return route


def _announced(request: Request) -> int:
    """How many bytes the request says it brings; 0 when it does not say."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) <= _LONGEST_NUMBER else 0


class _Limited:
    """Stops reading a body that grows beyond its route's limit, whatever it announced.

    The toolkit's own limit answers with bare words, outside of headers and languages; this one ends in a page.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise HTTPException(_TOO_LARGE)
            return message

        await self.app(scope, counted, send)


def _usable(params: Mapping[str, object]) -> bool:
    """A language we speak, no number beyond a row's, and no NUL byte or lone surrogate: no database takes those."""
    values = params.values()
    texts = [value for value in values if isinstance(value, str)]
    broken = any(c == "\x00" or "\ud800" <= c <= "\udfff" for text in texts for c in text)
    broken = broken or any(isinstance(value, int) and value > _LARGEST_ID for value in values)
    return not broken and ("locale" not in params or is_locale(str(params["locale"])))


def _refusal(request: Request, access: Access) -> Response | None:
    """None to go on; a redirect to sign in; or raises NotFound / Forbidden."""
    if access.demo_only and not request.app.state.demo:
        raise NotFound
    who = viewer(request)
    if access.signed_in and not who.signed_in:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method in UNSAFE:
            target = ""
        locale = request.path_params.get("locale", "id")
        return RedirectResponse(f"/{locale}/sign-in?next={quote(target, safe='')}", status_code=303)
    if access.roles and not (access.roles & who.roles):
        raise Forbidden
    return None
