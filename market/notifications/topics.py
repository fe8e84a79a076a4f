"""What people are told about, by which ways, and what holds when they chose nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from market.values.text import Text, lazy


class Topic(StrEnum):
    """What a message is about; people choose the way for each."""

    REQUESTS = "requests"
    BOOKINGS = "bookings"
    MESSAGES = "messages"
    REVIEWS = "reviews"
    PAYOUTS = "payouts"
    LISTINGS = "listings"
    CALENDAR = "calendar"
    PURCHASES = "purchases"
    QUOTATIONS = "quotations"
    CLAIMS = "claims"
    SAFETY = "safety"


class Channel(StrEnum):
    """A way to reach somebody."""

    MAIL = "mail"
    SMS = "sms"
    APP = "app"


LABELS: Final[dict[Topic, Text]] = {
    Topic.REQUESTS: lazy("Requests"),
    Topic.BOOKINGS: lazy("Bookings"),
    Topic.MESSAGES: lazy("Messages"),
    Topic.REVIEWS: lazy("Reviews"),
    Topic.PAYOUTS: lazy("Payouts"),
    Topic.LISTINGS: lazy("Your listings"),
    Topic.CALENDAR: lazy("Calendar conflicts"),
    Topic.PURCHASES: lazy("Purchases"),
    Topic.QUOTATIONS: lazy("Quotations"),
    Topic.CLAIMS: lazy("Claims"),
    Topic.SAFETY: lazy("Safety of your account"),
}
HINTS: Final[dict[Topic, Text]] = {
    Topic.REQUESTS: lazy("Somebody would like to come and waits for your answer."),
    Topic.BOOKINGS: lazy("Confirmed, changed, cancelled; who did not come."),
    Topic.MESSAGES: lazy("The other side of a booking wrote to you."),
    Topic.REVIEWS: lazy("It is time to write one, or one was written."),
    Topic.PAYOUTS: lazy("Money is on its way, came back, or waits because of a problem."),
    Topic.LISTINGS: lazy("What we decided about a listing or photo; houses that say yes or no."),
    Topic.CALENDAR: lazy("Another calendar and yours do not agree."),
    Topic.PURCHASES: lazy("A hotel says it bought from you, or a supplier answered you."),
    Topic.QUOTATIONS: lazy("A price was asked for, offered or declined."),
    Topic.CLAIMS: lazy("Questions and decisions about a claim."),
    Topic.SAFETY: lazy(
        "Passwords, bank details, and when staff look at your account. Always by mail and here."
    ),
}
# Which roles hear of a topic; everybody with an account hears of the others.
ONLY_FOR: Final[dict[Topic, frozenset[str]]] = {
    Topic.REQUESTS: frozenset({"host"}),
    Topic.PAYOUTS: frozenset({"host"}),
    Topic.LISTINGS: frozenset({"host"}),
    Topic.CALENDAR: frozenset({"host"}),
    Topic.PURCHASES: frozenset({"supplier", "hotel"}),
    Topic.QUOTATIONS: frozenset({"supplier", "hotel"}),
    Topic.CLAIMS: frozenset({"hotel", "officer"}),
}
# A host's or supplier's own SMS conversation tells these already to the numbers that agreed to it.
CONVERSED: Final = frozenset({Topic.REQUESTS, Topic.BOOKINGS, Topic.PURCHASES})
Choices = Mapping[tuple[Topic, Channel], bool]


def is_fixed(topic: Topic, channel: Channel) -> bool:
    """Whether a way cannot be switched off: safety always comes by mail and on the site."""
    return topic is Topic.SAFETY and channel is not Channel.SMS


def is_wanted(topic: Topic, channel: Channel, choices: Choices) -> bool:
    """Whether somebody is told about a topic this way: as chosen, else by mail and on the site but not by SMS."""
    return is_fixed(topic, channel) or choices.get((topic, channel), channel is not Channel.SMS)


def topics_for(roles: frozenset[str]) -> list[Topic]:
    """The topics somebody with these roles can be told about, in a fixed order."""
    return [topic for topic in Topic if topic not in ONLY_FOR or ONLY_FOR[topic] & roles]
