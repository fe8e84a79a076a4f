"""What enters through the SMS pages."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from market.notifications.addresses import PhoneNumber
from market.values.text import Text, lazy
from market.web.forms import Inbound


class InviteForm(Inbound):
    """A phone to invite for one of the hosts."""

    number: PhoneNumber
    host: Annotated[int, Field(ge=1, le=2**62)]
    language: Literal["id", "en"] = "id"

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "number": {"missing": lazy("Enter the phone number to invite.")}
    }


class TypedForm(Inbound):
    """A message typed in the simulator."""

    text: Annotated[str, Field(max_length=480)]

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"text": {"missing": lazy("Write a message first.")}}
