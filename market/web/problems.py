"""The one place that turns a refusal into an answer: a page in the visitor's language, or problem+json.

Expected refusals are logged as information; only what nobody expected is an error.
"""

from __future__ import annotations

import http
from dataclasses import dataclass

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from market.errors import DomainError, Forbidden, Invalid, NotFound, Refused, TooMany, Upstream
from market.i18n.locales import is_locale
from market.i18n.messages import translate
from market.i18n.negotiate import negotiate
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls
from market.web.guards import UnderRepair
from market.web.render import render
from market.web.security import headers_of

log = structlog.get_logger()
_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (TooMany, 429),
    (Refused, 409),
    (Invalid, 400),
    (Upstream, 503),
)
_TITLES: dict[int, Text] = {
    400: lazy("Please check what you entered"),
    403: lazy("Not open to you"),
    404: lazy("Page not found"),
    405: lazy("This page does not work that way"),
    409: lazy("This cannot be done now"),
    413: lazy("That is too large"),
    429: lazy("Please wait a little"),
    500: lazy("Something went wrong on our side"),
    503: lazy("Please try again in a moment"),
}
_REPAIR_TITLE = lazy("Back soon")
_DETAILS: dict[int, Text] = {
    404: lazy("The address may be mistyped, or the page has moved. Nothing was lost."),
    405: lazy("Please go back and use the buttons on the page."),
    413: lazy("What you sent is larger than we can take. Photos may be at most 15 MB."),
    500: lazy("We have noted it and will look into it. What was saved before is still there."),
}

_LOST_BOOKING = lazy(
    "This booking cannot be opened from this device. If it is yours, we send a link to the address you booked with."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem page says."""

    title: str
    detail: str
    actions: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """Context of problems/*.html."""

    problem: Problem


def status_of(error: DomainError) -> int:
    """The HTTP status of a kind of refusal."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def _language(request: Request) -> str:
    first = request.url.path.split("/", 2)[1] if "/" in request.url.path else ""
    return first if is_locale(first) else negotiate(request.headers.get("accept-language", ""))


def answer(request: Request, status: int, message: Text | None, code: str) -> Response:
    """A problem page or problem+json with a status."""
    language = _language(request)
    request.state.locale = language
    repair = code == UnderRepair.code
    title = translate(_REPAIR_TITLE if repair else _TITLES.get(status, _TITLES[400]), language)
    detail = translate(message or _DETAILS.get(status, lazy("Something did not work.")), language)
    if _wants_json(request):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
        return JSONResponse(body, status_code=status, media_type="application/problem+json")
    lost_booking = status == http.HTTPStatus.NOT_FOUND and request.url.path.split("/")[2:3] == ["bookings"]
    if lost_booking:  # says the same whether there is such a booking or not
        detail = translate(_LOST_BOOKING, language)
    actions = [
        (urls.path("bookings:trips", locale=language), translate(lazy("Find my booking"), language))
        if lost_booking
        else (
            urls.path("discovery:search", locale=language),
            translate(lazy("Find an experience"), language),
        ),
        (urls.path("discovery:home", locale=language), translate(lazy("Go to the front page"), language)),
    ]
    if repair:  # every door leads here, so none is shown
        actions = []
    template = _REPAIR if repair else f"problems/{status if status in _PAGES else 400}.html"
    return render(
        request,
        template,
        ProblemPage(Problem(title, detail, actions)),
        title=title,
        status=status,
        robots="noindex",
    )


_COME_BACK_SECONDS = "600"
_REPAIR = "problems/repair.html"
_PAGES = frozenset({400, 403, 404, 409, 413, 429, 500, 503})


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return request.url.path.startswith(("/webhooks/", "/healthz")) or (
        "json" in accept and "text/html" not in accept
    )


async def domain_error(request: Request, error: Exception) -> Response:
    """Answer an expected refusal."""
    if not isinstance(error, DomainError):
        raise TypeError("only domain errors come here") from error
    status = status_of(error)
    log.info("refused", code=error.code, status=status, path=request.url.path)
    response = answer(request, status, None if type(error) is NotFound else error.message, error.code)
    if isinstance(error, TooMany):
        response.headers["retry-after"] = str(error.facts.get("retry_after", 300))
    if isinstance(error, UnderRepair):
        response.headers["retry-after"] = _COME_BACK_SECONDS
    return response


async def http_error(request: Request, error: Exception) -> Response:
    """Answer what the toolkit itself refused (no route, wrong method, body too large)."""
    if not isinstance(error, HTTPException):
        raise TypeError("only HTTP exceptions come here") from error
    response = answer(request, error.status_code, None, http.HTTPStatus(error.status_code).name.lower())
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def unexpected(request: Request, error: Exception) -> Response:
    """Answer what nobody expected, without saying more than a visitor should know."""
    log.error("unexpected", path=request.url.path, exc_info=error)
    response = answer(request, 500, None, "unexpected")
    # This answer is given outside every middleware, so it brings what they would have added.
    for name, value in headers_of(request.app.state.tools.of(Settings)):
        response.headers.setdefault(name.decode(), value.decode())
    return response
