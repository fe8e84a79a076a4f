"""An account moves to another email address: proved with the password, by the new mailbox, told to the old one."""

from __future__ import annotations

from datetime import timedelta

import httpx

from market import clock, db
from market.accounts import queries, sessions
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests.factories import make_listing, make_person, make_start
from tests.integration.accounts.doing import (
    OTHER_PASSWORD,
    PASSWORD,
    is_signed_in,
    link_to,
    mails_to,
    told,
    with_password,
    with_second_factor,
)
from tests.integration.bookings.doing import CONTACT, book
from tests.web import post_form, sign_in, submit

PAGE = "/en/profile/email"
OLD, NEW = CONTACT["email"], "new@example.test"


async def ask(client: httpx.AsyncClient, email: str = NEW, password: str = PASSWORD) -> httpx.Response:
    return await post_form(client, PAGE, {"new_email": email, "current_password": password})


async def test_the_account_moves_with_its_trips_when_the_new_mailbox_answers(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    listing = await make_listing()
    slot = await make_start(listing, days=20)
    await book(client, tools, listing.slug, slot=slot.id, adults=1)
    person = await with_password(email=OLD)
    await sign_in(client, person.id)
    elsewhere = await sessions.start_session(person.id)
    asked = await ask(client)
    assert asked.headers["location"] == "/en/check-mail?about=address"
    link = await link_to(NEW, tools)
    assert (await queries.get_person(person.id)).email == OLD, "nothing changes before the link is opened"
    assert NEW in (await mails_to(OLD))[-1]["body"]
    page = await client.get(link)
    assert (await queries.get_person(person.id)).email == OLD, "looking at the link changes nothing"
    done = await submit(client, page)
    assert done.headers["location"] == "/en/profile"
    assert await is_signed_in(client)
    assert await sessions.find_viewer(elsewhere.token, demo=True) is None
    moved = await queries.get_person(person.id)
    assert (moved.email, moved.verified) == (NEW, True)
    assert (await client.get(link)).status_code == 410
    await worker.drain(tools)
    assert (await mails_to(OLD))[-1]["subject"] == "Your account has another email address"
    (booking,) = await db.fetch("SELECT reference, guest_email, person_id FROM booking")
    assert (booking["guest_email"], booking["person_id"]) == (NEW, person.id)
    client.cookies.delete("bn_trips")
    assert booking["reference"] in (await client.get("/en/trips")).text


async def test_the_password_is_asked_and_what_was_typed_stays(client: httpx.AsyncClient) -> None:
    await sign_in(client, (await with_password(email=OLD)).id)
    wrong = await ask(client, password="something else entirely")
    assert wrong.status_code == 422
    assert f'value="{NEW}"' in wrong.text
    assert (await ask(client, email="no address")).status_code == 422
    same = await ask(client, email=OLD)
    assert told(same) == ["This is the address of your account already."]
    assert await db.fetch("SELECT * FROM address_change") == []


async def test_a_taken_address_answers_alike_and_moves_nothing(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    await with_password(email=NEW)
    person = await with_password(email=OLD)
    await sign_in(client, person.id)
    taken, free = await ask(client), await ask(client, email="free@example.test")
    assert taken.headers["location"] == free.headers["location"]
    await ask(client)
    await worker.drain(tools)
    (mail,) = [mail for mail in await mails_to(NEW) if "account" in mail["subject"]][:1]
    assert "/sign-in/address/" not in mail["body"]
    assert await db.fetch("SELECT * FROM address_change") == []


async def test_an_account_started_meanwhile_keeps_its_address(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    person = await with_password(email=OLD)
    await sign_in(client, person.id)
    await ask(client)
    page = await client.get(await link_to(NEW, tools))
    await make_person(email=NEW)
    assert (await submit(client, page)).status_code == 410
    assert (await queries.get_person(person.id)).email == OLD
    assert await is_signed_in(client)


async def test_a_new_password_a_day_and_a_second_wish_end_the_link(
    client: httpx.AsyncClient, tools: Tools
) -> None:
    person = await with_password(email=OLD)
    await sign_in(client, person.id)
    await ask(client)
    first = await link_to(NEW, tools)
    await ask(client, email="other@example.test")
    second = await link_to("other@example.test", tools)
    assert (await client.get(first)).status_code == 410
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert (await client.get(second)).status_code == 410
    assert (await client.get(second)).status_code == 200
    values = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    await post_form(client, "/en/profile", values, action="password")
    assert (await client.get(second)).status_code == 410


async def test_links_to_the_old_mailbox_stop_working(client: httpx.AsyncClient, tools: Tools) -> None:
    person = await with_password(email=OLD)
    await post_form(client, "/en/reset", {"email": OLD}, action="reset")
    reset = await link_to(OLD, tools)
    await sign_in(client, person.id)
    await ask(client)
    await submit(client, await client.get(await link_to(NEW, tools)))
    assert (await client.get(reset)).status_code == 410


async def test_the_second_factor_is_not_skipped(
    client: httpx.AsyncClient, settings: Settings, tools: Tools
) -> None:
    person, _ = await with_second_factor(settings, email=OLD)
    await sign_in(client, person.id)
    await ask(client)
    client.cookies.clear()
    moved = await submit(client, await client.get(await link_to(NEW, tools)))
    assert moved.headers["location"] == "/en/sign-in/code"
    assert not await is_signed_in(client)


async def test_without_a_password_a_fresh_proof_is_needed(client: httpx.AsyncClient, tools: Tools) -> None:
    person = await make_person(email=OLD)
    await sign_in(client, person.id)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert (await client.get(PAGE)).headers["location"].startswith("/en/step-up?next=")
    asked = await post_form(client, PAGE, {"new_email": NEW})
    assert asked.status_code == 303
    assert "/sign-in/address/" in await link_to(NEW, tools)


async def test_the_link_is_kept_as_a_hash(client: httpx.AsyncClient, tools: Tools) -> None:
    await sign_in(client, (await with_password(email=OLD)).id)
    await ask(client)
    token = (await link_to(NEW, tools)).rsplit("/", 1)[1]
    kept = str(await db.fetch("SELECT * FROM address_change")) + str(await db.fetch("SELECT * FROM job"))
    assert token not in kept
