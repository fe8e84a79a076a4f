"""The guest's letters around a promise that was taken back: the choice, the move, the money; and the good news."""

from __future__ import annotations

from market.bookings import words
from market.bookings.letters import OPEN, Letter, Told, booked_facts, one_line
from market.values.text import Text, lazy, lazy_n


def _choice(told: Told) -> list[Text]:
    """What the guest may choose until when; or, when there is nothing to choose, what comes back."""
    if told.until is None:
        return money_lines(told)
    lines = [
        lazy(
            "You choose by %(until)s: another date at no extra charge, or everything back.",
            until=told.moment(told.until),
        )
    ]
    if told.amount:
        lines.append(
            lazy(
                "Until then your %(amount)s stay with us. If we do not hear from you, all of it goes back to you.",
                amount=told.money(told.amount),
            )
        )
    else:
        lines.append(lazy("You had paid nothing. If we do not hear from you, the booking simply ends."))
    return lines


def money_lines(told: Told) -> list[Text]:
    """What comes back and when it arrives."""
    if told.amount:
        return [
            lazy("%(amount)s comes back to you.", amount=told.money(told.amount)),
            words.refund_arrives(told.row.method),
        ]
    if told.row.paid_minor:
        return [lazy("Under the terms you booked with, nothing comes back.")]
    return [lazy("You had paid nothing, so nothing is owed.")]


def _button(told: Told) -> Text:
    return lazy("Choose now") if told.until else OPEN


def _reason(told: Told) -> list[Text]:
    return [lazy("The reason: %(reason)s", reason=one_line(told.reason))] if told.reason else []


def called_off(told: Told) -> Letter:
    """A departure did not reach its minimum."""
    subject = lazy("Called off: %(title)s", title=told.title)
    if told.was:
        ended = [
            lazy("This departure was called off: too few guests had booked seven days before."),
            lazy("Your booking ends with it. Nothing was charged."),
        ]
        return Letter(subject, ended, OPEN, booked_facts(told))
    first = lazy_n(
        "We are sorry: this departure needs %(count)s guest and %(guests)s had booked seven days before.",
        "We are sorry: this departure needs %(count)s guests and %(guests)s had booked seven days before.",
        told.needed,
        guests=told.guests,
    )
    return Letter(subject, [first, *_choice(told)], _button(told), booked_facts(told))


def cancelled_by_host(told: Told) -> Letter:
    """The host cannot keep the promise."""
    sorry = lazy("We are sorry: %(host)s had to cancel your booking.", host=told.view.host_name)
    said = [lazy("%(host)s writes: “%(reason)s”", host=told.view.host_name, reason=one_line(told.reason))]
    return Letter(
        lazy("The host had to cancel: %(title)s", title=told.title),
        [sorry, *(said if told.reason else []), *_choice(told)],
        _button(told),
        booked_facts(told),
    )


def cancelled_by_operator(told: Told) -> Letter:
    """We cannot keep the promise."""
    return Letter(
        lazy("We had to cancel: %(title)s", title=told.title),
        [lazy("We are sorry: we had to cancel your booking."), *_reason(told), *_choice(told)],
        _button(told),
        booked_facts(told),
    )


def force_majeure(told: Told) -> Letter:
    """Nobody could keep the promise."""
    return Letter(
        lazy("Cannot take place: %(title)s", title=told.title),
        [
            lazy(
                "Weather, sea or a like event makes your visit impossible on this date. That is nobody's fault."
            ),
            *_reason(told),
            *_choice(told),
        ],
        _button(told),
        booked_facts(told),
    )


def moved(told: Told) -> Letter:
    """Another date was chosen."""
    paragraphs = [lazy("Your new date is confirmed, at no extra charge. This is what counts now:")]
    if told.amount:
        paragraphs += [
            lazy("The new date costs less: %(amount)s comes back to you.", amount=told.money(told.amount)),
            words.refund_arrives(told.row.method),
        ]
    paragraphs.append(lazy("The calendar file is attached; open it to bring your calendar up to date."))
    return Letter(
        lazy("Your new date: %(title)s", title=told.title),
        paragraphs,
        lazy("Open the voucher"),
        booked_facts(told),
    )


def money_back(told: Told) -> Letter:
    """The money was chosen, or nothing was said for 48 hours."""
    first = (
        lazy("The 48 hours to choose another date are over, so we give everything back.")
        if told.silent
        else lazy("You chose to have everything back.")
    )
    return Letter(
        lazy("Everything back: %(title)s", title=told.title),
        [first, *money_lines(told)],
        OPEN,
        booked_facts(told),
    )


def guaranteed(told: Told) -> Letter:
    """The departure is sure to run."""
    return Letter(
        lazy("Sure to run: %(title)s", title=told.title),
        [lazy("Good news: your departure is guaranteed. It runs, whoever else comes.")],
        lazy("Open the voucher"),
        booked_facts(told),
    )
