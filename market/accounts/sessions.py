"""Signed-in browsers: from a cookie to the `Viewer` that pages see, and back.

A session is a row; the cookie holds its secret and the row only the secret's hash. Without the cookie nothing
is asked of the database. The secret changes at sign-in and at every step up, and a session ends on this side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from market import clock, db
from market.accounts import rights
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Forbidden
from market.settings import Settings
from market.values.ids import new_token, token_hash
from market.values.text import lazy
from market.web import urls
from market.web.request import SESSION_COOKIE, LookingOn, Viewer, locale, viewer

STAFF: Final = frozenset({"officer", "operator", "administrator"})
IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
STAFF_LONGEST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=10)
_WITHOUT_VIEWER = ("/static/", "/covers/", "/healthz")
_COOKIE = f"{SESSION_COOKIE}=".encode()


class NotFresh(Forbidden):
    """This act asks that the person proved who they are a moment ago."""

    code = "not_fresh"
    message = lazy("Please confirm that it is you, then try again. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Started:
    """A new session: the secret for the cookie, its hash, and how long the cookie may live."""

    token: str
    hash: str
    expires_at: datetime
    keep_seconds: int


class Locked(Forbidden):
    """Operators have shut this account's sign-in."""

    code = "locked"
    message = lazy("Signing in to this account is locked. Please write to us; what is yours is still there.")


async def start_session(person_id: int, *, device: str = "") -> Started:
    """Begin a session for somebody who has just proved who they are. Raises Locked."""
    now = clock.now()
    staff = await _is_staff(person_id)
    shut = await db.fetch_one(
        "SELECT 1 AS yes FROM person WHERE id = $1 AND locked_at IS NOT NULL", person_id
    )
    if shut is not None:
        raise Locked
    token = new_token()
    started = Started(
        token=token,
        hash=token_hash(token),
        expires_at=now + (STAFF_LONGEST if staff else IDLE),
        keep_seconds=int((STAFF_LONGEST if staff else LONGEST).total_seconds()),
    )
    await db.execute(
        "INSERT INTO web_session (token_hash, person_id, created_at, seen_at, expires_at, stepped_up_at,"
        " device) VALUES ($1, $2, $3, $3, $4, $3, $5)",
        started.hash,
        person_id,
        now,
        started.expires_at,
        device[:80],
    )
    return started


async def _is_staff(person_id: int) -> bool:
    rows = await db.fetch("SELECT role FROM membership WHERE person_id = $1", person_id)
    return any(row["role"] in STAFF for row in rows)


async def rotate_session(old_hash: str, person_id: int, *, device: str = "") -> Started:
    """Exchange a session's secret for a new one (sign-in over an old session, step up)."""
    async with db.transaction():
        await end_session(old_hash)
        return await start_session(person_id, device=device)


async def end_session(session_hash: str) -> None:
    """This session is over; the cookie that still carries its secret opens nothing."""
    await db.execute("DELETE FROM web_session WHERE token_hash = $1", session_hash)


async def end_all_sessions(person_id: int, *, but: str = "") -> int:
    """End every session of a person (but one); how many ended."""
    return await db.execute(
        "DELETE FROM web_session WHERE person_id = $1 AND token_hash <> $2", person_id, but
    )


async def end_every_session() -> int:
    """Everybody signs in again (after a restore: sessions that had ended would live once more); how many ended."""
    return await db.execute("DELETE FROM web_session")


async def look_as(session_hash: str, person_id: int, until: datetime) -> None:
    """Until then this session shows the site as that person sees it. Who may, and that it is told, is decided above."""
    await db.execute(
        "UPDATE web_session SET viewing_id = $2, viewing_until = $3 WHERE token_hash = $1",
        session_hash,
        person_id,
        until,
    )


async def look_as_oneself(session_hash: str) -> None:
    """This session is its owner's again."""
    await db.execute(
        "UPDATE web_session SET viewing_id = NULL, viewing_until = NULL WHERE token_hash = $1", session_hash
    )


async def forget_expired() -> None:
    await db.execute("DELETE FROM web_session WHERE expires_at < $1", clock.now())


def put_cookie(response: Response, started: Started, config: Settings) -> None:
    """Hand the session's secret to the browser."""
    response.set_cookie(
        SESSION_COOKIE,
        started.token,
        max_age=started.keep_seconds,
        httponly=True,
        samesite="lax",
        secure=config.secure,
        path="/",
    )


def drop_cookie(response: Response, config: Settings) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=config.secure)


async def find_viewer(token: str, *, demo: bool) -> Viewer | None:
    """Whose session this secret opens, in one query; None when it opens nothing (any more)."""
    session_hash, now = token_hash(token), clock.now()
    rows = await db.fetch(
        "SELECT p.id AS person_id, s.created_at, s.seen_at, s.expires_at, s.stepped_up_at, p.name, p.email,"
        " p.locale, p.verified_at, p.totp_secret, m.role, m.organisation_id, m.rights, s.viewing_until,"
        " r.id AS real_id, r.name AS real_name,"
        " (SELECT COUNT(*) FROM notice n WHERE n.person_id = p.id AND n.read_at IS NULL) AS unread,"
        " EXISTS (SELECT 1 FROM fund_member f WHERE f.person_id = p.id AND f.ended_at IS NULL) AS keeps_fund"
        " FROM web_session s JOIN person r ON r.id = s.person_id"
        " JOIN person p ON p.id = CASE WHEN s.viewing_until > $2 THEN s.viewing_id ELSE s.person_id END"
        " LEFT JOIN membership m ON m.person_id = p.id AND (m.expires_at IS NULL OR m.expires_at > $2)"
        " WHERE s.token_hash = $1 AND p.deleted_at IS NULL AND r.deleted_at IS NULL AND r.locked_at IS NULL",
        session_hash,
        now,
    )
    if not rows or as_instant(rows[0]["expires_at"]) <= now:
        return None
    first = rows[0]
    looking = None
    if first["real_id"] != first["person_id"]:
        looking = LookingOn(first["real_id"], first["real_name"], as_instant(first["viewing_until"]))
    else:
        await _note_seen(rows, session_hash, now)
    open_rows = [r for r in rows if r["role"] and _is_open(r, demo=demo)]
    return Viewer(
        person_id=first["person_id"],
        name=first["name"],
        # Only an address its owner has proved may open what was booked with it.
        email=(first["email"] or "") if first["verified_at"] else "",
        locale=first["locale"],
        roles=frozenset(r["role"] for r in open_rows)
        | ({rights.COMMITTEE} if first["keeps_fund"] else frozenset()),
        organisations=frozenset(
            (name, r["organisation_id"])
            for r in open_rows
            if r["organisation_id"]
            for name in rights.names(r["role"], r["rights"])
        ),
        session_hash=session_hash,
        # Whoever looks on as somebody has proved nothing about being them.
        stepped_up_at=as_instant_or_none(first["stepped_up_at"]) if looking is None else None,
        unread=int(first["unread"]),
        looking=looking,
    )


def _is_open(row: Row, *, demo: bool) -> bool:
    """Staff roles stay shut until the person has a second factor (sessions always start with it then)."""
    return row["role"] not in STAFF or row["totp_secret"] is not None or demo


async def _note_seen(rows: list[Row], session_hash: str, now: datetime) -> None:
    """Move the idle limit on, now and then rather than at every page; staff sessions end when they end."""
    if now - as_instant(rows[0]["seen_at"]) < _SEEN_EVERY:
        return
    expires_at = as_instant(rows[0]["expires_at"])
    if not any(r["role"] in STAFF for r in rows):
        expires_at = min(now + IDLE, as_instant(rows[0]["created_at"]) + LONGEST)
    await db.execute(
        "UPDATE web_session SET seen_at = $1, expires_at = $2 WHERE token_hash = $3",
        now,
        expires_at,
        session_hash,
    )


class SessionMiddleware:
    """ASGI middleware: puts the `Viewer` of a session cookie into the request's state."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = _session_token(scope)
            if token and not scope["path"].startswith(_WITHOUT_VIEWER):
                config: Settings = scope["app"].state.tools.of(Settings)
                found = await find_viewer(token, demo=config.demo)
                if found is not None:
                    scope.setdefault("state", {})["viewer"] = found
        await self.app(scope, receive, send)


def _session_token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie" and _COOKIE in value:
            return cookie_parser(value.decode("latin-1")).get(SESSION_COOKIE, "")
    return ""


def is_fresh(who: Viewer, minutes: int = 5) -> bool:
    """Whether this person proved who they are at most `minutes` ago."""
    return who.stepped_up_at is not None and clock.now() - who.stepped_up_at <= timedelta(minutes=minutes)


def require_fresh(who: Viewer, minutes: int = 5) -> None:
    """Raise NotFresh unless the person proved who they are at most `minutes` ago."""
    if not is_fresh(who, minutes):
        raise NotFresh


def confirm_first(request: Request, minutes: int = 5) -> Response | None:
    """For pages before a delicate act: None to go on, or a redirect to the page that asks again who it is."""
    if is_fresh(viewer(request), minutes):
        return None
    back = request.url.path
    return RedirectResponse(urls.path("accounts:step_up", locale=locale(request), next=back), status_code=303)


def device_label(user_agent: str) -> str:
    """`Chrome, Android`: enough to recognise one's own device, and nothing more is kept."""
    browsers = {
        "Edg": "Edge",
        "OPR": "Opera",
        "SamsungBrowser": "Samsung Internet",
        "Firefox": "Firefox",
        "FxiOS": "Firefox",
        "CriOS": "Chrome",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "CrOS": "ChromeOS",
        "Linux": "Linux",
    }
    known = [
        next((label for mark, label in table.items() if mark in user_agent), "")
        for table in (browsers, systems)
    ]
    return ", ".join(word for word in known if word)
