"""What a hotel says to officers about a submitted claim: answers and objections."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import claiming_answers as answers
from market.claims.hotel_pages.claim_page import back, claim_page, own_claim
from market.errors import Refused
from market.values.text import lazy
from market.web.forms import Form, Inbound, parse
from market.web.request import locale as locale_of
from market.web.request import person_id


class AnswerForm(Inbound):
    answer: Annotated[str, Field(min_length=1, max_length=4000)]


class ObjectionForm(Inbound):
    body: Annotated[str, Field(min_length=1, max_length=8000)]


async def answer(request: Request) -> Response:
    """Send an answer; what was typed stays when it cannot be sent."""
    claim = await own_claim(request)
    form: Form[Any] = parse(AnswerForm, await request.form(), locale_of(request))
    if form.data is None:
        return await claim_page(request, claim, answer=form)
    try:
        await answers.answer(
            claim, request.path_params["question"], form.data.answer, by=person_id(request), now=clock.now()
        )
    except Refused as refusal:
        return back(request, claim, refusal.message, "bad")
    return back(request, claim, lazy("Your answer is with the officers."))


async def objection(request: Request) -> Response:
    """Raise an objection to the decision that stands."""
    claim = await own_claim(request)
    form: Form[Any] = parse(ObjectionForm, await request.form(), locale_of(request))
    if form.data is None:
        return await claim_page(request, claim, objection=form)
    try:
        await answers.object_to(claim, form.data.body, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return back(request, claim, refusal.message, "bad")
    said = lazy("Your objection is raised. Somebody who had no part in the decision is drawn to review it.")
    return back(request, claim, said)
