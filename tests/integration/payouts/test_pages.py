"""The pages of money: hosts, operators, guests, committees, visitors; who may see what, and who may not."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import httpx
import pytest

from market import clock, db
from market.payments import disputes, ledger
from market.payments import queries as payments
from market.payouts import accounts, fund, queries, service
from tests import factories, web
from tests.integration.payouts.town import DETAILS, FAMILY, FUND, GUIDE, Town
from tests.web import submit

DUE = FAMILY + GUIDE


async def get(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return unescape(response.text).replace("\xa0", " ")


async def stale(person_id: int) -> None:
    """As if the person had signed in a while ago."""
    await db.execute(
        "UPDATE web_session SET stepped_up_at = $1 WHERE person_id = $2",
        clock.now() - timedelta(minutes=6),
        person_id,
    )


async def test_a_hosts_money_from_nothing_to_paid(client: httpx.AsyncClient, town: Town):
    await web.sign_in(client, town.member.id)
    for locale in ("id", "en"):
        await get(client, f"/{locale}/host/money")
    assert "No bank details yet." in await get(client, "/en/host/money")
    form = {"bank": "Bank NTT", "number": "0123 4567 89", "holder": "=Rosalina"}
    path = f"/en/host/money/{town.host.id}/bank"
    wrong = await web.post_form(client, path, {**form, "number": "12ab"}, action="/bank")
    assert wrong.status_code == 422
    assert "Enter the account number in digits" in wrong.text
    kept = await web.post_form(client, path, form, action="/bank")
    assert kept.status_code == 303
    text = await get(client, "/en/host/money")
    assert "•••• 6789" in text
    assert DETAILS.number not in text
    assert "rest for 72 hours" in text
    details = await accounts.reveal([(await accounts.history(town.host.id))[0].id], town.settings.secrets)
    assert next(iter(details.values())).number == DETAILS.number
    await town.account()
    reference = await town.completed()
    assert reference in await get(client, "/id/host/money")
    _, payout, amount = await town.in_transit()
    await service.settle_line(payout, amount_minor=amount, bank_reference="NTT-77", now=clock.now())
    text = await get(client, "/en/host/money")
    assert payout in text
    assert "NTT-77" in text
    month = f"{clock.today():%Y-%m}"
    for locale in ("id", "en"):
        pdf = await client.get(f"/{locale}/host/money/{town.host.id}/{month}/statement.pdf")
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
        table = await client.get(f"/{locale}/host/money/{town.host.id}/{month}/statement.csv")
        assert reference in table.text
        assert "attachment" in table.headers["content-disposition"]
    for bad in ("2026-13", "1999-01", "2099-01", "2026-1", "x"):
        await get(client, f"/en/host/money/{town.host.id}/{bad}/statement.pdf", 404)


async def test_bank_details_ask_again_who_it_is(client: httpx.AsyncClient, town: Town):
    await web.sign_in(client, town.member.id)
    path = f"/en/host/money/{town.host.id}/bank"
    page = await client.get(path)
    await stale(town.member.id)
    asked = await client.get(path)
    assert "/step-up" in asked.headers["location"]
    sent = await submit(client, page, {"bank": "BRI", "number": "123456", "holder": "X Y"}, action="/bank")
    assert "/step-up" in sent.headers["location"]
    assert await accounts.history(town.host.id) == []


async def test_anothers_money_is_not_there(client: httpx.AsyncClient, town: Town):
    await town.completed()
    stranger = await factories.make_person()
    await factories.make_host(person=stranger)
    await web.sign_in(client, stranger.id)
    month = f"{clock.today():%Y-%m}"
    for path in ("bank", f"{month}/statement.pdf", f"{month}/statement.csv"):
        await get(client, f"/en/host/money/{town.host.id}/{path}", 404)
    await get(client, f"/en/host/money?host={town.host.id}", 404)
    for odd in ("x", "9" * 30, "-1"):
        response = await client.get(f"/en/host/money?host={odd}")
        assert response.status_code in {200, 404}


async def test_a_batch_by_two_people_and_the_banks_files(client: httpx.AsyncClient, town: Town):
    await town.account()
    await town.completed()
    await web.sign_in(client, town.ana.id)
    assert "Propose this batch" in await get(client, "/en/operator/payouts")
    proposed = await web.post_form(client, "/en/operator/payouts", action="/operator/payouts")
    here = proposed.headers["location"]
    assert "another operator approves it" in await get(client, here)
    own = await client.post(f"{here}/approve", data=await token(client, here))
    assert own.status_code == 303
    assert (await queries.list_batches())[0].state == "proposed"
    await web.sign_in(client, town.budi.id)
    page = await client.get(here)
    await stale(town.budi.id)
    asked = await submit(client, page, action="/approve")
    assert "/step-up" in asked.headers["location"]
    await web.sign_in(client, town.budi.id)
    assert (await web.post_form(client, here, action="/approve")).status_code == 303
    orders = await web.post_form(client, here, action="/orders.csv")
    assert orders.status_code == 200
    assert DETAILS.number in orders.text
    assert "File for the bank taken" in await get(client, here)
    batch = await queries.get_batch(here.rsplit("/", 1)[1])
    reference = batch.payouts[0].reference
    for content, status, words in (
        (None, 422, "Choose the file"),
        (b"\x00\x01", 422, "A1"),
        (
            f"payout_reference,status,amount\n{reference},paid,7\n".encode(),
            422,
            "C2: Another amount was sent",
        ),
        (f"payout_reference,status,amount,bank_reference\n{reference},paid,{DUE},N1\n".encode(), 303, ""),
        (f"payout_reference,status,amount,bank_reference\n{reference},paid,{DUE},N1\n".encode(), 303, ""),
    ):
        files = {"results": ("r.csv", content, "text/csv")} if content is not None else None
        sent = await web.post_form(client, here, action="/results", files=files)
        assert sent.status_code == status, words
        assert words in unescape(sent.text)
    assert (await queries.get_payout(reference)).bank_reference == "N1"
    await get(client, f"/id/operator/hosts/{town.host.id}")
    await get(client, "/en/operator/hosts/999999", 404)
    await get(client, "/en/operator/payouts/PBNONE", 404)


async def token(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await client.get(path)
    return {"csrf": next(f["data"]["csrf"] for f in web.forms(page.text) if "csrf" in f["data"])}


@pytest.mark.parametrize("decision", ["release", "part", "full"])
async def test_a_guest_tells_of_a_problem_and_an_operator_decides(
    client: httpx.AsyncClient, town: Town, decision: str
):
    reference = await town.completed(ended=timedelta(hours=20))
    await db.execute("UPDATE booking SET person_id = $1 WHERE reference = $2", town.budi.id, reference)
    path = f"/en/bookings/{reference}/problem"
    await get(client, path, 404)
    await web.sign_in(client, town.budi.id)
    assert path in await get(client, f"/en/bookings/{reference}")
    short = await web.post_form(client, path, {"body": "bad"}, action="/problem")
    assert short.status_code == 422
    told = await web.post_form(client, path, {"body": "There was no water for a day."}, action="/problem")
    assert told.status_code == 303
    assert "Being decided" in await get(client, path)
    dispute = (await disputes.disputes_of(reference))[0]
    await web.sign_in(client, town.ana.id)
    here = f"/en/operator/disputes/{dispute.reference}"
    assert dispute.reference in await get(client, "/id/operator/disputes")
    assert "no water" in await get(client, here)
    sent = {"decision": decision, "refund": "", "reason": "The host says so too."}
    if decision == "part":
        missing = await web.post_form(client, here, sent, action=here)
        assert "Enter how much goes back." in missing.text
        sent["refund"] = "200.000"
    assert (await web.post_form(client, here, {**sent, "reason": ""}, action=here)).status_code == 422
    assert (await web.post_form(client, here, sent, action=here)).status_code == 303
    expected = {"release": 0, "part": 200_000, "full": 1_050_000}[decision]
    assert sum(r.amount_minor for r in await payments.list_refunds(reference)) == expected
    assert "The host says so too." in await get(client, here)
    await get(client, "/en/operator/disputes/DSNONE", 404)


async def test_a_host_may_tell_of_a_problem_too(client: httpx.AsyncClient, town: Town):
    reference = await town.completed(ended=timedelta(hours=20))
    await web.sign_in(client, town.member.id)
    path = f"/id/bookings/{reference}/problem"
    await web.post_form(client, path, {"body": "The guests broke the loom, sorry to say."}, action="/problem")
    assert (await disputes.disputes_of(reference))[0].opened_by == "host"


async def test_a_villages_fund_on_its_page(client: httpx.AsyncClient, town: Town):
    await town.completed()
    row = await db.fetch_one("SELECT slug FROM village WHERE id = $1", town.village_id)
    assert row
    path = f"/en/villages/{row['slug']}/fund"
    assert f"Rp {FUND:,}" in await get(client, path)
    await get(client, "/en/villages/none/fund", 404)
    one, two = await factories.make_person(name="Rosa Bere"), await factories.make_person(name="Yan Tefa")
    await web.sign_in(client, town.ana.id)
    desk = f"/en/operator/funds/{town.village_id}"
    for person in (one, two):
        given = await client.post(desk, data={**await token(client, desk), "email": person.email})
        assert given.status_code == 303
    nobody = {**await token(client, desk), "email": "nobody@example.test"}
    unknown = await client.post(desk, data=nobody)
    assert unknown.status_code == 422
    await get(client, "/en/operator/funds")
    await get(client, "/en/operator/funds/999999", 404)
    await web.sign_in(client, one.id)
    spent = {
        "spent_on": clock.today().isoformat(),
        "amount": "20.000",
        "purpose": "Seedlings",
        "receipt": "7",
    }
    for wrong in ({"amount": "999.000"}, {"amount": "x"}, {"spent_on": "2099-01-01"}, {"purpose": ""}):
        assert (await web.post_form(client, path, {**spent, **wrong}, action="/entries")).status_code == 422
    assert (await web.post_form(client, path, spent, action="/entries")).status_code == 303
    entry = (await fund.list_waiting(town.village_id))[0]
    own = await client.post(f"{path}/entries/{entry.reference}/sign", data=await token(client, path))
    assert own.status_code == 303
    assert await fund.list_waiting(town.village_id)
    await web.sign_in(client, town.member.id)
    refused = await client.post(
        f"{path}/entries/{entry.reference}/sign", data=await token(client, "/en/host/money")
    )
    assert refused.status_code == 404
    await web.sign_in(client, two.id)
    assert (await web.post_form(client, path, action=f"{entry.reference}/sign")).status_code == 303
    client.cookies.clear()
    text = await get(client, path)
    assert "R. B. · Y. T." in text
    assert "Rosa" not in text
    assert await ledger.balance(ledger.community_fund(town.village_id)) == -(FUND - 20_000)


async def test_a_refused_card_refund_is_tried_again(client: httpx.AsyncClient, town: Town):
    reference = await town.completed()
    await db.execute("UPDATE payment SET method = 'card' WHERE booking_reference = $1", reference)
    payment = (await payments.list_payments(reference))[0]
    await db.execute(
        "INSERT INTO refund (reference, booking_reference, payment_id, amount_minor, currency, reason, state,"
        " created_at, updated_at) VALUES ('RF1', $1, $2, 1000, 'IDR', 'x', 'failed', $3, $3)",
        reference,
        payment.id,
        clock.now(),
    )
    await web.sign_in(client, town.ana.id)
    assert "Try the card once more" in await get(client, "/en/operator/refunds")
    again = await web.post_form(client, "/en/operator/refunds", action="/RF1/again")
    assert again.status_code == 303
    assert (await payments.get_refund("RF1")).state == "due"
