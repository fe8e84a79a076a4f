"""The register of personal data: what is kept of whom, why, and when it goes. The privacy page shows it as it is.

UU PDP 27/2022 asks whoever processes personal data to be able to say this at any time. Whoever adds a place where
personal data lie adds a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market.values.text import Text, lazy


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: what it is, what it is for, and when it is erased."""

    what: Text
    why: Text
    until: Text


def register(register_days: int) -> tuple[Kept, ...]:
    """Every kind of personal data the site keeps; `register_days` is how long the register of foreign guests stays."""
    days = lazy("Erased %(days)s days after the stay.", days=register_days)
    return (*_ALWAYS, Kept(_FOREIGN[0], _FOREIGN[1], days))


_FOREIGN: Final = (
    lazy("Passport details of foreign guests in a homestay"),
    lazy(
        "Hosts must report foreign guests within 24 hours. Only that host can read them; they lie encrypted."
    ),
)
_ALWAYS: Final = (
    Kept(
        lazy("Your name, e-mail address, phone number and notes on a booking"),
        lazy("So that the host knows who comes and can reach you, and so that we can send the voucher."),
        lazy("Erased when you delete your account and the trip is over and paid."),
    ),
    Kept(
        lazy("Your account: name, e-mail address, phone number, language, password as a hash"),
        lazy("To let you sign in and find your trips again."),
        lazy("Erased when you delete the account."),
    ),
    Kept(
        lazy("Devices you are signed in on, and failed sign-ins"),
        lazy("To show you who uses your account, and to stop people who guess passwords."),
        lazy("A session ends after 30 days without use; failed sign-ins are forgotten after a day."),
    ),
    Kept(
        lazy("What was booked, paid and given back, without your name"),
        lazy("The ledger has to add up, and tax law asks for it to be kept."),
        lazy("Kept for ten years; after your name is erased it names nobody."),
    ),
    Kept(
        lazy("Your name and e-mail address on a waiting list"),
        lazy("To offer you a place that comes free. The host sees only how many wait."),
        lazy(
            "Erased when you leave the list, on the date itself, and after two days if you never confirmed."
        ),
    ),
    Kept(
        lazy("Messages between guests and hosts, reviews"),
        lazy("So that both can read what was agreed, and so that others can judge from what guests wrote."),
        lazy("Messages are erased with the account; a review stays without your name."),
    ),
    Kept(
        lazy("Pictures in messages"),
        lazy(
            "So that both sides can show each other what words do not say. Place and camera are removed from them,"
            " and only the two sides see them."
        ),
        lazy("Erased with the messages."),
    ),
    Kept(
        lazy("Addresses of other calendars that hosts link, and the days taken there"),
        lazy("So that nothing is sold twice. Of the events only days are read, no names."),
        lazy("Erased when the host removes the link or leaves."),
    ),
    Kept(
        lazy("Phones of hosts who run their bookings by SMS"),
        lazy("To tell them of requests and to take their answers, once the owner of the phone agreed."),
        lazy("What they wrote is erased after a year; whoever sends STOP hears nothing more."),
    ),
    Kept(
        lazy("Mails and text messages we sent, and text messages we received"),
        lazy("To find out why a message did not arrive."),
        lazy("Words that sign somebody in are erased once they are handed over."),
    ),
    Kept(
        lazy("Bank details of hosts"),
        lazy("To pay them what they earned. They lie encrypted."),
        lazy("Erased when the host closes the account and everything is paid."),
    ),
    Kept(
        lazy("Receipts and invoices of hotels"),
        lazy(
            "To prove what was bought from whom. Originals lie encrypted; only the hotel and tax officers see them."
        ),
        lazy("Kept as long as tax law asks for. Nothing of them is published but sums."),
    ),
)
