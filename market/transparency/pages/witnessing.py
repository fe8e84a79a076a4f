"""The operator's list of witnesses: who gets every day's checkpoint by mail, and what became of the mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.i18n.locales import LOCALES
from market.notifications.addresses import MailAddress
from market.transparency import checkpoints, witnesses
from market.transparency.keys import LogKeys
from market.transparency.witnesses import Mailed, Witness
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, tools

MAILS = 30
DELIVERY: dict[str, tuple[str, Text]] = {
    "sent": ("ok", lazy("Sent")),
    "queued": ("wait", lazy("On its way")),
    "failed": ("bad", lazy("Refused by the mail server")),
}
_NO_STATE = ("", lazy("No mail yet"))


class WitnessForm(Inbound):
    """Somebody to put on the list."""

    name: Annotated[str, Field(min_length=2, max_length=120)]
    address: MailAddress
    language: Annotated[str, Field(pattern="|".join(LOCALES))]


@dataclass(frozen=True, slots=True)
class Row:
    """A witness with the state of the newest mail in words."""

    witness: Witness
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail with its state in words."""

    mail: Mailed
    tag: str
    state: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Context of transparency/witnesses.html."""

    rows: Sequence[Row]
    mails: Sequence[MailRow]
    form: Form[WitnessForm]
    languages: Sequence[tuple[str, str]]


async def desk(request: Request) -> Response:
    return await _desk(request, filled({"language": locale(request)}))


async def add(request: Request) -> Response:
    form = parse(WitnessForm, await request.form(), locale(request))
    if form.data is None:
        return await _desk(request, form)
    data = form.data
    added = await witnesses.add(
        name=data.name,
        address=data.address,
        locale=data.language,
        by=person_id(request),
        now=clock.now(),
    )
    if not added:
        form.add_error("address", words(request, lazy("This address is on the list already.")))
        return await _desk(request, form)
    flash = lazy("%(name)s is on the list. The next mail goes out today.", name=data.name)
    return redirect(request, _home(request), flash=flash)


async def remove(request: Request) -> Response:
    await witnesses.remove(request.path_params["witness_id"], by=person_id(request), now=clock.now())
    return redirect(request, _home(request), flash=lazy("Taken off the list. The log says so."))


async def test(request: Request) -> Response:
    keys, now = tools(request).of(LogKeys), clock.now()
    await checkpoints.sign_if_grown(keys, now=now)
    name = await witnesses.send_test(request.path_params["witness_id"], keys, settings(request), now=now)
    flash = lazy("A test mail to %(name)s is on its way.", name=name)
    return redirect(request, _home(request), flash=flash)


def _home(request: Request) -> str:
    return urls.path("transparency:witnesses", locale=locale(request))


async def _desk(request: Request, form: Form[WitnessForm]) -> Response:
    def told(state: str | None) -> tuple[str, str]:
        tag, text = DELIVERY.get(state or "", _NO_STATE)
        return tag, words(request, text)

    context = Witnesses(
        rows=[Row(witness, *told(witness.last_state)) for witness in await witnesses.list_witnesses()],
        mails=[
            MailRow(mail, *told(mail.state), is_test=mail.purpose == witnesses.TEST)
            for mail in await witnesses.list_mails(MAILS)
        ],
        form=form,
        languages=list(LOCALES.items()),
    )
    title = words(request, lazy("Witnesses of the log"))
    if form.errors:
        title = words(request, lazy("Fix: %(title)s", title=title))
    return render(request, "transparency/witnesses.html", context, title=title, robots="noindex")


_PATH = "/{locale}/operator/witnesses"
routes = [
    page(_PATH, desk, access=OPERATOR, name="transparency:witnesses"),
    page(_PATH, add, access=OPERATOR, name="transparency:witness_add", methods=("POST",)),
    page(
        _PATH + "/{witness_id:int}/remove",
        remove,
        access=OPERATOR,
        name="transparency:witness_remove",
        methods=("POST",),
    ),
    page(
        _PATH + "/{witness_id:int}/test",
        test,
        access=OPERATOR,
        name="transparency:witness_test",
        methods=("POST",),
    ),
]
