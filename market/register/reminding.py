"""The reminder before a stay's day to report is over: found by a duty, told once, by mail and on the site.

A host who runs bookings by SMS is reminded there too: the job `sms.remind_register` is for the floor above. Nobody is
reminded of what was reported, or of a booking in which nobody is foreign.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import letters, words
from market.bookings.letters import Letter
from market.errors import NotFound
from market.i18n import formats
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox import queue
from market.register import queries, rules
from market.register.queries import Stay
from market.register.rules import State
from market.settings import Settings
from market.values.text import lazy
from market.web import urls


async def find_due(now: datetime) -> int:
    """Add a reminder for every stay whose day ends within twelve hours; how many were found, told before or not."""
    stays = [stay for stay in await queries.list_unreported(now) if rules.is_time_to_remind(stay.due_at, now)]
    for stay in stays:
        reference = stay.booking.reference
        async with db.transaction():
            for job in ("register.remind", "sms.remind_register"):
                await queue.add(
                    job, {"booking": reference}, dedupe_key=f"{job}:{reference}:{stay.due_at:%Y%m%d%H}"
                )
    return len(stays)


async def still_due(reference: str) -> Stay | None:
    """The stay, if its host still has something to report or to say; None otherwise."""
    try:
        stay = await queries.find_stay(reference)
    except NotFound:
        return None
    waits = stay.state in {None, State.OPEN} and stay.booking.state in queries.TAKES_PLACE
    return stay if waits else None


async def remind(reference: str, config: Settings) -> None:
    """Write to everybody who answers requests for the host. Safe to run twice."""
    stay = await still_due(reference)
    if stay is None:
        return
    people = await accounts.people_of_organisation(
        stay.booking.hosting_id or stay.booking.host_id, "host", Right.REQUESTS
    )
    async with db.transaction():
        for person in people:
            if not person.email:
                continue
            route = urls.path("console:host_register_stay", locale=person.locale, reference=reference)
            page = letters.written(
                _letter(stay, person.locale), person.name, config.base_url + route, person.locale
            )
            await telling.tell(
                mail_from_template("bookings/mail", page, person.locale, config),
                topic=Topic.BOOKINGS,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"register:{reference}:{stay.due_at:%Y%m%d%H}:{person.email}",
                href=route,
            )


def _letter(stay: Stay, locale: str) -> Letter:
    booking, until = stay.booking, formats.instant(stay.due_at, locale)
    return Letter(
        lazy("Report foreign guests by %(until)s", until=until),
        [
            lazy(
                "Whoever lodges a foreigner reports it to the immigration office within 24 hours of arrival. For"
                " %(guest)s this time ends on %(until)s.",
                guest=booking.guest_name,
                until=until,
            ),
            lazy(
                "If everybody in this booking is Indonesian, say so with one press and nothing more is asked."
            ),
        ],
        lazy("Open the register"),
        [
            (lazy("What"), words.title(booking, locale)),
            (lazy("When"), words.booking_when(booking, locale)),
            (lazy("Party"), words.party(booking.party, locale)),
        ],
        farewell=lazy("Thank you for hosting"),
    )
