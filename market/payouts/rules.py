"""What is true about payouts without asking anybody: when money is due, when an account may be used, who owes whom.

Pure. Amounts are whole rupiah. Where the code and the domain's rules meet: end + 72 hours, and 72 hours of hold
after any change of bank details.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.values.text import Text, lazy

AFTER_END: Final = timedelta(hours=72)
ACCOUNT_HOLD: Final = timedelta(hours=72)
COMPLAIN_UNTIL: Final = AFTER_END
_SHOWN_DIGITS: Final = 4


class Way(StrEnum):
    """How a host is paid: by a person's bank transfer, or through a connected account of the card provider."""

    BANK = "bank"
    STRIPE = "stripe"


class BatchState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class PayoutState(StrEnum):
    PROPOSED = "proposed"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    BOUNCED = "bounced"
    DECLINED = "declined"


# A transfer that arrived can still come back days later; what came back is paid anew with another payout.
TRANSITIONS: Final[dict[PayoutState, frozenset[PayoutState]]] = {
    PayoutState.PROPOSED: frozenset({PayoutState.IN_TRANSIT, PayoutState.DECLINED}),
    PayoutState.IN_TRANSIT: frozenset({PayoutState.PAID, PayoutState.BOUNCED}),
    PayoutState.PAID: frozenset({PayoutState.BOUNCED}),
    PayoutState.BOUNCED: frozenset(),
    PayoutState.DECLINED: frozenset(),
}
LABELS: Final[dict[PayoutState, Text]] = {
    PayoutState.PROPOSED: lazy("Waiting for approval"),
    PayoutState.IN_TRANSIT: lazy("On its way"),
    PayoutState.PAID: lazy("Paid"),
    PayoutState.BOUNCED: lazy("Sent back by the bank"),
    PayoutState.DECLINED: lazy("Not paid"),
}
TAGS: Final[dict[PayoutState, str]] = {
    PayoutState.PROPOSED: "wait",
    PayoutState.IN_TRANSIT: "info",
    PayoutState.PAID: "ok",
    PayoutState.BOUNCED: "bad",
    PayoutState.DECLINED: "",
}


class Block(StrEnum):
    """Why a host's due money is not paid out yet."""

    NO_ACCOUNT = "no_account"
    ACCOUNT_HOLD = "account_hold"
    ACCOUNT_BOUNCED = "account_bounced"
    OWES = "owes"


BLOCKS: Final[dict[Block, Text]] = {
    Block.NO_ACCOUNT: lazy("No bank details yet."),
    Block.ACCOUNT_HOLD: lazy("New bank details rest for 72 hours before money goes there."),
    Block.ACCOUNT_BOUNCED: lazy(
        "The bank sent the last payout back. The bank details have to be entered anew."
    ),
    Block.OWES: lazy(
        "Cash that the host took at the village covers it; the rest is taken off the next payouts."
    ),
}


@dataclass(frozen=True, slots=True)
class Share:
    """A booking's money inside a payout: what the host and the people the host named get, less what is netted."""

    booking_reference: str
    host_minor: int
    guide_minor: int
    netted_minor: int = 0

    @property
    def total(self) -> int:
        return self.host_minor + self.guide_minor

    @property
    def paid_minor(self) -> int:
        return self.total - self.netted_minor

    @property
    def netted_from_host(self) -> int:
        """Of what is netted, as much as possible comes from the host's own part."""
        return min(self.netted_minor, self.host_minor)


class LeftOut(StrEnum):
    """Why a proposed payout was not sent when its batch was approved. Kept as code, or as `code REFERENCE`."""

    ACCOUNT = "account_changed"
    DISPUTED = "disputed"
    AMOUNT = "amount_changed"
    OWES = "owes_changed"


_LEFT_OUT: Final[dict[LeftOut, Text]] = {
    LeftOut.ACCOUNT: lazy("The bank details changed."),
    LeftOut.OWES: lazy("What the host owes changed."),
}


def left_out_words(kept: str) -> Text | str:
    """A kept reason in words; what the bank or a person wrote stays as it is."""
    code, _, reference = kept.partition(" ")
    if code == LeftOut.DISPUTED:
        return lazy("Booking %(reference)s is disputed.", reference=reference)
    if code == LeftOut.AMOUNT:
        return lazy("The amount of booking %(reference)s changed.", reference=reference)
    return _LEFT_OUT[LeftOut(code)] if code in set(LeftOut) else kept


def due_at(ends_at: datetime) -> datetime:
    """When a booking's money may leave."""
    return ends_at + AFTER_END


def usable_from(entered_at: datetime) -> datetime:
    """When new bank details may be used."""
    return entered_at + ACCOUNT_HOLD


def netted(shares: Sequence[Share], receivable: int) -> list[Share]:
    """Take what the host owes us off their shares, oldest first."""
    left, result = max(0, receivable), list[Share]()
    for share in shares:
        taken = min(left, share.total)
        left -= taken
        result.append(Share(share.booking_reference, share.host_minor, share.guide_minor, taken))
    return result


def masked(account: str) -> str:
    """The last digits of an account, enough to recognise one's own: `•••• 1234`."""
    plain = re.sub(r"\W", "", account)
    return f"•••• {plain[-_SHOWN_DIGITS:]}"
