"""The register of foreign guests: sealed in the database, seen by its host alone, due, reported, erased."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.bookings import rows
from market.bookings.rows import BookingRow
from market.db.config import MODELS
from market.outbox import registry, worker
from market.outbox.tools import Tools
from market.register import envelopes, queries, service
from market.register.envelopes import CannotOpen, Envelope
from market.register.rules import Facts, State
from market.register.service import AlreadyReported, NothingToReport
from market.settings import Settings
from market.sms import numbers
from market.villages import service as villages
from tests import factories
from tests.security.guests import a_stay
from tests.web import follow, post_form, sign_in

FACTS = Facts(
    "Zebedee Quillfeather", "DE", "XQ77881234", date(1983, 7, 19), date(2030, 1, 1), date(2030, 1, 4)
)
FORM = {
    "full_name": "Zebedee Quillfeather",
    "nationality": "DE",
    "passport": "xq77881234",
    "born_on": "1983-07-19",
    "arrives_on": "2030-01-01",
    "leaves_on": "2030-01-04",
}
MARKERS = ("Zebedee", "Quillfeather", "XQ77881234", "1983-07-19")
HTML = {"accept": "text/html"}


@dataclass
class House:
    """A host's house with a guest who comes, the host signed in."""

    browser: httpx.AsyncClient
    booking: BookingRow
    host: Any
    rosa: Any
    guest: Any
    secrets: tuple[str, ...]

    @property
    def page(self) -> str:
        return f"/en/host/register/{self.booking.reference}"

    async def write(self, by: str = "host") -> None:
        await service.write(
            self.booking,
            FACTS,
            guest_id=None,
            filled_by=by,
            by=None,
            secrets=self.secrets,
            now=clock.now(),
        )


@pytest.fixture
async def house(client: httpx.AsyncClient, settings: Settings, tools: Tools) -> AsyncGenerator[House]:
    rosa, guest = await factories.make_person(name="Rosa"), await factories.make_person(name="Zoe")
    host = await factories.make_host(person=rosa)
    booking = await rows.get(await a_stay(guest, host))
    with clock.frozen(booking.starts_at):
        await sign_in(client, rosa.id)
        yield House(client, booking, host, rosa, guest, settings.secrets)


def browser(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=HTML)


async def everything() -> str:
    """Every row of every table."""
    if db.is_postgres():
        tables = await db.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    else:
        tables = await db.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert len(tables) > len(MODELS)
    return "".join([str(await db.fetch(f'SELECT * FROM "{row["name"]}"')) for row in tables])


async def test_nothing_personal_lies_in_the_database(house: House, app: Starlette, tools: Tools):
    done = await post_form(house.browser, house.page, FORM, action=house.booking.reference)
    page = await follow(house.browser, done)
    for marker in ("Zebedee Quillfeather", "XQ77881234", "Germany", "19 July 1983"):
        assert marker in page.text
    async with browser(app) as guest:
        await sign_in(guest, house.guest.id)
        await post_form(
            guest,
            f"/en/bookings/{house.booking.reference}/register",
            {**FORM, "passport": "XQ77881234"},
            action="/register",
        )
    await worker.drain(tools)
    kept = await everything()
    assert not [marker for marker in MARKERS if marker.lower() in kept.lower()]


async def test_only_the_stays_own_host_finds_it(house: House, app: Starlette):
    await house.write()
    others = {
        "another host": await factories.make_person(),
        "operator": await factories.make_person(),
        "administrator": await factories.make_person(),
        "coordinator": await factories.make_person(),
    }
    await factories.make_host(person=others["another host"])
    await factories.make_member(others["operator"], "operator")
    await factories.make_member(others["administrator"], "administrator")
    village = await factories.make_host(
        person=others["coordinator"], kind="village", village_id=house.host.village_id
    )
    await villages.agree(village.id, house.host.id, by=house.rosa.id, now=clock.now())
    for name, person in others.items():
        async with browser(app) as stranger:
            await sign_in(stranger, person.id)
            answer = await stranger.get(house.page)
            assert answer.status_code in ({403} if name in {"operator", "administrator"} else {404}), name
            own = await stranger.get(f"/en/bookings/{house.booking.reference}/register")
            assert own.status_code == 404, name


async def test_what_a_guest_writes_is_shown_back_only_in_part(house: House, app: Starlette):
    async with browser(app) as guest:
        await sign_in(guest, house.guest.id)
        page = f"/en/bookings/{house.booking.reference}/register"
        wrong = await post_form(
            guest, page, {**FORM, "passport": "no!", "nationality": "ID"}, action="/register"
        )
        assert wrong.status_code == 422
        assert "A passport number has 5 to 20 letters" in wrong.text
        done = await follow(guest, await post_form(guest, page, FORM, action="/register"))
        assert "•••••••234" in done.text
        assert "XQ77881234" not in done.text
        await house.write("host")
        assert "XQ77881234" not in (await guest.get(page)).text
    shown = await house.browser.get(house.page)
    assert "Written by the guest" in shown.text


async def test_the_deadline_follows_the_arrival_and_what_is_late_says_so(house: House):
    [stay] = await queries.list_stays([house.host.id], clock.today())
    assert (stay.state, stay.due_at) == (None, house.booking.starts_at + timedelta(hours=24))
    assert not stay.overdue(stay.due_at)
    assert stay.overdue(stay.due_at + timedelta(seconds=1))
    with clock.frozen(stay.due_at + timedelta(hours=1)):
        assert "Overdue" in (await house.browser.get("/en/host/register")).text
        await house.write()
        await post_form(house.browser, house.page, {"reference": "A-17"}, action="/report")
        page = await house.browser.get("/en/host/register")
    assert "Overdue" not in page.text
    assert "A-17" in page.text


async def test_what_is_reported_is_not_changed_quietly(house: House):
    now = clock.now()
    with pytest.raises(NothingToReport):
        await service.report(house.booking, reference="", by=house.rosa.id, now=now)
    await house.write()
    await service.report(house.booking, reference="A-17", by=house.rosa.id, now=now)
    with pytest.raises(AlreadyReported):
        await house.write()
    await service.reopen(house.booking, by=house.rosa.id, now=now)
    await house.write()
    assert (await queries.find_stay(house.booking.reference)).guests == 2


async def test_no_foreign_guests_is_an_answer(house: House):
    done = await post_form(house.browser, "/en/host/register", {}, action="/none")
    assert "no foreign guests" in (await follow(house.browser, done)).text
    assert (await queries.find_stay(house.booking.reference)).state is State.NONE


async def test_an_export_is_kept_in_the_log_and_holds_no_formula(house: House):
    await service.write(
        house.booking,
        replace(FACTS, full_name="=HYPERLINK(1)"),
        guest_id=None,
        filled_by="host",
        by=None,
        secrets=house.secrets,
        now=clock.now(),
    )
    answer = await post_form(house.browser, house.page, {}, action="/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "'=HYPERLINK(1),DE,XQ77881234" in answer.text
    acts = await db.fetch("SELECT act, person_id FROM register_act ORDER BY id")
    assert [row["act"] for row in acts] == ["written", "read", "exported"]
    assert acts[-1]["person_id"] == house.rosa.id
    for statement in ("UPDATE register_act SET act = 'read'", "DELETE FROM register_act"):
        with pytest.raises(Exception, match="append-only"):
            await db.execute(statement)


async def test_after_the_legal_term_everything_is_erased(house: House):
    await house.write()
    last = house.booking.ends_on
    assert await service.erase_old(last + timedelta(days=365), 365, clock.now()) == 0
    assert await service.erase_old(last + timedelta(days=366), 365, clock.now()) == 1
    assert await db.fetch("SELECT id FROM register_guest") == []
    stay = await queries.find_stay(house.booking.reference)
    assert (stay.state, stay.guests) == (State.ERASED, 0)
    with pytest.raises(AlreadyReported):
        await house.write()


@pytest.mark.parametrize("days", [30, 365])
async def test_the_duty_erases_after_the_term_of_the_settings(
    house: House, tools: Tools, settings: Settings, *, days: int
):
    await house.write()
    own = Tools({Settings: replace(settings, register_keep_days=days)})
    duty = next(duty for duty in registry.duties() if duty.name == "register.erase")
    last = house.booking.ends_at
    with clock.frozen(last + timedelta(days=days)):
        await duty.run(own)
        assert (await queries.find_stay(house.booking.reference)).guests == 1
    with clock.frozen(last + timedelta(days=days + 1)):
        await duty.run(own)
        assert (await queries.find_stay(house.booking.reference)).state is State.ERASED
        await sign_in(house.browser, house.rosa.id)
        assert "The legal term is over" in (await house.browser.get(house.page)).text
    assert await db.fetch("SELECT id FROM register_guest") == []


async def _hear(tools: Tools, at: datetime) -> list[str]:
    """The reminders that the house has been sent by then, the duty having come round twice."""
    duty = next(duty for duty in registry.duties() if duty.name == "register.find_due")
    with clock.frozen(at):
        for _ in range(2):
            await duty.run(tools)
            await worker.drain(tools)
    found = await db.fetch(
        "SELECT recipient FROM delivery WHERE subject LIKE '%foreign guests by%' OR body LIKE 'Tamu asing%'"
        " ORDER BY id"
    )
    return [row["recipient"] for row in found]


async def test_a_host_is_reminded_once_before_the_day_is_over(house: House, tools: Tools):
    rosa = house.rosa
    number = await numbers.invite(
        "+6281234567001",
        organisation_id=house.host.id,
        by=rosa.id,
        by_name="Rosa",
        locale="id",
        own="",
        now=clock.now(),
    )
    await db.execute("UPDATE sms_number SET state = 'active', consented_at = $1", clock.now())
    assert number
    due = house.booking.starts_at + timedelta(hours=24)
    assert await _hear(tools, due - timedelta(hours=13)) == []
    # Twelve hours before the end it is night: the mail waits for nobody, the SMS until six.
    assert await _hear(tools, due - timedelta(hours=12)) == [rosa.email]
    assert sorted(await _hear(tools, due - timedelta(hours=6))) == ["+6281234567001", rosa.email]
    assert len(await _hear(tools, due + timedelta(hours=1))) == 2


async def test_nobody_is_reminded_of_what_is_settled(house: House, tools: Tools):
    due = house.booking.starts_at + timedelta(hours=24)
    await service.say_none(house.booking, by=house.rosa.id, now=clock.now())
    assert await _hear(tools, due - timedelta(hours=2)) == []
    await service.reopen(house.booking, by=house.rosa.id, now=clock.now())
    await house.write()
    await service.report(house.booking, reference="", by=house.rosa.id, now=clock.now())
    assert await _hear(tools, due - timedelta(hours=2)) == []


async def test_the_form_knows_what_the_booking_says(house: House):
    page = await house.browser.get(house.page)
    assert f'value="{house.booking.guest_name}"' in page.text
    assert f'value="{house.booking.starts_on}"' in page.text
    assert "Report to the immigration office" in page.text


async def test_a_rotation_of_the_key_loses_nothing(house: House):
    await house.write()
    stay = await queries.find_stay(house.booking.reference)
    new = "n" * 40
    assert await service.rewrap((new, *house.secrets)) == 1
    assert await service.rewrap((new, *house.secrets)) == 0
    [guest] = await queries.list_guests(stay.stay_id, (new,))
    assert guest.facts == FACTS
    [closed] = await queries.list_guests(stay.stay_id, house.secrets)
    assert closed.facts is None
    assert "cannot be opened any more" in (await house.browser.get(house.page)).text


def test_an_envelope_opens_only_for_its_stay_and_unharmed():
    sealed = envelopes.seal(FACTS.to_json(), stay_id=7, secrets=("s" * 32,))
    assert Facts.from_json(envelopes.unseal(sealed, stay_id=7, secrets=("s" * 32,))) == FACTS
    for broken, stay, secret in (
        (sealed, 8, "s" * 32),
        (sealed, 7, "t" * 32),
        (Envelope(sealed.wrapped_key, sealed.sealed[:-6] + "AAAA=="), 7, "s" * 32),
    ):
        with pytest.raises(CannotOpen):
            envelopes.unseal(broken, stay_id=stay, secrets=(secret,))
