"""Who is written to at all, how often, and who is never answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock, db
from market.outbox import worker
from market.sms import numbers, receiving
from market.sms.handlers import forget
from market.sms.numbers import NumberTaken, State
from market.sms.receiving import Incoming
from tests import factories
from tests.integration.sms.phones import NUMBER, OWN, Phone, connect, make_class, request


@pytest.fixture
async def host(db):
    return await factories.make_host(name="Mama Rosalina")


async def invite(host_id: int, tools, now, number: str = NUMBER, by_name: str = "Yeremias Oematan") -> Phone:
    phone = Phone(tools, now, number)
    with clock.frozen(now):
        await numbers.invite(
            number, organisation_id=host_id, by=None, by_name=by_name, locale="id", own=OWN, now=now
        )
        await worker.drain(tools)
    return phone


async def test_one_invitation_names_who_did_it_and_nothing_more_leaves_before_yes(tools, now):
    listing, session = await make_class()
    phone = await invite(listing.host_id, tools, now)
    assert len(await phone.got()) == 1
    assert (await phone.last()).startswith(
        "Yeremias Oem mendaftarkan nomor ini di Benang untuk Mama Rosalin."
    )
    await request(listing, session, tools, phone.now)
    phone.wait(days=1)
    await phone.work()
    assert len(await phone.got()) == 1
    reply = await phone.send("siapa ini?")
    assert reply == "Nomor ini belum aktif. Balas YA untuk mulai, atau STOP untuk menolak."
    await phone.send("YA")
    number = await numbers.find(NUMBER)
    assert (number.state, number.consented_at) == (State.ACTIVE, phone.now)


async def test_the_invitation_sleeps_at_night(host, tools, now):
    phone = await invite(host.id, tools, now + timedelta(hours=12))
    assert await phone.got() == []
    phone.now = now + timedelta(hours=21)
    await phone.work()
    assert len(await phone.got()) == 1


async def test_a_registered_number_is_not_invited_again(host, tools, now):
    await invite(host.id, tools, now)
    for number in (NUMBER, OWN):
        with pytest.raises(NumberTaken):
            await numbers.invite(
                number, organisation_id=host.id, by=None, by_name="X", locale="id", own=OWN, now=now
            )


@pytest.mark.parametrize("word", ["STOP", "berhenti", "tolong stop"])
async def test_stop_always_works_and_mulai_returns(tools, now, word):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    assert (await phone.send(word)).startswith("Baik, kami tidak mengirim SMS lagi")
    count = len(await phone.got())
    await request(listing, session, tools, phone.now)
    for text in ("JADWAL", "YA", "halo"):
        assert await phone.send(text) == ""
    assert len(await phone.got()) == count
    phone.wait(minutes=11)
    assert (await phone.send("MULAI")).startswith("Terima kasih, nomor ini aktif")
    assert (await phone.send("UANG")).startswith("Sudah dibayar Rp0.")


async def test_an_invited_number_may_refuse(host, tools, now):
    phone = await invite(host.id, tools, now)
    await phone.send("TIDAK")
    assert (await numbers.find(NUMBER)).state is State.STOPPED


@pytest.mark.parametrize("sender", ["3456", "TELKOMSEL", "INFO 88", "", OWN, "0812", "+0123456789", "123-45"])
async def test_short_codes_letters_and_ourselves_get_no_answer(db, tools, now, sender):
    receipt = await receiving.receive(Incoming(sender, "BANTU", now, "test"), own=OWN, now=now)
    assert (receipt.outcome, receipt.reply) == ("ignored", "")
    await worker.drain(tools)
    assert await db_count("delivery") == 0


async def db_count(table: str) -> int:
    return (await db.fetch_one(f"SELECT COUNT(*) AS n FROM {table}"))["n"]


async def test_a_stranger_hears_twice_a_day_that_it_is_not_registered(db, tools, now):
    phone = Phone(tools, now, "+6285550001111")
    assert (await phone.send("JADWAL")).startswith("Nomor ini belum terdaftar")
    assert await phone.send("JADWAL") == ""
    phone.wait(minutes=11)
    assert await phone.send("halo") != ""
    phone.wait(minutes=11)
    assert await phone.send("halo") == ""
    assert await phone.send("STOP") == ""


async def test_numbers_are_recognised_however_the_network_writes_them(tools, now):
    host = await factories.make_host()
    await connect(host.id, tools, now)
    for sender in ("081234567890", "0062 812-3456-7890", "+62 812 3456 7890"):
        now += timedelta(minutes=11)
        receipt = await receiving.receive(Incoming(sender, "BANTU", now, "test"), own=OWN, now=now)
        assert receipt.reply.startswith("YA 4821 / TIDAK 4821.")


async def test_at_most_twenty_a_day_and_news_waits_for_the_next(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    for _ in range(30):
        phone.wait(minutes=11)
        await phone.send("BANTU")
    assert len(await phone.got()) == 20
    await request(listing, session, tools, phone.now)
    assert len(await phone.got()) == 20
    phone.now = now + timedelta(hours=20, minutes=1)  # six in the morning
    await phone.work()
    assert (await phone.last()).startswith("Pesanan")


async def test_unknown_words_reach_a_person_and_the_third_in_an_hour_is_called(host, tools, now):
    phone = await connect(host.id, tools, now)
    assert (await phone.send("kapan bapak datang")).startswith("Belum kami pahami; pesan Anda sudah masuk")
    await phone.send("halo halo")
    assert (await phone.send("tidak ada yang jawab")).startswith(
        "Belum kami pahami. Pesan Anda sudah masuk dan petugas"
    )
    row = await db.fetch_one("SELECT last_error, state FROM job WHERE handler = 'sms.call'")
    assert row["state"] == "parked"
    assert NUMBER in row["last_error"]
    assert await db.fetch("SELECT id FROM sms_inbound WHERE outcome IN ('unknown', 'call')") != []


async def test_asking_for_a_call(host, tools, now):
    phone = await connect(host.id, tools, now)
    assert await phone.send("telp") == "Baik, petugas akan menelepon nomor ini."
    assert await db.fetch_one("SELECT id FROM job WHERE handler = 'sms.call' AND state = 'parked'")


async def test_hostile_text_is_only_text(host, tools, now):
    phone = await connect(host.id, tools, now)
    for text in (
        "\x00\x00",
        "'; DROP TABLE booking; --",
        "🙏" * 300,
        "YA \ud83d 4821",
        "{name} %(x)s {0}",
        "A" * 5000,
    ):
        await phone.send(text)
    assert await db_count("sms_inbound") == 7
    rows = await db.fetch("SELECT body FROM sms_inbound")
    assert all(len(row["body"]) <= 1000 for row in rows)


async def test_keys_are_forgotten_after_a_week_and_messages_after_a_year(host, tools, now):
    phone = await connect(host.id, tools, now)
    at = phone.now
    await phone.send("BANTU", sent_at=at)
    with clock.frozen(now + timedelta(days=6)):
        await forget(tools)
    await phone.send("BANTU", sent_at=at)
    assert not phone.sent[-1].fresh
    with clock.frozen(now + timedelta(days=8)):
        await forget(tools)
    assert await db.fetch("SELECT id FROM sms_inbound WHERE key IS NOT NULL") == []
    with clock.frozen(now + timedelta(days=370)):
        await forget(tools)
    assert await db_count("sms_inbound") == 0
