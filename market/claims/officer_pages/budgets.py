"""The programme's page: awards of a month against its budget, and how a budget that is too small is shared out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import budget, first_digits
from market.claims.budget import Round
from market.claims.officer_pages import fresh
from market.claims.officer_pages.fresh import Need
from market.claims.officer_pages.queue import month_options
from market.errors import DomainError, Invalid
from market.i18n import formats
from market.i18n.messages import translate
from market.values.periods import Period
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, raw_values
from market.web.problems import status_of
from market.web.render import redirect, render
from market.web.render import words as say
from market.web.request import locale as locale_of
from market.web.request import person_id, settings

_STATES: Final[dict[str, tuple[str, Text]]] = {
    "proposed": ("wait", lazy("Proposed")),
    "effective": ("ok", lazy("In effect")),
    "withdrawn": ("bad", lazy("Given up")),
}


@dataclass(frozen=True, slots=True)
class RoundView:
    id: int
    month: str
    budget: str
    state: tuple[str, str]
    proposer: str
    parts: list[tuple[str, str, str, str]]
    may_agree: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class DigitLine:
    hotel: str
    amounts: str
    found: str
    expected: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Programme:
    """Context of claims/officer_programme.html."""

    form: Form[Any]
    months: list[tuple[str, str]]
    need: Need
    rounds: list[RoundView]
    digits: list[DigitLine]


async def show(request: Request) -> Response:
    """Rounds of the budget, and the first digits of hotels' amounts."""
    return await _page(request, filled({}))


async def _page(request: Request, form: Form[Any], status: int = 200) -> Response:
    locale, me = locale_of(request), person_id(request)
    year = clock.today().year
    found = await first_digits.by_hotel(f"{year:04d}-01", f"{year:04d}-12")
    context = Programme(
        form=form,
        months=[("", translate(lazy("Choose"), locale)), *await month_options(locale)],
        need=await fresh.need(request, urls.path("claims:officer_programme", locale=locale)),
        rounds=[_round(one, me, locale) for one in await budget.list_rounds()],
        digits=[_digits(one, locale) for one in await asyncio.to_thread(first_digits.measured, found)],
    )
    return render(
        request,
        "claims/officer_programme.html",
        context,
        title=say(request, lazy("Programme and budget")),
        robots="noindex",
        status=status,
    )


def _round(one: Round, me: int, locale: str) -> RoundView:
    kind, text = _STATES[one.state]
    return RoundView(
        id=one.id,
        month=formats.month(one.period.first_day, locale),
        budget=formats.money(one.budget, locale),
        state=(kind, translate(text, locale)),
        proposer=one.proposer,
        parts=[
            (part.reference, part.hotel, formats.money(part.asked, locale), formats.money(part.given, locale))
            for part in one.parts
        ],
        may_agree=one.state == "proposed" and one.proposed_by != me,
        may_withdraw=one.state == "proposed",
    )


def _digits(one: first_digits.Measured, locale: str) -> DigitLine:
    unusual = one.found.unusual
    return DigitLine(
        hotel=one.hotel,
        amounts=formats.number(sum(one.found.counts), locale),
        found=formats.number(round(float(one.found.chi_square), 1), locale),
        expected=formats.number(15.5, locale),
        tag=("wait", translate(lazy("Worth a look"), locale))
        if unusual
        else ("ok", translate(lazy("As usual"), locale)),
    )


# --- acts ----------------------------------------------------------------------------------------------------


async def _act(request: Request, command: Callable[[dict[str, str]], Awaitable[Text]]) -> Response:
    back = urls.path("claims:officer_programme", locale=locale_of(request))
    raw, started = raw_values(await request.form()), None
    typed = {name: values[0].strip() for name, values in raw.items() if values}
    try:
        started = await fresh.confirm(request, raw)
        done = await command(typed)
    except fresh.Elsewhere:
        return fresh.elsewhere(request, back)
    except DomainError as refusal:
        message = translate(refusal.message, locale_of(request))
        form: Form[Any] = Form(raw, None, [(getattr(refusal, "field", None) or "", message)])
        return fresh.keep_session(request, await _page(request, form, status_of(refusal)), started)
    return fresh.keep_session(request, redirect(request, back, flash=done), started)


async def propose(request: Request) -> Response:
    async def run(typed: dict[str, str]) -> Text:
        try:
            period = Period.parse(typed.get("month", ""))
        except ValueError:
            raise Invalid(message=lazy("Choose a month."), field="month") from None
        digits = typed.get("budget", "").replace(".", "").replace(",", "").replace(" ", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            raise Invalid(message=lazy("Enter an amount of rupiah."), field="budget")
        await budget.propose(
            period, int(digits), note=typed.get("note", "")[:2000], by=person_id(request), now=clock.now()
        )
        return lazy("Proposed. A second person has to agree.")

    return await _act(request, run)


async def agree(request: Request) -> Response:
    async def run(typed: dict[str, str]) -> Text:
        await budget.put_into_effect(
            int(request.path_params["round_id"]),
            by=person_id(request),
            secrets=settings(request).secrets,
            now=clock.now(),
        )
        return lazy("The budget is shared out. The public log says how.")

    return await _act(request, run)


async def withdraw(request: Request) -> Response:
    async def run(typed: dict[str, str]) -> Text:
        await budget.withdraw(int(request.path_params["round_id"]))
        return lazy("The proposal is given up.")

    return await _act(request, run)
