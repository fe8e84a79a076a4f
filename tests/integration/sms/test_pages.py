"""The pages of hosts, operators and the simulator: what they do and whom they serve."""

from __future__ import annotations

import pytest

from market import clock, db
from market.outbox import worker
from market.sms import numbers
from market.sms.numbers import State
from market.villages import service as villages
from tests import factories
from tests.integration.sms.phones import NUMBER, connect, make_class, request
from tests.web import follow, form_with, post_form, sign_in


@pytest.fixture
async def host_person(db):
    person = await factories.make_person(name="Rosalina Teku")
    return person, await factories.make_host(person=person)


async def test_a_host_invites_a_phone_and_reads_its_log(client, tools, host_person, now):
    person, host = host_person
    await sign_in(client, person.id)
    answer = await post_form(
        client, "/en/host/sms", {"number": "0812 3456 7890", "language": "en"}, action="/host/sms"
    )
    assert answer.status_code == 303
    number = await numbers.find(NUMBER)
    assert (number.state, number.invited_by_name, number.organisation_id) == (
        State.INVITED,
        "Rosalina Teku",
        host.id,
    )
    with clock.frozen(now):
        await worker.drain(tools)
    page = await follow(client, answer)
    assert NUMBER in page.text
    assert "Rosalina Teku" in page.text
    log = await client.get(f"/en/host/sms/{number.id}")
    assert log.status_code == 200
    stopped = await post_form(client, "/en/host/sms", action=f"/sms/{number.id}/stop")
    assert stopped.status_code == 303
    assert (await numbers.find(NUMBER)).state is State.STOPPED


async def test_mistakes_are_told_at_the_field(client, host_person):
    person, _ = host_person
    await sign_in(client, person.id)
    for typed in ("", "12", "TELKOMSEL"):
        answer = await post_form(client, "/id/host/sms", {"number": typed}, action="/host/sms")
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    await post_form(client, "/id/host/sms", {"number": NUMBER}, action="/host/sms")
    form = form_with((await client.get("/id/host/sms")).text, action="/host/sms", field="number")
    twice = await client.post(form["action"], data={**form["data"], "number": NUMBER})
    assert twice.status_code == 422
    assert "MULAI" in twice.text


async def test_another_hosts_numbers_are_not_found(client, tools, host_person, now):
    person, _ = host_person
    listing, _ = await make_class()
    theirs = await connect(listing.host_id, tools, now)
    number = await numbers.find(theirs.number)
    await sign_in(client, person.id)
    assert (await client.get(f"/en/host/sms/{number.id}")).status_code == 404
    stop = await post_form(
        client, "/en/host/sms", {"number": "+6281300000000", "host": listing.host_id}, action="/host/sms"
    )
    assert stop.status_code == 404
    assert NUMBER not in (await client.get("/en/host/sms")).text
    assert (await client.get(f"/en/host/sms/{2**70}")).status_code == 404
    assert (await numbers.find(NUMBER)).state is State.ACTIVE


async def test_an_operator_reads_what_nobody_understood_and_notes_it(client, tools, now):
    listing, _ = await make_class()
    phone = await connect(listing.host_id, tools, now)
    await phone.send("kapan bapak datang ke <b>rumah</b>")
    operator = await factories.make_person(name="Yeremias")
    await factories.make_member(operator, "operator")
    await sign_in(client, operator.id)
    page = await client.get("/en/operator/sms")
    assert "kapan bapak datang ke &lt;b&gt;rumah&lt;/b&gt;" in page.text
    answer = await post_form(client, "/en/operator/sms", action="/handled")
    assert answer.status_code == 303
    assert "kapan bapak" not in (await client.get("/en/operator/sms")).text
    assert await db.fetch_one("SELECT id FROM sms_inbound WHERE handled_at IS NOT NULL")
    invited = await post_form(
        client,
        "/en/operator/sms",
        {"number": "+6281377778888", "host": listing.host_id},
        action="/operator/sms",
    )
    assert invited.status_code == 303
    assert (await numbers.find("+6281377778888")).invited_by_name == "Yeremias"


async def test_the_simulator_is_a_phone_that_accepts_a_request(client, tools, now):
    listing, session = await make_class()
    with clock.frozen(now):
        invited = await post_form(
            client, "/en/sms", {"number": NUMBER, "host": listing.host_id, "language": "id"}, action="/en/sms"
        )
        phone_page = invited.headers["location"]
        await worker.drain(tools)
        await post_form(client, phone_page, {"text": "ya"}, action="/sms/")
        await request(listing, session, tools, now)
        page = await client.get(phone_page)
        assert "Pesanan" in page.text
        row = await db.fetch_one("SELECT code FROM sms_code")
        await post_form(client, phone_page, {"text": f"YA {row['code']}"}, action="/sms/")
        await worker.drain(tools)
        page = await client.get(phone_page)
    assert f"OK, {row['code']} diterima dan pasti" in page.text
    assert page.text.count('class="sms sms-me"') == 2
    empty = await post_form(client, phone_page, {"text": " "}, action="/sms/")
    assert empty.status_code == 422


async def test_a_village_officer_connects_the_phone_of_a_family_that_agreed(client, tools, host_person, now):
    family_member, family = host_person
    officer = await factories.make_person(name="Ribka Lanmai")
    village = await factories.make_host(person=officer, kind="village", village_id=family.village_id)
    await sign_in(client, officer.id)
    values = {"host": family.id, "number": NUMBER, "language": "id"}
    page = await client.get("/en/host/sms")
    form = form_with(page.text, action="/host/sms", field="number")
    refused = await client.post("/en/host/sms", data={**form["data"], **values})
    assert refused.status_code == 404, "the family has not agreed"
    await villages.agree(village.id, family.id, by=family_member.id, now=now)
    answer = await post_form(client, "/en/host/sms", values, action="/host/sms")
    assert answer.status_code == 303
    number = await numbers.find(NUMBER)
    assert (number.organisation_id, number.invited_by_name) == (family.id, "Ribka Lanmai")
    shown = (await follow(client, answer)).text
    assert "Phones of families you act for" in shown
    assert (await client.get(f"/en/host/sms/{number.id}")).status_code == 404, "what they write stays theirs"
    await worker.drain(tools)
    told = await db.fetch("SELECT recipient FROM delivery WHERE dedupe_key LIKE 'act:%'")
    assert [row["recipient"] for row in told] == [family_member.email]


async def test_an_operator_reads_a_numbers_log_and_that_is_written_down(client, tools, host_person, now):
    _, host = host_person
    await connect(host.id, tools, now)
    number = await numbers.find(NUMBER)
    assert number
    operator = await factories.make_person()
    await factories.make_member(operator, "operator")
    await sign_in(client, operator.id)
    href = f"/en/operator/sms/numbers/{number.id}"
    assert href in (await client.get("/en/operator/sms")).text
    assert NUMBER in (await client.get(href)).text
    acts = await db.fetch("SELECT subject FROM staff_act WHERE name = 'deliveries.searched'")
    assert [row["subject"] for row in acts] == [NUMBER]
    assert (await client.get("/en/operator/sms/numbers/999999")).status_code == 404
