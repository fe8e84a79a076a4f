"""What the commands share: who asks and when, and the answer they give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from market.sms.numbers import Number
from market.sms.replies import Wording


class Outcome(StrEnum):
    """What became of a message; kept in the log."""

    DONE = "done"
    ANSWERED = "answered"
    CODE_ASKED = "code_asked"
    WRONG_CODE = "wrong_code"
    UNKNOWN = "unknown"
    CALL = "call"
    STRANGER = "stranger"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of a registered number. `key` names the reply that will carry whatever code is given now."""

    number: Number
    text: str
    key: str
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Answer:
    """The one reply, and what became of the message."""

    text: str
    outcome: Outcome = Outcome.ANSWERED


def answer(asked: Asked, wording: Wording, outcome: Outcome = Outcome.ANSWERED, **facts: object) -> Answer:
    """A reply in the number's language."""
    return Answer(wording.say(asked.number.locale, **facts), outcome)
