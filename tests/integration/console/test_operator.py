"""The operator's desk: transfers matched, refunds paid, the ledger at zero, bookings found, jobs tried again."""

from __future__ import annotations

from market import clock, db
from market.bookings import rows
from market.bookings.states import State
from market.db import fetch_one
from market.outbox import queue, worker
from market.payments import ledger
from market.payments import queries as payments
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk


async def transferred(tools) -> tuple[str, str, int]:
    """A booking that waits for a bank transfer: reference, code, amount."""
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, days=40)
    reference = await flows.hold_seat(listing, slot, adults=2)
    await flows.go_on(reference, tools, method="transfer")
    payment = (await payments.list_payments(reference))[-1]
    return reference, payment.transfer_code, payment.amount_minor


def entry(code: str, amount: int, bank: str = "BNTT-778") -> dict[str, str]:
    day = factories.in_days(0).isoformat()
    return {
        "transfer_code": code,
        "amount": str(amount),
        "bank_reference": bank,
        "received_on": day,
        "payer": "H W",
    }


async def test_a_transfer_is_matched_and_confirms_its_booking(client, tools):
    reference, code, amount = await transferred(tools)
    await desk.sign_in_operator(client)
    text = await desk.page(client, "/en/operator/transfers")
    assert code in text
    assert f"code={code}" in text
    path = f"/en/operator/transfers?code={code}"
    answer = await web.post_form(client, path, entry(code, amount), action="/transfers")
    assert answer.status_code == 303
    assert "The transfer is matched" in await desk.page(client, answer.headers["location"])
    await worker.drain(tools)
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert reference in await desk.page(client, f"/id/operator/ledger?booking={reference}")
    assert await ledger.trial_balance() == 0


async def test_mismatches_are_explained_and_keep_what_was_typed(client, tools):
    reference, code, amount = await transferred(tools)
    await desk.sign_in_operator(client)
    path = "/en/operator/transfers"
    wrong = await web.post_form(client, path, entry(code, amount - 1), action="/transfers")
    assert wrong.status_code == 422
    assert "Nothing is confirmed" in wrong.text
    assert 'value="BNTT-778"' in wrong.text
    assert "BNTT-778" in (await client.get(path)).text  # the money waits in suspense
    unknown = await web.post_form(client, path, entry("ZZZZZZ", 1000, "BNTT-779"), action="/transfers")
    assert "No booking has this transfer code" in unknown.text
    again = await web.post_form(client, path, entry(code, amount, "BNTT-779"), action="/transfers")
    assert again.status_code == 422
    assert "entered before" in again.text
    assert (await rows.get(reference)).state is not State.CONFIRMED
    for values in (
        {},
        {"amount": "-3"},
        {"amount": "1\x00"},
        {"received_on": "2099-01-01"},
        {"received_on": "x"},
    ):
        sent = {**dict.fromkeys(entry(code, amount), ""), **values}
        assert (await web.post_form(client, path, sent, action="/transfers")).status_code == 422


async def test_a_bank_refund_is_paid_and_marked(client, tools):
    reference, code, amount = await transferred(tools)
    await desk.sign_in_operator(client)
    await web.post_form(client, "/en/operator/transfers", entry(code, amount), action="/transfers")
    await worker.drain(tools)
    from market.bookings import service as bookings

    await bookings.cancel_by_host(reference, by=None, actor="operator", reason="storm", now=clock.now())
    await worker.drain(tools)
    refund = (await payments.list_refunds(reference))[-1]
    action = f"/refunds/{refund.reference}"
    blank = await web.post_form(client, "/en/operator/refunds", {"bank_reference": ""}, action=action)
    assert blank.status_code == 422
    answer = await web.post_form(client, "/en/operator/refunds", {"bank_reference": "OUT-1"}, action=action)
    assert answer.status_code == 303
    assert (await payments.get_refund(refund.reference)).state == "confirmed"
    assert "No refund waits for you" in await desk.page(client, "/en/operator/refunds")
    missing = await client.post("/en/operator/refunds/REZZZZZZ", data=await token(client, bank_reference="x"))
    assert missing.status_code == 404


async def token(client, **values: str) -> dict[str, str]:
    """The form fields that any unsafe request of this visitor needs."""
    form = web.form_with((await client.get("/en/operator/transfers")).text, action="/transfers")
    return {"csrf": form["data"]["csrf"], **values}


async def test_bookings_are_found_with_story_and_money(client, tools):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, days=40)
    booking = await flows.confirmed(listing, slot, tools)
    await desk.sign_in_operator(client)
    for asked in (booking.reference.lower(), "hannah@", "HANNAH@EXAMPLE"):
        assert booking.reference in await desk.page(client, f"/en/operator/bookings?q={asked}")
    await desk.page(client, "/en/operator/bookings?q=%00")
    for asked in ("%25", "_", "' OR 1=1 --", "x" * 300):
        text = await desk.page(client, f"/en/operator/bookings?q={asked}")
        assert "Nothing found" in text
    text = await desk.page(client, f"/id/operator/bookings/{booking.reference}")
    assert f"liab:guest_hold:{booking.reference}" in text
    assert (await client.get("/en/operator/bookings/NOPE")).status_code == 404


async def test_the_ledger_lists_filters_and_sums_to_zero(client, tools):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, days=40)
    first, second = [await flows.confirmed(listing, slot, tools) for _ in range(2)]
    await desk.sign_in_operator(client)
    text = await desk.page(client, "/en/operator/ledger")
    assert "All accounts together make exactly zero." in text
    assert "liab:guest_hold" in text
    only = await desk.page(client, f"/en/operator/ledger?booking={first.reference}")
    assert first.reference in only
    assert second.reference not in only
    for query in ("before=1", "before=99999999999999999999", "before=x", "booking=%00%27"):
        await desk.page(client, f"/en/operator/ledger?{query}")


async def test_a_parked_job_is_shown_with_its_error_and_tried_again(client):
    await desk.sign_in_operator(client)
    async with db.transaction():
        await queue.add("media.make_variants", {"photo": 1})
    await db.execute("UPDATE job SET state = 'parked', attempts = 8, last_error = 'Disk <full>'")
    response = await client.get("/en/operator/jobs")
    assert "Disk &lt;full&gt;" in response.text
    assert "1" in await desk.page(client, "/en/operator/")
    answer = await web.submit(client, response, action="/jobs/")
    assert answer.status_code == 303
    job = await fetch_one("SELECT id, state, attempts FROM job")
    assert job is not None
    assert (job["state"], job["attempts"]) == ("ready", 0)
    again = await client.post(f"/en/operator/jobs/{job['id']}", data=await token(client))
    assert again.status_code == 303


async def test_operators_pages_speak_both_languages_when_empty(client):
    await desk.sign_in_operator(client)
    for locale in ("id", "en"):
        for page in ("", "transfers", "refunds", "ledger", "jobs", "bookings"):
            await desk.page(client, f"/{locale}/operator/{page}")
