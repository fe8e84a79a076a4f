"""The ledger's codes in the operators' words: entries, accounts, states of payments and refunds, reasons. No deciding.

What has no word yet keeps its code: nothing is hidden from those who look after money.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request

from market.payments.ledger import Entry
from market.payments.rules import RefundState, State
from market.values.text import Text, lazy
from market.web.render import words

PAYMENT_STATES: Final[dict[str, Text]] = {
    State.CREATED: lazy("Being prepared"),
    State.PENDING: lazy("Waiting for payment"),
    State.AUTHORISED: lazy("Reserved on the card"),
    State.CAPTURED: lazy("Paid"),
    State.FAILED: lazy("Failed"),
    State.CANCELLED: lazy("Cancelled"),
}
REFUND_STATES: Final[dict[str, Text]] = {
    RefundState.DUE: lazy("To be paid back"),
    RefundState.SENT: lazy("On its way"),
    RefundState.CONFIRMED: lazy("Paid back"),
    RefundState.FAILED: lazy("Failed"),
}
REFUND_REASONS: Final[dict[str, Text]] = {
    "cancelled": lazy("Cancelled"),
    "changed": lazy("Changed"),
    "complaint": lazy("A problem was decided"),
    "goodwill": lazy("Goodwill"),
    "late": lazy("Paid too late"),
    "moved": lazy("Another date"),
    "no_show": lazy("Did not arrive"),
}
_KINDS: Final[dict[str, Text]] = {
    "available": lazy("The provider made it available"),
    "cancelled": lazy("Cancelled"),
    "charged back": lazy("Taken back by the card's bank"),
    "completed": lazy("Visit over: shared out"),
    "dispute lost": lazy("Card dispute lost"),
    "dispute opened": lazy("Card dispute opened"),
    "dispute won": lazy("Card dispute won"),
    "given back": lazy("Given back"),
    "goodwill": lazy("Goodwill"),
    "paid": lazy("Paid"),
    "payout approved": lazy("Payout approved"),
    "payout bounced": lazy("Payout came back"),
    "payout returned": lazy("Payout returned after it was paid"),
    "payout settled": lazy("Payout reached the bank"),
    "provider fee": lazy("The provider's fee"),
    "refund failed": lazy("Refund failed"),
    "refunded": lazy("Refund paid"),
    "refunded outside": lazy("Refund made at the provider"),
    "unexpected": lazy("Unexpected money"),
    "unmatched transfer": lazy("Transfer without a booking"),
    "village fund spent": lazy("Village fund spent"),
}
_ACCOUNTS: Final[dict[str, Text]] = {
    "asset:bank": lazy("Our bank account"),
    "asset:dispute_receivable": lazy("Disputed with card banks"),
    "asset:host_receivable": lazy("Held by a host for us"),
    "asset:psp_available": lazy("At the provider, available"),
    "asset:psp_pending": lazy("At the provider, pending"),
    "exp:bad_debt": lazy("Written off"),
    "exp:dispute_fee": lazy("Fees of card disputes"),
    "exp:goodwill": lazy("Goodwill"),
    "exp:psp_fee": lazy("Fees of the provider"),
    "fx:clearing": lazy("Currency differences"),
    "liab:community_fund": lazy("Village fund"),
    "liab:guest_hold": lazy("Guest's deposit"),
    "liab:guide_payable": lazy("Owed to guides and others named by the host"),
    "liab:host_payable": lazy("Owed to a host"),
    "liab:payout_in_transit": lazy("Payout on its way"),
    "liab:refund_due": lazy("Owed back to a guest"),
    "liab:tax_due": lazy("Tax due"),
    "rev:service_fee": lazy("Our service fee"),
    "suspense": lazy("Not yet known whose"),
}
_JOBS: Final[dict[str, Text]] = {
    "accounts": lazy("Letters and changes of accounts"),
    "arrivals": lazy("News about arrivals"),
    "booking": lazy("What follows from a payment or a booking"),
    "bookings": lazy("Letters about bookings"),
    "calendars": lazy("Reading other calendars"),
    "media": lazy("Preparing photos"),
    "messaging": lazy("Messages between guests and hosts"),
    "notifications": lazy("Sending mails and SMS"),
    "payments": lazy("Work with the payment provider"),
    "payouts": lazy("Payouts"),
    "register": lazy("Register of foreign guests"),
    "reviews": lazy("Reviews"),
    "sms": lazy("SMS with hosts"),
    "transparency": lazy("The public log"),
}


@dataclass(frozen=True, slots=True)
class AccountWords:
    """An account in words, whose it is ("" for the one of its kind), and its code."""

    label: str
    subject: str
    code: str


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One side of an entry."""

    account: AccountWords
    amount_minor: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the ledger, ready to print."""

    title: str
    at: datetime
    key: str
    booking_reference: str
    note: str
    postings: Sequence[PostingLine]


def account_words(request: Request, account: str) -> AccountWords:
    """`liab:host_payable:13` as `Owed to a host`, `13`."""
    head, subject = account, ""
    if account not in _ACCOUNTS:
        head, _, subject = account.rpartition(":")
    label = _ACCOUNTS.get(head)
    return AccountWords(words(request, label) if label else account, subject if label else "", account)


def entry_lines(request: Request, entries: Iterable[Entry]) -> list[EntryLine]:
    """Entries in the reader's words."""
    return [
        EntryLine(
            title=words(request, _KINDS[entry.kind]) if entry.kind in _KINDS else entry.kind,
            at=entry.at,
            key=entry.key,
            booking_reference=entry.booking_reference,
            note=entry.note,
            postings=[
                PostingLine(account_words(request, posting.account), posting.amount_minor)
                for posting in entry.postings
            ],
        )
        for entry in entries
    ]


def said(request: Request, known: dict[str, Text], code: str) -> str:
    """A code in words; what has none keeps its code."""
    return words(request, known[code]) if code in known else code


def job_words(request: Request, handler: str) -> str:
    """What a job is about: its feature's work."""
    return said(request, _JOBS, handler.partition(".")[0])
