"""Looking on as somebody: an operator sees the site as a person does, changes nothing, and the person is told.

At most fifteen minutes, with a reason, never as other staff. The session stays the operator's own row. What may not be
done or seen meanwhile is decided by the routes (`market.web.guards`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.accounts import sessions
from market.errors import NotFound, Refused
from market.i18n import formats
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.staff import log
from market.staff.log import Act
from market.values.text import lazy
from market.web.request import Viewer

LASTS: Final = timedelta(minutes=15)
_TEMPLATE: Final = "staff/mail_looking"


@dataclass(frozen=True, slots=True)
class LookingLetter:
    """Context of staff/mail_looking.txt."""

    name: str
    by: str
    when: str
    until: str
    reason: str


class NotThisPerson(Refused):
    """Staff are not looked at this way, and nobody looks on as themselves."""

    code = "not_this_person"
    message = lazy("One cannot look on as oneself or as other staff.")


async def start(who: Viewer, person_id: int, *, reason: str, now: datetime, config: Settings) -> None:
    """From now on this operator's session shows the site as that person. Raises NotThisPerson or NotFound."""
    if who.person_id is None or who.looking is not None:
        raise NotThisPerson
    try:
        person = await accounts.get_person(person_id)
    except LookupError as error:
        raise NotFound from error
    if person_id == who.person_id or sessions.STAFF & await accounts.roles_of(person_id):
        raise NotThisPerson
    until = now + LASTS
    async with db.transaction():
        await sessions.look_as(who.session_hash, person_id, until)
        await log.note(Act.LOOKING, by=who.person_id, now=now, person_id=person_id, reason=reason)
        if person.email:
            letter = LookingLetter(
                name=person.name,
                by=who.name,
                when=formats.instant(now, person.locale),
                until=formats.time(until, person.locale),
                reason=" ".join(reason.split()),
            )
            await telling.tell(
                mail_from_template(_TEMPLATE, letter, person.locale, config),
                topic=Topic.SAFETY,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"looking:{person_id}:{now.isoformat()}",
            )


async def stop(who: Viewer, now: datetime) -> int | None:
    """Back to the operator's own account; whom they looked on as, or None when they did not."""
    if who.looking is None or who.person_id is None:
        return None
    async with db.transaction():
        await sessions.look_as_oneself(who.session_hash)
        await log.note(
            Act.LOOKED, by=who.looking.person_id, now=now, person_id=who.person_id, subject=who.name
        )
    return who.person_id
