"""Why a linked calendar could not be read, in plain words for the host. What to do next is part of each."""

from __future__ import annotations

from typing import Final

from market.values.text import Text, lazy

_WORDS: Final[dict[str, Text]] = {
    "bad_address": lazy("The address is not one of a calendar. Copy it again from the other site."),
    "no_such_host": lazy("No site is known under this address. Check whether it was copied completely."),
    "not_public": lazy("This address does not lead to a public site, so we do not open it."),
    "leads_elsewhere": lazy(
        "The address sends us on to another site. Open it in your browser and copy the address you end up at."
    ),
    "gone": lazy("The other site says that this calendar does not exist any more. Copy its address again."),
    "refused": lazy("The other site did not give us the calendar. We go on trying."),
    "no_answer": lazy("The other site did not answer. We go on trying."),
    "too_slow": lazy("The other site took more than five seconds to answer. We go on trying."),
    "tls": lazy("The other site's security certificate is not valid. We go on trying."),
    "too_big": lazy("The calendar is larger than one megabyte. Export fewer months of it."),
    "too_many": lazy("The calendar has more than two thousand events. Export fewer months of it."),
    "broken": lazy("The calendar arrived incomplete. We go on trying."),
    "incomplete": lazy("The calendar arrived incomplete. We go on trying."),
    "not_a_calendar": lazy(
        "What is at this address is not a calendar, perhaps a page to sign in. Copy the export link (iCal)."
    ),
}
_OTHER: Final = lazy("The calendar could not be read. We go on trying.")


def words_of(problem: str) -> Text:
    """The sentence for a problem's code."""
    return _WORDS.get(problem, _OTHER)


def codes() -> frozenset[str]:
    return frozenset(_WORDS)
