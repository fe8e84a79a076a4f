"""Requests by SMS: told, accepted, declined, repeated, late, guessed, cancelled, and by nobody else."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from market import clock, db
from market.bookings import queries, rows, service
from market.bookings.states import State
from market.notifications.sms_text import septets
from market.sms.receiving import Incoming, receive
from tests import factories
from tests.integration.bookings import flows
from tests.integration.sms.phones import NUMBER, OWN, connect, make_class, request


def code_in(text: str) -> str:
    found = re.search(r"\b[2-9]\d{3}\b", text)
    assert found, text
    return found[0]


@pytest.fixture
async def asked(tools, now):
    """A phone, and a request that it was just told about: (phone, reference, code)."""
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    reference = await request(listing, session, tools, phone.now)
    return phone, reference, code_in(await phone.last())


async def test_a_request_is_told_and_accepted_with_its_own_code(asked):
    phone, reference, code = asked
    told = await phone.last()
    assert re.match(
        rf"Pesanan {code}: Hannah 2org, .*Balas YA {code} atau TIDAK {code} sblm \w+ \d\d\.\d\d$", told
    )
    assert septets(told) <= 160
    assert "Anda terima Rp1.900.000." in told
    reply = await phone.send(f"ya {code} pak")
    assert reply.startswith(f"OK, {code} diterima dan pasti: 2org")
    booking = await rows.get(reference)
    assert booking.state is State.CONFIRMED
    last = (await queries.story_of(booking.id))[-1]
    assert (last.name, last.actor) == ("confirmed", "host")


async def test_replies_to_commands_name_no_guest(asked):
    phone, _, code = asked
    phone.wait(minutes=30)
    for text in (f"YA {code}", "YA", "JADWAL", "YA 2222", f"{code}", f"TIDAK {code}"):
        assert "Hannah" not in await phone.send(text)
        assert "+49" not in (await phone.last())


async def test_accepting_later_asks_for_a_fresh_code_and_never_acts_before(asked):
    phone, reference, code = asked
    phone.wait(minutes=11)
    reply = await phone.send(f"YA {code}")
    fresh = re.search(rf"YA {code} (\d{{4}})", reply)
    assert fresh, reply
    assert (await rows.get(reference)).state is State.REQUESTED
    assert await phone.send(f"YA {code}") == ""  # the same reply within ten minutes is not sent twice
    assert (await rows.get(reference)).state is State.REQUESTED
    assert (await phone.send(f"YA {code} {fresh[1]}")).startswith(f"OK, {code} diterima")
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_the_fresh_code_alone_works_too_but_not_after_ten_minutes(asked):
    phone, reference, code = asked
    phone.wait(minutes=11)
    first = re.search(rf"YA {code} (\d{{4}})", await phone.send(f"YA {code}"))[1]
    phone.wait(minutes=11)
    second = re.search(rf"YA {code} (\d{{4}})", await phone.send(f"YA {first}"))[1]
    assert second != first
    assert (await rows.get(reference)).state is State.REQUESTED
    await phone.send(f"YA {second}")
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_a_code_that_never_left_allows_nothing(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    reference = await request(listing, session, tools, phone.now)
    code = code_in(await phone.last())
    await db.execute("UPDATE delivery SET sent_at = NULL, state = 'queued'")
    assert "Demi keamanan" in await phone.send(f"YA {code}")
    assert (await rows.get(reference)).state is State.REQUESTED


async def test_declining_needs_nothing_but_the_code(asked):
    phone, reference, code = asked
    phone.wait(hours=1)
    assert (await phone.send(f"tdk{code}")).startswith(f"{code} ditolak.")
    assert (await rows.get(reference)).state is State.DECLINED


async def test_answers_twice_late_and_contrary_change_nothing(asked):
    phone, reference, code = asked
    await phone.send(f"YA {code}")
    phone.wait(hours=24)
    assert re.match(
        rf"{code} sudah diterima kemarin \d\d\.\d\d\. Tidak ada yang berubah", await phone.send(f"YA {code}")
    )
    assert f"BATAL {code}" in await phone.send(f"TIDAK {code}")
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_declined_stays_declined(asked):
    phone, reference, code = asked
    await phone.send(f"TIDAK {code}")
    assert f"{code} sudah ditolak hari ini" in await phone.send(f"YA {code}")
    assert f"{code} sudah ditolak hari ini" in (await phone.send(f"BATAL {code}") or await phone.last())
    assert (await rows.get(reference)).state is State.DECLINED


async def test_an_answer_after_the_deadline_is_late_without_a_penalty(asked):
    phone, reference, code = asked
    phone.wait(hours=49)
    reply = await phone.send(f"YA {code}")
    assert re.match(rf"{code} sudah lewat batas \(\w+ \d\d\.\d\d\), tamu sudah diberi tahu\.", reply)
    with clock.frozen(phone.now):
        await service.lapse_all(phone.now)
    phone.wait(minutes=11)
    assert "sudah lewat batas" in await phone.send(f"TIDAK {code}")
    assert (await rows.get(reference)).state is State.EXPIRED


async def test_cancelling_what_was_accepted_needs_a_fresh_code_of_its_own(asked):
    phone, reference, code = asked
    await phone.send(f"YA {code}")
    reply = await phone.send(f"TIDAK {code}")
    one = re.search(rf"BATAL {code} (\d{{4}})", reply)[1]
    assert (await rows.get(reference)).state is State.CONFIRMED
    await phone.send(f"BATAL {code}")  # without the fresh code: nothing
    await phone.send(f"YA {one}")  # a code to cancel with does not accept anything, nor cancel
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert (await phone.send(f"BATAL {code} {one}")).startswith(f"{code} dibatalkan")
    assert (await rows.get(reference)).state is State.CANCELLED_BY_HOST
    phone.wait(minutes=11)
    assert f"{code} sudah dibatalkan" in await phone.send(f"BATAL {code} {one}")


async def test_batal_before_accepting_is_a_plain_no(asked):
    phone, reference, code = asked
    await phone.send(f"BATAL {code}")
    assert (await rows.get(reference)).state is State.DECLINED


async def test_yes_without_a_code_asks_once_and_never_acts(asked):
    phone, reference, code = asked
    phone.wait(minutes=1)
    reply = await phone.send("ya")
    assert reply.startswith(f"Satu pesanan menunggu, {code}: 2org")
    assert (await rows.get(reference)).state is State.REQUESTED
    await phone.send(f"TIDAK {code}")
    assert (await phone.send("ok")).startswith("Tidak ada pesanan yang menunggu")


async def test_several_requests_in_one_evening_are_told_apart(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    references = [await request(listing, session, tools, phone.now) for _ in range(3)]
    codes = [code_in(text) for text in (await phone.got())[-3:]]
    assert len(set(codes)) == 3
    assert (await phone.send("ya")).startswith("3 pesanan menunggu: ")
    await phone.send(f"tidak {codes[2]}")
    await phone.send(f"ya {codes[0]}")
    states = [(await rows.get(reference)).state for reference in references]
    assert states == [State.CONFIRMED, State.REQUESTED, State.DECLINED]


async def test_a_near_miss_lists_what_waits_and_a_foreign_code_says_nothing(asked, tools):
    phone, reference, code = asked
    listing, session = await make_class()
    other = await connect(listing.host_id, tools, phone.now, number="+6281999999999")
    await request(listing, session, tools, phone.now)
    theirs = code_in(await other.last())
    if theirs == code:
        pytest.skip("the same code by chance: it is each number's own")
    miss = next(c for c in ("2345", "2346", "2347") if c not in {code, theirs})
    reply = await phone.send(f"YA {miss}")
    assert reply.startswith(f"Kode {miss} tidak ada. Yang menunggu: {code} (")
    assert await other.send(f"TIDAK {code}") == f"Kode {code} bukan untuk nomor ini."
    assert await phone.send(f"YA {theirs}") == f"Kode {theirs} bukan untuk nomor ini."
    assert (await rows.get(reference)).state is State.REQUESTED


async def test_guessing_locks_every_code_for_an_hour(asked):
    phone, reference, code = asked
    guesses = [str(n) for n in range(3000, 3010) if str(n) != code][:5]
    for guess in guesses:
        await phone.send(f"YA {guess}")
    assert (await phone.send(f"YA {code}")).startswith("Terlalu banyak kode yang salah")
    assert (await rows.get(reference)).state is State.REQUESTED
    phone.wait(hours=1, minutes=1)
    assert "Demi keamanan" in await phone.send(f"YA {code}")


async def test_a_card_request_is_confirmed_once_the_money_is_there(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    with clock.frozen(phone.now):
        reference = await flows.hold_seat(listing, session, adults=2, now=phone.now)
        await flows.go_on(reference, tools, now=phone.now)
        await flows.press(reference, tools)
    code = code_in(await phone.last())
    reply = await phone.send(f"YA {code}")
    assert reply.startswith(f"OK, {code} diterima: 2org")
    assert (await rows.get(reference)).state is State.CONFIRMED  # the capture ran right after
    assert (await phone.last()).startswith(f"Pasti {code}: Hannah 2org")


async def test_a_paused_listing_cannot_be_accepted(asked):
    phone, reference, code = asked
    await db.execute("UPDATE listing SET status = 'paused'")
    assert "sedang dijeda" in await phone.send(f"YA {code}")
    assert (await rows.get(reference)).state is State.REQUESTED


async def test_the_guest_who_withdraws_and_the_guest_who_cancels_are_told(asked):
    phone, reference, code = asked
    with clock.frozen(phone.now):
        await service.withdraw(reference, by=None, now=phone.now)
    await phone.work()
    assert (await phone.last()).startswith(f"{code} dibatalkan oleh tamu")
    assert f"{code} sudah dibatalkan" in await phone.send(f"YA {code}")


async def test_the_same_message_delivered_twice_has_one_effect_and_one_reply(asked):
    phone, _, code = asked
    at = phone.now
    first = await phone.send(f"YA {code}", sent_at=at)
    assert first
    count = len(await phone.got())
    assert await phone.send(f"ya  {code}", sent_at=at) == ""
    assert not phone.sent[-1].fresh
    assert len(await phone.got()) == count


async def test_english_is_spoken_when_asked_for(asked):
    phone, _, code = asked
    assert await phone.send("BAHASA EN") == "All right, we write in English from now on."
    assert (await phone.send(f"TIDAK {code}")).startswith(f"{code} is declined.")
    assert (await phone.send("BAHASA XX")).startswith("We speak Indonesian")


async def test_a_number_whose_host_changed_hands_has_no_power(asked):
    phone, reference, code = asked
    other = await factories.make_host()
    await db.execute("UPDATE sms_number SET organisation_id = $1 WHERE number = $2", other.id, NUMBER)
    assert await phone.send(f"TIDAK {code}") == f"Kode {code} bukan untuk nomor ini."
    assert (await rows.get(reference)).state is State.REQUESTED


async def test_news_waits_for_the_morning_unless_the_guest_comes_soon(tools, now):
    evening = now + timedelta(hours=11)  # 21.00 WITA
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    phone.now = evening
    reference = await request(listing, session, tools, phone.now)
    assert "Pesanan" not in await phone.last()
    phone.now = now + timedelta(hours=19, minutes=59)
    await phone.work()
    assert "Pesanan" not in await phone.last()
    phone.now = now + timedelta(hours=20, minutes=1)
    await phone.work()
    assert (await phone.last()).startswith("Pesanan")
    code = code_in(await phone.last())
    assert (await phone.send(f"YA {code}")).startswith("OK")  # ten minutes count from when it left
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_what_is_no_longer_true_in_the_morning_is_not_told(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    phone.now = now + timedelta(hours=11)
    reference = await request(listing, session, tools, phone.now)
    with clock.frozen(phone.now):
        await service.decline(reference, by=None, actor="host", reason="", now=phone.now)
    before = await phone.got()
    phone.now = now + timedelta(hours=21)
    await phone.work()
    assert await phone.got() == before


async def test_one_message_delivered_four_times_at_once_is_carried_out_once(asked):
    phone, reference, code = asked
    incoming = Incoming(phone.number, f"TIDAK {code}", phone.now, "test")
    with clock.frozen(phone.now):
        receipts = await asyncio.gather(*(receive(incoming, own=OWN, now=phone.now) for _ in range(4)))
    assert sorted(receipt.fresh for receipt in receipts) == [False, False, False, True]
    booking = await rows.get(reference)
    assert [event.name for event in await queries.story_of(booking.id)].count("declined") == 1
    await phone.work()
    assert len([text for text in await phone.got() if "ditolak" in text]) == 1
