"""What officers do on a claim's desk. Each act is one command; a refusal shows the desk again with what was typed.

Decisions want a fresh second factor first (`fresh`); asking, holding and leaving do not. Field names carry the
number of the flag or line they belong to, because many forms stand on one page.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import asking, chairs, deciding, effects, objecting, undoing, verifying
from market.claims.deciding import Outcome
from market.claims.desk_queries import list_lines
from market.claims.handlers import desk
from market.claims.officer_pages import fresh
from market.claims.officer_pages.desk import claim_for, page
from market.claims.rulings import REASONS, Verdict
from market.claims.steps import ClaimHead
from market.claims.tasks import Task, TaskState
from market.claims.verifying import LineRuling
from market.errors import DomainError, Invalid, NotFound
from market.i18n.messages import translate
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, raw_values
from market.web.problems import status_of
from market.web.render import redirect
from market.web.request import locale as locale_of
from market.web.request import person_id, settings, tools

Raw = Mapping[str, list[str]]
Command = Callable[[ClaimHead, Raw], Awaitable[Text]]
_LONGEST: Final = 4000
_DIGITS: Final = re.compile(r"[^0-9]")


async def act(
    request: Request,
    command: Command,
    *,
    decision: bool = False,
    names: Mapping[str, str] | None = None,
    at: str = "",
) -> Response:
    """Run a command for the viewer. `names` says which control of the page a field of the command is.

    Afterwards the desk again, at `at`, with a sentence on what happened.
    """
    claim, locale = await claim_for(request), locale_of(request)
    back = urls.path("claims:officer_claim", locale=locale, reference=claim.reference)
    raw, started = raw_values(await request.form()), None
    try:
        _check_length(raw)
        if decision:
            started = await fresh.confirm(request, raw)
        done = await command(claim, raw)
    except fresh.Elsewhere:
        return fresh.elsewhere(request, back)
    except NotFound:
        raise
    except DomainError as refusal:
        field = getattr(refusal, "field", None) or ""
        message = translate(refusal.message, locale)
        form: Form[Any] = Form(raw, None, [((names or {}).get(field, field), message)])
        answer = await page(request, await claim_for(request), form, status_of(refusal))
        return fresh.keep_session(request, answer, started)
    return fresh.keep_session(request, redirect(request, f"{back}{at}", flash=done), started)


def _check_length(raw: Raw) -> None:
    for name, values in raw.items():
        if any(len(value) > _LONGEST for value in values):
            raise Invalid(message=lazy("This text is too long."), field=name)


def _text(raw: Raw, name: str) -> str:
    values = raw.get(name) or [""]
    return values[0].strip()


def _outcome(raw: Raw) -> Outcome:
    try:
        return Outcome(_text(raw, "decision_outcome"))
    except ValueError:
        raise Invalid(message=lazy("Choose one of the options."), field="outcome") from None


_DECISION: Final = {"outcome": "decision_outcome", "note": "decision_note", "reasons": "decision_reasons"}


# --- the verifier's work -------------------------------------------------------------------------------------


async def begin(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await verifying.begin(claim.reference, by=person_id(request), now=clock.now())
        return lazy("The file is yours. The clock runs on your name.")

    return await act(request, run)


async def task(request: Request) -> Response:
    name = str(request.path_params["task"])
    if name not in {one.value for one in Task}:
        raise NotFound

    async def run(claim: ClaimHead, raw: Raw) -> Text:
        found = _text(raw, f"state_{name}")
        if found not in {one.value for one in TaskState}:
            raise Invalid(message=lazy("Choose one of the options."), field="state")
        await verifying.finish_task(
            claim.reference,
            Task(name),
            TaskState(found),
            _text(raw, f"seen_{name}"),
            by=person_id(request),
            now=clock.now(),
        )
        return lazy("Written down.")

    return await act(request, run, names={"note": f"seen_{name}", "state": f"state_{name}"}, at="#checks")


async def flag(request: Request) -> Response:
    number = int(request.path_params["flag_id"])

    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await verifying.resolve_flag(
            claim.reference,
            number,
            _text(raw, f"resolution_{number}"),
            _text(raw, f"why_{number}"),
            by=person_id(request),
            now=clock.now(),
        )
        return lazy("The flag is resolved.")

    names = {"resolution": f"resolution_{number}", "note": f"why_{number}"}
    return await act(request, run, decision=True, names=names, at="#flags")


async def lines(request: Request) -> Response:
    """Save what was changed in the lines on the page."""

    async def run(claim: ClaimHead, raw: Raw) -> Text:
        wanted = await _changed(claim, raw)
        await verifying.rule_lines(claim.reference, wanted, by=person_id(request), now=clock.now())
        return lazy_n("%(count)s line is decided.", "%(count)s lines are decided.", len(wanted))

    return await act(request, run, decision=True, at="#lines")


async def _changed(claim: ClaimHead, raw: Raw) -> list[LineRuling]:
    """The decisions of a form that differ from what stands. Raises Invalid at the control of a wrong one."""
    typed = {
        int(name[5:]): values[0]
        for name, values in raw.items()
        if name.startswith("line_")
        and name[5:].isascii()
        and name[5:].isdigit()
        and len(name) < 24
        and values
    }
    if not typed:
        return []
    rows = await list_lines(claim.id, flagged=(), sampled=(), only=typed.keys(), after=0, limit=len(typed))
    found: list[LineRuling] = []
    for row in rows:
        one = _ruling(row.line_id, typed[row.line_id], raw)
        if one is not None and (one.verdict.value, one.reason, one.net, one.note) != (
            row.verdict,
            row.reason,
            row.decided_net,
            row.note,
        ):
            found.append(one)
    return found


def _ruling(line_id: int, choice: str, raw: Raw) -> LineRuling | None:
    if not choice:
        return None
    name, _, reason = choice.partition(":")
    verdicts = {one.value: one for one in Verdict}
    if name not in verdicts or (reason and reason not in REASONS[verdicts[name]]):
        raise Invalid(message=lazy("Choose a reason from the list."), field=f"line_{line_id}")
    digits = _DIGITS.sub("", _text(raw, f"net_{line_id}"))
    net = int(digits) if digits and len(digits) < 16 and verdicts[name] is Verdict.AMOUNT else None
    if verdicts[name] is Verdict.AMOUNT and net is None:
        raise Invalid(message=lazy("Enter the amount that counts."), field=f"net_{line_id}")
    return LineRuling(line_id, verdicts[name], reason, net, _text(raw, f"note_{line_id}"))


async def accept(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        count = await verifying.accept_unflagged(claim.reference, by=person_id(request), now=clock.now())
        return lazy_n(
            "%(count)s line without a flag accepted.", "%(count)s lines without a flag accepted.", count
        )

    return await act(request, run, decision=True, at="#lines")


# --- the steps -----------------------------------------------------------------------------------------------


async def decide(request: Request) -> Response:
    """Close the step that waits for the viewer: verification, approval, audit or objection."""

    async def run(claim: ClaimHead, raw: Raw) -> Text:
        by, now, outcome = person_id(request), clock.now(), _outcome(raw)
        note, reasons = _text(raw, "decision_note"), list(raw.get("decision_reasons", []))
        match _text(raw, "step"):
            case "verify":
                await deciding.verify(claim.reference, outcome, reasons=reasons, note=note, by=by, now=now)
            case "approve":
                await deciding.approve(
                    claim.reference,
                    outcome,
                    reasons=reasons,
                    note=note,
                    by=by,
                    desk=desk(tools(request)),
                    now=now,
                )
            case "audit":
                await deciding.audit(claim.reference, outcome, note=note, by=by, now=now)
            case "objection":
                await objecting.decide(
                    claim.reference,
                    outcome,
                    upheld=_text(raw, "decision_upheld") == "yes",
                    reasons=reasons,
                    note=note,
                    by=by,
                    now=now,
                )
            case _:
                raise NotFound
        return lazy("Your decision is written down and stands in the public log.")

    return await act(request, run, decision=True, names=_DECISION)


async def decree(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        try:
            day = date.fromisoformat(_text(raw, "decree_on"))
        except ValueError:
            raise Invalid(
                message=lazy("Choose a date, for example 2026-12-24."), field="decided_on"
            ) from None
        await effects.record_decree(
            claim.reference,
            _text(raw, "decree_number"),
            day,
            by=person_id(request),
            secrets=settings(request).secrets,
            today=clock.today(),
            now=clock.now(),
        )
        return lazy("The decree is recorded. The award is in effect and its certificate is issued.")

    names = {"number": "decree_number", "decided_on": "decree_on"}
    return await act(request, run, decision=True, names=names)


async def undo(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await undoing.propose(
            claim.reference, note=_text(raw, "undo_note"), by=person_id(request), now=clock.now()
        )
        return lazy("Somebody else has to agree before the decision is undone.")

    return await act(request, run, decision=True, names={"note": "undo_note"})


async def agree_undo(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await undoing.agree(
            claim.reference, by=person_id(request), secrets=settings(request).secrets, now=clock.now()
        )
        return lazy("The decision is undone; both stand in the claim's story.")

    return await act(request, run, decision=True)


async def refuse_undo(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await undoing.refuse(claim.reference, by=person_id(request), now=clock.now())
        return lazy("The decision stands.")

    return await act(request, run, decision=True)


# --- beside the steps ----------------------------------------------------------------------------------------


async def ask(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await asking.ask(claim.reference, _text(raw, "question"), by=person_id(request), now=clock.now())
        return lazy("The hotel is asked. The office's clock waits for the answer.")

    return await act(request, run, at="#questions")


async def close_question(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await asking.close(
            claim.reference, str(request.path_params["question"]), by=person_id(request), now=clock.now()
        )
        return lazy("The question is closed.")

    return await act(request, run, at="#questions")


async def hold(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await asking.begin_hold(
            claim.reference,
            _text(raw, "hold_reason"),
            _text(raw, "hold_note"),
            by=person_id(request),
            secrets=settings(request).secrets,
            now=clock.now(),
        )
        return lazy("The claim is on hold.")

    return await act(request, run, names={"reason": "hold_reason", "note": "hold_note"})


async def end_hold(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await asking.end_hold(
            claim.reference,
            _text(raw, "hold_note"),
            by=person_id(request),
            secrets=settings(request).secrets,
            now=clock.now(),
        )
        return lazy("The hold is over. Its time is given back to the clock.")

    return await act(request, run, names={"note": "hold_note"})


async def leave(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        me = person_id(request)
        await chairs.give_up(
            claim.reference, person_id=me, reason=_text(raw, "leave_reason"), by=me, now=clock.now()
        )
        return lazy("You left this claim. Another officer is drawn.")

    return await act(request, run, names={"reason": "leave_reason"})


async def revoke(request: Request) -> Response:
    async def run(claim: ClaimHead, raw: Raw) -> Text:
        await effects.revoke(
            _text(raw, "certificate"),
            _text(raw, "revoke_reason"),
            by=person_id(request),
            secrets=settings(request).secrets,
            now=clock.now(),
        )
        return lazy("The certificate is taken back; the public page says so.")

    return await act(request, run, decision=True, names={"reason": "revoke_reason"})
