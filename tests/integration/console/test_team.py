"""Co-hosts: each right opens its part and nothing else; an end is an end; only the owner gives rights."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from market import clock
from market.accounts.models import Membership
from market.accounts.rights import Right, names, parse, stored
from market.db import fetch, fetch_one
from market.outbox import worker
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk

PLACES = {
    "calendar": "/en/host/calendar?listing={slug}",
    "requests": "/en/host/guests",
    "prices": "/en/host/listings/{slug}/edit/words",
    "money": "/en/host/money",
}


async def cohost(host: desk.Host, rights: str, **fields):
    helper = await factories.make_person(name="Helper")
    await Membership.create(
        person_id=helper.id,
        organisation_id=host.organisation.id,
        role="host",
        rights=rights,
        created_at=clock.now(),
        **fields,
    )
    return helper


def test_rights_are_kept_in_one_order_and_forgotten_ones_count_for_nothing():
    assert stored({Right.MONEY, Right.CALENDAR}) == "calendar,money"
    assert parse("money,calendar,gone") == {Right.MONEY, Right.CALENDAR}
    assert parse("") == frozenset()
    assert names("host", "all") == {"host", *(right.role for right in Right)}
    assert names("host", "calendar") == {"host:calendar"}
    assert names("supplier", "all") == {"supplier"}


@pytest.mark.parametrize("right", ["calendar", "prices"])
async def test_a_right_opens_its_own_part_only(client: httpx.AsyncClient, right: str):
    host = await desk.host_with("lesson")
    helper = await cohost(host, right)
    await web.sign_in(client, helper.id)
    slug = host.listing.slug
    status = {
        name: (await client.get(PLACES[name].format(slug=slug))).status_code
        for name in ("calendar", "prices")
    }
    assert status == {name: 200 if name == right else 404 for name in ("calendar", "prices")}
    assert (await client.get("/en/host/team")).status_code == 404
    page = await desk.page(client, "/en/host/")
    assert "Money on its way" not in page


async def test_requests_are_for_those_who_may_answer_them(client: httpx.AsyncClient, tools):
    host = await desk.host_with("lesson", instant=False)
    slot = await factories.make_start(host.listing)
    reference = await flows.hold_seat(host.listing, slot)
    await flows.go_on(reference, tools, method="on_arrival")
    stranger, friend = await cohost(host, "calendar,prices,money"), await cohost(host, "requests")
    await web.sign_in(client, stranger.id)
    assert reference not in (await client.get("/en/host/")).text
    assert (await client.get(f"/en/bookings/{reference}")).status_code == 404
    token = web.forms((await client.get("/en/host/")).text)[0]["data"]["csrf"]
    answer = await client.post(f"/en/host/requests/{reference}", data={"answer": "yes", "csrf": token})
    assert answer.status_code == 404
    await web.sign_in(client, friend.id)
    assert (await client.get(f"/en/bookings/{reference}/messages")).status_code == 200
    answer = await web.post_form(client, "/en/host/", {"answer": "yes"}, action="/requests/")
    assert answer.status_code == 303
    row = await fetch_one("SELECT state FROM booking WHERE reference = $1", reference)
    assert row == {"state": "confirmed"}
    await worker.drain(tools)
    told = {
        r["recipient"] for r in await fetch("SELECT recipient FROM delivery WHERE dedupe_key LIKE '%:host:%'")
    }
    assert friend.email in told
    assert stranger.email not in told


async def test_after_the_last_day_nothing_is_seen_or_changed(client: httpx.AsyncClient):
    host = await desk.host_with("lesson")
    helper = await cohost(host, "calendar,requests,prices,money", expires_at=clock.now() + timedelta(days=1))
    await web.sign_in(client, helper.id)
    path = f"/en/host/calendar?listing={host.listing.slug}"
    form = web.form_with((await client.get(path)).text, action="/dates/new")
    later = clock.now() + timedelta(days=2)
    with clock.frozen(later):
        for place in PLACES.values():
            assert (await client.get(place.format(slug=host.listing.slug))).status_code == 403
        sent = {**form["data"], "starts_on": factories.in_days(20).isoformat()}
        assert (await client.post(form["action"], data=sent)).status_code == 403
    assert await fetch("SELECT id FROM slot") == []


async def test_an_invitation_opens_to_its_mailbox_once(client: httpx.AsyncClient, tools):
    host = await desk.host_with("lesson")
    await web.sign_in(client, host.person.id)
    until = factories.in_days(30)
    values = {"email": "yuli@example.test", "rights": ["calendar", "requests"], "until": until.isoformat()}
    answer = await web.post_form(client, "/en/host/team", values, action="/invite")
    assert answer.status_code == 303
    mail = await fetch_one("SELECT body FROM delivery WHERE recipient = 'yuli@example.test'")
    assert mail
    link = re.search(r"/en/invitations/\S+", mail["body"])
    assert link
    await worker.drain(tools)
    stranger = await factories.make_person(email="somebody@example.test")
    await web.sign_in(client, stranger.id)
    assert (await client.get(link[0])).status_code == 403
    token = web.forms((await client.get("/en/profile")).text)[0]["data"]["csrf"]
    assert (await client.post(link[0], data={"csrf": token})).status_code == 303
    assert await Membership.filter(person_id=stranger.id).count() == 0
    yuli = await factories.make_person(email="yuli@example.test")
    await web.sign_in(client, yuli.id)
    answer = await web.post_form(client, link[0], action="/invitations/")
    assert answer.headers["location"] == "/en/host/"
    kept = await Membership.get(person_id=yuli.id)
    assert kept.rights == "calendar,requests"
    assert kept.expires_at is not None
    assert (await client.get("/en/host/guests")).status_code == 200
    assert (await client.get(link[0])).status_code == 404  # used


async def test_only_the_owner_gives_rights_and_takes_them_back(client: httpx.AsyncClient):
    host = await desk.host_with("lesson")
    helper = await cohost(host, "calendar")
    own = await Membership.get(person_id=host.person.id)
    member = await Membership.get(person_id=helper.id)
    await web.sign_in(client, host.person.id)
    team = f"/en/host/team/{host.organisation.id}/people"
    answer = await web.post_form(
        client, "/en/host/team", {"act": "change", "rights": ["money"]}, action=f"/people/{member.id}"
    )
    assert answer.status_code == 303
    assert (await Membership.get(id=member.id)).rights == "money"
    token = web.forms((await client.get("/en/host/team")).text)[0]["data"]["csrf"]
    assert (await client.post(f"{team}/{own.id}", data={"csrf": token, "act": "remove"})).status_code == 404
    for values, message in (
        ({"email": "nobody"}, "Enter an email address"),
        ({"email": "a@example.test"}, "Choose at least one thing"),
        ({"email": "a@example.test", "rights": "money", "until": "2020-01-01"}, "has passed"),
        ({"email": helper.email, "rights": "money"}, "helps you already"),
    ):
        answer = await web.post_form(client, "/en/host/team", values, action="/invite")
        assert answer.status_code == 422, values
        assert message in answer.text
    await web.sign_in(client, helper.id)
    answer = await client.post(
        f"{team}/{member.id}", data={"csrf": token, "act": "change", "rights": "prices"}
    )
    assert answer.status_code in {403, 404}
    await web.sign_in(client, host.person.id)
    await web.post_form(client, "/en/host/team", {"act": "remove"}, action=f"/people/{member.id}")
    assert await Membership.filter(id=member.id).count() == 0


async def test_hours_left_to_answer_count_only_reachable_ones(client: httpx.AsyncClient, tools):
    host = await desk.host_with("lesson", instant=False)
    slot = await factories.make_start(host.listing)
    await web.sign_in(client, host.person.id)
    values = {"reachable_from": "06:00", "reachable_to": "20:00"}
    answer = await web.post_form(client, "/en/host/team", values, action="/hours")
    assert answer.status_code == 303
    wrong = {"reachable_from": "20:00", "reachable_to": "06:00"}
    assert (await web.post_form(client, "/en/host/team", wrong, action="/hours")).status_code == 422
    reference = await flows.hold_seat(host.listing, slot)
    await flows.go_on(reference, tools, method="on_arrival")
    assert (
        "28 of your reachable hours are left" in (await client.get("/en/host/")).text
        or "27 of your" in (await client.get("/en/host/")).text
    )
    shown = (await client.get(f"/en/listings/{host.listing.slug}")).text
    assert "06.00 to 20.00 WITA" in shown
