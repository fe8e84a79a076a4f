"""The host's arrivals as a browser without JavaScript sees them, and the messages of phones without signal."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.bookings import absences, arrival_codes, arriving, rows
from market.bookings import service as bookings
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from market.villages import service as villages
from tests import factories
from tests.integration.bookings import flows
from tests.web import follow, form_with, post_form, sign_in


@dataclass
class Scene:
    """A host with a guest who comes, signed in, at the hour of the start."""

    browser: httpx.AsyncClient
    booking: BookingRow
    host: Any
    secrets: tuple[str, ...]

    @property
    def reference(self) -> str:
        return self.booking.reference

    async def state(self) -> State:
        return (await rows.get(self.reference)).state


@pytest.fixture
async def scene(client: httpx.AsyncClient, tools: Tools, settings: Settings) -> AsyncGenerator[Scene]:
    person = await factories.make_person(name="Rosa", email="rosa@example.test")
    host = await factories.make_host(person=person)
    listing = await factories.make_listing(host_id=host.id)
    booking = await flows.confirmed(listing, await factories.make_start(listing), tools, adults=2)
    await sign_in(client, person.id)
    with clock.frozen(booking.starts_at):
        await sign_in(client, person.id)
        yield Scene(client, booking, host, settings.secrets)


async def test_the_list_of_a_day_names_everybody(scene: Scene):
    page = await scene.browser.get("/en/host/arrivals")
    assert page.status_code == 200
    for text in ("Hannah Weber", "2 adults", "Vegetarian", scene.reference, "Not seen yet"):
        assert text in page.text
    assert arrival_codes.short_code(scene.reference, scene.secrets) in page.text
    other = await scene.browser.get("/en/host/arrivals?day=2001-01-01")
    assert other.status_code == 200
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    page = await scene.browser.get(f"/en/host/arrivals?day={tomorrow}")
    assert "Nobody arrives on this day" in page.text
    assert (await scene.browser.get("/en/host/arrivals?day=nonsense")).status_code == 200


async def test_a_code_leads_to_the_guest_and_one_button_checks_in(scene: Scene):
    code = arrival_codes.short_code(scene.reference, scene.secrets)
    typed = await post_form(
        scene.browser,
        "/en/host/arrivals",
        {"code": f"{code[:3].lower()} {code[3:]}"},
        action="/host/arrivals",
    )
    page = await follow(scene.browser, typed)
    assert "The code is right." in page.text
    pressed = form_with(page.text, action=f"/host/arrivals/{scene.reference}", field="key")
    sent = await scene.browser.post(pressed["action"], data=pressed["data"])
    done = await follow(scene.browser, sent)
    assert "Hannah Weber is checked in." in done.text
    assert await scene.state() is State.CHECKED_IN
    # The same button pressed twice is one check-in.
    again = await scene.browser.post(pressed["action"], data=pressed["data"])
    assert "Hannah Weber is checked in." in (await follow(scene.browser, again)).text


async def test_a_wrong_code_is_explained_and_kept(scene: Scene):
    answer = await post_form(scene.browser, "/en/host/arrivals", {"code": "QQQQQQ"}, action="/host/arrivals")
    assert answer.status_code == 422
    assert "not one of your bookings" in answer.text
    assert 'value="QQQQQQ"' in answer.text
    empty = await post_form(scene.browser, "/en/host/arrivals", {"code": ""}, action="/host/arrivals")
    assert empty.status_code == 422


async def test_a_scanned_voucher_opens_the_guest(scene: Scene, app: Starlette):
    token = arrival_codes.qr_token(scene.reference, scene.secrets)
    page = await scene.browser.get(f"/en/host/arrivals/scan/{token}")
    assert page.status_code == 200
    assert "The QR code is genuine." in page.text
    forged = token[:-1] + ("2" if token[-1] != "2" else "3")
    assert (await scene.browser.get(f"/en/host/arrivals/scan/{forged}")).status_code == 404
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver", headers={"accept": "text/html"}
    ) as other:
        visitor = await other.get(f"/en/host/arrivals/scan/{token}")
        assert visitor.status_code == 303
        assert "/sign-in" in visitor.headers["location"]
        stranger = await factories.make_person()
        await factories.make_host(person=stranger)
        await sign_in(other, stranger.id)
        assert (await other.get(f"/en/host/arrivals/scan/{token}")).status_code == 404
        assert (await other.get(f"/en/host/arrivals/{scene.reference}")).status_code == 404


async def test_taking_back_needs_a_reason(scene: Scene):
    await arriving.check_in(scene.reference, by=None, now=clock.now())
    here = f"/en/host/arrivals/{scene.reference}"
    refused = await post_form(scene.browser, here, {"reason": ""}, action="/undo")
    assert refused.status_code == 422
    done = await post_form(scene.browser, here, {"reason": "Wrong family"}, action="/undo")
    assert "taken back" in (await follow(scene.browser, done)).text
    assert await scene.state() is State.CONFIRMED


async def test_a_no_show_is_answered_by_the_guest_and_decided(scene: Scene, app: Starlette, tools: Tools):
    reference = scene.reference
    person = await factories.make_person()
    await factories.make_member(person, "operator")
    with clock.frozen(scene.booking.starts_at + timedelta(hours=25)):
        here = f"/en/host/arrivals/{reference}"
        refused = await post_form(scene.browser, here, {}, action="/no-show")
        assert refused.status_code == 422
        await post_form(scene.browser, here, {"sure": "yes", "reason": "Rang twice"}, action="/no-show")
        assert await scene.state() is State.NO_SHOW
        await worker.drain(tools)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://testserver",
            headers={"accept": "text/html"},
        ) as guest:
            guest_person = await factories.make_person(email="hannah@example.test")
            await sign_in(guest, guest_person.id)
            page = f"/en/bookings/{reference}/no-show"
            assert (await guest.get(page)).status_code == 200
            short = await post_form(guest, page, {"text": "No"}, action="/no-show")
            assert short.status_code == 422
            sent = await post_form(guest, page, {"text": "We stood at the gate at nine."}, action="/no-show")
            assert "looks into it" in (await follow(guest, sent)).text
            assert (await scene.browser.get(page)).status_code == 404
        await worker.drain(tools)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://testserver",
            headers={"accept": "text/html"},
        ) as desk:
            await sign_in(desk, person.id)
            page = await desk.get("/en/operator/no-shows")
            assert "We stood at the gate at nine." in page.text
            assert "Rang twice" in page.text
            wrong = await post_form(desk, "/en/operator/no-shows", {"note": ""}, action=reference)
            assert wrong.status_code == 422
            await post_form(
                desk,
                "/en/operator/no-shows",
                {"outcome": "host_failed", "note": "The photo shows the gate."},
                action=reference,
            )
    assert await scene.state() is State.CANCELLED_BY_HOST
    assert await absences.list_contested() == []


async def send(scene: Scene, *items: dict[str, Any]) -> list[dict[str, str]]:
    page = await scene.browser.get("/en/host/arrivals")
    token = form_with(page.text, action="/host/arrivals")["data"]["csrf"]
    answer = await scene.browser.post(
        "/en/host/arrivals/sync", data={"csrf": token, "items": json.dumps(items)}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


async def test_each_message_of_a_phone_is_answered_for_itself(scene: Scene, tools: Tools):
    """Done, repeated, already in, cancelled, a stranger's, outside the window: all in one message."""
    at = clock.now().isoformat()
    early = clock.now() - timedelta(hours=13)
    listing = await factories.make_listing(host_id=scene.host.id)
    slot = await factories.make_start(listing)
    cancelled = await flows.confirmed(listing, slot, tools)
    await bookings.cancel_by_host(cancelled.reference, by=None, actor="host", reason="Ill", now=clock.now())
    away = await flows.confirmed(listing, await factories.make_start(listing, days=30), tools)
    elsewhere = await factories.make_listing()
    foreign = await flows.confirmed(elsewhere, await factories.make_start(elsewhere), tools)
    token = arrival_codes.qr_token(scene.reference, scene.secrets)

    def item(key: str, **more: Any) -> dict[str, Any]:
        return {"key": key * 8, "at": at, "how": "list", **more}

    answers = await send(
        scene,
        item("0", reference=scene.reference, at=early.isoformat()),
        item("1", token=token, how="qr"),
        item("1", token=token, how="qr"),
        item("2", reference=scene.reference),
        item("3", reference=cancelled.reference),
        item("4", reference=foreign.reference),
        item("5", reference=away.reference),
        item("6", code="ZZZZZZ", how="code"),
        item("7", reference="'; DROP TABLE"),
    )
    assert [(a["outcome"], a["code"]) for a in answers] == [
        ("refused", "outside_window"),
        ("done", ""),
        ("known", ""),
        ("refused", "already_checked_in"),
        ("refused", "not_expected"),
        ("refused", "not_found"),
        ("refused", "outside_window"),
        ("refused", "not_found"),
        ("refused", "not_found"),
    ]
    assert all(a["message"] for a in answers if a["outcome"] == "refused")
    assert (await rows.get(foreign.reference)).state is State.CONFIRMED
    assert await scene.state() is State.CHECKED_IN


@pytest.mark.parametrize(
    "items",
    [
        "",
        "{}",
        "[1]",
        '[{"key": "short", "at": "2026-01-01T00:00:00Z"}]',
        '[{"key": "long-enough", "at": "2026-01-01T00:00:00"}]',
        '[{"key": "long-enough", "at": "0001-01-01T00:00:00+14:00"}]',
        json.dumps([{"key": "k" * 9, "at": "2026-01-01T00:00:00Z"}] * 101),
    ],
)
async def test_what_is_no_message_is_refused(scene: Scene, items: str):
    page = await scene.browser.get("/en/host/arrivals")
    token = form_with(page.text, action="/host/arrivals")["data"]["csrf"]
    answer = await scene.browser.post("/en/host/arrivals/sync", data={"csrf": token, "items": items})
    assert answer.status_code == 422
    without = await scene.browser.post("/en/host/arrivals/sync", data={"items": "[]"})
    assert without.status_code == 403


async def test_the_worker_acts_for_the_arrivals_and_nothing_else(scene: Scene):
    script = await scene.browser.get("/en/host/arrivals/worker.js")
    assert script.headers["service-worker-allowed"] == "/en/host/arrivals"
    assert script.headers["content-type"].startswith("text/javascript")


async def test_signing_out_clears_what_the_phone_kept(scene: Scene):
    page = await scene.browser.get("/en/host/arrivals")
    form = form_with(page.text, action="/sign-out")
    answer = await scene.browser.post(form["action"], data=form["data"])
    assert '"storage"' in answer.headers["clear-site-data"]


async def test_a_coordinator_receives_a_familys_guests_and_the_family_is_told(
    scene: Scene, app: Starlette, tools: Tools
):
    """Once the family agreed, and not before."""
    coordinator = await factories.make_person(name="Yohana")
    village = await factories.make_host(
        person=coordinator, kind="village", village_id=scene.host.village_id, name="BUMDes"
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver", headers={"accept": "text/html"}
    ) as desk:
        await sign_in(desk, coordinator.id)
        here = f"/en/host/arrivals/{scene.reference}"
        assert (await desk.get(here)).status_code == 404
        rosa = await db.fetch_one(
            "SELECT person_id FROM membership WHERE organisation_id = $1", scene.host.id
        )
        assert rosa
        await villages.agree(village.id, scene.host.id, by=rosa["person_id"], now=clock.now())
        assert "Hannah Weber" in (await desk.get("/en/host/arrivals")).text
        await post_form(desk, here, {}, action=here)
        assert await scene.state() is State.CHECKED_IN
        acts = await db.fetch("SELECT name, subject, person_id FROM host_act")
        assert acts == [{"name": "checked_in", "subject": scene.reference, "person_id": coordinator.id}]
