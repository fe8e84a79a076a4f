"""What enters about arrivals: forms of the pages, and the messages of phones that were without signal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from market.bookings.arrival_rules import How
from market.values.text import Text, lazy
from market.web.forms import Inbound

MOST_ITEMS = 100
_Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class DayForm(Inbound):
    """Which day the list shows."""

    day: date


class CodeForm(Inbound):
    """What a guest read out."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "code": {"missing": lazy("Type the code that stands on the voucher.")}
    }

    code: Annotated[str, Field(max_length=40)]


class CheckInForm(Inbound):
    """The button that checks a guest in: how the host knew, and the page's own key against a second press."""

    how: How = How.LIST
    key: _Key | None = None


class ReasonForm(Inbound):
    """Why something is taken back."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {"missing": lazy("Write in a few words why, for example: wrong name.")}
    }

    reason: Annotated[str, Field(max_length=400)]


class NoShowForm(Inbound):
    """A host says that nobody came; the tick keeps a slip of the thumb from doing it."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "sure": {"any": lazy("Tick the box: the guest is told, and nights that are left open for others.")}
    }

    sure: Literal["yes"]
    reason: Annotated[str, Field(max_length=400)] = ""


class ContestForm(Inbound):
    """The guest's answer to a no-show."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "text": {
            "missing": lazy("Tell us in a few words when you arrived and whom you met."),
            "string_too_short": lazy("Tell us in a few words when you arrived and whom you met."),
        }
    }

    text: Annotated[str, Field(min_length=10, max_length=2000)]


class DecisionForm(Inbound):
    """What an operator decides about a contested no-show."""

    outcome: Literal["stands", "arrived", "host_failed"]
    note: Annotated[str, Field(min_length=10, max_length=1000)]


class Queued(BaseModel):
    """One check-in that a phone kept while it had no signal. Exactly one of the ways to name the booking is set."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: _Key
    at: AwareDatetime
    how: How = How.LIST
    reference: Annotated[str, Field(max_length=40)] = ""
    code: Annotated[str, Field(max_length=40)] = ""
    token: Annotated[str, Field(max_length=80)] = ""


_ITEMS = TypeAdapter(Annotated[list[Queued], Field(max_length=MOST_ITEMS)])
_EARLIEST, _LATEST = 2000, 2200


def queued(text: str) -> list[Queued] | None:
    """The items of a message, or None when it is not one of ours."""
    try:
        items = _ITEMS.validate_json(text)
    except ValidationError:
        return None
    return items if all(_sane(item.at) for item in items) else None


def _sane(at: datetime) -> bool:
    """Far from the edges of what a calendar can count."""
    return _EARLIEST <= at.year <= _LATEST
