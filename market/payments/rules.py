"""What is true about payments without asking anybody: methods, states, and how money is shared out.

No clock, no database, no network. Names of ledger accounts live in `ledger`; what a provider says arrives in
the nouns of `port`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Final

from market.values.money import allocate
from market.values.text import Text, lazy

TRANSFER_DAYS_AHEAD: Final = 4
"""A bank transfer takes up to three working days; a start sooner than this leaves no time to match it."""


class Method(StrEnum):
    CARD = "card"
    TRANSFER = "transfer"
    ON_ARRIVAL = "on_arrival"
    DEMO_CARD = "demo_card"

    @property
    def by_card(self) -> bool:
        """Whether a card provider collects it (and pays it back)."""
        return self in {Method.CARD, Method.DEMO_CARD}


LABELS: Final[dict[Method, Text]] = {
    Method.CARD: lazy("Card"),
    Method.TRANSFER: lazy("Bank transfer"),
    Method.ON_ARRIVAL: lazy("Pay at the village"),
    Method.DEMO_CARD: lazy("Demonstration card"),
}


class State(StrEnum):
    """A payment is `created` until its provider knows it, and `pending` until somebody pays."""

    CREATED = "created"
    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"


# Money that arrives wins over our own opinion: a payment we closed can still be paid a moment later.
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CREATED: frozenset(
        {State.PENDING, State.AUTHORISED, State.CAPTURED, State.FAILED, State.CANCELLED}
    ),
    State.PENDING: frozenset({State.AUTHORISED, State.CAPTURED, State.FAILED, State.CANCELLED}),
    State.AUTHORISED: frozenset({State.CAPTURED, State.FAILED, State.CANCELLED}),
    State.FAILED: frozenset({State.AUTHORISED, State.CAPTURED, State.CANCELLED}),
    State.CANCELLED: frozenset({State.AUTHORISED, State.CAPTURED}),
    State.CAPTURED: frozenset(),
}
UNFINISHED: Final = frozenset({State.CREATED, State.PENDING, State.AUTHORISED})


class RefundState(StrEnum):
    DUE = "due"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Split:
    """Who gets how much of a booking's money, in rupiah.

    Also serves as weights when less is left to share.
    """

    host: int
    fund: int = 0
    fee: int = 0
    guides: int = 0
    tax: int = 0

    def __post_init__(self) -> None:
        if any(part < 0 for part in astuple(self)):
            raise ValueError("nobody's part is negative")

    @property
    def total(self) -> int:
        return sum(astuple(self))

    @classmethod
    def from_parts(cls, parts: Iterable[tuple[str, int]]) -> Split:
        """From a receipt's parts by kind.

        Family, materials, guide, fund, platform, tax (ValueError for others).
        """
        sums = {"host": 0, "fund": 0, "fee": 0, "guides": 0, "tax": 0}
        for kind, amount in parts:
            if kind not in _PART_OF:
                raise ValueError(f"nobody receives the part {kind!r}")
            sums[_PART_OF[kind]] += amount
        return cls(**sums)

    def share(self, rest: int) -> Split:
        """`rest` in the same proportions by largest remainder, ties to the host.

        A split of nothing goes to the host.
        """
        if self.total == 0:
            return Split(host=rest)
        return Split(*allocate(rest, astuple(self)))


_PART_OF: Final = {
    "family": "host",
    "materials": "host",
    "guide": "guides",
    "fund": "fund",
    "platform": "fee",
    "tax": "tax",
}


@dataclass(frozen=True, slots=True)
class Received:
    """An amount as a provider told it: whole rupiah, and the sen that do not make a rupiah."""

    minor: int
    odd_sen: int = 0

    @classmethod
    def from_sen(cls, sen: int) -> Received:
        return cls(*divmod(sen, 100))

    def __str__(self) -> str:
        return f"{self.minor} rupiah and {self.odd_sen} sen" if self.odd_sen else f"{self.minor} rupiah"


def methods_offered(
    card_methods: Sequence[Method], *, has_bank: bool, days_ahead: int, on_arrival: bool
) -> list[Method]:
    """How a guest may pay, in the order shown.

    Cards when a provider is set up; transfer when there is an account and enough days to match it; on arrival
    when the listing's kind allows it (homestays and classes do, tours do not: guides buy boats and food
    ahead). Instant bookings and requests are offered the same.
    """
    offered = list(card_methods)
    if has_bank and days_ahead >= TRANSFER_DAYS_AHEAD:
        offered.append(Method.TRANSFER)
    if on_arrival:
        offered.append(Method.ON_ARRIVAL)
    return offered


def mismatch(expected_minor: int, expected_currency: str, amount: Received, currency: str) -> str:
    """Why an amount is not the one asked for; an empty string when it is."""
    if currency.upper() != expected_currency:
        return f"currency {currency.upper()} instead of {expected_currency}"
    if amount != Received(expected_minor):
        return f"{amount} instead of {Received(expected_minor)}"
    return ""


def spread(amount: int, room: Sequence[int]) -> list[int]:
    """Take `amount` from the first places that have room.

    ValueError when there is not enough in all of them.
    """
    taken: list[int] = []
    for space in room:
        taken.append(min(amount, space))
        amount -= taken[-1]
    if amount:
        raise ValueError("more than there is")
    return taken


def refund_base(key: str) -> str:
    """A refund's reference from the key of the decision behind it: the same decision is the same refund."""
    return "RF" + base64.b32encode(hashlib.sha256(key.encode()).digest())[:12].decode()


def tidy_code(typed: str) -> str:
    """A transfer code as people write it (`tr 7k3 qf9`) in its one true form (`TR-7K3QF9`)."""
    plain = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
    return f"TR-{plain.removeprefix('TR')}" if plain else ""
