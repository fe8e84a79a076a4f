"""Codes of suppliers' numbers: they name one purchase or one request for a price. Kept apart from `codes`, because what
they name lives in the other half of the product.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from market.sms import code_books
from market.sms.code_books import Book


class Purpose(StrEnum):
    """What a code is for; `fresh` proves for ten minutes that the phone is at hand."""

    PURCHASE = "purchase"
    QUOTATION = "quotation"
    FRESH = "fresh"


Code = code_books.Code[Purpose, int]
_BOOK: Final[Book[Purpose, int]] = Book("sms_supply_code", "subject_id", Purpose)
find, is_known, use = _BOOK.find, _BOOK.is_known, _BOOK.use


async def give(
    number_id: int, purpose: Purpose, subject_id: int, *, delivery_key: str, now: datetime
) -> Code:
    """The number's code for a purchase or a request, given in the message `delivery_key` when it has none; a fresh one
    is a new one unless the last still counts.
    """
    known = await _BOOK.newest(number_id, purpose, subject_id)
    if known is not None and (purpose is not Purpose.FRESH or known.counts(now)):
        return known
    return await _BOOK.give(number_id, purpose, subject_id, delivery_key, now)


async def forget_old(now: datetime) -> int:
    """Remove codes nobody needs any more."""
    return await _BOOK.forget_old((Purpose.FRESH,), now)
