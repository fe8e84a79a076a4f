"""Telling people with accounts: by mail, SMS and on the site as they chose, once, and seen by nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from market import clock
from market import db as database
from market.accounts.models import Person
from market.notifications import consents, notices, service, telling
from market.notifications.topics import Channel, Topic
from market.notifications.wording import Wording
from market.outbox.tools import Tools
from tests import factories, web

WORDS = Wording("Somebody would like to come", "Please answer.\n", "", "/en/host/", "Benang")


async def tell(to: str, topic: Topic = Topic.REQUESTS, key: str = "k") -> bool:
    async with database.transaction():
        return await telling.tell(WORDS, topic=topic, to=to, locale="en", dedupe_key=key)


async def channels() -> list[str]:
    return [row["channel"] for row in await database.fetch("SELECT channel FROM delivery ORDER BY id")]


async def choose(person: Person, *wanted: tuple[Topic, Channel]) -> None:
    await notices.choose(person.id, list(Topic), frozenset(wanted), clock.now())


async def test_mail_and_a_notice_once(db: str):
    person = await factories.make_person()
    assert await tell(str(person.email))
    assert not await tell(str(person.email))
    assert await channels() == ["mail"]
    (notice,) = await notices.list_notices(person.id, "id", before=None, limit=9)
    assert (notice.words, notice.href, notice.unread) == (WORDS.subject, "/id/host/", True)
    (sent,) = await notices.list_sent(person_id=person.id, limit=9)
    assert sent.topic == "requests"


async def test_a_mailbox_without_an_account_gets_the_mail_alone(db: str):
    assert await tell("guest@example.org")
    assert await channels() == ["mail"]
    assert not await database.fetch("SELECT id FROM notice")


async def test_choices_hold_but_safety_always_comes(db: str):
    person = await factories.make_person()
    await choose(person)
    assert not await tell(str(person.email))
    assert await tell(str(person.email), Topic.SAFETY, "s")
    assert await channels() == ["mail"]
    assert await notices.count_unread(person.id) == 1


async def test_sms_go_only_to_a_proved_number(db: str, tools: Tools):
    person = await factories.make_person(phone="+6281234567890")
    await choose(person, (Topic.MESSAGES, Channel.SMS))
    assert not await tell(str(person.email), Topic.MESSAGES)
    await consents.ask(person.id, "0812 3456 7890", locale="en", brand="Benang", now=clock.now())
    (row,) = await database.fetch("SELECT body FROM delivery WHERE channel = 'sms'")
    found = re.search(r"\d{6}", row["body"])
    assert found
    await consents.prove(person.id, found[0], now=clock.now())
    assert await tell(str(person.email), Topic.MESSAGES, "k2")
    assert await channels() == ["sms", "sms"]
    assert await consents.stop_number("+6281234567890", clock.now())
    assert not await tell(str(person.email), Topic.MESSAGES, "k3")


async def test_old_deliveries_lose_words_and_recipients_and_keep_their_keys(db: str):
    person = await factories.make_person()
    await tell(str(person.email))
    await database.execute("UPDATE delivery SET created_at = $1", clock.now() - timedelta(days=200))
    assert await service.forget_old(clock.now() - timedelta(days=180), 10) == 1
    assert await service.forget_old(clock.now() - timedelta(days=180), 10) == 0
    (row,) = await database.fetch("SELECT recipient, subject, body, person_id, dedupe_key FROM delivery")
    assert (row["recipient"], row["subject"], row["body"], row["person_id"]) == ("", "", "", None)
    assert row["dedupe_key"] == "k"


async def test_one_reads_ones_own_notices_and_nobody_elses(client: httpx.AsyncClient):
    person, other = await factories.make_person(), await factories.make_person()
    await tell(str(person.email))
    (notice,) = await notices.list_notices(person.id, "en", before=None, limit=9)
    await web.sign_in(client, other.id)
    assert (await client.get(f"/en/notices/{notice.id}")).status_code == 404
    await web.sign_in(client, person.id)
    page = await client.get("/en/notices")
    assert WORDS.subject in page.text
    assert "1 new notice" in page.text
    opened = await client.get(f"/en/notices/{notice.id}")
    assert opened.headers["location"] == "/en/host/"
    assert "1 new notice" not in (await client.get("/en/notices")).text
    saved = await web.post_form(client, "/en/profile/notices", {"wanted": "bookings-app"}, action="/notices")
    assert saved.status_code == 303
    assert (await notices.choices_of(person.id))[Topic.BOOKINGS, Channel.MAIL] is False
