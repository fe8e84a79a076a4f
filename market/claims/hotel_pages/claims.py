"""A hotel's claims: the list with months that can be claimed, a draft with its checklist, and a submitted claim in
plain words. Documents are `documents`; what officers asked and decided is `hearing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import claiming, claiming_service, programme, submitting
from market.claims import claiming_queries as queries
from market.claims.claiming import Arrears, DocumentKind, Verdict
from market.claims.claiming_queries import ClaimRow
from market.claims.dashboard import months_before
from market.claims.hotel_pages import check_words, claim_views, claim_words, draft_form
from market.claims.hotel_pages.claim_page import back, claim_page, own_claim, title_of
from market.claims.hotel_pages.scope import own_house, param
from market.claims.hotel_pages.words import INSTRUMENTS, category
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.claims.states import State
from market.errors import Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing import locks
from market.sourcing.pages.scope import House
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form
from market.web.render import redirect, render
from market.web.render import words as say
from market.web.request import locale as locale_of
from market.web.request import person_id

_MONTHS_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Claimable:
    """A month whose window is open and that has no claim."""

    period: str
    name: str
    until: str


@dataclass(frozen=True, slots=True)
class Correctable:
    """A month in effect with adjustments that no claim has seen."""

    period: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ListClaims:
    """Context of claims/hotel_claims.html."""

    house: House
    hotel_param: str
    claims: list[claim_views.ClaimLine]
    claimable: list[Claimable]
    correctable: list[Correctable]


@dataclass(frozen=True, slots=True)
class Outside:
    """An amount field for one excluded category."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class ShowDraft:
    """Context of claims/hotel_draft.html."""

    reference: str
    hotel: str
    month: str
    correction: bool
    form: Form[Any]
    outside: list[Outside]
    documents: list[claim_views.DocumentView]
    document_kinds: list[tuple[str, str]]
    upload: Form[Any]
    checks: list[check_words.CheckView]
    ready: bool
    bought: str
    explained: str
    difference: str
    late: bool
    tax_label: str
    arrears_options: list[dict[str, str]]


async def index(request: Request) -> Response:
    """All claims of the hotel, and what can be claimed now."""
    house, locale = await own_house(request, "claims:hotel_claims"), locale_of(request)
    found = await queries.list_claims(house.id)
    context = ListClaims(
        house,
        param(house),
        [claim_views.line(row, locale) for row in found],
        await _claimable(house.id, locale),
        await _correctable(house.id, found, locale),
    )
    return render(
        request, "claims/hotel_claims.html", context, title=say(request, lazy("Claims")), robots="noindex"
    )


async def _claimable(hotel_id: int, locale: str) -> list[Claimable]:
    """Months that can be claimed today, the one whose time ends first at the top."""
    now, today = clock.now(), clock.today()
    months = months_before(Period(today.year, today.month).before(), _MONTHS_OFFERED)
    taken = await queries.periods_claimed(hotel_id, months)
    bought = await queries.periods_bought(hotel_id, months)
    rules = [stored.rule for stored in await programme.list_versions() if stored.state == "effective"]
    found: list[Claimable] = []
    for month in months:
        rule = next((rule for rule in rules if rule.covers(month)), None)
        if (
            rule is None
            or month in taken
            or month not in bought
            or not claiming.window(rule, month).holds(now)
        ):
            continue
        until = formats.day(claiming.window(rule, month).closes, locale)
        found.append(Claimable(str(month), formats.month(month.first_day, locale), until))
    return found


async def _correctable(hotel_id: int, found: list[ClaimRow], locale: str) -> list[Correctable]:
    counts = await queries.open_adjustments(hotel_id)
    effective = {row.period for row in found if row.state is State.EFFECTIVE}
    busy = {row.period for row in found if row.is_correction and row.decided_at is None}
    return [
        Correctable(str(period), formats.month(period.first_day, locale), count)
        for period, count in counts
        if period in effective and period not in busy
    ]


async def open_draft(request: Request) -> Response:
    """Start a claim for a month, or go to the one that is there."""
    return await _open(request, claiming_service.open_draft)


async def open_correction(request: Request) -> Response:
    """Start a correction of a month in effect."""
    return await _open(request, claiming_service.open_correction)


async def _open(request: Request, command: Any) -> Response:
    data = await request.form()
    house = await own_house(request, "claims:hotel_claims", str(data.get("hotel") or ""))
    locale = locale_of(request)
    try:
        period = Period.parse(str(data.get("period") or ""))
        reference = await command(house.id, period, by=person_id(request), now=clock.now())
    except ValueError:
        said: Text = lazy("Choose a month.")
    except Refused as refusal:
        said = refusal.message
    else:
        return redirect(request, urls.path("claims:hotel_claim", locale=locale, reference=reference))
    back = urls.path("claims:hotel_claims", locale=locale, hotel=param(house))
    return redirect(request, back, flash=said, kind="bad")


async def show(request: Request) -> Response:
    """A claim: the draft to work on, or the submitted one."""
    claim = await own_claim(request)
    if claim.state is State.DRAFT:
        return await draft_page(request, claim, draft_form.shown(claim.stated, locale_of(request)))
    return await claim_page(request, claim)


async def save(request: Request) -> Response:
    """Keep what was typed into a draft; the checklist follows it."""
    claim = await own_claim(request)
    rule = (await programme.get(claim.rule_id)).rule
    form, stated = draft_form.read(await request.form(), rule, locale_of(request))
    if stated is None:
        return await draft_page(request, claim, form)
    try:
        await claiming_service.save(claim, stated, now=clock.now())
    except Refused as refusal:
        return back(request, claim, refusal.message, "bad")
    return back(request, claim, lazy("Saved. The checklist is up to date."))


async def submit(request: Request) -> Response:
    """Hand the claim to the office."""
    claim = await own_claim(request)
    data = await request.form()
    if data.get("true") != "yes":
        said = lazy("Please confirm that what you state is true.")
        return back(request, claim, said, "bad")
    try:
        await submitting.submit(claim, by=person_id(request), now=clock.now())
    except (Refused, locks.Locked) as refusal:
        return back(request, claim, refusal.message, "bad")
    return back(
        request, claim, lazy("Submitted. Your receipt and the entry in the public log stand on this page.")
    )


async def give_up(request: Request) -> Response:
    """Withdraw a draft."""
    claim = await own_claim(request)
    try:
        await claiming_service.give_up(claim, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return back(request, claim, refusal.message, "bad")
    to = urls.path("claims:hotel_claims", locale=locale_of(request))
    return redirect(request, to, flash=lazy("The draft is given up. Your purchases stay as they are."))


# The draft ----------------------------------------------------------------------------------------------


async def draft_page(
    request: Request, claim: ClaimRow, form: Form[Any], upload: Form[Any] | None = None
) -> Response:
    """The draft with its checklist; with status 400 when something typed cannot be kept."""
    locale = locale_of(request)
    rule = (await programme.get(claim.rule_id)).rule
    ledger, _ = await queries.ledger_of(claim.hotel_id, claim.period, rule)
    proofs = [one.kind for one in claim.documents]
    found = claiming.checks(
        rule, claim.period, claim.stated, ledger, proofs, now=clock.now(), correction=claim.is_correction
    )
    tied = claiming.tie(claim.stated, ledger)
    upload = upload or Form({}, None)
    context = ShowDraft(
        reference=claim.reference,
        hotel=await queries.hotel_name(claim.hotel_id),
        month=formats.month(claim.period.first_day, locale),
        correction=claim.is_correction,
        form=form,
        outside=_outside(rule, locale),
        documents=claim_views.documents(claim, locale),
        document_kinds=[
            (kind.value, translate(claim_words.DOCUMENTS[kind], locale)) for kind in DocumentKind
        ],
        upload=upload,
        checks=check_words.views(found, locale),
        ready=all(one.verdict is not Verdict.BAD for one in found),
        bought=formats.money(tied.bought, locale),
        explained=formats.money(tied.explained, locale),
        difference=formats.money(tied.unexplained, locale) if claim.stated.total is not None else "",
        late=bool(ledger.late),
        tax_label=translate(INSTRUMENTS[rule.tax_instrument], locale),
        arrears_options=[
            {"value": Arrears.NONE.value, "title": translate(lazy("No"), locale)},
            {"value": Arrears.IN_INSTALMENTS.value, "title": translate(lazy("Yes, in instalments"), locale)},
            {"value": Arrears.OPEN.value, "title": translate(lazy("Yes, open"), locale)},
        ],
    )
    title = title_of(request, claim)
    wrong = bool(form.errors or upload.errors)
    return render(
        request,
        "claims/hotel_draft.html",
        context,
        title=say(request, lazy("Fix: %(title)s", title=title)) if wrong else title,
        robots="noindex",
        status=400 if wrong else 200,
    )


def _outside(rule: RuleVersion, locale: str) -> list[Outside]:
    return [
        Outside(draft_form.amount_field(code), category(code, locale)) for code in rule.excluded_categories
    ]
