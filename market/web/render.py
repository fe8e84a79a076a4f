"""Turning a page's frozen context into an answer. One Jinja environment per language, so templates stay simple.

A page hands over a template name and a context dataclass; every field becomes a template variable. Templates
never query and never compute: they see only their context, `page`, and the formatting globals below.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from market import clock
from market.i18n import formats, messages
from market.i18n.locales import DEFAULT, LOCALES
from market.outbox import maintenance
from market.outbox.tools import Tools
from market.settings import Settings
from market.values.text import Text
from market.web import csrf, urls
from market.web.folding import OneLanguage
from market.web.guards import REPAIRERS
from market.web.icons import icon, sprite
from market.web.request import Viewer, locale, viewer
from market.web.selects import options as select_options
from market.web.signing import sign, unsign
from market.web.static import static

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FLASH_COOKIE = "bn_flash"
_FEATURES = Path(__file__).resolve().parents[1]
_ICON_MARK = "<!--icons-->"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the header's navigation."""

    label: str
    href: str
    icon: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """The signed-in person as the header shows them."""

    name: str
    home_url: str
    roles: frozenset[str]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Looking:
    """Staff look on as somebody: both names, and when that ends by itself."""

    by: str
    name: str
    until: datetime


Navigation = Callable[[Viewer, str, str], Sequence[NavItem]]


class Page:
    """What base.html needs of the request: titles, languages, navigation, who looks, and a form token."""

    def __init__(
        self, request: Request, title: str, description: str, *, robots: str | None, lean: bool
    ) -> None:
        settings = _tools(request).of(Settings)
        self._request = request
        self._locale = locale(request)
        self.title = title
        self.description = description
        self.robots = robots
        self.lean = lean
        self.brand = settings.brand
        self.help_phone = settings.help_phone
        self.demo = settings.demo
        self.base_url = settings.base_url
        who = viewer(request)
        home: Callable[[Viewer, str], str] = request.app.state.home_of
        self.viewer = (
            Signed(who.name, home(who, self._locale), who.roles, who.unread) if who.signed_in else None
        )
        self.looking = Looking(who.looking.name, who.name, who.looking.until) if who.looking else None
        self.repair = maintenance.known() if REPAIRERS & who.roles else None
        self.flash = _take_flash(request, settings)

    @property
    def csrf(self) -> str:
        """A form token; asking for it makes the answer personal."""
        return csrf.token(self._request)

    @cached_property
    def _path(self) -> str:
        return self._request.url.path

    @cached_property
    def canonical(self) -> str:
        return self.base_url + self._path

    @property
    def default_locale(self) -> str:
        """The language offered to people whose own is not among those of the page."""
        return DEFAULT

    @cached_property
    def alternates(self) -> list[tuple[str, str, str]]:
        """(locale, language name, path) of this page in every language, this one included."""
        path, query = self._path, self._request.url.query
        here = f"/{self._locale}"
        rest = path.removeprefix(here) if path.startswith(here) else "/"
        suffix = f"?{query}" if query and self._request.method == "GET" else ""
        return [(code, label, f"/{code}{rest or '/'}{suffix}") for code, label in LOCALES.items()]

    @cached_property
    def nav(self) -> Sequence[NavItem]:
        navigation: Navigation = self._request.app.state.navigation
        return navigation(viewer(self._request), self._locale, self._path)

    def part(self, template: str) -> Markup:
        """The header or footer. For visitors it differs only in the links to this page in other languages, so it
        is made once and those are put in.
        """
        if self.viewer is not None:
            return Markup(environment(self._locale).get_template(template).render(page=self))  # noqa: S704
        current = tuple(item.current for item in self.nav)
        html = _visitors_part(template, self._locale, (self.brand, self.help_phone), current, _Standing(self))
        for code, _, href in self.alternates:
            html = html.replace(_here(code), str(escape(href)))
        return Markup(html)  # noqa: S704 - made by templates; the addresses put in are escaped


class _Standing:
    """The page as its header and footer see it when they are made for all visitors."""

    viewer = None

    def __init__(self, page: Page) -> None:
        self.nav = page.nav
        self.brand = page.brand
        self.help_phone = page.help_phone
        self.alternates = [(code, label, _here(code)) for code, label in LOCALES.items()]

    def __eq__(self, other: object) -> bool:
        # What it differs in is part of the cache key already.
        return isinstance(other, _Standing)

    def __hash__(self) -> int:
        return 0


def _here(code: str) -> str:
    return f"this-page-in-{code}"


@lru_cache(maxsize=128)
def _visitors_part(
    template: str, language: str, ours: tuple[str, ...], current: tuple[bool, ...], standing: _Standing
) -> str:
    return environment(language).get_template(template).render(page=standing)


def _tools(request: Request) -> Tools:
    return request.app.state.tools


@lru_cache(maxsize=len(LOCALES))
def environment(language: str) -> jinja2.Environment:
    """The templates of all features, speaking one language."""
    folders = [str(folder) for folder in sorted(_FEATURES.glob("*/templates"))]
    env = OneLanguage(
        language,
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=-1,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined] # added by the i18n extension
        partial(messages.gettext, language), partial(messages.ngettext, language), newstyle=True
    )
    env.globals.update(_globals(language))
    return env


def _globals(language: str) -> dict[str, Any]:
    def with_language(function: Callable[..., str]) -> Callable[..., str]:
        return lambda *args: function(*args, language)

    def url(name: str, **params: Any) -> str:
        return urls.path(name, **{"locale": language, **params})

    def say(text: Text | str) -> str:
        return messages.translate(text, language)

    return {
        "locale": language,
        "url": url,
        "static": static,
        "say": say,
        "money": with_language(formats.money),
        "number": with_language(formats.number),
        "percent": with_language(formats.percent),
        "share": with_language(formats.share),
        "basis_points": with_language(formats.basis_points),
        "rating": with_language(formats.rating),
        "date": with_language(formats.day),
        "date_short": with_language(formats.day_short),
        "date_long": with_language(formats.day_long),
        "date_range": with_language(formats.day_range),
        "month": with_language(formats.month),
        "time": with_language(formats.time),
        "datetime": with_language(formats.instant),
        "duration": with_language(formats.duration),
        "epoch_ms": formats.epoch_ms,
        "select_options": select_options,
        "icon": icon,
        "draw_icon": icon,  # for macros that have a parameter called icon
    }


def context_dict(context: DataclassInstance) -> dict[str, Any]:
    """A context's fields as template variables (one level deep: rows inside stay objects)."""
    return {field.name: getattr(context, field.name) for field in fields(context)}


def markup(template: str, context: dict[str, Any], language: str) -> str:
    """A template's text for a context, with just the icons it uses."""
    html = environment(language).get_template(template).render(context)
    return html.replace(_ICON_MARK, sprite(html), 1)


def render(
    request: Request,
    template: str,
    context: DataclassInstance,
    *,
    title: str,
    description: str = "",
    status: int = 200,
    robots: str | None = None,
    lean: bool = False,
    keep: bool = False,
) -> Response:
    """Answer with a page. `keep` lets visitors without a session share it for a moment (see `page_cache`)."""
    page = Page(request, title, description, robots=robots, lean=lean)
    html = markup(template, {**context_dict(context), "page": page}, locale(request))
    response = HTMLResponse(html, status_code=status)
    if page.flash is not None:
        response.delete_cookie(FLASH_COOKIE, path="/")
    elif keep and not viewer(request).signed_in and not hasattr(request.state, "csrf_secret"):
        response.headers["x-page-cache"] = "1"
    _set_form_cookie(request, response)
    return response


def _set_form_cookie(request: Request, response: Response) -> None:
    fresh = getattr(request.state, "csrf_new", None)
    if fresh is not None:
        secure = _tools(request).of(Settings).secure
        response.set_cookie(csrf.COOKIE, fresh, httponly=True, samesite="lax", secure=secure, path="/")


def redirect(request: Request, to: str, *, flash: Text | None = None, kind: str = "ok") -> Response:
    """Answer 303 to another page of ours, perhaps with a sentence to show there."""
    response = RedirectResponse(to, status_code=303)
    if flash is not None:
        settings = _tools(request).of(Settings)
        words = messages.translate(flash, locale(request))
        value = json.dumps([kind, words]).encode().hex()
        signed = sign(value, "flash", settings.secrets, clock.now() + timedelta(minutes=5))
        response.set_cookie(
            FLASH_COOKIE, signed, httponly=True, samesite="lax", secure=settings.secure, max_age=300, path="/"
        )
    return response


def _take_flash(request: Request, settings: Settings) -> tuple[str, str] | None:
    raw = request.cookies.get(FLASH_COOKIE)
    value = unsign(raw, "flash", settings.secrets) if raw else None
    if value is None:
        return None
    kind, words = json.loads(bytes.fromhex(value))
    return kind, words


def words(request: Request, text: Text | str) -> str:
    """A late message in the language of this request."""
    return messages.translate(text, locale(request))
