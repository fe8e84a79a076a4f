"""When a review may be written, when both are shown, and what a text must not carry. Pure.

The two sides write without seeing each other: nothing is shown until both wrote or 14 days have passed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market.bookings.arrival_rules import REVIEW_FOR
from market.values.text import Text, lazy

REMIND_AFTER: Final = timedelta(days=7)
SHORTEST, LONGEST = 20, 3000
LONGEST_REPLY: Final = 1500


class Side(StrEnum):
    """Whose words: the guest's about the stay, or the host's about the guest."""

    GUEST = "guest"
    HOST = "host"

    @property
    def other(self) -> Side:
        return Side.HOST if self is Side.GUEST else Side.GUEST


class Reason(StrEnum):
    """Why somebody thinks that a review should not stand."""

    OFFENSIVE = "offensive"
    PERSONAL = "personal"
    UNTRUE = "untrue"
    ADVERTISING = "advertising"
    OTHER = "other"


REASONS: Final[dict[Reason, Text]] = {
    Reason.OFFENSIVE: lazy("It insults or threatens somebody"),
    Reason.PERSONAL: lazy("It gives away something private"),
    Reason.UNTRUE: lazy("It is not about this visit, or not true"),
    Reason.ADVERTISING: lazy("It advertises something"),
    Reason.OTHER: lazy("Something else"),
}
NOTES: Final[dict[Side, dict[str, Text]]] = {
    Side.GUEST: {
        "welcome": lazy("Welcome"),
        "clean": lazy("Cleanliness"),
        "as_described": lazy("As described"),
        "value": lazy("Worth its price"),
    },
    Side.HOST: {
        "communication": lazy("Easy to agree with"),
        "respect": lazy("Respect for home and custom"),
    },
}
"""What may be given stars besides the whole."""


def closes_at(opened_at: datetime) -> datetime:
    """The last moment to write; then what was written is shown."""
    return opened_at + REVIEW_FOR


def may_write(*, closes: datetime, closed: bool, now: datetime) -> bool:
    """Until the window closes; what is sealed may still be changed by its author."""
    return not closed and now < closes


def must_publish(*, sides: Iterable[Side], closes: datetime, now: datetime) -> bool:
    """Both wrote, or the time is up."""
    return set(sides) == set(Side) or now >= closes


_EMAIL: Final = re.compile(r"[^\s@<>()]+\s*(?:@|\(at\)|\[at\])\s*[^\s@<>()]+\.[^\s@<>()]{2,}", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<!Rp)(?<!Rp )(?<![\w.])\+?(?:\d[\s().\-]{0,2}){8,}\d?")
_LINK: Final = re.compile(r"(?:https?://|www\.|wa\.me/|t\.me/)\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<![\w@])@[\w.]{3,}")
MASK: Final = "•••"
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
_KEPT: Final = frozenset("\n\N{ZERO WIDTH JOINER}")  # the joiner holds pictures of families together


def clean(text: str) -> str:
    """Plain text for everybody: without contact details, invisible characters, and more than one blank line."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    visible = "".join(c for c in normal if c in _KEPT or unicodedata.category(c) not in _INVISIBLE)
    for pattern in (_LINK, _EMAIL, _PHONE, _HANDLE):
        visible = pattern.sub(MASK, visible)
    lines = "\n".join(line.strip() for line in visible.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def public_name(full_name: str) -> str:
    """`Hannah W.`: enough to know who spoke, too little to look somebody up."""
    words = full_name.split()
    if not words:
        return ""
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0].upper()}."
