"""Where people see SMS at work: the host's numbers, the operators' messages, the simulator; and the gateway's door.

The simulator (demo mode) plays a host's phone; what is typed there takes the very path a gateway's message takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from market import clock, db
from market.errors import NotFound
from market.i18n.locales import LOCALES
from market.sms import nights, number_pages, numbers, on_behalf, queries, receiving
from market.sms.adapters import http
from market.sms.forms import InviteForm, TypedForm
from market.sms.nights import HostRoom
from market.sms.number_pages import NumberRow, number_row
from market.sms.numbers import Number
from market.sms.queries import Line, Waiting
from market.sms.receiving import Incoming
from market.staff import log as staff_log
from market.staff.log import Act
from market.values.text import Text, lazy
from market.villages.acts import Acting
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import DEMO, HOST, OPERATOR, SIGNED_MESSAGE, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

MESSAGE_BYTES = 16 * 1024
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class HostNumbers:
    """Context of sms/host.html."""

    numbers: Sequence[NumberRow]
    families: Sequence[NumberRow]
    rooms: Sequence[tuple[str, Sequence[HostRoom]]]
    form: Form[InviteForm]
    hosts: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    our_number: str


@dataclass(frozen=True, slots=True)
class HostLog:
    """Context of sms/log.html. `back` leads to the host's numbers or to the operators' desk."""

    number: NumberRow
    back: str
    back_words: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Desk:
    """Context of sms/operator.html."""

    waiting: Sequence[Waiting]
    numbers: Sequence[NumberRow]
    form: Form[InviteForm]
    hosts: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Simulator:
    """Context of sms/simulator.html."""

    numbers: Sequence[NumberRow]
    chosen: NumberRow | None
    lines: Sequence[Line]
    form: Form[TypedForm]
    examples: Sequence[str]
    invite: Form[InviteForm]
    hosts: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]


_EXAMPLES = ("YA", "JADWAL", "TUTUP BESOK", "BUKA BESOK", "UANG", "BANTU", "STOP")


def _options(hosts: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    return [(str(host_id), name) for host_id, name in hosts]


# The host's page -----------------------------------------------------------------------------------------
async def host(request: Request) -> Response:
    """The host's numbers, what one can write, and inviting another phone."""
    own = viewer(request).organisation_ids("host")
    families = await on_behalf.families(request)
    form: Form[InviteForm] = filled({"language": locale(request)})
    if request.method == "POST":
        form = parse(InviteForm, await request.form(), locale(request))
        if form.data is not None:
            acting = await on_behalf.acting(request, form.data.host)
            if await _is_invited(request, form, acting):
                return number_pages.invited(request, "sms:host")
    hosts = await queries.names_of(own)
    context = HostNumbers(
        numbers=[number_row(number, request) for number in await numbers.list_of(own)],
        families=[number_row(number, request) for number in await numbers.list_of(frozenset(families))],
        rooms=[(name, await nights.list_rooms(host_id, locale(request))) for host_id, name in hosts],
        form=form,
        hosts=_options([*hosts, *((host_id, name) for host_id, (_, name) in families.items())]),
        languages=list(LOCALES.items()),
        our_number=settings(request).sms.number,
    )
    return render(
        request,
        "sms/host.html",
        context,
        title=words(request, lazy("By SMS")),
        robots="noindex",
        status=422 if form.errors else 200,
    )


async def _is_invited(request: Request, form: Form[InviteForm], acting: Acting | None = None) -> bool:
    """Carry out a valid invitation; without `acting`, for any host."""
    return await number_pages.is_invited(
        request, form, lambda asked: on_behalf.invite(request, asked, acting, clock.now())
    )


async def _own_number(request: Request) -> Number:
    """The number the path names, if it is one of the viewer's hosts'; NotFound otherwise."""
    number = await _number(request)
    if number.organisation_id not in viewer(request).organisation_ids("host"):
        raise NotFound
    return number


async def _number(request: Request) -> Number:
    number_id: int = request.path_params["number_id"]
    if number_id > _MAX_ID:
        raise NotFound
    return await numbers.get(number_id)


async def host_log(request: Request) -> Response:
    """Everything one number sent and was sent."""
    return await _log(request, await _own_number(request), "sms:host", lazy("By SMS"))


async def _log(request: Request, number: Number, back: str, back_words: Text) -> Response:
    context = HostLog(
        number=number_row(number, request),
        back=urls.path(back, locale=locale(request)),
        back_words=words(request, back_words),
        lines=await queries.list_conversation(number.id, number.number),
    )
    return render(request, "sms/log.html", context, title=number.number, robots="noindex")


async def host_stop(request: Request) -> Response:
    """The host disconnects a number; only its owner can come back, by MULAI."""
    return await number_pages.stopped(request, await _own_number(request), "sms:host")


# The operators' page -------------------------------------------------------------------------------------
async def operator(request: Request) -> Response:
    """Messages that wait for a person, every number, and inviting a host's phone."""
    form: Form[InviteForm] = filled({"language": "id"})
    if request.method == "POST":
        form = parse(InviteForm, await request.form(), locale(request))
        await _must_be_host(form)
        if await _is_invited(request, form):
            return number_pages.invited(request, "sms:operator")
    context = Desk(
        waiting=await queries.list_waiting(),
        numbers=[number_row(number, request) for number in await numbers.list_all()],
        form=form,
        hosts=_options(await queries.list_hosts()),
        languages=list(LOCALES.items()),
    )
    return render(
        request,
        "sms/operator.html",
        context,
        title=words(request, lazy("SMS from hosts")),
        robots="noindex",
        status=422 if form.errors else 200,
    )


async def _must_be_host(form: Form[InviteForm]) -> None:
    if form.data is not None and form.data.host not in {host_id for host_id, _ in await queries.list_hosts()}:
        raise NotFound


async def operator_log(request: Request) -> Response:
    """A number's messages, for somebody who helps its owner; that they were read is written down."""
    number = await _number(request)
    async with db.transaction():
        await staff_log.note(
            Act.DELIVERIES_READ, by=person_id(request), now=clock.now(), subject=number.number
        )
    return await _log(request, number, "sms:operator", lazy("SMS from hosts"))


async def operator_handled(request: Request) -> Response:
    """A person has read or called."""
    inbound_id: int = request.path_params["inbound_id"]
    if inbound_id > _MAX_ID or not await queries.mark_handled(inbound_id, clock.now()):
        raise NotFound
    here = urls.path("sms:operator", locale=locale(request))
    return redirect(request, here, flash=lazy("Noted as dealt with."))


# The simulator -------------------------------------------------------------------------------------------
async def simulator(request: Request) -> Response:
    """Choose a phone, or invite one."""
    form = await _suggestion(request)
    if request.method == "POST":
        form = parse(InviteForm, await request.form(), locale(request))
        await _must_be_host(form)
        if await _is_invited(request, form) and form.data is not None:
            made = await numbers.find(form.data.number)
            return redirect(request, _phone_path(request, made.id if made else 0))
    return await _simulated(request, None, filled({}), form)


async def phone(request: Request) -> Response:
    """A host's phone: its conversation, and what is typed into it."""
    number = await _number(request)
    form: Form[TypedForm] = filled({})
    if request.method == "POST":
        form = parse(TypedForm, await request.form(), locale(request))
        if form.data is not None:
            now = clock.now()
            incoming = Incoming(number.number, form.data.text, now, "simulator")
            await receiving.receive(incoming, own=settings(request).sms.number, now=now)
            return redirect(request, _phone_path(request, number.id) + "#text")
    return await _simulated(request, number, form, await _suggestion(request))


async def _suggestion(request: Request) -> Form[InviteForm]:
    """An invitation filled in for a host who takes requests, so that one press is enough."""
    host_id, number = await queries.find_unconnected() or (None, None)
    return filled({"host": host_id, "number": number, "language": locale(request)})


def _phone_path(request: Request, number_id: int) -> str:
    return urls.path("sms:phone", locale=locale(request), number_id=number_id)


async def _simulated(
    request: Request, chosen: Number | None, form: Form[TypedForm], invite: Form[InviteForm]
) -> Response:
    context = Simulator(
        numbers=[number_row(number, request) for number in await numbers.list_all(limit=40)],
        chosen=number_row(chosen, request) if chosen else None,
        lines=await queries.list_conversation(chosen.id, chosen.number) if chosen else [],
        form=form,
        examples=_EXAMPLES,
        invite=invite,
        hosts=_options(await queries.list_hosts()),
        languages=list(LOCALES.items()),
    )
    return render(
        request,
        "sms/simulator.html",
        context,
        title=words(request, lazy("SMS simulator")),
        robots="noindex",
        status=422 if form.errors or invite.errors else 200,
    )


# The gateway's door --------------------------------------------------------------------------------------
async def webhook(request: Request) -> Response:
    """Take one signed message in: 200 when it had its effect now or before, 400 when it is not the gateway's."""
    config = settings(request).sms
    if not config.gateway_url:
        raise NotFound
    now = clock.now()
    signature, timestamp = request.headers.get(http.SIGNATURE, ""), request.headers.get(http.TIMESTAMP, "")
    message = http.read(await request.body(), signature, timestamp, secret=config.gateway_secret, now=now)
    incoming = Incoming(message.sender, message.text, message.sent_at, "http")
    receipt = await receiving.receive(incoming, own=config.number, now=now)
    return JSONResponse({"received": True, "duplicate": not receipt.fresh})


routes = [
    # Before `/{locale}/sms`, which has the same shape.
    page(
        "/webhooks/sms",
        webhook,
        access=SIGNED_MESSAGE,
        name="sms:webhook",
        methods=("POST",),
        max_body=MESSAGE_BYTES,
    ),
    page("/{locale}/host/sms", host, access=HOST, name="sms:host", methods=("GET", "POST")),
    page("/{locale}/host/sms/{number_id:int}", host_log, access=HOST, name="sms:host_log"),
    page(
        "/{locale}/host/sms/{number_id:int}/stop",
        host_stop,
        access=HOST,
        name="sms:host_stop",
        methods=("POST",),
    ),
    page("/{locale}/operator/sms", operator, access=OPERATOR, name="sms:operator", methods=("GET", "POST")),
    page(
        "/{locale}/operator/sms/numbers/{number_id:int}",
        operator_log,
        access=OPERATOR,
        name="sms:operator_log",
        own_eyes=True,
    ),
    page(
        "/{locale}/operator/sms/{inbound_id:int}/handled",
        operator_handled,
        access=OPERATOR,
        name="sms:operator_handled",
        methods=("POST",),
    ),
    page("/{locale}/sms", simulator, access=DEMO, name="sms:simulator", methods=("GET", "POST")),
    page("/{locale}/sms/{number_id:int}", phone, access=DEMO, name="sms:phone", methods=("GET", "POST")),
]
