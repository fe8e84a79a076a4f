"""What differs between our books and the provider's, one payment at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from market.payments.port import ProviderPayment, ProviderRefund, ProviderRefundState, ProviderState
from market.payments.queries import PaymentRow, RefundRow
from market.payments.rereading import Gap, gaps
from market.payments.rules import Method, Received, RefundState, State

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OURS = PaymentRow(
    id=1,
    reference="PY1",
    booking_reference="K7QF3M9T",
    purpose="booking",
    subject="K7QF3M9T",
    method=Method.CARD,
    state=State.PENDING,
    capture_later=False,
    amount_minor=1000,
    currency="IDR",
    captured_minor=0,
    refunded_minor=0,
    transfer_code="",
    session_ref="cs_1",
    provider_ref="",
    url="https://pay",
    expires_at=None,
    created_at=NOW,
)
CAPTURED = replace(OURS, state=State.CAPTURED, captured_minor=1000, provider_ref="pi_1", url="")
THEIRS = ProviderPayment("cs_1", "pi_1", ProviderState.PAID, Received(1000))
BACK = ProviderRefund("re_1", Received(400), ProviderRefundState.SUCCEEDED, "RF1")
REFUND = RefundRow(1, "RF1", "K7QF3M9T", 1, "PY1", Method.CARD, 400, "", RefundState.SENT, "re_1", "", NOW)


def found(ours: PaymentRow, theirs: ProviderPayment, *refunds: RefundRow) -> list[Gap]:
    return [gap for gap, _ in gaps(ours, refunds, theirs)]


def state(theirs: ProviderState) -> ProviderPayment:
    return replace(THEIRS, state=theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (OURS, THEIRS, [Gap.NOT_CAPTURED]),
        (replace(OURS, state=State.CANCELLED), THEIRS, [Gap.NOT_CAPTURED]),
        (CAPTURED, THEIRS, []),
        (CAPTURED, state(ProviderState.OPEN), [Gap.NOT_THERE]),
        (CAPTURED, replace(THEIRS, provider_ref="pi_2"), [Gap.AMOUNT]),
        (OURS, replace(THEIRS, amount=Received(999)), [Gap.AMOUNT]),
        (OURS, replace(THEIRS, amount=Received(1000, 5)), [Gap.AMOUNT]),
        (OURS, replace(THEIRS, currency="USD"), [Gap.AMOUNT]),
        (OURS, state(ProviderState.OPEN), []),
        (OURS, state(ProviderState.EXPIRED), []),
        (OURS, state(ProviderState.AUTHORISED), [Gap.NOT_AUTHORISED]),
        (replace(OURS, state=State.AUTHORISED), state(ProviderState.AUTHORISED), []),
        (replace(OURS, state=State.AUTHORISED), state(ProviderState.VOIDED), [Gap.LET_GO]),
        (OURS, replace(THEIRS, refunds=(replace(BACK, amount=Received(1000)),)), [Gap.GIVEN_BACK]),
        (
            replace(OURS, state=State.CANCELLED, url=""),
            replace(THEIRS, refunds=(replace(BACK, amount=Received(1000)),)),
            [],
        ),
    ],
)
def test_payments(ours: PaymentRow, theirs: ProviderPayment, expected: list[Gap]):
    assert found(ours, theirs) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (None, BACK, [Gap.REFUND]),
        (REFUND, BACK, [Gap.REFUND]),
        (replace(REFUND, state=RefundState.CONFIRMED), BACK, []),
        (replace(REFUND, reference="RF-re_1", state=RefundState.CONFIRMED), BACK, []),
        (replace(REFUND, state=RefundState.DUE), replace(BACK, provider_ref="re_2"), [Gap.REFUND]),
        (replace(REFUND, state=RefundState.DUE), BACK, []),
        (None, replace(BACK, state=ProviderRefundState.PENDING), []),
        (None, replace(BACK, state=ProviderRefundState.FAILED), []),
        (REFUND, replace(BACK, state=ProviderRefundState.FAILED), [Gap.REFUND_FAILED]),
        (replace(REFUND, state=RefundState.FAILED), replace(BACK, state=ProviderRefundState.FAILED), []),
    ],
)
def test_refunds(ours: RefundRow | None, theirs: ProviderRefund, expected: list[Gap]):
    assert found(CAPTURED, replace(THEIRS, refunds=(theirs,)), *([ours] if ours else [])) == expected


def test_a_payment_that_is_taken_up_brings_its_refunds():
    assert found(OURS, replace(THEIRS, refunds=(BACK,))) == [Gap.NOT_CAPTURED, Gap.REFUND]
