"""Acts in a family's name: who did it really is written down for good, and the family hears of it at once.

A family with an email address gets a mail, one without gets an SMS. Both see the act on their pages as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications import service as notifications
from market.notifications import telling
from market.notifications.addresses import phone_number
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import Text, lazy

NAMES: Final[Mapping[str, Text]] = {
    "accepted": lazy("accepted the request %(subject)s"),
    "declined": lazy("declined the request %(subject)s"),
    "paid": lazy("noted that the guest of %(subject)s has paid"),
    "handed_on": lazy("handed the guests of %(subject)s on to another family"),
    "checked_in": lazy("checked in the guests of %(subject)s"),
    "check_in_undone": lazy("took back the check-in of %(subject)s"),
    "no_show": lazy("said that nobody came for %(subject)s"),
    "closed": lazy("closed days of %(subject)s"),
    "opened": lazy("opened days of %(subject)s"),
    "priced": lazy("changed the price of days of %(subject)s"),
    "resized": lazy("changed how much of %(subject)s is for sale"),
    "dates": lazy("changed dates of %(subject)s"),
    "edited": lazy("changed the listing %(subject)s"),
    "linked": lazy("changed the calendar links of %(subject)s"),
    "photos": lazy("changed photos of %(subject)s"),
    "published": lazy("published %(subject)s"),
    "paused": lazy("paused %(subject)s"),
    "promised": lazy("promised rooms or places of %(subject)s"),
    "withdrew": lazy("withdrew a standing allotment of %(subject)s"),
    "phone": lazy("invited the phone %(subject)s to answer by SMS"),
    "asked_house": lazy("asked another house for a room for %(subject)s"),
}


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something for a host: somebody of its own, or a coordinator of `village_org_id` in its name."""

    host_id: int
    person_id: int
    village_org_id: int | None = None

    @property
    def on_behalf(self) -> bool:
        return self.village_org_id is not None


def words(name: str, subject: str, locale: str) -> str:
    """What was done, as half a sentence."""
    text = NAMES.get(name)
    return translate(text, locale) % {"subject": subject} if text is not None else name


async def record(
    acting: Acting, name: str, subject: str, *, detail: str = "", now: datetime, config: Settings
) -> None:
    """Write an act down and tell the family, in the act's own transaction; nothing for a host's own people."""
    if acting.village_org_id is None:
        return
    if name not in NAMES:
        raise ValueError(f"no such act: {name}")
    row = await db.fetch_one(
        "INSERT INTO host_act (host_id, village_org_id, person_id, name, subject, detail, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        acting.host_id,
        acting.village_org_id,
        acting.person_id,
        name,
        subject,
        detail[:400],
        now,
    )
    if row is None:
        raise AssertionError("an insert returns its id")
    await _tell(row["id"], acting, name, subject, detail[:400], now, config)


async def _tell(
    act_id: int, acting: Acting, name: str, subject: str, detail: str, now: datetime, config: Settings
) -> None:
    person = await accounts.get_person(acting.person_id)
    family = await db.fetch_one(
        "SELECT h.name, h.phone, v.name AS village FROM organisation h, organisation v WHERE h.id = $1 AND v.id = $2",
        acting.host_id,
        acting.village_org_id,
    )
    members = [each for each in await accounts.people_of_organisation(acting.host_id, "host") if each.email]
    for each in members:
        facts = {
            "name": each.name,
            "person": person.name,
            "village": family["village"] if family else "",
            "what": words(name, subject, each.locale),
            "detail": " ".join(detail.split()),
            "when": formats.instant(now, each.locale),
        }
        await telling.tell(
            mail_from_template("villages/mail_act", facts, each.locale, config),
            topic=Topic.SAFETY,
            to=each.email,
            locale=each.locale,
            dedupe_key=f"act:{act_id}:{each.id}",
        )
    number = phone_number(family["phone"]) if family and not members else None
    if number is not None:
        await notifications.send_sms(
            to=number,
            locale="id",
            text=f"{config.brand}: {person.name} atas nama Anda: {words(name, subject, 'id')} {detail}".strip(),
            dedupe_key=f"act:{act_id}:sms",
        )
