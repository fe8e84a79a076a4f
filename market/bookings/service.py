"""Every command on bookings, under one name: `from market.bookings import service as bookings`.

Each runs one short transaction; those that lead to a card provider talk to it after the commit.
"""

from __future__ import annotations

from market.bookings.cancelling import can_cancel, cancel_by_guest, cancel_by_host, refund_now
from market.bookings.changing import change, outlook, preview, why_not
from market.bookings.deciding import accept, decline, withdraw
from market.bookings.departing import decide_all
from market.bookings.finishing import complete, complete_all
from market.bookings.giving_back import give_back
from market.bookings.holding import extend, hold
from market.bookings.lapsing import lapse, lapse_all
from market.bookings.moving import end_silent, move, take_money
from market.bookings.paying import (
    capture_failed,
    pay_again,
    payment_authorised,
    payment_succeeded,
    proceed,
)

__all__ = [
    "accept",
    "can_cancel",
    "cancel_by_guest",
    "cancel_by_host",
    "capture_failed",
    "change",
    "complete",
    "complete_all",
    "decide_all",
    "decline",
    "end_silent",
    "extend",
    "give_back",
    "hold",
    "lapse",
    "lapse_all",
    "move",
    "outlook",
    "pay_again",
    "payment_authorised",
    "payment_succeeded",
    "preview",
    "proceed",
    "refund_now",
    "take_money",
    "why_not",
    "withdraw",
]
