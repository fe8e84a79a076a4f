"""One's own account: details, password, devices, second factor, and leaving for good."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.accounts import queries, second_factor, service, sessions
from market.errors import Refused
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests.factories import make_host, make_member, make_person
from tests.integration.accounts.doing import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    is_signed_in,
    mails_to,
    told,
    with_password,
    with_second_factor,
)
from tests.web import post_form, sign_in, submit

PROFILE = "/en/profile"


async def test_details_are_saved_and_the_language_follows(client: httpx.AsyncClient) -> None:
    person = await make_person(name="Ana")
    await sign_in(client, person.id)
    values = {"name": "Ana Bela", "phone": "0812-3456-7890", "language": "id"}
    saved = await post_form(client, PROFILE, values, action="profile")
    assert saved.headers["location"] == "/id/profile"
    row = await queries.get_person(person.id)
    assert (row.name, row.phone, row.locale) == ("Ana Bela", "+6281234567890", "id")
    assert (await client.get("/")).headers["location"] == "/id/"


async def test_wrong_details_stay_in_the_form(client: httpx.AsyncClient) -> None:
    await sign_in(client, (await make_person(name="Ana")).id)
    answer = await post_form(
        client, PROFILE, {"name": "  ", "phone": "call me", "language": "xx"}, action="profile"
    )
    assert answer.status_code == 422
    assert "<title>Fix: Your account" in answer.text
    assert 'value="call me"' in answer.text
    assert len(told(answer)) == 3


async def test_a_new_password_signs_every_other_device_out(client: httpx.AsyncClient, tools: Tools) -> None:
    person = await with_password(email="pw@example.test")
    await sign_in(client, person.id)
    elsewhere = await sessions.start_session(person.id)
    before = client.cookies["bn_session"]
    values = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert (await post_form(client, PROFILE, values, action="password")).status_code == 303
    assert await is_signed_in(client)
    assert client.cookies["bn_session"] != before
    assert await sessions.find_viewer(elsewhere.token, demo=True) is None
    await worker.drain(tools)
    assert (await mails_to("pw@example.test"))[0]["subject"] == "Your password was changed"


async def test_the_present_password_is_asked_for(client: httpx.AsyncClient) -> None:
    await sign_in(client, (await with_password()).id)
    values = {"current_password": "something else entirely", "new_password": OTHER_PASSWORD}
    answer = await post_form(client, PROFILE, values, action="password")
    assert answer.status_code == 422
    assert 'id="current_password-error"' in answer.text


async def test_a_first_password_needs_a_fresh_proof(client: httpx.AsyncClient) -> None:
    person = await make_person()
    await sign_in(client, person.id)
    page = await client.get(PROFILE)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        late = await submit(client, page, {"new_password": OTHER_PASSWORD}, action="password")
        assert late.headers["location"].startswith("/en/step-up?next=")
    assert (
        await submit(client, page, {"new_password": OTHER_PASSWORD}, action="password")
    ).status_code == 303
    assert (await queries.get_person(person.id)).has_password


async def test_devices_can_be_signed_out_one_by_one(client: httpx.AsyncClient) -> None:
    person = await make_person()
    await sign_in(client, person.id)
    phone = await sessions.start_session(person.id, device="Chrome, Android")
    page = await client.get(PROFILE)
    assert "Chrome, Android" in page.text
    assert (await submit(client, page, action="sessions")).status_code == 303
    assert await sessions.find_viewer(phone.token, demo=True) is None
    assert await is_signed_in(client)


async def test_another_person_s_device_is_not_found(client: httpx.AsyncClient) -> None:
    person = await make_person()
    await sign_in(client, person.id)
    await sessions.start_session(person.id)
    stranger = await sessions.start_session((await make_person()).id)
    page = await client.get(PROFILE)
    answer = await submit(client, page, {"session": stranger.hash[:16]}, action="sessions")
    assert answer.status_code == 404
    assert await sessions.find_viewer(stranger.token, demo=True) is not None


async def test_the_second_factor_is_set_up_with_a_first_code(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
) -> None:
    person = await with_password(email="safe@example.test")
    await sign_in(client, person.id)
    elsewhere = await sessions.start_session(person.id)
    page = await client.get("/en/profile/second-factor")
    assert "<svg" in page.text
    shown = re.search(r'class="raw">([A-Z2-7 ]+)<', page.text)
    assert shown
    secret = shown[1].replace(" ", "")
    wrong = await submit(client, page, {"code": "12"}, action="second-factor")
    assert wrong.status_code == 422
    assert shown[1] in wrong.text, "the same key stays, so that the app need not scan again"
    done = await submit(client, wrong, {"code": code_of(secret)}, action="second-factor")
    assert done.status_code == 200
    codes = re.findall(r'<code class="raw">([A-Z2-9-]+)</code>', done.text)
    assert len(set(codes)) == 8
    assert await sessions.find_viewer(elsewhere.token, demo=True) is None
    kept = str(await db.fetch("SELECT totp_secret FROM person")) + str(
        await db.fetch("SELECT * FROM recovery_code")
    )
    assert secret not in kept
    assert not any(code in kept for code in codes)
    await service.check_second_factor(person.id, codes[0].lower().replace("-", " "), settings.secrets)
    with pytest.raises(service.WrongCode):
        await service.check_second_factor(person.id, codes[0], settings.secrets)
    await worker.drain(tools)
    assert (await mails_to("safe@example.test"))[-1]["subject"] == "The second factor is on"


async def test_a_sealed_key_made_for_somebody_else_is_not_taken(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await make_person()
    await sign_in(client, person.id)
    page = await client.get("/en/profile/second-factor")
    secret = second_factor.new_secret()
    foreign = second_factor.seal(f"{person.id + 1}:{secret}", settings.secrets)
    answer = await submit(client, page, {"sealed": foreign, "code": code_of(secret)}, action="second-factor")
    assert answer.status_code == 422
    assert not (await queries.get_person(person.id)).has_second_factor


async def test_a_short_password_must_grow_before_the_second_factor_goes(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, _ = await with_second_factor(settings)
    await sign_in(client, person.id)
    short = "lontar!7"
    changed = await post_form(
        client, PROFILE, {"current_password": PASSWORD, "new_password": short}, action="password"
    )
    assert changed.status_code == 303
    page = await client.get("/en/profile/second-factor")
    refused = await submit(client, page, {"current_password": short}, action="off")
    assert refused.status_code == 422
    assert "too short" in told(refused)[0]
    assert (await queries.get_person(person.id)).has_second_factor


async def test_the_second_factor_can_be_turned_off(client: httpx.AsyncClient, settings: Settings) -> None:
    person, _ = await with_second_factor(settings)
    await sign_in(client, person.id)
    page = await client.get("/en/profile/second-factor")
    assert (await submit(client, page, {"current_password": PASSWORD}, action="off")).status_code == 303
    assert not (await queries.get_person(person.id)).has_second_factor
    assert await queries.count_recovery_codes(person.id) == 0


async def test_new_recovery_codes_replace_the_old(client: httpx.AsyncClient, settings: Settings) -> None:
    person, _ = await with_second_factor(settings)
    (old, *_) = await service.new_recovery_codes(person.id)
    await sign_in(client, person.id)
    page = await client.get("/en/profile/second-factor")
    assert (await submit(client, page, action="codes")).status_code == 200
    with pytest.raises(service.WrongCode):
        await service.check_second_factor(person.id, old, settings.secrets)


async def test_delicate_pages_ask_again_who_it_is(client: httpx.AsyncClient) -> None:
    person = await with_password()
    await sign_in(client, person.id)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        for path in ("/en/profile/delete", "/en/profile/second-factor"):
            asked = await client.get(path)
            assert asked.status_code == 303
            assert asked.headers["location"].startswith("/en/step-up?next=")
        page = await client.get(asked.headers["location"])
        before = client.cookies["bn_session"]
        wrong = await submit(client, page, {"current_password": "no"}, action="step-up")
        assert wrong.status_code == 422
        right = await submit(client, page, {"current_password": PASSWORD}, action="step-up")
        assert right.headers["location"] == "/en/profile/second-factor"
        assert client.cookies["bn_session"] != before, "the secret changes at a step up"
        assert (await client.get("/en/profile/second-factor")).status_code == 200


async def test_stepping_up_with_a_second_factor_asks_the_code(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, secret = await with_second_factor(settings)
    await sign_in(client, person.id)
    page = await client.get("/en/step-up?next=/en/profile/delete")
    assert (await submit(client, page, {"current_password": PASSWORD}, action="step-up")).status_code == 422
    assert (await submit(client, page, {"code": code_of(secret)}, action="step-up")).status_code == 303


async def test_stepping_up_without_a_password_goes_by_mail(client: httpx.AsyncClient) -> None:
    person = await make_person(email="link-only@example.test")
    await sign_in(client, person.id)
    page = await client.get("/en/step-up?next=/en/profile/delete")
    asked = await submit(client, page, action="link")
    assert asked.headers["location"] == "/en/check-mail?about=link"


async def test_deleting_leaves_nothing_personal(client: httpx.AsyncClient, tools: Tools) -> None:
    person = await with_password(email="marker-mail@example.test", name="Marker Name", phone="+6281299988877")
    await post_form(client, "/en/sign-in", {"link_email": "marker-mail@example.test"}, action="link")
    await worker.drain(tools)
    await sign_in(client, person.id)
    page = await client.get("/en/profile/delete")
    assert (await submit(client, page, {"confirmation": "no"}, action="delete")).status_code == 422
    gone = await submit(client, page, {"confirmation": "delete"}, action="delete")
    assert gone.status_code == 303
    assert not await is_signed_in(client)
    everything = ""
    for table in (
        "person",
        "delivery",
        "one_time_token",
        "web_session",
        "membership",
        "attempt",
        "job",
        "recovery_code",
    ):
        everything += str(await db.fetch(f"SELECT * FROM {table}"))
    for marker in ("marker-mail", "Marker Name", "81299988877"):
        assert marker not in everything
    jobs = await db.fetch("SELECT payload FROM job WHERE handler = 'accounts.person_deleted'")
    assert str(person.id) in str(jobs)


async def test_an_address_is_free_again_after_deletion(client: httpx.AsyncClient) -> None:
    person = await with_password(email="back@example.test")
    await service.delete_person(person.id)
    assert await queries.find_by_email("back@example.test") is None
    await make_person(email="back@example.test")


async def test_nobody_leaves_an_organisation_without_people(db: str) -> None:
    person = await make_person()
    host = await make_host(person=person)
    with pytest.raises(Refused) as refused:
        await service.delete_person(person.id)
    assert refused.value.message.params == {"name": host.name}
    await make_member(await make_person(), "host", host.id)
    await service.delete_person(person.id)


async def test_the_typed_word_is_the_page_s_language(client: httpx.AsyncClient) -> None:
    await sign_in(client, (await make_person()).id)
    page = await client.get("/en/profile/delete")
    assert "Type DELETE to confirm" in page.text
