"""Whatever is typed, sent or bent: an answer below 500, in words, and nothing of it runs.

The forms are read off the pages, so a new form is tried here as soon as a page shows it. The number of examples
is fixed and the draw is repeatable.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from html import unescape
from typing import Any
from urllib.parse import quote_plus, urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from market.i18n.messages import translate
from market.outbox.tools import Tools
from market.values.text import lazy
from tests.security import surfaces as finder
from tests.security import world as worlds
from tests.security.surfaces import Surface
from tests.web import form_with, sign_in

EXAMPLES = int(os.environ.get("MARKET_TEST_EXAMPLES", "1000"))
NUMBERS = [
    "-1",
    "0",
    "1e5",
    str(10**30),
    "-" + "9" * 400,
    "9" * 5000,
    str(2**63),
    str(-(2**63) - 1),
    str(2**31),
    "NaN",
    "Infinity",
    "٣",
    "1_000",
    "0x10",
    "3.5",
    "+5",
    "²",
]
DATES = [
    "0000-00-00",
    "0001-01-01",
    "2026-02-30",
    "9999-12-31",
    "2020-01-01",
    "12345",
    "99999999999999",
    "-99999999999",
    "2027-01-01T10:00:00Z",
    "24/12/2026",
    "10000-01-01",
    "0001-01",
    "9999-12",
    "0000-00",
]
TEXTS = [
    "\x00",
    "a\x00b",
    "%ED%A0%80",
    "x" * 20_000,
    "x" * 20_001,
    "\u202eevil",
    "\u200b\u200d\ufeff",
    "Z\u0351\u036b\u0343" * 40,
    "İıſßﬁ",
    "👩‍👩‍👧‍👦" * 20,
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE booking;--",
    "{{ 7 * 7 }}{% raw %}",
    "%s%n%(name)s%(",
    "x\r\nSet-Cookie: bn_session=stolen",
    "../../../etc/passwd",
    "//evil.test/",
    "javascript:alert(1)",
    "=1+1",
    "\uffff\U0010ffff",
    "a@b.test\nBcc: c@d.test",
    "*" * 500,
    "100%_\\",
    '[{"a":1}]',
]
typed = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(DATES),
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
)


@st.composite
def bent(draw: st.DrawFn, surface: Surface) -> list[tuple[str, str]]:
    """What is sent: the willing person's fields with some of them bent, doubled, left out or made up."""
    sent: list[tuple[str, str]] = []
    names = sorted(name for name in surface.fields if name != "csrf")
    chosen = draw(st.sets(st.sampled_from(names), min_size=1)) if names else set()
    for name, value in surface.fields.items():
        usual = value if isinstance(value, list) else [value]
        if name not in chosen:
            sent += [(name, each) for each in usual]
            continue
        match draw(st.sampled_from(["bend", "bend", "bend", "leave out", "many", "brackets"])):
            case "bend":
                sent.append((name, draw(typed)))
            case "many":
                sent += [(name, draw(typed)) for _ in range(3)]
            case "brackets":
                sent.append((f"{name}[]", draw(typed)))
            case _:
                pass
    if draw(st.booleans()):
        sent.append((draw(st.sampled_from(["extra_none", "__proto__", "locale", "id", "\x00"])), draw(typed)))
    return sent


def encoded(sent: list[tuple[str, str]]) -> str:
    """As a form sends it; what looks percent-encoded already stays so, to send bytes that are no text."""
    return "&".join(
        f"{quote_plus(name)}={value if value.startswith('%ED') else quote_plus(value)}"
        for name, value in sent
    )


@pytest.fixture
async def surfaces(app: Starlette, tools: Tools) -> AsyncGenerator[list[Surface]]:
    world = await worlds.build()
    await worlds.keep_files(world, tools)
    async with AsyncExitStack() as stack:
        yield await finder.find(app, world, stack)


async def test_the_walk_finds_the_forms(surfaces: list[Surface]):
    posted = {(surface.who, surface.path) for surface in surfaces if surface.method == "POST"}
    assert len(posted) >= 70
    for ending in (
        "/checkout",
        "/book",
        "/messages",
        "/sign-in",
        "/products/new",
        "/edit/words",
        "/transfers",
    ):
        assert any(path.endswith(ending) for _, path in posted), ending


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_nothing_that_is_sent_breaks_a_page(surfaces: list[Surface], data: st.DataObject):
    surface = data.draw(st.sampled_from(surfaces))
    language = data.draw(st.sampled_from(["en", "id"]))
    sent: Any = data.draw(bent(surface))
    path = f"/{language}{surface.path.removeprefix('/en')}"
    if surface.method == "GET":
        answer = await surface.client.get(f"{path}?{encoded(sent)}")
    else:
        answer = await surface.client.post(
            path,
            content=encoded(sent),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code < 500, f"{surface} {sent!r:.600}"
    assert "<script>alert(1)" not in answer.text
    assert "<img src=x" not in answer.text
    assert "stolen" not in str(answer.headers.get_list("set-cookie"))
    assert "evil.test" not in answer.headers.get("location", "").partition("?")[0]


# Forms with one field left wrong: who, the page, the field, what is typed there, and what it says about it.
WRONG: list[tuple[str, str, str, str, str]] = [
    (
        "guest",
        "/bookings/{held}/checkout",
        "email",
        "nonsense",
        "Enter an email address, for example maria@example.org.",
    ),
    ("guest", "/profile", "name", "x" * 20_001, "This text is too long."),
    ("guest", "/bookings/{booking}/messages", "body", "\x00", "Please remove the invisible characters."),
    ("visitor", "/trips", "email", "@", "Enter an email address, for example maria@example.org."),
    ("visitor", "/sign-in", "password", "", "Enter your password."),
    ("host", "/host/listings/{lesson}/edit/place", "lat", "9" * 30, ""),
    ("supplier", "/supplier/pages/{page}/products/new", "unit", "furlong", "Choose one of the options."),
    (
        "hotel",
        "/suppliers/{product}/ask",
        "wanted_on",
        "2026-02-30",
        "Choose a date, for example 2026-12-24.",
    ),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
async def test_the_error_stands_at_its_field_and_the_rest_is_kept(app: Starlette, number: int):
    who, path, field, value, said = WRONG[number]
    world = await worlds.build()
    own = world.one.paths
    path = path.format(
        held=own["held"]["reference"],
        booking=own["booking"]["reference"],
        lesson=own["listing"]["slug"],
        page=own["page"]["code"],
        product="{slug}/{product}".format(**own["public product"]),
    )
    async with finder.browser(app) as client:
        if who != "visitor":
            await sign_in(client, world.one.people[who].id)
        for language in ("en", "id"):
            words = translate(lazy(said), language)
            assert language == "en" or words != said or not said
            page = await client.get(f"/{language}{path}")
            form = form_with(page.text, field=field)
            data = {name: _plain(usual) for name, usual in form["data"].items()}
            answer = await client.post(
                urljoin(str(page.url), form["action"] or ""), data={**data, field: value}
            )
            assert answer.status_code in {400, 422}, answer.status_code
            text = unescape(answer.text)
            assert words in text
            assert f'<html lang="{language}"' in text
            marked = re.search(rf'<(?:input|textarea|select)[^>]*name="{field}"[^>]*>', text)
            assert marked
            assert 'aria-invalid="true"' in marked[0]
            again = form_with(answer.text, field=field)["data"]
            hidden = {"csrf", field, "password", "request_key"}
            lost = {n for n, v in data.items() if n not in hidden and _plain(again.get(n, "")) != v}
            assert not lost
            if "\x00" not in value and marked[0].startswith(("<input", "<textarea")):
                assert again[field].strip() == value


def _plain(value: str | list[str]) -> str | list[str]:
    """A value without the blanks that a text area's markup puts around it."""
    return value if isinstance(value, list) else value.strip()
