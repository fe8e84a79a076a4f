"""Commands of payments for the floors above, by meaning.

All decisions about money are the booking's (or an operator's); here they become payments, refunds and
postings. `collecting` takes money in, `refunding` gives it back, `releasing` hands it to its receivers,
`by_hand` is what people enter, `disputes` what holds a payout back.
"""

from __future__ import annotations

from market.payments.by_hand import (
    Match,
    ReceiptKnown,
    mark_paid_on_arrival,
    mark_refund_paid,
    match_transfer,
)
from market.payments.collecting import (
    PaymentClosed,
    abandon,
    begin,
    capture,
    capture_authorised,
    look_again,
    offered,
    open_payment,
    void,
)
from market.payments.refunding import RefundTooLarge, refund, retry_refund
from market.payments.releasing import cancelled, reclaim, released, settle

__all__ = [
    "Match",
    "PaymentClosed",
    "ReceiptKnown",
    "RefundTooLarge",
    "abandon",
    "begin",
    "cancelled",
    "capture",
    "capture_authorised",
    "look_again",
    "mark_paid_on_arrival",
    "mark_refund_paid",
    "match_transfer",
    "offered",
    "open_payment",
    "reclaim",
    "refund",
    "released",
    "retry_refund",
    "settle",
    "void",
]
