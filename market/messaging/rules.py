"""What may be said in a conversation, to whom it is told, and what stays hidden until a booking is confirmed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from market.bookings.states import SOLD, TAKEN_BACK, State

LONGEST: Final = 2000
NOTICE_EVERY: Final = timedelta(minutes=10)
FLOOD: Final = 20
FLOOD_WINDOW: Final = timedelta(minutes=10)
OPEN_AFTER_END: Final = timedelta(days=30)

_TALKING: Final = SOLD | {State.REQUESTED, State.PAYMENT_DUE}
_STILL_TALKING: Final = frozenset({State.COMPLETED, State.NO_SHOW, State.CANCELLED_BY_GUEST} | TAKEN_BACK)
KNOWN_TO_EACH_OTHER: Final = SOLD | _STILL_TALKING
"""Once a booking was confirmed, the two sides may have each other's number."""
_EMAIL: Final = re.compile(r"[^\s@<>()]+\s*(?:@|\(at\)|\[at\])\s*[^\s@<>()]+\.[^\s@<>()]{2,}", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<!Rp)(?<!Rp )(?<![\w.])\+?(?:\d[\s().\-]{0,2}){8,}\d?")
_LINK: Final = re.compile(r"(?:https?://|www\.|wa\.me/|t\.me/)\S+", re.IGNORECASE)


def may_write(state: State, ends_at: datetime, now: datetime) -> bool:
    """While something is planned, and for 30 days after its end."""
    return state in _TALKING or (state in _STILL_TALKING and now < ends_at + OPEN_AFTER_END)


def masked(body: str, state: State, instead: str) -> tuple[str, bool]:
    """A message without phone numbers, addresses and links until the booking is confirmed; whether any fell."""
    if state in KNOWN_TO_EACH_OTHER:
        return body, False
    hidden = body
    for pattern in (_LINK, _EMAIL, _PHONE):
        hidden = pattern.sub(instead, hidden)
    return hidden, hidden != body


def hidden_kinds(body: str) -> tuple[str, ...]:
    """Which kinds of contact details `masked` would hide: link, email, phone."""
    kinds: list[str] = []
    rest = body
    for kind, pattern in (("link", _LINK), ("email", _EMAIL), ("phone", _PHONE)):
        if pattern.search(rest):
            kinds.append(kind)
            rest = pattern.sub(" ", rest)
    return tuple(kinds)


def notice_due(sent: Iterable[datetime]) -> datetime | None:
    """When the other side is told about the newest of one side's messages (oldest first); None for no message.

    At once, or ten minutes after the notice before. A message that a coming notice covers shares it.
    """
    due: datetime | None = None
    for at in sent:
        if due is None or at >= due + NOTICE_EVERY:
            due = at
        elif at > due:
            due += NOTICE_EVERY
    return due
