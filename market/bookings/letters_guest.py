"""The guest's letters: one for each thing that can happen to a booking."""

from __future__ import annotations

from collections.abc import Callable

from market.bookings import letters_choice, words
from market.bookings.letters import OPEN, Fact, Letter, Told, booked_facts, one_line
from market.values.text import Text, lazy


def _requested(told: Told) -> Letter:
    until = told.moment(told.row.deadline_at)
    paying = (
        lazy("The amount is set aside on your card. It is charged only after a yes and let go otherwise.")
        if told.row.method in {"card", "demo_card"}
        else lazy("You pay nothing before the answer is yes.")
    )
    return Letter(
        lazy("%(host)s has your request: %(title)s", host=told.view.host_name, title=told.title),
        [
            lazy(
                "We have asked %(host)s. The answer comes by %(until)s.",
                host=told.view.host_name,
                until=until,
            ),
            paying,
        ],
        OPEN,
        booked_facts(told),
    )


def _payment_due(told: Told) -> Letter:
    until = told.moment(told.row.expires_at)
    subject = lazy("Please pay by %(until)s: %(title)s", until=until, title=told.title)
    if told.transfer is None:
        first = lazy(
            "Your places are kept until %(until)s. Choose how you want to pay on the booking page.",
            until=until,
        )
        return Letter(subject, [first], lazy("Pay now"), booked_facts(told))
    return Letter(
        subject,
        [
            lazy("Your places are kept until %(until)s.", until=until),
            lazy("Please transfer the exact amount, and write the code into the message line."),
        ],
        OPEN,
        [
            (lazy("Amount"), told.money(told.transfer.amount_minor)),
            (lazy("Code"), told.transfer.code),
            (lazy("Bank"), told.transfer.bank.name),
            (lazy("Account number"), told.transfer.bank.account),
            (lazy("Account holder"), told.transfer.bank.holder),
        ],
    )


def _confirmed(told: Told) -> Letter:
    facts = booked_facts(told)
    facts += _arrival_facts(told)
    paragraphs = [lazy("It is settled: %(host)s expects you.", host=told.view.host_name)]
    if told.row.method == "on_arrival" and not told.row.paid_minor:
        amount = told.money(told.row.total_minor)
        paragraphs.append(lazy("You pay %(amount)s in rupiah when you arrive.", amount=amount))
    paragraphs.append(
        lazy("Show the QR code when you arrive, on paper or on the phone. The calendar file is attached.")
    )
    return Letter(lazy("Confirmed: %(title)s", title=told.title), paragraphs, lazy("Open the voucher"), facts)


def _arrival_facts(told: Told) -> list[Fact]:
    facts: list[Fact] = []
    if told.view.host_phone:
        facts.append((lazy("Host's phone"), told.view.host_phone))
    if told.view.address:
        facts.append((lazy("Address"), told.view.address))
    if told.access:
        facts.append((lazy("How to get there"), told.access))
    return facts


def _declined(told: Told) -> Letter:
    paragraphs = [
        lazy("%(host)s could not take your booking this time.", host=told.view.host_name),
        *_reason(told),
        lazy("Nothing was charged. Perhaps other dates or another host fit you as well."),
    ]
    return Letter(lazy("Not this time: %(title)s", title=told.title), paragraphs, OPEN, booked_facts(told))


def _reason(told: Told) -> list[Text]:
    if not told.reason:
        return []
    return [lazy("%(host)s writes: “%(reason)s”", host=told.view.host_name, reason=one_line(told.reason))]


def _expired(told: Told) -> Letter:
    happened = {
        "requested": lazy(
            "%(host)s did not answer in time, so the request has lapsed.", host=told.view.host_name
        ),
        "payment_due": lazy("The payment did not arrive in time, so the places are open to others again."),
    }.get(told.was, lazy("The time to pay ran out, so the places are open to others again."))
    after = lazy("Nothing was charged. If the places are still free, you can book them anew.")
    return Letter(lazy("Lapsed: %(title)s", title=told.title), [happened, after], OPEN, booked_facts(told))


def _withdrawn(told: Told) -> Letter:
    return Letter(
        lazy("Taken back: %(title)s", title=told.title),
        [lazy("You took this booking back. Nothing was charged, and the host has been told.")],
        OPEN,
        booked_facts(told),
    )


def _arrives(told: Told) -> Text:
    return words.refund_arrives(told.row.method)


def _cancelled_by_guest(told: Told) -> Letter:
    return Letter(
        lazy("Cancelled: %(title)s", title=told.title),
        [lazy("Your booking is cancelled, and the host has been told."), *letters_choice.money_lines(told)],
        OPEN,
        booked_facts(told),
    )


def _too_late(told: Told) -> Letter:
    paragraphs = [
        lazy("Your payment arrived after the time had run out, and the places are gone meanwhile."),
        lazy("All of it goes back to you."),
        _arrives(told),
    ]
    if told.others:
        paragraphs.append(lazy("These come closest and are free at this moment:"))
    subject = lazy("Paid too late, money on its way back: %(title)s", title=told.title)
    return Letter(subject, paragraphs, OPEN, links=told.others)


def _change_too_late(told: Told) -> Letter:
    return Letter(
        lazy("Your change could not be made: %(title)s", title=told.title),
        [
            lazy(
                "The payment for your change arrived when its places were gone. Your booking stays as it was."
            ),
            lazy("What you paid for the change goes back to you."),
            _arrives(told),
        ],
        OPEN,
        booked_facts(told),
    )


def _changed(told: Told) -> Letter:
    paragraphs = [lazy("Your booking is changed. This is what counts now:")]
    if told.amount:
        paragraphs += [lazy("%(amount)s comes back to you.", amount=told.money(told.amount)), _arrives(told)]
    paragraphs.append(lazy("The calendar file is attached; open it to bring your calendar up to date."))
    return Letter(
        lazy("Changed: %(title)s", title=told.title), paragraphs, lazy("Open the voucher"), booked_facts(told)
    )


def _capture_failed(told: Told) -> Letter:
    until = told.moment(told.row.expires_at)
    return Letter(
        lazy("Please pay once more by %(until)s: %(title)s", until=until, title=told.title),
        [
            lazy(
                "%(host)s said yes, but your bank took back its promise of the money.",
                host=told.view.host_name,
            ),
            lazy(
                "Your places are kept until %(until)s. Please pay with this card again or in another way.",
                until=until,
            ),
        ],
        lazy("Pay now"),
        booked_facts(told),
    )


def _completed(told: Told) -> Letter:
    from_parts = words.money_parts(
        words.shared_now(told.row), words.receivers(told.view, told.locale, told.brand), told.locale
    )
    facts: list[Fact] = [(part.label, f"{part.amount} ({part.percent}%)") for part in from_parts]
    paragraphs = [
        lazy("Thank you for visiting %(host)s. We hope you came home with a story.", host=told.view.host_name)
    ]
    if facts:
        paragraphs.append(lazy("This is your receipt: who received what of the money you paid."))
    return Letter(lazy("Thank you: %(title)s", title=told.title), paragraphs, lazy("Open the receipt"), facts)


def _refunded(told: Told) -> Letter:
    amount = told.money(told.amount)
    return Letter(
        lazy("%(amount)s is on its way back to you", amount=amount),
        [
            lazy(
                "We have sent %(amount)s back for booking %(reference)s.",
                amount=amount,
                reference=told.row.reference,
            ),
            _arrives(told),
        ],
        OPEN,
    )


def link_letter(told: Told) -> Letter:
    """The link somebody asked for who has no account."""
    return Letter(
        lazy("Your booking %(reference)s", reference=told.row.reference),
        [
            lazy("Here is the link to your booking. It works on any device; do not pass it on."),
            lazy("If you did not ask for it, you need not do anything."),
        ],
        OPEN,
    )


def _handed_on(told: Told) -> Letter:
    return Letter(
        lazy("Another family welcomes you: %(title)s", title=told.title),
        [
            lazy(
                "Your dates, price and terms stay as they are. Now %(host)s expects you.",
                host=told.view.host_name,
            ),
            lazy("Why it changed: %(reason)s", reason=one_line(told.reason)),
        ],
        OPEN,
        [*booked_facts(told), *_arrival_facts(told)] if told.row.confirmed_at else booked_facts(told),
    )


_GUEST: dict[str, Callable[[Told], Letter]] = {
    "requested": _requested,
    "payment_due": _payment_due,
    "confirmed": _confirmed,
    "declined": _declined,
    "expired": _expired,
    "withdrawn": _withdrawn,
    "cancelled_by_guest": _cancelled_by_guest,
    "cancelled_by_host": letters_choice.cancelled_by_host,
    "cancelled_by_operator": letters_choice.cancelled_by_operator,
    "force_majeure": letters_choice.force_majeure,
    "called_off": letters_choice.called_off,
    "moved": letters_choice.moved,
    "money_back": letters_choice.money_back,
    "guaranteed": letters_choice.guaranteed,
    "handed_on": _handed_on,
    "too_late": _too_late,
    "change_too_late": _change_too_late,
    "changed": _changed,
    "capture_failed": _capture_failed,
    "completed": _completed,
    "refunded": _refunded,
}


def guest_letter(what: str, told: Told) -> Letter | None:
    """The guest's letter about something that happened; None when there is nothing to say."""
    write = _GUEST.get(what)
    return write(told) if write else None
