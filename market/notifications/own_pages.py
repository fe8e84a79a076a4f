"""A person's own pages about being told: their notices, their choices with a number for SMS, and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError, Invalid, NotFound
from market.i18n.messages import translate
from market.notifications import consents, notices
from market.notifications.consents import Consent
from market.notifications.notices import NoticeRow, Sent
from market.notifications.topics import (
    HINTS,
    LABELS,
    Channel,
    Choices,
    Topic,
    is_fixed,
    is_wanted,
    topics_for,
)
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import SIGNED_IN, page
from market.web.problems import status_of
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

PER_PAGE: Final = 30
_UNPROCESSABLE: Final = 422
_MOST_DIGITS: Final = 16
SEPARATOR: Final = "-"


class ChoicesForm(Inbound):
    """Which topics by which ways, as `topic-channel`."""

    wanted: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list[str])


class NumberForm(Inbound):
    """A phone number to send a code to."""

    number: Annotated[str, Field(max_length=40)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "number": {"missing": lazy("Enter the phone number that should get SMS.")}
    }


class CodeForm(Inbound):
    """The code that came by SMS."""

    code: Annotated[str, Field(max_length=20)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "code": {"missing": lazy("Enter the six digits that came by SMS.")}
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A notice with its topic in words."""

    row: NoticeRow
    topic: str
    href: str


@dataclass(frozen=True, slots=True)
class Notices:
    """Context of notifications/notices.html."""

    lines: Sequence[Line]
    unread: int
    older: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """One box of the table of choices."""

    value: str
    label: str
    checked: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic with its boxes."""

    title: str
    hint: str
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    """Context of notifications/choices.html."""

    rows: Sequence[TopicRow]
    consent: Consent | None
    number_form: Form[Any]
    code_form: Form[Any]


@dataclass(frozen=True, slots=True)
class SentPage:
    """Context of notifications/sent.html."""

    lines: Sequence[tuple[Sent, str]]
    older: str | None


def before_of(request: Request) -> int | None:
    """The row a page goes on from, or None for the first page."""
    typed = request.query_params.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _MOST_DIGITS else None


# Notices ---------------------------------------------------------------------------------------------------
async def list_notices(request: Request) -> Response:
    """What the signed-in person was told, newest first."""
    me, language = person_id(request), locale(request)
    rows = await notices.list_notices(me, language, before=before_of(request), limit=PER_PAGE)
    older = None
    if len(rows) == PER_PAGE:
        older = urls.path("notifications:notices", locale=language, before=rows[-1].id)
    lines = [
        Line(
            row,
            words(request, LABELS[row.topic]),
            urls.path("notifications:notice", locale=language, notice=row.id) if row.href else "",
        )
        for row in rows
    ]
    context = Notices(lines, viewer(request).unread, older)
    title = words(request, lazy("Notices"))
    return render(request, "notifications/notices.html", context, title=title, robots="noindex")


async def open_notice(request: Request) -> Response:
    """On to what a notice is about; it counts as read then, unless staff look on."""
    me = person_id(request)
    row = await notices.find_notice(me, request.path_params["notice"], locale(request))
    if row is None:
        raise NotFound
    if row.unread and viewer(request).looking is None:
        await notices.mark_read(me, row.id, clock.now())
    return redirect(request, row.href or urls.path("notifications:notices", locale=locale(request)))


async def mark_read(request: Request) -> Response:
    """All of one's notices are read."""
    await notices.mark_read(person_id(request), None, clock.now())
    here = urls.path("notifications:notices", locale=locale(request))
    return redirect(request, here, flash=lazy("All notices are marked as read."))


# Choices ---------------------------------------------------------------------------------------------------
async def choices(request: Request) -> Response:
    """By which way to be told about what."""
    if request.method != "POST":
        return await _choices(request, filled({}), filled({}))
    form = parse(ChoicesForm, await request.form(), locale(request))
    topics = topics_for(viewer(request).roles)
    wanted = frozenset(
        (topic, channel)
        for topic in topics
        for channel in Channel
        if f"{topic}{SEPARATOR}{channel}" in (form.data.wanted if form.data else [])
    )
    await notices.choose(person_id(request), topics, wanted, clock.now())
    here = urls.path("notifications:choices", locale=locale(request))
    return redirect(request, here, flash=lazy("Saved. From now on you are told that way."))


async def _choices(request: Request, number: Form[Any], code: Form[Any], *, status: int = 200) -> Response:
    me = person_id(request)
    consent = await consents.find(me, clock.now())
    chosen = await notices.choices_of(me)
    context = ChoicesPage(
        rows=[_topic(request, topic, chosen) for topic in topics_for(viewer(request).roles)],
        consent=consent,
        number_form=number,
        code_form=code,
    )
    title = words(request, lazy("How you are told"))
    if number.errors or code.errors:
        title = words(request, lazy("Fix: %(title)s", title=title))
    return render(
        request, "notifications/choices.html", context, title=title, status=status, robots="noindex"
    )


_WAYS: Final[dict[Channel, Text]] = {
    Channel.MAIL: lazy("Mail"),
    Channel.SMS: lazy("SMS"),
    Channel.APP: lazy("Here"),
}


def _topic(request: Request, topic: Topic, chosen: Choices) -> TopicRow:
    return TopicRow(
        title=words(request, LABELS[topic]),
        hint=words(request, HINTS[topic]),
        ways=[
            Way(
                value=f"{topic}{SEPARATOR}{channel}",
                label=translate(_WAYS[channel], locale(request)),
                checked=is_wanted(topic, channel, chosen),
                fixed=is_fixed(topic, channel),
            )
            for channel in Channel
        ],
    )


async def ask_code(request: Request) -> Response:
    """Send a code to a number that should get SMS."""
    form = parse(NumberForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await consents.ask(
                person_id(request),
                form.data.number,
                locale=locale(request),
                brand=settings(request).brand,
                now=clock.now(),
            )
        except DomainError as refusal:
            form.add_error("number", words(request, refusal.message))
            return await _choices(request, form, filled({}), status=_status(refusal))
        here = urls.path("notifications:choices", locale=locale(request))
        return redirect(request, f"{here}#sms", flash=lazy("A code is on its way by SMS. Type it here."))
    return await _choices(request, form, filled({}), status=_UNPROCESSABLE)


async def prove(request: Request) -> Response:
    """The code that came by SMS."""
    form = parse(CodeForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await consents.prove(person_id(request), form.data.code, now=clock.now())
        except DomainError as refusal:
            form.add_error("code", words(request, refusal.message))
            return await _choices(request, filled({}), form, status=_status(refusal))
        here = urls.path("notifications:choices", locale=locale(request))
        return redirect(request, here, flash=lazy("This number gets SMS now. Tick what it should get."))
    return await _choices(request, filled({}), form, status=_UNPROCESSABLE)


def _status(refusal: DomainError) -> int:
    return _UNPROCESSABLE if isinstance(refusal, Invalid) else status_of(refusal)


async def stop_sms(request: Request) -> Response:
    """No more SMS."""
    await consents.stop(person_id(request), clock.now())
    here = urls.path("notifications:choices", locale=locale(request))
    return redirect(request, here, flash=lazy("No more SMS are sent to your number."))


# What was sent -----------------------------------------------------------------------------------------------
async def sent(request: Request) -> Response:
    """Mails and SMS to the signed-in person, with what became of them."""
    rows = await notices.list_sent(person_id=person_id(request), before=before_of(request), limit=PER_PAGE)
    older = None
    if len(rows) == PER_PAGE:
        older = urls.path("notifications:sent", locale=locale(request), before=rows[-1].id)
    lines = [(row, words(request, LABELS[Topic(row.topic)]) if row.topic else "") for row in rows]
    title = words(request, lazy("What we sent you"))
    return render(request, "notifications/sent.html", SentPage(lines, older), title=title, robots="noindex")


_HOME = "/{locale}/profile/notices"
routes = [
    page("/{locale}/notices", list_notices, access=SIGNED_IN, name="notifications:notices"),
    page(
        "/{locale}/notices/read",
        mark_read,
        access=SIGNED_IN,
        name="notifications:mark_read",
        methods=("POST",),
    ),
    page("/{locale}/notices/{notice:int}", open_notice, access=SIGNED_IN, name="notifications:notice"),
    page(_HOME, choices, access=SIGNED_IN, name="notifications:choices", methods=("GET", "POST")),
    page(f"{_HOME}/number", ask_code, access=SIGNED_IN, name="notifications:ask_code", methods=("POST",)),
    page(f"{_HOME}/code", prove, access=SIGNED_IN, name="notifications:prove", methods=("POST",)),
    page(f"{_HOME}/stop", stop_sms, access=SIGNED_IN, name="notifications:stop_sms", methods=("POST",)),
    page("/{locale}/profile/sent", sent, access=SIGNED_IN, name="notifications:sent"),
]
