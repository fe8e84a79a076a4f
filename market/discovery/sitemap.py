"""`/sitemap.xml`: every public page in every language, each naming its twins."""

from __future__ import annotations

from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from market import db
from market.db.sql import as_instant
from market.i18n.locales import DEFAULT, LOCALES
from market.web import urls
from market.web.request import settings

_MOST = 20_000  # the format allows 50,000 addresses a file, and every page has one for each language
_FIXED = (
    "discovery:home",
    "discovery:search",
    "discovery:money",
    "discovery:about",
    "discovery:terms",
    "discovery:privacy",
    "opendata:programme",
    "opendata:data",
)


async def sitemap(request: Request) -> Response:
    """The site map with `hreflang` alternates."""
    base = settings(request).base_url
    pages: list[tuple[dict[str, str], str]] = [(_paths(name), "") for name in _FIXED]
    villages = await db.fetch(f"SELECT slug FROM village ORDER BY id LIMIT {_MOST}")
    pages += [(_paths("discovery:village", slug=row["slug"]), "") for row in villages]
    listings = await db.fetch(
        f"SELECT slug, updated_at FROM listing WHERE status = 'published' ORDER BY rank, id LIMIT {_MOST}"
    )
    for row in listings:
        changed = as_instant(row["updated_at"]).date().isoformat()
        pages.append((_paths("discovery:listing", slug=row["slug"]), changed))
    body = "".join(_entry(base, paths, changed) for paths, changed in pages)
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{body}</urlset>\n'
    )
    headers = {"cache-control": "public, max-age=3600"}
    return Response(xml, media_type="application/xml", headers=headers)


def _paths(name: str, **params: str) -> dict[str, str]:
    return {locale: urls.path(name, locale=locale, **params) for locale in LOCALES}


def _entry(base: str, paths: dict[str, str], changed: str) -> str:
    twins = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(base + path)}"/>'
        for code, path in [*paths.items(), ("x-default", paths[DEFAULT])]
    )
    when = f"<lastmod>{changed}</lastmod>" if changed else ""
    return "".join(f"<url><loc>{escape(base + path)}</loc>{when}{twins}</url>\n" for path in paths.values())
