"""The officers' queue: own work first, tabs, filters, what is due, and how the office is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import lots, queue_queries, steps
from market.claims.officer_pages.words import share_shown
from market.claims.queue_queries import QueueRow
from market.claims.states import AT_WORK, LABELS, TAGS
from market.i18n import formats
from market.i18n.messages import translate
from market.values.dates import local_day
from market.values.periods import Period
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, filled
from market.web.render import render, words
from market.web.request import locale as locale_of
from market.web.request import person_id

TABS: Final[dict[str, Text]] = {
    "mine": lazy("For me"),
    "seated": lazy("With colleagues of mine"),
    "office": lazy("Others at work"),
    "hotel": lazy("Waiting for the hotel"),
    "undo": lazy("Second person wanted"),
    "decree": lazy("Decree awaited"),
    "done": lazy("Decided"),
}
_MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class QueueLine:
    href: str
    reference: str
    hotel: str
    month: str
    bought: str
    share: str
    award: str
    state: tuple[str, str]
    flags: tuple[str, str]
    clock: tuple[str, str]
    mine: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Context of claims/officer_queue.html."""

    tabs: list[tuple[str, str, bool]]
    lines: list[QueueLine]
    caption: str
    form: Form[Any]
    months: list[tuple[str, str]]
    view: str
    previous: str
    following: str
    first: str
    figures: list[tuple[str, str]]


async def show(request: Request) -> Response:
    """One tab of the queue; without a choice the officer's own work, or else what the office has."""
    locale, person = locale_of(request), person_id(request)
    counts = await queue_queries.count_views(person)
    asked = request.query_params.get("view", "")
    view = asked if asked in TABS else ("mine" if counts["mine"] else "office")
    typed = {name: request.query_params.get(name, "")[:80] for name in ("month", "hotel", "flagged")}
    page = _number(request.query_params.get("page", ""))
    rows = await queue_queries.list_queue(
        person,
        view,
        period=_period(typed["month"]),
        hotel=typed["hotel"].strip().replace("\x00", ""),
        flagged=typed["flagged"] == "yes",
        page=page,
    )
    shown = rows[: queue_queries.PAGE]
    lines = [_line(row, locale) for row in shown]
    context = Queue(
        tabs=[
            (_counted(label, counts[name], locale), _here(request, view=name), name == view)
            for name, label in TABS.items()
        ],
        lines=lines,
        caption=translate(TABS[view], locale),
        form=filled(typed),
        months=[("", translate(lazy("All"), locale)), *await month_options(locale)],
        view=view,
        previous=_here(request, **typed, view=view, page=str(page - 1)) if page > 1 else "",
        following=_here(request, **typed, view=view, page=str(page + 1)) if len(rows) > len(shown) else "",
        first=lines[0].href if view == "mine" and lines else "",
        figures=await _figures(locale),
    )
    return render(
        request,
        "claims/officer_queue.html",
        context,
        title=words(request, lazy("Claims to check")),
        robots="noindex",
    )


async def month_options(locale: str) -> list[tuple[str, str]]:
    """Months to choose from, by name."""
    return [
        (str(month), formats.month(month.first_day, locale)) for month in await queue_queries.list_months()
    ]


def _counted(label: Text, count: int, locale: str) -> str:
    return f"{translate(label, locale)} ({formats.number(count, locale)})"


def _line(row: QueueRow, locale: str) -> QueueLine:
    return QueueLine(
        href=urls.path("claims:officer_claim", locale=locale, reference=row.reference),
        reference=row.reference,
        hotel=row.hotel,
        month=formats.month(row.period.first_day, locale),
        bought=formats.money(row.bought, locale),
        share=share_shown(row.share, locale),
        award=formats.money(row.award, locale),
        state=(TAGS[row.state], translate(LABELS[row.state], locale)),
        flags=_flags(row, locale),
        clock=clock_tag(row, local_day(clock.now()), locale),
        mine=translate(lots.CHAIRS[row.chair], locale) if row.chair else "",
    )


def _flags(row: QueueRow, locale: str) -> tuple[str, str]:
    if not row.all_flags:
        return "ok", translate(lazy("No flags"), locale)
    if not row.open_flags:
        return "ok", translate(
            lazy_n("%(count)s flag resolved", "%(count)s flags resolved", row.all_flags), locale
        )
    return "wait", translate(
        lazy_n("%(count)s thing to look at", "%(count)s things to look at", row.open_flags), locale
    )


def clock_tag(row: QueueRow, today: date, locale: str) -> tuple[str, str]:
    """The clock of a claim as a tag: on hold, with the hotel, or the day it is due."""
    if row.held:
        return "", translate(lazy("On hold"), locale)
    if row.asked:
        return "info", translate(lazy("With the hotel"), locale)
    if row.due_at is None or row.state not in AT_WORK:
        return "", "–"
    due = local_day(row.due_at)
    left = steps.working_days_left(due, today)
    return ("bad" if left < 0 else "wait" if left <= 2 else ""), formats.day_short(due, locale)


async def _figures(locale: str) -> list[tuple[str, str]]:
    year = clock.today().year
    found = await queue_queries.office_figures(year)
    mean = formats.number(found.mean_days, locale) if found.mean_days is not None else "–"
    return [
        (mean, translate(lazy("days to a decision on average; promised: 10 working days"), locale)),
        (
            formats.number(found.decided, locale),
            translate(lazy("claims decided in %(year)s", year=year), locale),
        ),
        (
            formats.money(found.awarded, locale),
            translate(lazy("awarded or recommended in %(year)s", year=year), locale),
        ),
    ]


def _here(request: Request, **chosen: str) -> str:
    path = urls.path("claims:officer_queue", locale=locale_of(request))
    return f"{path}?{urlencode({name: value for name, value in chosen.items() if value})}"


def _number(typed: str) -> int:
    good = typed.isascii() and typed.isdigit() and len(typed) < 6
    return min(max(int(typed), 1), _MOST_PAGES) if good else 1


def _period(typed: str) -> Period | None:
    try:
        return Period.parse(typed)
    except ValueError:
        return None
