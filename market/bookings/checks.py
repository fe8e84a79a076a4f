"""Whether a choice may be booked now: every reason against it, in words a guest can act on. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from market.bookings.quote import Choice, seats
from market.errors import Refused
from market.listings.offering import Kind, Offering, Per, Status
from market.values.dates import WITA, local_day, local_instant
from market.values.party import CHILD, INFANT
from market.values.text import Text, lazy, lazy_n

HORIZON_DAYS = 365
CHECK_IN_AT = time(14)
ANSWER_MARGIN = timedelta(hours=12)
"""A request needs the host's answer so long before booking closes."""


class Unbookable(Refused):
    """The choice cannot be booked; `problems` are (field, message) pairs."""

    code = "unbookable"
    message = lazy("This choice cannot be booked as it stands.")

    def __init__(self, problems: list[tuple[str, Text]]) -> None:
        super().__init__(message=problems[0][1], problems=problems)
        self.problems = problems


def problems(offering: Offering, choice: Choice, now: datetime) -> list[tuple[str, Text]]:
    """(field, message) for everything that stands in the way; empty when it may be booked."""
    if offering.status is not Status.PUBLISHED:
        return [("", lazy("This listing is not open for booking at the moment."))]
    # In the order of the form: what is wrong first stands first.
    found = (
        _stay_problems(offering, choice, now)
        if offering.kind is Kind.HOMESTAY
        else _start_problems(offering, choice, now)
    )
    found += _party_problems(offering, choice)
    found += _extra_problems(offering, choice)
    return found


def starts_at(offering: Offering, choice: Choice) -> datetime:
    """When the guest arrives: the departure's or session's time, or 14.00 WITA on the first night."""
    if choice.slot is not None:
        return choice.slot.starts_at
    if choice.nights is None:
        raise ValueError("a stay needs nights")
    return local_instant(choice.nights.start, CHECK_IN_AT, WITA)


def cutoff_at(offering: Offering, choice: Choice) -> datetime:
    """The last instant at which this choice may be booked: the stricter of cut-off and notice."""
    return starts_at(offering, choice) - timedelta(hours=max(offering.cutoff_hours, offering.notice_hours))


def last_moment(offering: Offering, choice: Choice) -> datetime:
    """The last instant at which this choice may be held: where the host answers first, with time to answer."""
    closes = cutoff_at(offering, choice)
    return closes if offering.instant else closes - ANSWER_MARGIN


def first_arrival(offering: Offering, now: datetime) -> date:
    """The first day on which a guest of a stay may still arrive."""
    lead = timedelta(hours=max(offering.cutoff_hours, offering.notice_hours))
    soonest = now + lead + (timedelta() if offering.instant else ANSWER_MARGIN)
    day = local_day(soonest)
    return day if local_instant(day, CHECK_IN_AT) > soonest else day + timedelta(days=1)


def too_late_to_ask(offering: Offering) -> Unbookable:
    """The refusal of a request that would leave its host no time to answer."""
    field = "from" if offering.kind is Kind.HOMESTAY else "slot"
    message = lazy(
        "It is too late to ask the host for this date: an answer needs 12 hours. Please choose a later one."
    )
    return Unbookable([(field, message)])


def _party_problems(offering: Offering, choice: Choice) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    party = choice.party
    size = party.total if offering.kind is Kind.HOMESTAY else seats(offering, party)
    if size < offering.min_party:
        found.append(
            ("adults", lazy_n("At least %(count)s guest.", "At least %(count)s guests.", offering.min_party))
        )
    if size > offering.max_party:
        found.append(
            ("adults", lazy_n("At most %(count)s guest.", "At most %(count)s guests.", offering.max_party))
        )
    for key, message in (
        (CHILD, lazy("This is for adults only; please choose no children.")),
        (INFANT, lazy("Babies and toddlers cannot come along here.")),
    ):
        if party.count(key) and offering.bands and offering.band(key) is None:
            found.append((("children" if key == CHILD else "infants"), message))
    return found


def _start_problems(offering: Offering, choice: Choice, now: datetime) -> list[tuple[str, Text]]:
    slot = choice.slot
    if slot is None or slot.listing_id != offering.id or slot.kind == "night":
        return [("slot", lazy("Choose a date."))]
    if slot.status in {"called_off", "closed"}:
        return [("slot", lazy("This date is closed. Please choose another one."))]
    if slot.starts_at <= now:
        return [("slot", lazy("This date has passed. Please choose another one."))]
    if min(slot.book_until, cutoff_at(offering, choice)) <= now:
        return [("slot", lazy("Booking for this date has closed. Please choose a later one."))]
    closure = next((c for c in offering.closures if c.covers(slot.starts_on)), None)
    return [("slot", lazy("This date is closed. Please choose another one."))] if closure else []


def _stay_problems(offering: Offering, choice: Choice, now: datetime) -> list[tuple[str, Text]]:
    nights, room = choice.nights, choice.room
    if nights is None:
        return [("from", lazy("Choose the day you arrive and the day you leave."))]
    if room is None or offering.room(room.id) is None:
        return [("room", lazy("Choose a room."))]
    found: list[tuple[str, Text]] = []
    if nights.start < local_day(now):
        found.append(("from", lazy("This day has passed. Please choose a later one.")))
    elif cutoff_at(offering, choice) <= now:
        found.append(("from", lazy("The family needs more notice for this day. Please choose a later one.")))
    if (nights.end - local_day(now)).days > HORIZON_DAYS:
        found.append(("to", lazy("Rooms can be booked up to a year ahead.")))
    found += _length_problems(offering, nights.nights)
    if not 1 <= choice.rooms <= room.count:
        found.append(
            ("rooms", lazy_n("There is %(count)s such room.", "There are %(count)s such rooms.", room.count))
        )
    elif choice.party.total - choice.party.infants > room.sleeps * choice.rooms:
        found.append(
            (
                "rooms",
                lazy_n(
                    "Each room sleeps %(count)s guest.", "Each room sleeps %(count)s guests.", room.sleeps
                ),
            )
        )
    closure = offering.closed_on(nights)
    if closure is not None:
        found.append(("from", lazy("The house is closed on some of these days. The calendar shows why.")))
    return found


def _length_problems(offering: Offering, nights: int) -> list[tuple[str, Text]]:
    if nights < offering.min_nights:
        message = lazy_n(
            "Stay at least %(count)s night.", "Stay at least %(count)s nights.", offering.min_nights
        )
        return [("to", message)]
    if nights > offering.max_nights:
        message = lazy_n(
            "Stay at most %(count)s night.", "Stay at most %(count)s nights.", offering.max_nights
        )
        return [("to", message)]
    return []


def _extra_problems(offering: Offering, choice: Choice) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    known = {extra.key: extra for extra in offering.extras}
    for key, wanted in choice.extras.items():
        extra = known.get(key)
        most = choice.party.total if extra and extra.per in {Per.PERSON, Per.PERSON_NIGHT} else 1
        if extra is None or not 0 <= wanted <= most:
            found.append(
                (f"extra_{key}", lazy_n("At most %(count)s guest.", "At most %(count)s guests.", most))
            )
    return found
