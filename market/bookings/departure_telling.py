"""The host's letter about a departure that was decided: it runs, or it does not, and what its guests were told."""

from __future__ import annotations

from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import letters, queries
from market.bookings.letters import Letter
from market.i18n import formats
from market.listings import departures
from market.listings import queries as listings
from market.listings.departures import Decision, Outcome
from market.listings.offering import SlotRow
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox.tools import Tools
from market.settings import Settings
from market.values.text import Text, lazy, lazy_n
from market.web import urls

_TEMPLATE: Final = "bookings/mail"


async def tell_host(slot_id: int, tools: Tools) -> None:
    """Write to everybody who answers requests for the host. Safe to repeat."""
    config = tools.of(Settings)
    slot = await listings.get_slot(slot_id, clock.now())
    decision = await departures.get_decision(slot_id)
    row = await db.fetch_one("SELECT host_id FROM listing WHERE id = $1", slot.listing_id if slot else 0)
    if slot is None or decision is None or row is None or decision.outcome is Outcome.WAIVED:
        return  # whoever waived the minimum knows
    people = await accounts.people_of_organisation(row["host_id"], "host", Right.REQUESTS)
    async with db.transaction():
        for person in people:
            if person.email:
                title = (await queries.get_listing_words(slot.listing_id, person.locale)).title
                letter = _letter(slot, decision, title, person.locale)
                href = config.base_url + urls.path(
                    "console:host_departure", locale=person.locale, slot=slot_id
                )
                page = letters.written(letter, person.name, href, person.locale)
                wording = mail_from_template(_TEMPLATE, page, person.locale, config)
                await telling.tell(
                    wording,
                    topic=Topic.BOOKINGS,
                    to=person.email,
                    locale=person.locale,
                    dedupe_key=f"departure:{slot_id}:{decision.outcome.value}:host:{person.email}",
                )


def _letter(slot: SlotRow, decision: Decision, title: str, locale: str) -> Letter:
    day = formats.day_range(slot.starts_on, slot.ends_on, locale)
    counted: Text = lazy_n(
        "%(count)s guest is booked; the minimum is %(needed)s.",
        "%(count)s guests are booked; the minimum is %(needed)s.",
        decision.guests,
        needed=decision.needed,
    )
    facts = [(lazy("What"), title), (lazy("When"), day)]
    farewell = lazy("Thank you for hosting")
    if decision.outcome is Outcome.CALLED_OFF:
        return Letter(
            lazy("Called off: %(title)s, %(day)s", title=title, day=day),
            [
                counted,
                lazy(
                    "So this departure does not take place. Its guests choose another date or get everything back."
                ),
            ],
            lazy("Open the departure"),
            facts,
            farewell=farewell,
        )
    return Letter(
        lazy("Guaranteed: %(title)s, %(day)s", title=title, day=day),
        [counted, lazy("So this departure is sure to run. Its guests have been told.")],
        lazy("Open the departure"),
        facts,
        farewell=farewell,
    )
