"""Transfers matched by an operator, money taken at the village, refunds that a person pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from market import clock
from market import db as database
from market.errors import Invalid, NotFound, Refused
from market.payments import by_hand, ledger, queries
from market.payments import service as payments
from market.payments.rules import Method, RefundState, State
from market.settings import Settings
from tests.integration.payments.conftest import AMOUNT, BOOKING, Desk

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
DAY = date(2026, 12, 1)


@dataclass
class Part:
    kind: str
    amount: int


PARTS = [Part("family", 900_000), Part("guide", 50_000), Part("fund", 50_000), Part("platform", 50_000)]


async def match(code: str, amount: int = AMOUNT, bank: str = "FT 1") -> payments.Match:
    return await payments.match_transfer(
        transfer_code=code,
        bank_reference=bank,
        received_on=DAY,
        amount_minor=amount,
        payer="Ana",
        by=None,
        now=clock.now(),
    )


async def test_a_transfer_is_matched_by_its_code_as_people_type_it(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    assert await desk.begin(reference) is None
    code = (await desk.payment(reference)).transfer_code
    assert code.startswith("TR-")
    assert len(code) == 9
    assert [row.reference for row in await queries.list_waiting_transfers()] == [reference]
    result = await match(f" {code.lower().replace('-', ' ')}")
    assert (result.matched, result.payment_reference, result.booking_reference) == (True, reference, BOOKING)
    assert (await match(code)).matched
    assert (await desk.payment(reference)).state is State.CAPTURED
    assert await ledger.balance(ledger.BANK) == AMOUNT
    assert await desk.hold() == -AMOUNT
    assert len(await desk.told("payment_succeeded")) == 1
    assert await queries.list_waiting_transfers() == []
    assert [row.payment_reference for row in await queries.list_receipts()] == [reference]


async def test_instructions_show_the_account_and_the_code(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    found = await queries.find_open_transfer(BOOKING, desk.tools.of(Settings))
    assert found is not None
    assert (found.bank.account, found.amount_minor) == ("123", AMOUNT)
    assert found.code == (await desk.payment(reference)).transfer_code
    assert await queries.find_open_transfer("NOBODY", desk.tools.of(Settings)) is None


async def test_another_amount_goes_to_suspense_and_confirms_nothing(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    code = (await desk.payment(reference)).transfer_code
    result = await match(code, AMOUNT - 1)
    assert not result.matched
    assert "kept in suspense" in result.message.msgid
    assert (await desk.payment(reference)).state is State.PENDING
    assert await ledger.balance(ledger.SUSPENSE) == -(AMOUNT - 1)
    assert await desk.told() == []
    assert len(await queries.list_receipts(unmatched_only=True)) == 1


async def test_a_receipt_leaves_suspense_with_the_right_code(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    code = (await desk.payment(reference)).transfer_code
    assert not (await match("TR-NOBODY")).matched
    assert (await match(code)).matched
    assert await ledger.balance(ledger.SUSPENSE) == 0
    assert await ledger.balance(ledger.BANK) == AMOUNT
    assert await queries.list_receipts(unmatched_only=True) == []


async def test_a_bank_reference_counts_once(desk: Desk) -> None:
    first = await desk.open(method="transfer")
    second = await desk.open(method="transfer", booking="OTHER")
    assert (await match((await desk.payment(first)).transfer_code)).matched
    for code, amount in (
        ((await desk.payment(second)).transfer_code, AMOUNT),
        ("TR-NOBODY", AMOUNT),
        ("", 5),
    ):
        with pytest.raises(payments.ReceiptKnown):
            await match(code, amount)
    assert (await desk.payment(second)).state is State.PENDING
    assert await ledger.balance(ledger.BANK) == AMOUNT


async def test_a_booking_paid_twice_keeps_the_second_in_suspense(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    code = (await desk.payment(reference)).transfer_code
    assert (await match(code)).matched
    assert not (await match(code, bank="FT 2")).matched
    assert await ledger.balance(ledger.SUSPENSE) == -AMOUNT


async def test_a_late_transfer_is_told_upward(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    async with database.transaction():
        await payments.abandon(BOOKING, now=clock.now())
    assert (await match((await desk.payment(reference)).transfer_code)).matched
    assert len(await desk.told("payment_succeeded")) == 1


@pytest.mark.parametrize(
    ("bank", "amount"), [("", AMOUNT), ("  ", AMOUNT), ("FT", 0), ("FT", -5), ("FT", 10**15)]
)
async def test_impossible_receipts_are_refused(desk: Desk, bank: str, amount: int) -> None:
    with pytest.raises(Invalid):
        await match("TR-X", amount, bank)
    assert await ledger.balances() == {}


async def test_a_card_payment_is_not_matched_by_hand(desk: Desk) -> None:
    reference = await desk.open(begin=False)
    result = await payments.match_transfer(
        payment_reference=reference,
        bank_reference="FT",
        received_on=DAY,
        amount_minor=AMOUNT,
        by=None,
        now=clock.now(),
    )
    assert not result.matched
    assert (await desk.payment(reference)).state is State.CREATED


async def test_paying_at_the_village_is_the_hosts_debt_to_us(desk: Desk) -> None:
    reference = await desk.open(method="on_arrival")
    assert await desk.begin(reference) is None
    for _ in range(2):
        await payments.mark_paid_on_arrival(reference, host_id=7, by=None, now=clock.now())
    assert await ledger.balance(ledger.host_receivable(7)) == AMOUNT
    assert len(await desk.told("payment_succeeded")) == 1
    async with database.transaction():
        await payments.settle(
            booking_reference=BOOKING, parts=PARTS, host_id=7, village_id=3, now=clock.now()
        )
    assert await desk.hold() == 0
    # What the host keeps of the cash, what is owed on: the payout nets the two.
    assert await ledger.balance(ledger.host_payable(7)) == -900_000
    assert await ledger.balance(ledger.guide_payable(7)) == -50_000


async def test_only_payments_at_the_village_are_marked_by_hosts(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    with pytest.raises(Refused):
        await payments.mark_paid_on_arrival(reference, host_id=7, by=None, now=clock.now())
    with pytest.raises(NotFound):
        await payments.mark_paid_on_arrival("PYNOBODY", host_id=7, by=None, now=clock.now())


@pytest.mark.parametrize("method", [Method.TRANSFER, Method.ON_ARRIVAL])
async def test_refunds_outside_the_card_wait_for_a_person(desk: Desk, method: Method) -> None:
    reference = await desk.open(method=method.value)
    if method is Method.TRANSFER:
        await match((await desk.payment(reference)).transfer_code)
    else:
        await payments.mark_paid_on_arrival(reference, host_id=7, by=None, now=clock.now())
    async with database.transaction():
        await payments.cancelled(
            booking_reference=BOOKING,
            key="cxl:1",
            refund_minor=500_000,
            rest=[Part("family", 550_000)],
            host_id=7,
            village_id=3,
            now=clock.now(),
        )
        await payments.refund(
            booking_reference=BOOKING, amount_minor=500_000, key="cxl:1", reason="guest", now=clock.now()
        )
    assert await desk.run_jobs() == []
    waiting = await queries.list_refunds_by_hand()
    assert [row.state for row in waiting] == [RefundState.DUE]
    for _ in range(2):
        await payments.mark_refund_paid(
            waiting[0].reference, by=None, bank_reference="OUT 1", now=clock.now()
        )
    assert len(await desk.told("refunded")) == 1
    assert await ledger.balance(ledger.refund_due(BOOKING)) == 0
    source = ledger.BANK if method is Method.TRANSFER else ledger.host_receivable(7)
    assert await ledger.balance(source) == AMOUNT - 500_000
    assert await queries.list_refunds_by_hand() == []


async def test_a_card_refund_at_work_is_not_paid_by_hand(desk: Desk) -> None:
    reference = await desk.open()
    await desk.pay(reference)
    await desk.deliver()
    async with database.transaction():
        await payments.refund(booking_reference=BOOKING, amount_minor=5, key="k", reason="x", now=clock.now())
    refund = (await queries.list_refunds(BOOKING))[0]
    with pytest.raises(by_hand.WrongRefundState):
        await payments.mark_refund_paid(refund.reference, by=None, now=clock.now())


async def test_a_refund_is_spread_over_what_was_paid_and_never_exceeds_it(desk: Desk) -> None:
    first = await desk.open(method="transfer", amount=300_000, subject="A")
    second = await desk.open(method="transfer", amount=200_000, subject="B")
    await match((await desk.payment(first)).transfer_code, 300_000, "FT 1")
    await match((await desk.payment(second)).transfer_code, 200_000, "FT 2")
    now = clock.now()
    async with database.transaction():
        await payments.refund(booking_reference=BOOKING, amount_minor=350_000, key="one", reason="x", now=now)
        await payments.refund(booking_reference=BOOKING, amount_minor=350_000, key="one", reason="x", now=now)
    assert [row.amount_minor for row in await queries.list_refunds(BOOKING)] == [300_000, 50_000]
    with pytest.raises(payments.RefundTooLarge):
        async with database.transaction():
            await payments.refund(
                booking_reference=BOOKING, amount_minor=150_001, key="two", reason="x", now=now
            )
    with pytest.raises(ledger.KeyReused):
        async with database.transaction():
            await payments.refund(booking_reference=BOOKING, amount_minor=5, key="one", reason="x", now=now)
    assert [(await desk.payment(r)).refundable for r in (first, second)] == [0, 150_000]


async def test_where_the_money_goes_after_a_cancellation(desk: Desk) -> None:
    reference = await desk.open(method="transfer")
    await match((await desk.payment(reference)).transfer_code)
    facts = {"booking_reference": BOOKING, "key": "cxl:1", "host_id": 7, "village_id": 3, "now": clock.now()}
    half = [replace(part, amount=part.amount // 2) for part in PARTS]
    for _ in range(2):
        async with database.transaction():
            await payments.cancelled(refund_minor=525_000, rest=half, **facts)
    assert await desk.hold() == 0
    assert await ledger.balance(ledger.refund_due(BOOKING)) == -525_000
    assert await ledger.balance(ledger.community_fund(3)) == -25_000
    assert await ledger.balance(ledger.SERVICE_FEE) == -25_000
    with pytest.raises(ledger.KeyReused):
        async with database.transaction():
            await payments.cancelled(refund_minor=525_001, rest=half, **facts)


async def test_no_more_is_given_out_than_was_paid(desk: Desk) -> None:
    reference = await desk.open(method="transfer", amount=AMOUNT - 1)
    await match((await desk.payment(reference)).transfer_code, AMOUNT - 1)
    with pytest.raises(ValueError, match="more than its guest paid"):
        async with database.transaction():
            await payments.settle(
                booking_reference=BOOKING, parts=PARTS, host_id=7, village_id=3, now=clock.now()
            )
    assert await desk.hold() == -(AMOUNT - 1)


async def test_what_is_offered(desk: Desk) -> None:
    offered = payments.offered
    assert offered(desk.tools, days_ahead=4, instant=True, on_arrival=True) == [
        Method.CARD,
        Method.TRANSFER,
        Method.ON_ARRIVAL,
    ]
    assert offered(desk.tools, days_ahead=3, instant=False) == [Method.CARD]


async def test_abandoning_can_spare_other_purposes(desk: Desk) -> None:
    reference = await desk.open(method="on_arrival")
    async with database.transaction():
        await payments.abandon(BOOKING, now=clock.now(), purpose="amendment")
    assert (await desk.payment(reference)).state is State.PENDING
