"""The conversation about one booking: the guest and the host write, operators look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.bookings import access, words
from market.bookings.access import Role, Seen
from market.bookings.pages import parts
from market.bookings.states import State
from market.errors import Invalid, NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.media.storage import Storage
from market.messaging import mail_pages, phrases, picture_pages, pictures, queries, reports, rules, service
from market.messaging.forms import MessageForm, ReportForm
from market.messaging.phrases import Phrase
from market.messaging.pictures import Picture
from market.messaging.queries import MessageRow
from market.messaging.service import Closed, TooFast
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse, raw_values
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, tools, viewer

_UNPROCESSABLE = 422
_UPLOAD_BYTES = pictures.MOST * pictures.MAX_BYTES + 256 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of a message: where it is once it is ready, or in words why it is not there."""

    href: str
    large_href: str
    width: int
    height: int
    words: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message, ready to print."""

    text: str
    by: str
    mine: bool
    report_href: str
    reported: bool
    pictures: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Context of messaging/thread.html."""

    with_whom: str
    title: str
    when: str
    reference: str
    booking_href: str
    action: str
    messages: Sequence[Bubble]
    some_hidden: bool
    contact_open: bool
    can_write: bool
    is_operator: bool
    form: Form[Any]
    longest: int
    phrases: Sequence[Phrase]
    is_host: bool
    most_pictures: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of `ui/pick.html`."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Context of messaging/report.html."""

    thread_href: str
    action: str
    message: str
    writer: str
    reasons: Sequence[Choice]
    form: Form[Any]


async def _conversation(request: Request) -> Seen:
    """A booking that has a conversation; a hold has none yet."""
    seen = await access.open_booking(request)
    if seen.row.state is State.HELD or not (seen.row.guest_email or seen.row.confirmed_at):
        raise NotFound
    return seen


async def show(request: Request) -> Response:
    """The conversation; opening it marks the other side's messages as read."""
    seen = await _conversation(request)
    response = await _page(request, seen, filled({}))
    if viewer(request).looking is None:
        await service.mark_read(seen.row.id, by=seen.role, now=clock.now())
    return response


async def _page(request: Request, seen: Seen, form: Form[Any], *, status: int = 200) -> Response:
    booking, language = seen.row, locale(request)
    messages = await queries.list_messages(booking.id)
    reported = await reports.list_reported(booking.id, seen.role)
    hidden_words = said(request, lazy("[hidden until confirmed]"))
    shown = [rules.masked(message.body, booking.state, hidden_words) for message in messages]
    seen_pictures = await pictures.list_of({message.id for message in messages})
    context = ThreadPage(
        with_whom=seen.view.host_name if seen.role is Role.GUEST else booking.guest_name,
        title=words.title(booking, language),
        when=words.booking_when(booking, language),
        reference=booking.reference,
        booking_href=parts.path(request, "bookings:show", booking.reference),
        action=parts.path(request, "messaging:thread", booking.reference),
        messages=[
            _bubble(request, seen, message, text, reported, seen_pictures.get(message.id, []))
            for message, (text, _) in zip(messages, shown, strict=True)
        ],
        some_hidden=any(fell for _, fell in shown),
        contact_open=booking.state in rules.KNOWN_TO_EACH_OTHER,
        can_write=seen.role is not Role.OPERATOR
        and rules.may_write(booking.state, booking.ends_at, clock.now()),
        is_operator=seen.role is Role.OPERATOR,
        form=form,
        longest=rules.LONGEST,
        phrases=await _phrases(request, seen),
        is_host=seen.role is Role.HOST,
        most_pictures=pictures.MOST,
    )
    title = parts.page_title(
        request, lazy("Messages, %(name)s", name=context.with_whom), errors=bool(form.errors)
    )
    return render(request, "messaging/thread.html", context, title=title, robots=parts.ROBOTS, status=status)


async def _phrases(request: Request, seen: Seen) -> list[Phrase]:
    """The saved texts of the host who looks; nobody else sees any."""
    if seen.role is not Role.HOST:
        return []
    own = viewer(request).organisation_ids(Right.REQUESTS.role)
    return await phrases.list_of(seen.row.host_ids & own)


def _shown(request: Request, seen: Seen, picture: Picture) -> Shown:
    href = ""
    if picture.is_ready and seen.role is not Role.OPERATOR:
        href = urls.path(
            "messaging:picture", locale=locale(request), reference=seen.row.reference, picture=picture.id
        )
    if seen.role is Role.OPERATOR:
        why = lazy("A picture that only the two sides see.")
    elif picture.is_failed:
        why = lazy("This picture could not be read. Please send it again in another format.")
    else:
        why = lazy("The picture is being prepared.")
    return Shown(
        href,
        f"{href}?size=large" if href else "",
        picture.width,
        picture.height,
        "" if href else said(request, why),
    )


def _bubble(
    request: Request,
    seen: Seen,
    message: MessageRow,
    text: str,
    reported: frozenset[int],
    found: Sequence[Picture],
) -> Bubble:
    """One message; of the other side's, with the way to report it."""
    others = message.author == getattr(service.OTHER.get(seen.role), "value", "")
    href = urls.path(
        "messaging:report", locale=locale(request), reference=seen.row.reference, message=message.id
    )
    return Bubble(
        text=text,
        by=_by(seen, message, locale(request)),
        mine=message.author == seen.role.value,
        report_href=href if others else "",
        reported=message.id in reported,
        pictures=[_shown(request, seen, picture) for picture in found],
    )


async def report(request: Request) -> Response:
    """Tell staff about a message of the other side."""
    seen = await _conversation(request)
    body = await reports.find_reportable(seen.row.id, request.path_params["message"], seen.role)
    if request.method != "POST":
        return _report_page(request, seen, body, filled({}))
    form = parse(ReportForm, await request.form(), locale(request))
    if form.data is None:
        return _report_page(request, seen, body, form, status=_UNPROCESSABLE)
    await reports.report(
        seen.row.id,
        request.path_params["message"],
        by=seen.role,
        person_id=viewer(request).person_id,
        reason=form.data.reason,
        body=form.data.body,
        now=clock.now(),
    )
    back = parts.path(request, "messaging:thread", seen.row.reference)
    return redirect(request, back, flash=lazy("Thank you. Our staff will look at it."))


def _report_page(request: Request, seen: Seen, body: str, form: Form[Any], *, status: int = 200) -> Response:
    hidden = said(request, lazy("[hidden until confirmed]"))
    context = ReportPage(
        thread_href=parts.path(request, "messaging:thread", seen.row.reference),
        action=request.url.path,
        message=rules.masked(body, seen.row.state, hidden)[0],
        writer=seen.view.host_name if seen.role is Role.GUEST else seen.row.guest_name,
        reasons=[Choice(reason.value, said(request, label)) for reason, label in reports.REASONS.items()],
        form=form,
    )
    title = parts.page_title(request, lazy("Report this message"), errors=bool(form.errors))
    return render(request, "messaging/report.html", context, title=title, robots=parts.ROBOTS, status=status)


def _by(seen: Seen, message: MessageRow, language: str) -> str:
    """Who wrote when, and whether the other side has seen it."""
    when = formats.instant(message.created_at, language)
    if message.author != seen.role.value:
        name = seen.view.host_name if message.author == Role.HOST.value else seen.row.guest_name
        return translate(lazy("%(name)s, %(when)s", name=name, when=when), language)
    if message.read_at is not None:
        return translate(lazy("You, %(when)s · read", when=when), language)
    return translate(lazy("You, %(when)s · sent", when=when), language)


async def write(request: Request) -> Response:
    """Send a message to the other side, with pictures; or put a saved text into the field to go on writing."""
    seen = await _conversation(request)
    if seen.role is Role.OPERATOR:
        raise NotFound
    sent = await request.form()
    raw = raw_values(sent)
    if raw.get("insert"):
        return await _page(request, seen, await _with_phrase(request, seen, raw))
    files = [
        await file.read()
        for file in sent.getlist("pictures")
        if isinstance(file, UploadFile) and file.filename
    ]
    if files and not "".join(raw.get("body", [])).strip():
        raw["body"] = [translate(lazy("A picture for you."), seen.row.locale)]
    form = parse(MessageForm, raw, locale(request))
    if form.data is None:
        return await _page(request, seen, form, status=_UNPROCESSABLE)
    try:
        written = await _send(request, seen, form.data.body, files)
    except Invalid as error:
        form.add_error("pictures", said(request, error.message))
        return await _page(request, seen, form, status=_UNPROCESSABLE)
    except (Closed, TooFast, pictures.TooEarly) as error:
        field = "pictures" if isinstance(error, pictures.TooEarly) else "body"
        form.add_error(field, said(request, error.message))
        return await _page(request, seen, form, status=429 if isinstance(error, TooFast) else 409)
    here = parts.path(request, "messaging:thread", seen.row.reference)
    told = _HIDDEN if written.hidden else lazy("Sent. The other side is told by email.")
    return redirect(request, f"{here}#write", flash=told)


_HIDDEN = lazy(
    "Sent, but without the phone number, address or link in it: those stay hidden until the booking is confirmed, and"
    " appear by themselves then."
)


async def _with_phrase(request: Request, seen: Seen, raw: dict[str, list[str]]) -> Form[Any]:
    """What was typed so far, and below it a saved text in the guest's language."""
    number = raw["insert"][0]
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound
    own = frozenset(phrase.host_id for phrase in await _phrases(request, seen))
    phrase = await phrases.get(int(number), own)
    language = seen.row.locale
    text = phrases.fill(phrase.in_language(language), phrases.facts_of(seen.view, language))
    typed = "".join(raw.get("body", [])).strip()
    return filled({"body": f"{typed}\n\n{text}".strip()[: rules.LONGEST]})


async def _send(request: Request, seen: Seen, body: str, files: Sequence[bytes]) -> service.Written:
    """Check and keep the pictures, then write the message; a refused message leaves no file behind."""
    storage = tools(request).of(Storage)
    if files and seen.row.state not in rules.KNOWN_TO_EACH_OTHER:
        raise pictures.TooEarly
    await pictures.check(files)
    keys = await pictures.keep(files, storage)
    try:
        return await service.write(
            seen.row.reference,
            author=seen.role,
            person_id=viewer(request).person_id,
            body=body,
            now=clock.now(),
            picture_keys=keys,
        )
    except (Closed, TooFast, pictures.TooEarly):
        for key in keys:
            await storage.delete(key)
        raise


routes = [
    page("/{locale}/bookings/{reference}/messages", show, access=ANYONE, name="messaging:thread"),
    page(
        "/{locale}/bookings/{reference}/messages",
        write,
        access=ANYONE,
        name="messaging:write",
        methods=("POST",),
        max_body=_UPLOAD_BYTES,
    ),
    page(
        "/{locale}/bookings/{reference}/messages/{message:int}/report",
        report,
        access=ANYONE,
        name="messaging:report",
        methods=("GET", "POST"),
    ),
    *picture_pages.routes,
    *mail_pages.routes,
]
