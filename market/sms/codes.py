"""Codes of hosts' numbers: they name a booking, or allow one strong act once.

A booking keeps one code per number for good. A strong act (accept, cancel, reopen) needs a code that left for
that number in the last ten minutes; sender numbers can be forged, what arrives on the phone cannot
(docs/adr/0013-sms-is-stateless.md).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from market.sms import code_books
from market.sms.code_books import Book


class Purpose(StrEnum):
    """What a code is for. `booking` names a booking; the others allow one act once."""

    BOOKING = "booking"
    ACCEPT = "accept"
    CANCEL = "cancel"
    REOPEN = "reopen"


Code = code_books.Code[Purpose, str]
_BOOK: Final[Book[Purpose, str]] = Book("sms_code", "subject", Purpose)
find, is_known, use = _BOOK.find, _BOOK.is_known, _BOOK.use


async def for_booking(number_id: int, reference: str, *, delivery_key: str, now: datetime) -> Code:
    """The code of a booking for this number; given now, in the message `delivery_key`, when it has none yet."""
    known = await _BOOK.newest(number_id, Purpose.BOOKING, reference)
    return known or await _BOOK.give(number_id, Purpose.BOOKING, reference, delivery_key, now)


async def one_time(
    number_id: int, purpose: Purpose, subject: str, *, delivery_key: str, now: datetime
) -> Code:
    """A code for one strong act, to be sent in the message `delivery_key`; the last one while it still counts."""
    known = await _BOOK.newest(number_id, purpose, subject)
    if known is not None and known.counts(now):
        return known
    return await _BOOK.give(number_id, purpose, subject, delivery_key, now)


async def forget_old(now: datetime) -> int:
    """Remove codes nobody needs any more."""
    return await _BOOK.forget_old((Purpose.ACCEPT, Purpose.CANCEL, Purpose.REOPEN), now)
