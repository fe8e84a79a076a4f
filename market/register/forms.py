"""What enters the register: one guest's facts, and the number under which a stay was reported."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from market.register import countries
from market.register.rules import Facts
from market.values.text import Text, lazy
from market.web.forms import Inbound, wrong

_OLDEST: int = 120


class GuestForm(Inbound):
    """One guest as the passport has it."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "full_name": {"missing": lazy("Write the name as it stands in the passport.")},
        "passport": {
            "missing": lazy("Write the number of the passport."),
            "string_pattern_mismatch": lazy(
                "A passport number has 5 to 20 letters and digits, without blanks."
            ),
        },
        "nationality": {"missing": lazy("Choose the country that issued the passport.")},
    }

    full_name: Annotated[str, Field(min_length=2, max_length=120)]
    nationality: Annotated[str, Field(max_length=2)]
    passport: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{5,20}$")]
    born_on: date
    arrives_on: date
    leaves_on: date

    @field_validator("nationality")
    @classmethod
    def _a_country(cls, code: str) -> str:
        if code not in countries.names("en"):
            raise wrong(lazy("Choose the country that issued the passport."))
        return code

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.leaves_on < self.arrives_on:
            raise wrong(lazy("The guest leaves on or after the day of arrival."))
        if not 0 <= self.arrives_on.year - self.born_on.year <= _OLDEST:
            raise wrong(lazy("Please check the date of birth."))
        return self

    def facts(self) -> Facts:
        return Facts(
            full_name=" ".join(self.full_name.split()),
            nationality=self.nationality,
            passport=self.passport.upper(),
            born_on=self.born_on,
            arrives_on=self.arrives_on,
            leaves_on=self.leaves_on,
        )


class ReportForm(Inbound):
    """Under which number the office took the report; some offices give none."""

    reference: Annotated[str, Field(max_length=80)] = ""
