"""The host's letters. A guest's phone number stands in them only once the booking is confirmed."""

from __future__ import annotations

from market.bookings import words
from market.bookings.letters import OPEN, Fact, Letter, Told, one_line
from market.values.text import Text, lazy


def _guest_facts(told: Told, *, contact: bool) -> list[Fact]:
    booking = told.row
    facts: list[Fact] = [
        (lazy("Guest"), booking.guest_name),
        (lazy("What"), told.title),
        (lazy("When"), words.booking_when(booking, told.locale)),
        (lazy("Party"), words.party(booking.party, told.locale)),
    ]
    room = words.room(booking, told.locale)
    if room:
        facts.append((lazy("Room"), room))
    receives = words.host_receives(booking)
    if receives:
        facts.append((lazy("You receive"), told.money(receives)))
    if contact and booking.guest_phone:
        facts.append((lazy("Guest's phone"), booking.guest_phone))
    if booking.note:
        facts.append((lazy("Note"), one_line(booking.note)))
    return facts


def host_letter(what: str, told: Told) -> Letter | None:
    """The host's letter about something that happened; None when it is not the host's affair."""
    guest = told.row.guest_name
    found = _host_words(what, told, guest)
    if found is None:
        return None
    subject, first, button = found
    if what == "turn_over":
        return Letter(subject, [first], button, farewell=lazy("Thank you for hosting"))
    contact = what in {"confirmed", "changed", "moved"} or (
        what == "handed_on" and told.row.confirmed_at is not None
    )
    return Letter(
        subject, [first], button, _guest_facts(told, contact=contact), farewell=lazy("Thank you for hosting")
    )


def _host_words(what: str, told: Told, guest: str) -> tuple[Text, Text, Text] | None:
    """(subject, first sentence, button)."""
    title = told.title
    if what == "requested":
        until = told.moment(told.row.deadline_at)
        return (
            lazy("%(guest)s would like to come: %(title)s", guest=guest, title=title),
            lazy("Please answer by %(until)s. The places are kept until then.", until=until),
            lazy("Answer"),
        )
    if what == "expired" and told.was == "requested":
        return (
            lazy("Lapsed: the request of %(guest)s", guest=guest),
            lazy("The time to answer has passed and the guest has been told. There is no penalty."),
            OPEN,
        )
    if what == "turn_over" and told.was_days is not None:
        days = words.stay(*told.was_days, told.locale)
        return (
            lazy("Not with you any more: %(guest)s, %(title)s", guest=guest, title=title),
            lazy(
                "The guest changed the booking, and another family of the village hosts it now. Your room is free"
                " again for %(days)s.",
                days=days,
            ),
            lazy("Open your desk"),
        )
    first = _host_news(what, told)
    if first is None:
        return None
    subjects = {
        "confirmed": lazy("Confirmed: %(guest)s, %(title)s", guest=guest, title=title),
        "changed": lazy("Changed: %(guest)s, %(title)s", guest=guest, title=title),
        "moved": lazy("New date: %(guest)s, %(title)s", guest=guest, title=title),
        "handed_on": lazy("Handed on: %(guest)s, %(title)s", guest=guest, title=title),
    }
    return subjects.get(what, lazy("Cancelled: %(guest)s, %(title)s", guest=guest, title=title)), first, OPEN


def _host_news(what: str, told: Told) -> Text | None:
    if what == "confirmed" and told.row.method == "on_arrival" and not told.row.paid_minor:
        return lazy("The booking is confirmed. The guest pays you on arrival.")
    if what == "handed_on":
        return lazy(
            "The family before cannot host (%(reason)s). Now these guests come to %(host)s.",
            reason=one_line(told.reason),
            host=told.view.host_name,
        )
    return _HOST_NEWS.get(what)


_HOST_NEWS: dict[str, Text] = {
    "confirmed": lazy("The booking is confirmed and paid."),
    "changed": lazy("The guest changed the booking. This is what counts now:"),
    "withdrawn": lazy("The guest is not coming. The places are open to others again."),
    "cancelled_by_guest": lazy("The guest is not coming. The places are open to others again."),
    "cancelled_by_host": lazy("The booking is cancelled and the guest gets everything back."),
    "cancelled_by_operator": lazy(
        "We had to cancel this booking. The guest has been told and owes you nothing."
    ),
    "force_majeure": lazy(
        "This visit cannot take place on its date. The guest takes another one, or gets everything back."
    ),
    "moved": lazy("The guest takes another date. This is what counts now:"),
    "money_back": lazy(
        "The guest did not take another date and gets everything back. You need not do anything."
    ),
}
