"""What these pages share: titles and errors of failed forms, and opening a session for somebody proved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import queries, service, sessions
from market.accounts.rights import COMMITTEE
from market.accounts.service import Known
from market.errors import DomainError, Invalid, TooMany
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form
from market.web.problems import status_of
from market.web.render import redirect, words
from market.web.request import locale, settings, viewer
from market.web.signing import sign, unsign

log = structlog.get_logger()
HALFWAY_COOKIE = "bn_second"
_HALFWAY_LIVES = timedelta(minutes=10)
# Where the day of a role begins; somebody with several begins at the first of these.
_DESKS: Final = {
    "host": "console:host",
    "supplier": "suppliers:workspace",
    "hotel": "sourcing:index",
    "officer": "claims:officer_queue",
    "operator": "console:operator",
    COMMITTEE: "payouts:own_funds",
}
UNPROCESSABLE = 422


def titled(request: Request, title: Text, *forms: Form[Any]) -> str:
    """The page's title; a failed form is announced there first, where screen readers begin."""
    if any(form.errors for form in forms):
        return words(request, lazy("Fix: %(title)s", title=title))
    return words(request, title)


def blame(request: Request, form: Form[Any], error: DomainError, field: str = "") -> int:
    """Show a refusal at its field (or at the top of the form); the status of the answer."""
    at = (error.field if isinstance(error, Invalid) else None) or field
    form.add_error(at, words(request, error.message))
    return UNPROCESSABLE if isinstance(error, Invalid) else status_of(error)


def status_for(*forms: Form[Any]) -> int:
    """200, or 422 when a form has errors."""
    return UNPROCESSABLE if any(form.errors for form in forms) else 200


def hold_back(response: Response, error: DomainError) -> Response:
    """Say when to try again, where a limit was reached."""
    if isinstance(error, TooMany):
        response.headers["retry-after"] = str(error.facts.get("retry_after", 300))
    return response


def device(request: Request) -> str:
    return sessions.device_label(request.headers.get("user-agent", "")[:400])


async def enter(request: Request, known: Known, next_path: str) -> Response:
    """The first factor was right: ask for the second where there is one, otherwise open a session."""
    if not known.second_factor:
        return await open_session(request, known, next_path)
    config = settings(request)
    value = json.dumps([known.person_id, known.stamp, next_path]).encode().hex()
    signed = sign(value, "second factor", config.secrets, clock.now() + _HALFWAY_LIVES)
    response = redirect(request, urls.path("accounts:second_factor", locale=locale(request)))
    response.set_cookie(
        HALFWAY_COOKIE,
        signed,
        max_age=int(_HALFWAY_LIVES.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=config.secure,
        path="/",
    )
    return response


async def halfway(request: Request) -> tuple[Known, str] | None:
    """Who waits for the second factor, and where to; None when nobody does (any more)."""
    raw = request.cookies.get(HALFWAY_COOKIE)
    value = unsign(raw, "second factor", settings(request).secrets) if raw else None
    if value is None:
        return None
    person_id, stamp, next_path = json.loads(bytes.fromhex(value))
    known = await service.known(person_id)
    return (known, next_path) if known is not None and known.stamp == stamp else None


async def open_session(request: Request, known: Known, next_path: str) -> Response:
    """Begin a session in place of any old one and lead on: to `next_path`, a desk, or the front page."""
    config = settings(request)
    started = await sessions.rotate_session(
        viewer(request).session_hash, known.person_id, device=device(request)
    )
    log.info("signed in", person=known.person_id, second_factor=known.second_factor)
    roles = await queries.roles_of(known.person_id)
    flash: Text | None = None
    to = next_path or _desk(roles, locale(request))
    if roles & sessions.STAFF and not known.second_factor and not config.demo:
        to = urls.path("accounts:second_factor_setup", locale=locale(request))
        flash = lazy("Your role needs a second factor. Set it up now; then your pages open.")
    response = redirect(request, to, flash=flash, kind="wait")
    sessions.put_cookie(response, started, config)
    if HALFWAY_COOKIE in request.cookies:
        response.delete_cookie(HALFWAY_COOKIE, path="/")
    return response


def _desk(roles: frozenset[str], language: str) -> str:
    """Where a day starts: a desk of one's own, or the front page."""
    route = next((_DESKS[role] for role in _DESKS if role in roles), "discovery:home")
    return urls.path(route, locale=language)
