"""Pages of no feature: the door without a language, health, static files, robots, the component gallery."""

from __future__ import annotations

from dataclasses import make_dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from market import clock, db
from market.db.sql import as_instant
from market.i18n.negotiate import negotiate
from market.outbox import maintenance
from market.web import static as static_files
from market.web.gallery import sample
from market.web.guards import ANYONE, DEMO, page
from market.web.render import render
from market.web.request import settings, viewer

_ALIVE = timedelta(seconds=30)


async def door(request: Request) -> Response:
    """`/` leads to the visitor's language."""
    who = viewer(request)
    language = who.locale if who.signed_in else negotiate(request.headers.get("accept-language", ""))
    return RedirectResponse(f"/{language}/", status_code=302, headers={"vary": "Accept-Language, Cookie"})


async def health(request: Request) -> Response:
    """Whether the database answers, the site is open and a worker lives; 503 when the database does not answer.

    Under repair the status is 200 all the same: a proxy that took the site away would hide what guests should read.
    """
    try:
        row = await db.fetch_one("SELECT MAX(beat_at) AS beat, MIN(beat_at) AS first FROM worker_beat")
        waiting = await db.fetch_one(
            "SELECT COUNT(*) AS n FROM job WHERE state = 'ready' AND due_at <= $1", clock.now()
        )
        parked = await db.fetch_one("SELECT COUNT(*) AS n FROM job WHERE state = 'parked'")
        repair = await maintenance.current()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, say so instead of failing
        return JSONResponse({"database": type(error).__name__, "worker": "unknown"}, status_code=503)
    beat = as_instant(row["beat"]) if row and row["beat"] else None
    return JSONResponse(
        {
            "site": "maintenance" if repair else "open",
            "database": "ok",
            "worker": "ok" if beat is not None and clock.now() - beat < _ALIVE else "silent",
            "worker_seen_at": beat.isoformat() if beat else None,
            "jobs_waiting": waiting["n"] if waiting else 0,
            "jobs_parked": parked["n"] if parked else 0,
        }
    )


async def robots(request: Request) -> Response:
    base = settings(request).base_url
    return PlainTextResponse(f"User-agent: *\nDisallow: /*/host/\nAllow: /\nSitemap: {base}/sitemap.xml\n")


async def gallery(request: Request) -> Response:
    """Every component in this language (demo mode), for people who change them."""
    values = sample()
    context = make_dataclass("Gallery", list(values))(**values)
    return render(request, "gallery.html", context, title="Components", robots="noindex")


routes = [
    page("/", door, access=ANYONE, name="app:door"),
    page("/healthz", health, access=ANYONE, name="app:health", under_repair=True),
    page("/robots.txt", robots, access=ANYONE, name="app:robots", under_repair=True),
    page("/static/{path:path}", static_files.serve, access=ANYONE, name="app:static", under_repair=True),
    page("/{locale}/gallery", gallery, access=DEMO, name="app:gallery"),
]
