"""The operators' view of village funds: balances that tie to the ledger, and who sits on each committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import queries as people
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.errors import NotFound, Refused
from market.notifications.addresses import MailAddress
from market.payouts import fund
from market.payouts.fund import FundLine, Member
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id


class MemberForm(Inbound):
    """Whom the village chose."""

    email: MailAddress
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "email": {"missing": lazy("Enter the address of their account.")}
    }


@dataclass(frozen=True, slots=True)
class Funds:
    """Context of console/operator_funds.html."""

    tabs: Sequence[Tab]
    funds: Sequence[FundLine]
    total_minor: int


@dataclass(frozen=True, slots=True)
class Committee:
    """Context of console/operator_fund.html."""

    tabs: Sequence[Tab]
    village_id: int
    slug: str
    name: str
    balance_minor: int
    members: Sequence[Member]
    form: Form[Any]


async def funds(request: Request) -> Response:
    """Every village's fund."""
    lines = await fund.list_funds()
    context = Funds(
        operator_tabs(request, "console:operator_funds"), lines, sum(line.balance_minor for line in lines)
    )
    title = words(request, lazy("Village funds"))
    return render(request, "console/operator_funds.html", context, title=title, robots="noindex")


async def committee(request: Request) -> Response:
    """Who may enter and sign what a village spends."""
    return await _page(request, filled({}))


async def appoint(request: Request) -> Response:
    """Give somebody a seat."""
    village_id = int(request.path_params["village_id"])
    form = parse(MemberForm, await request.form(), locale(request))
    if form.data is not None:
        person = await people.find_by_email(form.data.email)
        if person is None or not person.verified:
            unknown = lazy("Nobody with this address has an account yet. Ask them to start one first.")
            form.add_error("email", words(request, unknown))
        else:
            try:
                await fund.appoint(village_id, person.id, by=person_id(request), now=clock.now())
            except Refused as refusal:
                form.add_error("email", words(request, refusal.message))
    if form.data is None:
        return await _page(request, form)
    return redirect(request, _here(request, village_id), flash=lazy("They may now enter and sign spendings."))


async def dismiss(request: Request) -> Response:
    """Take a seat back."""
    village_id, member = int(request.path_params["village_id"]), int(request.path_params["person_id"])
    await fund.dismiss(village_id, member, by=person_id(request), now=clock.now())
    flash = lazy("The seat is free. What was signed stays signed.")
    return redirect(request, _here(request, village_id), flash=flash)


def _here(request: Request, village_id: int) -> str:
    return urls.path("console:operator_fund", locale=locale(request), village_id=village_id)


async def _page(request: Request, form: Form[Any]) -> Response:
    village_id = int(request.path_params["village_id"])
    village = await db.fetch_one("SELECT slug, name FROM village WHERE id = $1", village_id)
    if village is None:
        raise NotFound
    context = Committee(
        tabs=operator_tabs(request, "console:operator_funds"),
        village_id=village_id,
        slug=village["slug"],
        name=village["name"],
        balance_minor=(await fund.get_fund(village_id)).balance_minor,
        members=await fund.list_members(village_id),
        form=form,
    )
    title = fix(request, words(request, lazy("Village fund of %(name)s", name=village["name"])), form)
    status = 422 if form.errors else 200
    return render(
        request, "console/operator_fund.html", context, title=title, status=status, robots="noindex"
    )


_HOME = "/{locale}/operator/funds"
_ONE = _HOME + "/{village_id:int}"
routes = [
    page(_HOME, funds, access=OPERATOR, name="console:operator_funds"),
    page(_ONE, committee, access=OPERATOR, name="console:operator_fund"),
    page(_ONE, appoint, access=OPERATOR, name="console:operator_fund_appoint", methods=("POST",)),
    page(
        _ONE + "/members/{person_id:int}/end",
        dismiss,
        access=OPERATOR,
        name="console:operator_fund_dismiss",
        methods=("POST",),
    ),
]
