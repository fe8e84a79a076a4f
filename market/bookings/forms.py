"""Inbound shapes of the booking pages: who books, how they pay, what they confirm. Choices are in `choice`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from market.bookings.paying import Guest
from market.notifications.addresses import MailAddress, phone_number
from market.values.text import Text, lazy
from market.web.forms import Inbound, wrong

_PHONE_WORDS = lazy("Enter the phone number with its country code, for example +62 812 3456 7890.")


def _phone(typed: str) -> str:
    """With a country code, or an Indonesian mobile number as people write it at home (0812 …)."""
    number = phone_number(typed) if typed.lstrip().startswith(("+", "00", "08")) else None
    if number is None:
        raise wrong(_PHONE_WORDS)
    return number


def one_line_name(typed: str) -> str:
    """A name on one line with at least one letter in it."""
    name = " ".join(typed.split())
    if not any(letter.isalpha() for letter in name):
        raise wrong(lazy("Enter your name as on your identity card or passport."))
    return name


Phone = Annotated[str, AfterValidator(_phone)]
Amount = Annotated[int, Field(ge=-(10**12), le=10**12)]
METHODS = ("card", "demo_card", "transfer", "on_arrival")


class ContactForm(Inbound):
    """The checkout: who books, a note to the host, and how they pay."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "name": {"missing": lazy("Enter your name as on your identity card or passport.")},
        "email": {"missing": lazy("Enter an email address, for example maria@example.org.")},
        "phone": {"missing": _PHONE_WORDS},
        "method": {"any": lazy("Choose how you want to pay.")},
    }

    name: Annotated[str, Field(min_length=2, max_length=120), AfterValidator(one_line_name)]
    email: MailAddress
    phone: Phone
    note: Annotated[str, Field(max_length=1000)] = ""
    manners: Literal["yes"] | None = None
    method: Literal["card", "demo_card", "transfer", "on_arrival"]

    @property
    def guest(self) -> Guest:
        return Guest(self.name, self.email, self.phone, self.note)


class PayForm(Inbound):
    """Paying for a booking whose money is due."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"method": {"any": lazy("Choose how you want to pay.")}}

    method: Literal["card", "demo_card", "transfer"]


class CancelForm(Inbound):
    """The refund that was on the page when the guest confirmed."""

    shown: Amount


class ChangeForm(Inbound):
    """The price difference that was on the page when the guest confirmed."""

    shown: Amount


class FindForm(Inbound):
    """Finding a booking again without an account."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reference": {"missing": lazy("Enter the booking reference, 8 letters and digits.")},
        "email": {"missing": lazy("Enter an email address, for example maria@example.org.")},
    }

    reference: Annotated[str, Field(max_length=40)]
    email: MailAddress
