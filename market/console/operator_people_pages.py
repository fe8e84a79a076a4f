"""The operators' page of people: search, roles, sessions, the lock, looking on; and the log of all staff acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import limits, sessions
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.errors import Invalid, Refused, TooMany
from market.notifications.own_pages import before_of
from market.staff import log, looking, people
from market.staff.log import LABELS, Act, ActRow
from market.staff.people import Found, PersonPage
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

PER_PAGE: Final = 50
_UNPROCESSABLE: Final = 422
ROLE_WORDS: Final[dict[str, Text]] = {
    "host": lazy("Host"),
    "supplier": lazy("Supplier"),
    "hotel": lazy("Hotel"),
    "officer": lazy("Officer"),
    "operator": lazy("Operator"),
    "administrator": lazy("Administrator"),
}


class ActForm(Inbound):
    """One act on an account, with its reason."""

    act: Literal["grant", "revoke", "end_sessions", "lock", "unlock", "look"]
    reason: Annotated[str, Field(min_length=10, max_length=1000)]
    role: Annotated[str, Field(max_length=40)] = ""
    organisation: Annotated[str, Field(max_length=120)] = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {
            "missing": lazy("Write the reason in a sentence; it stays in the log."),
            "string_too_short": lazy("Write the reason in a sentence; it stays in the log."),
        },
        "act": {"any": lazy("Choose what should be done.")},
    }


@dataclass(frozen=True, slots=True)
class People:
    """Context of console/operator_people.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    asked: str
    found: Sequence[Found]
    role_words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """A row of `ui/pick.html`."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Context of console/operator_person.html."""

    tabs: Sequence[Tab]
    person: PersonPage
    role_words: dict[str, str]
    own: bool
    fresh: bool
    form: Form[Any]
    options: Sequence[Option]
    roles: Sequence[tuple[str, str]]
    acts: Sequence[tuple[str, ActRow]]


@dataclass(frozen=True, slots=True)
class Acts:
    """Context of console/operator_acts.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    kinds: Sequence[tuple[str, str]]
    actors: Sequence[tuple[str, str]]
    lines: Sequence[tuple[str, ActRow]]
    older: str | None


def _role_words(request: Request) -> dict[str, str]:
    return {role: words(request, text) for role, text in ROLE_WORDS.items()}


async def search(request: Request) -> Response:
    """People by the beginning of their mailbox or a part of their name; every search is written down."""
    asked = request.query_params.get("q", "").replace("\x00", "").strip()[:80]
    form, found = filled({"q": asked}), list[Found]()
    if asked and len(asked) < people.SHORTEST:
        form.add_error("q", words(request, lazy("Type three letters at least.")))
    elif asked:
        try:
            await limits.count("staff_search", person_id(request))
            found = await people.search(asked, by=person_id(request), now=clock.now())
        except TooMany as refusal:
            form.add_error("q", words(request, refusal.message))
    context = People(
        operator_tabs(request, "console:operator_people"), form, asked, found, _role_words(request)
    )
    title = words(request, lazy("People"))
    return render(request, "console/operator_people.html", context, title=title, robots="noindex")


async def show(request: Request) -> Response:
    """Somebody's account and what can be done with it."""
    person = await people.open_person(request.path_params["person"], by=person_id(request), now=clock.now())
    return await _show(request, person, filled({}))


async def _show(request: Request, person: PersonPage, form: Form[Any], *, status: int = 200) -> Response:
    own = person.id == person_id(request)
    context = Person(
        tabs=operator_tabs(request, "console:operator_people"),
        person=person,
        role_words=_role_words(request),
        own=own,
        fresh=sessions.is_fresh(viewer(request)),
        form=form,
        options=[
            Option(value, words(request, title), words(request, text))
            for value, title, text in _offered(person, own=own)
        ],
        roles=[("", words(request, lazy("No role"))), *_role_words(request).items()],
        acts=[
            (words(request, LABELS[row.act]), row)
            for row in await log.list_acts(person_id=person.id, limit=20)
        ],
    )
    title = fix(request, person.name or words(request, lazy("Person")), form)
    return render(
        request, "console/operator_person.html", context, title=title, status=status, robots="noindex"
    )


def _offered(person: PersonPage, *, own: bool) -> list[tuple[str, Text, Text]]:
    ending = ("end_sessions", lazy("Sign out everywhere"), lazy("Every session of this person ends."))
    if own:
        return [ending]
    offered = [
        ("grant", lazy("Give a role"), lazy("Fill in the role, and the organisation it is held for.")),
        ("revoke", lazy("Take a role away"), lazy("All sessions of this person end.")),
        ending,
        ("unlock", lazy("Unlock the sign-in"), lazy("The person can sign in again."))
        if person.locked_at
        else (
            "lock",
            lazy("Lock the sign-in"),
            lazy("Nobody signs in to this account until it is unlocked."),
        ),
    ]
    if not person.is_staff:
        text = lazy("15 minutes, nothing can be changed, and the person is told by mail with your reason.")
        offered.append(("look", lazy("See the site as this person"), text))
    return offered


async def act(request: Request) -> Response:
    """Carry out one act, after the second factor."""
    target, language = request.path_params["person"], locale(request)
    here = urls.path("console:operator_person", locale=language, person=target)
    person = await people.get_person(target)
    if not sessions.is_fresh(viewer(request)):
        return redirect(request, urls.path("accounts:step_up", locale=language, next=here))
    form = parse(ActForm, await request.form(), language)
    if form.data is None:
        return await _show(request, person, form, status=_UNPROCESSABLE)
    try:
        said = await _carry_out(request, target, form.data)
    except Invalid as problem:
        form.add_error(problem.field or "act", words(request, problem.message))
        return await _show(request, person, form, status=_UNPROCESSABLE)
    except Refused as refusal:
        form.add_error("act", words(request, refusal.message))
        return await _show(request, person, form, status=409)
    if form.data.act == "look":
        return redirect(request, urls.path("discovery:home", locale=language))
    return redirect(request, here, flash=said)


async def _carry_out(request: Request, target: int, data: ActForm) -> Text:
    by, now, reason = person_id(request), clock.now(), data.reason
    match data.act:
        case "grant":
            await people.grant(target, data.role, data.organisation, reason=reason, by=by, now=now)
            return lazy("The role is given. It opens once the person has signed in again.")
        case "revoke":
            await people.revoke(target, data.role, data.organisation, reason=reason, by=by, now=now)
            return lazy("The role is taken away.")
        case "end_sessions":
            await people.end_sessions(target, reason=reason, by=by, now=now)
            return lazy("Signed out everywhere.")
        case "lock":
            await people.lock(target, reason=reason, by=by, now=now)
            return lazy("The sign-in is locked.")
        case "unlock":
            await people.unlock(target, reason=reason, by=by, now=now)
            return lazy("The sign-in is open again.")
        case "look":
            await looking.start(viewer(request), target, reason=reason, now=now, config=settings(request))
            return lazy("You see the site as this person now.")


async def acts(request: Request) -> Response:
    """The log of all staff acts, by kind and by person."""
    kind, actor = request.query_params.get("kind", ""), request.query_params.get("actor", "")
    chosen = Act(kind) if kind in set(Act) else None
    actor_id = int(actor) if actor.isascii() and actor.isdigit() and len(actor) < 16 else None
    rows = await log.list_acts(act=chosen, actor_id=actor_id, before=before_of(request), limit=PER_PAGE)
    older = None
    if len(rows) == PER_PAGE:
        older = urls.path(
            "console:operator_acts", locale=locale(request), kind=kind, actor=actor, before=rows[-1].id
        )
    everybody = words(request, lazy("Everybody"))
    context = Acts(
        tabs=operator_tabs(request, "console:operator_acts"),
        form=filled({"kind": kind, "actor": actor}),
        kinds=[
            ("", words(request, lazy("All acts"))),
            *((each.value, words(request, LABELS[each])) for each in Act),
        ],
        actors=[("", everybody), *((str(each), name) for each, name in await log.list_actors())],
        lines=[(words(request, LABELS[row.act]), row) for row in rows],
        older=older,
    )
    title = words(request, lazy("Staff acts"))
    return render(request, "console/operator_acts.html", context, title=title, robots="noindex")


_HOME = "/{locale}/operator/people"
routes = [
    page(_HOME, search, access=OPERATOR, name="console:operator_people"),
    page(_HOME + "/{person:int}", show, access=OPERATOR, name="console:operator_person"),
    page(
        _HOME + "/{person:int}",
        act,
        access=OPERATOR,
        name="console:operator_person_act",
        methods=("POST",),
    ),
    page("/{locale}/operator/acts", acts, access=OPERATOR, name="console:operator_acts"),
]
