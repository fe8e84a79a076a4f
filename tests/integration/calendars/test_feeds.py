"""Our feed as other programs read it: valid, without names, with ids that stay; and the host's page about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import vobject
from starlette.applications import Starlette

from market import clock
from market import db as sql
from market.calendars import feeds, queries
from market.listings import nights
from market.outbox.tools import Tools
from market.settings import Settings
from tests import factories
from tests.factories import in_days
from tests.integration.bookings.doing import book
from tests.integration.calendars.test_syncing import Linked, linked, stay
from tests.web import follow, post_form, sign_in


async def path_of(room: Linked, link_id: int = 0) -> str:
    found = await queries.list_feeds([room.room.id], room.config)
    return urlsplit(feeds.address(found[room.room.id], room.config, link_id)).path


def events(body: str) -> list[tuple[str, date, date, int, str]]:
    """What an independent reader sees, after checking it."""
    calendar = vobject.readOne(body)
    calendar.validate(raiseException=True)
    return [
        (
            event.uid.value,
            event.dtstart.value,
            event.dtend.value,
            int(event.sequence.value),
            event.summary.value,
        )
        for event in getattr(calendar, "vevent_list", [])
    ]


async def full_room(client: httpx.AsyncClient, tools: Tools, config: Settings) -> tuple[Linked, str]:
    room = await linked(config)
    choice = {"from": in_days(10), "to": in_days(12), "room": room.room.id, "rooms": 1, "adults": 1}
    reference = await book(client, tools, room.slug, **choice)
    await nights.close_days(room.room.id, [in_days(20), in_days(21)], clock.now())
    await room.says(stay(30, 33))
    return room, reference


async def test_the_feed_tells_nights_and_no_names(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room, reference = await full_room(client, tools, settings)
    answer = await client.get(await path_of(room))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    told = events(answer.text)
    assert [(start, end, words) for _, start, end, _, words in told] == [
        (in_days(10), in_days(12), "Reserved"),
        (in_days(20), in_days(22), "Not available"),
    ]
    assert all(uid.endswith("@testserver") for uid, *_ in told)
    lowered = answer.text.lower()
    for word in (reference.lower(), "maria", "ndolu", "rosalina", "front room", "+62", "example.test"):
        assert word not in lowered
    for name in ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "UID"):
        assert answer.text.count(f"{name}:") == 2
    assert "DTEND;VALUE=DATE:" in answer.text
    assert "\r\n" in answer.text


async def test_nothing_changed_is_told_in_few_bytes(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room, _ = await full_room(client, tools, settings)
    path = await path_of(room)
    first = await client.get(path)
    with clock.frozen(clock.now() + timedelta(hours=3)):
        again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""
        await nights.close_days(room.room.id, [in_days(22)], clock.now())
        changed = await client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    before, after = events(first.text), events(changed.text)
    assert [uid for uid, *_ in before] == [uid for uid, *_ in after]
    assert [number for *_, number, _ in after] == [0, 1]
    assert after[1][2] == in_days(23)
    assert first.headers["last-modified"] != changed.headers["last-modified"]


async def test_each_linked_site_is_told_everything_but_its_own(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room, _ = await full_room(client, tools, settings)
    second = await room.link("booking")
    own, other = (
        await client.get(await path_of(room, room.link_id)),
        await client.get(await path_of(room, second)),
    )
    assert len(events(own.text)) == 2
    assert (in_days(30), in_days(33), "Not available") in [(s, e, w) for _, s, e, _, w in events(other.text)]
    assert (await client.get(await path_of(room, 999_999))).status_code == 404


async def test_an_address_is_renewed_and_the_old_one_is_gone(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    old = await path_of(room)
    assert len(old.rpartition("/")[2]) == len("abcdefghijklmnopqrstuvwxyz.ics")
    stored = await sql.fetch("SELECT * FROM calendar_feed")
    assert old.rpartition("/")[2].removesuffix(".ics") not in str(stored)
    await feeds.renew(room.room.id, settings, clock.now())
    assert (await client.get(old)).status_code == 404
    assert (await client.get(await path_of(room))).status_code == 200
    for name in ("x", "a" * 26, "a" * 3000, "-1", f"{'a' * 26}-9", "%00"):
        assert (await client.get(f"/calendars/{name}.ics")).status_code == 404


async def test_two_other_programs_read_the_feed(
    client: httpx.AsyncClient, tools: Tools, settings: Settings, tmp_path: Path
):
    """vobject checks it, and calcurse, written by others in another language, sees the same days."""
    room, _ = await full_room(client, tools, settings)
    body = (await client.get(await path_of(room))).content
    assert len(events(body.decode())) == 2
    program = shutil.which("calcurse")
    if program is None:
        assert not os.environ.get("CI"), "CI installs calcurse"
        pytest.skip("calcurse is not installed")
    file = tmp_path / "room.ics"
    file.write_bytes(body)
    folder = tmp_path / "calcurse"
    folder.mkdir()
    read = subprocess.run(
        [program, "-D", str(folder), "-C", str(folder), "-q", "-i", str(file)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert "0 skipped" in read.stdout + read.stderr or "skipped" not in read.stdout + read.stderr
    kept = (folder / "apts").read_text()
    for day in (10, 11, 20, 21):
        assert f"{in_days(day):%m/%d/%Y}" in kept or _covers(kept, in_days(day))
    assert f"{in_days(12):%m/%d/%Y} [1]" not in kept


def _covers(kept: str, day: date) -> bool:
    """Whether calcurse keeps a stretch of whole days over a day: `12/02/2026 [1] {1D -> 12/03/2026} Reserved`."""
    from datetime import datetime

    for line in kept.splitlines():
        first, _, rest = line.partition(" ")
        start = datetime.strptime(first, "%m/%d/%Y").date()
        until = rest.partition("-> ")[2][:10]
        end = datetime.strptime(until, "%m/%d/%Y").date() if until else start
        if start <= day <= end:
            return True
    return False


# The host's page -----------------------------------------------------------------------------------------
async def host_of(room: Linked, client: httpx.AsyncClient) -> None:
    row = await sql.fetch_one("SELECT person_id FROM membership WHERE organisation_id = $1", room.host_id)
    assert row
    await sign_in(client, row["person_id"])


async def test_the_host_links_fetches_and_removes(
    client: httpx.AsyncClient, app: Starlette, tools: Tools, settings: Settings
):
    room = await linked(settings)
    await host_of(room, client)
    page = "/en/host/calendar-links"
    shown = unescape((await client.get(page)).text)
    assert "airbnb.test/…" in shown
    assert "https://airbnb.test/c.ics" not in shown
    added = await post_form(
        client,
        page,
        {f"name-{room.room.id}": "Family", f"url-{room.room.id}": "webcal://calendar.test/b.ics"},
        action=f"/rooms/{room.room.id}/links",
    )
    assert "Linked." in (await follow(client, added)).text
    for url, words in (
        ("", "not the address of a calendar"),
        ("http://127.0.0.1/x", "not the address of a calendar"),
        ("https://calendar.test/b.ics", "linked to this room already"),
        ("http://testserver.test:22/", "not the address of a calendar"),
    ):
        refused = await post_form(
            client, page, {f"url-{room.room.id}": url}, action=f"/rooms/{room.room.id}/links"
        )
        assert refused.status_code == 422
        assert words in unescape(refused.text)
        assert not url or url in unescape(refused.text)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        asked = await post_form(client, page, {"act": "fetch"}, action=f"/calendar-links/{room.link_id}")
        assert "fetching it now" in (await follow(client, asked)).text
        twice = await post_form(client, page, {"act": "fetch"}, action=f"/calendar-links/{room.link_id}")
        assert "less than a minute ago" in (await follow(client, twice)).text
        assert (await client.get(page)).headers["refresh"] == "3"
    gone = await post_form(client, page, {"act": "remove"}, action=f"/calendar-links/{room.link_id}")
    assert "Removed." in (await follow(client, gone)).text
    assert "airbnb.test" not in (await client.get(page)).text
    old = await path_of(room)
    await post_form(client, page, {}, action=f"/rooms/{room.room.id}/feed")
    assert (await client.get(old)).status_code == 404


async def test_a_failing_calendar_tells_why_and_how_old_its_copy_is(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    await host_of(room, client)
    start = clock.now()
    await room.says(stay(10, 12))
    with clock.frozen(start + timedelta(hours=5, minutes=2)):
        await sql.execute(
            "UPDATE calendar_link SET problem = 'no_answer', failures = 3, checked_at = $1", clock.now()
        )
        shown = unescape((await client.get("/en/host/calendar-links")).text)
    assert "Cannot be read" in shown
    assert "The other site did not answer." in shown
    assert "The last good copy, 5 hours ago" in shown
    assert "2 nights are closed because of it." in shown


async def test_conflicts_stand_on_the_host_s_pages(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room, reference = await full_room(client, tools, settings)
    await room.says(stay(10, 12))
    await host_of(room, client)
    for page in ("/en/host/", f"/en/host/calendar?listing={room.slug}", "/en/host/calendar-links"):
        shown = (await client.get(page)).text
        assert "Sold twice" in shown
        assert reference in shown


async def test_rooms_and_links_of_others_do_not_exist(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    stranger = await factories.make_person()
    await factories.make_host(person=stranger)
    await sign_in(client, stranger.id)
    shown = (await client.get("/en/host/calendar-links")).text
    assert "airbnb.test" not in shown
    token = await post_form(client, "/en/host/phrases", {"title": ""}, action="/phrases")
    assert token.status_code == 422
    from tests.web import form_with

    csrf = form_with((await client.get("/en/host/phrases")).text, action="/phrases", field="csrf")["data"][
        "csrf"
    ]
    for path in (
        f"/en/host/rooms/{room.room.id}/feed",
        f"/en/host/rooms/{room.room.id}/links",
        f"/en/host/calendar-links/{room.link_id}",
        "/en/host/calendar-links/999999",
    ):
        assert (await client.post(path, data={"csrf": csrf, "act": "remove"})).status_code == 404
