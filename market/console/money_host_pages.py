"""One host's money on the operators' desk: balance, bank details as far as they are shown, a connected account, and
closing a host that leaves. What is allowed is decided by `payouts.accounts` and `staff.closing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.console.money_payout_pages import PayoutLine, fresh_first, payout_line
from market.errors import NotFound, Refused
from market.payments.port import CardProvider
from market.payouts import accounts, queries, statements
from market.payouts.accounts import Account, Details
from market.payouts.rules import Way
from market.staff import closing
from market.staff.closing import Closing
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, tools

_POST = ("POST",)


class CloseForm(Inbound):
    """Why a host is closed."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {"any": lazy("Write the reason in a sentence; it stays in the log.")}
    }
    reason: Annotated[str, Field(min_length=closing.SHORTEST, max_length=1000)]


class ConnectForm(Inbound):
    """A host's account with the card provider."""

    account: Annotated[str, Field(pattern=r"^acct_[A-Za-z0-9_]{4,40}$")]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "account": {"any": lazy("Enter the account's name at the card provider, for example acct_1Abc2Def.")}
    }


@dataclass(frozen=True, slots=True)
class HostMoney:
    """Context of console/operator_host_money.html."""

    tabs: Sequence[Tab]
    host_id: int
    host_name: str
    balance_minor: int
    history: Sequence[Account]
    payouts: Sequence[PayoutLine]
    form: Form[Any]
    can_connect: bool
    closing: Closing | None
    obstacles: Sequence[str]
    close_form: Form[Any]


async def host_money(request: Request) -> Response:
    """A host's balance, bank details as far as they are shown, and payouts."""
    return await _host_money(request, filled({}))


async def connect(request: Request) -> Response:
    """Note a host's account with the card provider; it rests 72 hours as any bank details."""
    host_id = int(request.path_params["host_id"])
    here = urls.path("console:operator_host_money", locale=locale(request), host_id=host_id)
    first = fresh_first(request, here)
    if first is not None:
        return first
    await _host_name(host_id)
    form = parse(ConnectForm, await request.form(), locale(request))
    if form.data is None:
        return await _host_money(request, form)
    if not tools(request).of(CardProvider).can_transfer:
        raise NotFound
    await accounts.enter(
        host_id,
        Details("Stripe", form.data.account, ""),
        by=person_id(request),
        config=settings(request),
        now=clock.now(),
        way=Way.STRIPE,
    )
    return redirect(request, here, flash=lazy("Kept. It rests for 72 hours, and the host is told."))


async def _host_name(host_id: int) -> tuple[str, str]:
    row = await db.fetch_one(
        "SELECT name, kind FROM organisation WHERE id = $1 AND kind IN ('host', 'village')", host_id
    )
    if row is None:
        raise NotFound
    return row["name"], row["kind"]


async def close(request: Request) -> Response:
    """The host leaves: nothing is sold any more, and its bank details are erased."""
    host_id = int(request.path_params["host_id"])
    here = urls.path("console:operator_host_money", locale=locale(request), host_id=host_id)
    first = fresh_first(request, here)
    if first is not None:
        return first
    form = parse(CloseForm, await request.form(), locale(request))
    if form.data is None:
        return await _host_money(request, filled({}), close_form=form)
    try:
        await closing.close(host_id, reason=form.data.reason, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Closed. Nobody acts for this host any more."))


async def _host_money(request: Request, form: Form[Any], *, close_form: Form[Any] | None = None) -> Response:
    host_id = int(request.path_params["host_id"])
    name, kind = await _host_name(host_id)
    seen = await closing.look(host_id, clock.now()) if kind == "host" else None
    context = HostMoney(
        tabs=operator_tabs(request, "console:operator_payouts"),
        host_id=host_id,
        host_name=name,
        balance_minor=await statements.balance(host_id),
        history=await accounts.history(host_id),
        payouts=[payout_line(request, row) for row in await queries.list_for_host(host_id)],
        form=form,
        can_connect=tools(request).of(CardProvider).can_transfer,
        closing=seen,
        obstacles=[words(request, text) for text in seen.obstacles] if seen else [],
        close_form=close_form or filled({}),
    )
    wrong = context.close_form if context.close_form.errors else form
    status = 422 if wrong.errors else 200
    title = fix(request, name, wrong)
    return render(
        request, "console/operator_host_money.html", context, title=title, status=status, robots="noindex"
    )


routes = [
    page(
        "/{locale}/operator/hosts/{host_id:int}",
        host_money,
        access=OPERATOR,
        name="console:operator_host_money",
    ),
    page(
        "/{locale}/operator/hosts/{host_id:int}/account",
        connect,
        access=OPERATOR,
        name="console:operator_host_account",
        methods=_POST,
    ),
    page(
        "/{locale}/operator/hosts/{host_id:int}/close",
        close,
        access=OPERATOR,
        name="console:operator_host_close",
        methods=_POST,
    ),
]
