"""What a browser without JavaScript does: read a form with its token, fill it, send it, follow the answer."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

from market.accounts import sessions
from market.web.request import SESSION_COOKIE


class FormReader(HTMLParser):
    """Every form of a page with its action, method and current values."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": a.get("action"), "method": (a.get("method") or "get").lower(), "data": {}}
            )
        if not self.forms:
            return
        data = self.forms[-1]["data"]
        name = a.get("name")
        if tag == "input" and name and "disabled" not in a:
            kind = a.get("type", "text")
            if kind in {"radio", "checkbox"}:
                if "checked" in a:
                    _put(data, name, a.get("value") or "on")
            elif kind not in {"submit", "button", "file"}:
                _put(data, name, a.get("value") or "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in a or self._select not in data):
            data[self._select] = a.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea = name
            data[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, text: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1]["data"][self._textarea] += text


def _put(data: dict[str, Any], name: str, value: str) -> None:
    if name in data:
        data[name] = [*data[name], value] if isinstance(data[name], list) else [data[name], value]
    else:
        data[name] = value


def forms(html: str) -> list[dict[str, Any]]:
    reader = FormReader()
    reader.feed(html)
    return reader.forms


def form_with(html: str, *, action: str = "", field: str = "") -> dict[str, Any]:
    """The first form whose action contains `action` and which has `field`."""
    for form in forms(html):
        if action in (form["action"] or "") and (not field or field in form["data"]):
            return form
    raise AssertionError(f"no form with action {action!r} and field {field!r}")


async def post_form(
    client: httpx.AsyncClient,
    page_url: str,
    values: dict[str, Any] | None = None,
    *,
    action: str = "",
    **kwargs: Any,
) -> httpx.Response:
    """Open a page, fill the form (found by part of its action), and send it with its token."""
    response = await client.get(page_url)
    assert response.status_code == 200, (page_url, response.status_code, response.headers.get("location"))
    return await submit(client, response, values, action=action, **kwargs)


async def submit(
    client: httpx.AsyncClient,
    response: httpx.Response,
    values: dict[str, Any] | None = None,
    *,
    action: str = "",
    **kwargs: Any,
) -> httpx.Response:
    """Fill and send a form of a page already opened."""
    form = next(
        f
        for f in forms(response.text)
        if f["method"] == "post"
        and "csrf" in f["data"]
        and action in (f["action"] or "")
        and (action or "sign-out" not in (f["action"] or ""))
    )
    target = urljoin(str(response.url), form["action"] or "")
    return await client.post(target, data={**form["data"], **(values or {})}, **kwargs)


async def follow(client: httpx.AsyncClient, response: httpx.Response, hops: int = 5) -> httpx.Response:
    """Follow redirects as a browser would."""
    while response.is_redirect and hops:
        response = await client.get(urljoin(str(response.url), response.headers["location"]))
        hops -= 1
    return response


async def sign_in(client: httpx.AsyncClient, person_id: int) -> None:
    """Give the client a real session of a person."""
    started = await sessions.start_session(person_id)
    client.cookies.set(SESSION_COOKIE, started.token, domain="testserver.local")
