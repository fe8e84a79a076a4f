"""What enters about reviews: the words and stars of either side, answers, reports, and what operators decide."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from market.reviews import rules
from market.reviews.rules import Reason
from market.values.text import Text, lazy
from market.web.forms import Inbound

_Stars = Annotated[int, Field(ge=1, le=5)]


class ReviewForm(Inbound):
    """Stars for the whole, stars for parts where wanted, and words."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "stars": {"any": lazy("Choose from one to five stars.")},
        "body": {
            "missing": lazy("Write at least a sentence or two."),
            "string_too_short": lazy("Write at least a sentence or two."),
        },
    }

    stars: _Stars
    body: Annotated[str, Field(min_length=rules.SHORTEST, max_length=rules.LONGEST)]
    welcome: _Stars | None = None
    clean: _Stars | None = None
    as_described: _Stars | None = None
    value: _Stars | None = None
    communication: _Stars | None = None
    respect: _Stars | None = None

    def notes(self) -> dict[str, int]:
        """The stars for parts that were given."""
        names = [name for side in rules.NOTES.values() for name in side]
        given = {name: getattr(self, name) for name in names}
        return {name: stars for name, stars in given.items() if stars is not None}


class ReplyForm(Inbound):
    """A host's answer."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"body": {"missing": lazy("Write your answer first.")}}

    body: Annotated[str, Field(max_length=rules.LONGEST_REPLY)]


class ReportForm(Inbound):
    """Why a review should not stand."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"reason": {"any": lazy("Choose what is wrong.")}}

    reason: Reason
    body: Annotated[str, Field(max_length=1000)] = ""


class JudgeForm(Inbound):
    """What an operator does with a review, and why."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {"missing": lazy("Write the reason: the author reads it.")}
    }

    act: Literal["hide", "restore", "keep"]
    reason: Annotated[str, Field(max_length=600)]
