"""The desk of rule versions: the one in force, drafts, the difference to it, proposing, and the second person."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import queries as accounts
from market.claims import programme
from market.claims.checked_json import BadField
from market.claims.hotel_pages.words import INSTRUMENTS, category
from market.claims.officer_pages import fresh, rule_form
from market.claims.officer_pages.fresh import Need
from market.claims.programme import StoredRule
from market.errors import DomainError
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
from market.web.request import person_id

STATES: Final[dict[str, tuple[str, Text]]] = {
    "draft": ("", lazy("Draft")),
    "proposed": ("wait", lazy("Proposed")),
    "effective": ("ok", lazy("In force")),
    "withdrawn": ("bad", lazy("Given up")),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    href: str
    version: str
    state: tuple[str, str]
    since: str
    used: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Context of claims/officer_rules.html."""

    lines: list[RuleLine]
    current: str


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    old: str
    new: str
    changed: bool


@dataclass(frozen=True, slots=True)
class ShowRule:
    """Context of claims/officer_rule.html."""

    version: str
    state: tuple[str, str]
    why: str
    sha256: str
    people: list[tuple[str, str]]
    against: str
    rows: list[Difference]
    changed: int
    form: Form[Any]
    need: Need
    may_edit: bool
    may_propose: bool
    may_approve: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class RuleField:
    """A setting in the form; `options` where it is chosen and not typed."""

    name: str
    label: str
    hint: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EditRule:
    """Context of claims/officer_rule_form.html."""

    form: Form[Any]
    settings: list[RuleField]


async def index(request: Request) -> Response:
    """All versions and which is in force this month."""
    locale = locale_of(request)
    stored = await programme.list_versions()
    today = clock.today()
    current = await programme.in_force(Period(today.year, today.month))
    lines = [
        RuleLine(
            href=urls.path("claims:officer_rule", locale=locale, version=one.rule.version),
            version=one.rule.version,
            state=_state(one, locale),
            since=formats.day(one.rule.effective_from, locale),
            used=translate(lazy("Used by claims"), locale) if one.used_at else "",
        )
        for one in stored
    ]
    return render(
        request,
        "claims/officer_rules.html",
        Rules(lines, current.rule.version),
        title=say(request, lazy("Rules of the programme")),
        robots="noindex",
    )


def _state(one: StoredRule, locale: str) -> tuple[str, str]:
    kind, text = STATES[one.state]
    return kind, translate(text, locale)


async def show(request: Request) -> Response:
    """One version beside the one it would follow."""
    return await _page(request, await programme.find(str(request.path_params["version"])), filled({}))


async def _page(request: Request, one: StoredRule, form: Form[Any], status: int = 200) -> Response:
    locale, me = locale_of(request), person_id(request)
    before = await _before(one)
    old = rule_form.values_of(before.rule) if before else {}
    new = rule_form.values_of(one.rule)
    rows = [
        Difference(
            label=translate(setting.label, locale),
            old=_shown(setting, old.get(setting.name, ""), locale),
            new=_shown(setting, new[setting.name], locale),
            changed=before is not None and old[setting.name] != new[setting.name],
        )
        for setting in rule_form.SETTINGS
    ]
    back = urls.path("claims:officer_rule", locale=locale, version=one.rule.version)
    context = ShowRule(
        version=one.rule.version,
        state=_state(one, locale),
        why=one.note,
        sha256=one.sha256,
        people=await _people(one, locale),
        against=before.rule.version if before else "",
        rows=rows,
        changed=sum(row.changed for row in rows),
        form=form,
        need=await fresh.need(request, back),
        may_edit=one.state == "draft",
        may_propose=one.state == "draft",
        may_approve=one.state == "proposed" and me not in {one.proposed_by, one.drafted_by},
        may_return=one.state == "proposed",
    )
    title = lazy("Rule %(version)s", version=one.rule.version)
    return render(
        request,
        "claims/officer_rule.html",
        context,
        title=say(request, lazy("Fix: %(title)s", title=say(request, title)) if form.errors else title),
        robots="noindex",
        status=status,
    )


def _shown(setting: rule_form.Setting, text: str, locale: str) -> str:
    """A setting as people read it, where the form shows how it is typed."""
    match setting.kind:
        case "number" | "number?" if text:
            return formats.number(int(text), locale)
        case "day" | "day?" if text:
            return formats.day(date.fromisoformat(text), locale)
        case "percent" | "minimums" | "tiers":
            said = re.sub(r"\d+(\.\d+)?", lambda found: f"{found[0]}%", text.replace("=", ": "))
            said = re.sub(r"[a-z_]+", lambda found: category(found[0], locale), said)
            return said.replace(".", ",") if locale == "id" else said
        case "choice" | "flag" if text:
            return next(label for value, label in _options(setting, locale) if value == text)
        case "list" if setting.name.endswith("_categories"):
            return ", ".join(category(code.strip(), locale) for code in text.split(",") if code.strip())
        case _:
            return text


def _options(setting: rule_form.Setting, locale: str) -> list[tuple[str, str]]:
    """The choices of a setting that is not typed."""
    if setting.kind == "choice":
        return [(one.value, translate(words, locale)) for one, words in INSTRUMENTS.items()]
    if setting.kind == "flag":
        return [("yes", translate(lazy("Yes"), locale)), ("no", translate(lazy("No"), locale))]
    return []


async def _before(one: StoredRule) -> StoredRule | None:
    """The version in force when this one begins, or the last one before it."""
    others = [
        other
        for other in await programme.list_versions()
        if other.state == "effective"
        and other.id != one.id
        and other.rule.effective_from <= one.rule.effective_from
    ]
    return others[0] if others else None


async def _people(one: StoredRule, locale: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for label, person in (
        (lazy("Drafted by"), one.drafted_by),
        (lazy("Proposed by"), one.proposed_by),
        (lazy("Put into force by"), one.approved_by),
    ):
        if person is not None:
            found.append((translate(label, locale), (await accounts.get_person(person)).name))
    if one.installed:
        found.append(
            (translate(lazy("Origin"), locale), translate(lazy("Came with the installation"), locale))
        )
    return found


# --- writing a draft -----------------------------------------------------------------------------------------


async def edit(request: Request) -> Response:
    """Write a draft: a new one from the version in force, or go on with one that is there."""
    locale = locale_of(request)
    if request.method == "GET":
        start = await _start(request)
        return _form_page(request, filled(start), 200)
    raw = raw_values(await request.form())
    typed = {name: values[0] for name, values in raw.items() if values}
    form: Form[Any] = Form(raw, None)
    try:
        rule = rule_form.rule_of(typed)
        await programme.draft(rule, note=typed.get("note", "")[:2000], by=person_id(request), now=clock.now())
    except BadField as bad:
        form.add_error(rule_form.field_of(bad), translate(lazy("Please check what you entered."), locale))
        return _form_page(request, form, 422)
    except DomainError as refusal:
        form.add_error("version", translate(refusal.message, locale))
        return _form_page(request, form, status_of(refusal))
    to = urls.path("claims:officer_rule", locale=locale, version=rule.version)
    return redirect(request, to, flash=lazy("The draft is kept."))


async def _start(request: Request) -> dict[str, str]:
    asked = request.query_params.get("from", "")
    today = clock.today()
    if asked:
        one = await programme.find(asked)
        values = rule_form.values_of(one.rule)
        return values | {"note": one.note} if one.state == "draft" else values | {"version": ""}
    current = await programme.in_force(Period(today.year, today.month))
    following = Period(today.year, today.month).following().first_day
    return rule_form.values_of(current.rule) | {"version": "", "effective_from": following.isoformat()}


def _form_page(request: Request, form: Form[Any], status: int) -> Response:
    locale = locale_of(request)
    shown = [
        RuleField(
            one.name,
            translate(one.label, locale),
            translate(one.hint, locale) if one.hint else "",
            _options(one, locale),
        )
        for one in rule_form.SETTINGS
    ]
    title = lazy("Draft of a rule")
    return render(
        request,
        "claims/officer_rule_form.html",
        EditRule(form, shown),
        title=say(request, lazy("Fix: %(title)s", title=say(request, title)) if form.errors else title),
        robots="noindex",
        status=status,
    )


# --- moving it on --------------------------------------------------------------------------------------------


async def _act(request: Request, command: Callable[[str], Awaitable[Text]]) -> Response:
    version = str(request.path_params["version"])
    one = await programme.find(version)
    back = urls.path("claims:officer_rule", locale=locale_of(request), version=version)
    raw, started = raw_values(await request.form()), None
    try:
        started = await fresh.confirm(request, raw)
        done = await command(version)
    except fresh.Elsewhere:
        return fresh.elsewhere(request, back)
    except DomainError as refusal:
        message = translate(refusal.message, locale_of(request))
        form: Form[Any] = Form(raw, None, [(getattr(refusal, "field", None) or "", message)])
        return fresh.keep_session(request, await _page(request, one, form, status_of(refusal)), started)
    return fresh.keep_session(request, redirect(request, back, flash=done), started)


async def propose(request: Request) -> Response:
    async def run(version: str) -> Text:
        await programme.propose(version, by=person_id(request), now=clock.now())
        return lazy("A second person can put it into force now. Its text stands.")

    return await _act(request, run)


async def put_into_force(request: Request) -> Response:
    async def run(version: str) -> Text:
        await programme.make_effective(version, by=person_id(request), today=clock.today(), now=clock.now())
        return lazy("The rule is in force from its first day on; the public log says so.")

    return await _act(request, run)


async def send_back(request: Request) -> Response:
    async def run(version: str) -> Text:
        await programme.send_back(version, by=person_id(request))
        return lazy("It is a draft again.")

    return await _act(request, run)


async def withdraw(request: Request) -> Response:
    async def run(version: str) -> Text:
        await programme.withdraw(version, by=person_id(request))
        return lazy("It is given up; it stays to be read.")

    return await _act(request, run)
