"""Reported messages at the operators' desk; deliveries that need somebody; and what the settings are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console import operator_settings
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.console.operator_settings import SettingRow
from market.errors import Refused
from market.messaging import reports
from market.messaging.reports import REASONS, Report
from market.notifications import notices
from market.notifications import service as notifications
from market.notifications.addresses import mail_address, phone_number
from market.notifications.notices import Sent
from market.notifications.own_pages import before_of
from market.notifications.topics import LABELS, Topic
from market.staff import log
from market.staff.log import Act
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings

PER_PAGE: Final = 20
_UNPROCESSABLE: Final = 422


class JudgeForm(Inbound):
    """What becomes of a report."""

    act: Literal["warn", "dismiss"]
    reason: Annotated[str, Field(min_length=10, max_length=600)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {
            "missing": lazy("Write the reason; a warned author reads it."),
            "string_too_short": lazy("Write the reason; a warned author reads it."),
        }
    }


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report with its reason in words and the form that decides it."""

    row: Report
    reason: str
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class Reports:
    """Context of console/operator_reports.html."""

    tabs: Sequence[Tab]
    lines: Sequence[ReportLine]
    errors: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Context of console/operator_deliveries.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    asked: str
    stuck: Sequence[tuple[Sent, str]]
    lines: Sequence[tuple[Sent, str]]
    older: str | None


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Context of console/operator_settings.html."""

    tabs: Sequence[Tab]
    rows: Sequence[SettingRow]


# Reports -----------------------------------------------------------------------------------------------------
async def list_reports(request: Request) -> Response:
    """Messages that one side reported, with what was written around them."""
    return await _reports(request, 0, filled({}))


async def _reports(request: Request, asked: int, form: Form[Any], *, status: int = 200) -> Response:
    rows = await reports.list_open()
    context = Reports(
        tabs=operator_tabs(request, "console:operator_reports"),
        lines=[
            ReportLine(row, words(request, REASONS[row.reason]), form if row.id == asked else filled({}))
            for row in rows
        ],
        errors=[(f"{name}-{asked}", message) for name, message in form.errors],
    )
    title = fix(request, words(request, lazy("Reported messages")), form)
    return render(
        request, "console/operator_reports.html", context, title=title, status=status, robots="noindex"
    )


async def judge(request: Request) -> Response:
    """Let a message be, or warn its author; with a reason either way."""
    report_id, now, by = request.path_params["report"], clock.now(), person_id(request)
    form = parse(JudgeForm, await request.form(), locale(request))
    if form.data is None:
        return await _reports(request, report_id, form, status=_UNPROCESSABLE)
    here, warn = urls.path("console:operator_reports", locale=locale(request)), form.data.act == "warn"
    try:
        async with db.transaction():
            booking = await reports.close(
                report_id, warn=warn, note=form.data.reason, by=by, now=now, config=settings(request)
            )
            act = Act.AUTHOR_WARNED if warn else Act.REPORT_DISMISSED
            await log.note(act, by=by, now=now, subject=booking, reason=form.data.reason)
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="wait")
    said = lazy("The author is warned, with your reason.") if warn else lazy("The message stays as it is.")
    return redirect(request, here, flash=said)


# Deliveries --------------------------------------------------------------------------------------------------
async def deliveries(request: Request) -> Response:
    """What could not be handed over, and everything that was sent; by recipient when one is given."""
    asked = request.query_params.get("q", "").replace("\x00", "").strip()[:200]
    form, recipient = filled({"q": asked}), mail_address(asked) or phone_number(asked) or ""
    if asked and not recipient:
        form.add_error("q", words(request, lazy("Type a whole email address or phone number.")))
    if recipient:
        async with db.transaction():
            await log.note(Act.DELIVERIES_READ, by=person_id(request), now=clock.now(), subject=recipient)
    rows = await notices.list_sent(recipient=recipient, before=before_of(request), limit=PER_PAGE)
    older = None
    if len(rows) == PER_PAGE:
        older = urls.path("console:operator_deliveries", locale=locale(request), q=asked, before=rows[-1].id)
    stuck = await notices.list_sent(stuck_only=True, limit=PER_PAGE)
    context = Deliveries(
        tabs=operator_tabs(request, "console:operator_deliveries"),
        form=form,
        asked=asked,
        stuck=[_with_topic(request, row) for row in stuck],
        lines=[_with_topic(request, row) for row in rows],
        older=older,
    )
    title = words(request, lazy("Deliveries"))
    return render(request, "console/operator_deliveries.html", context, title=title, robots="noindex")


def _with_topic(request: Request, row: Sent) -> tuple[Sent, str]:
    return row, words(request, LABELS[Topic(row.topic)]) if row.topic else ""


async def send_again(request: Request) -> Response:
    """Give a delivery that is stuck a fresh set of tries."""
    delivery_id = request.path_params["delivery"]
    async with db.transaction():
        done = await notifications.send_again(delivery_id)
        if done:
            await log.note(Act.SENT_AGAIN, by=person_id(request), now=clock.now(), subject=str(delivery_id))
    here = urls.path("console:operator_deliveries", locale=locale(request))
    if done:
        return redirect(request, here, flash=lazy("It is sent again now."))
    return redirect(request, here, flash=lazy("This delivery is not stuck."), kind="wait")


# Settings ----------------------------------------------------------------------------------------------------
async def show_settings(request: Request) -> Response:
    """What this installation runs with; secrets only say whether they are set."""
    context = SettingsPage(
        operator_tabs(request, "console:operator_settings"), operator_settings.effective(settings(request))
    )
    title = words(request, lazy("Settings"))
    return render(request, "console/operator_settings.html", context, title=title, robots="noindex")


routes = [
    page("/{locale}/operator/reports", list_reports, access=OPERATOR, name="console:operator_reports"),
    page(
        "/{locale}/operator/reports/{report:int}",
        judge,
        access=OPERATOR,
        name="console:operator_report_judge",
        methods=("POST",),
    ),
    page("/{locale}/operator/deliveries", deliveries, access=OPERATOR, name="console:operator_deliveries"),
    page(
        "/{locale}/operator/deliveries/{delivery:int}",
        send_again,
        access=OPERATOR,
        name="console:operator_send_again",
        methods=("POST",),
    ),
    page("/{locale}/operator/settings", show_settings, access=OPERATOR, name="console:operator_settings"),
]
