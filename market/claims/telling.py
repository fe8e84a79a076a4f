"""Mails about a claim: to the hotel when it is asked or something is decided, to the officer whose turn it is.

One short mail a step, in the reader's language, with a link; what was decided is read on the page, signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.accounts.queries import PersonRow
from market.claims import lots, steps
from market.claims.lots import Chair
from market.claims.steps import ClaimHead
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls

_TO_HOTEL: Final[dict[str, Text]] = {
    "asked": lazy("The office has a question about your claim for %(month)s"),
    "approved.reject": lazy("Your claim for %(month)s was rejected"),
    "audited.award": lazy("An award is recommended for your claim for %(month)s"),
    "not_audited": lazy("An award is recommended for your claim for %(month)s"),
    "objection.award": lazy("Your objection was decided: an award is recommended for %(month)s"),
    "objection.reject": lazy("Your objection was decided: no award for %(month)s"),
    "effective": lazy("Your award for %(month)s is in effect"),
}
_TO_OFFICE: Final[dict[str, tuple[tuple[Chair, ...], Text]]] = {
    "drawn": ((Chair.VERIFIER, Chair.APPROVER), lazy("You were drawn for a claim of %(hotel)s, %(month)s")),
    "verified.award": ((Chair.APPROVER,), lazy("A claim of %(hotel)s, %(month)s, waits for your approval")),
    "verified.reject": ((Chair.APPROVER,), lazy("A claim of %(hotel)s, %(month)s, waits for your approval")),
    "verified.stands": ((Chair.APPROVER,), lazy("A claim of %(hotel)s, %(month)s, waits for your approval")),
    "approved.send_back": ((Chair.VERIFIER,), lazy("A claim of %(hotel)s, %(month)s, came back to you")),
    "audited.send_back": ((Chair.APPROVER,), lazy("A claim of %(hotel)s, %(month)s, came back to you")),
    "draw.audit.made": ((Chair.AUDITOR,), lazy("You were drawn to audit a claim of %(hotel)s, %(month)s")),
    "draw.reviewer.made": (
        (Chair.REVIEWER,),
        lazy("You were drawn to decide about an objection of %(hotel)s, %(month)s"),
    ),
    "answered": (tuple(Chair), lazy("%(hotel)s answered a question about its claim for %(month)s")),
}


@dataclass(frozen=True, slots=True)
class News:
    """What a mail says. All words are in the reader's language already."""

    name: str
    said: str
    address: str


async def tell(claim_id: int, news: str, settings: Settings) -> None:
    """Write to everybody whom this act concerns. Safe to repeat: one mail a step, claim state and person."""
    claim = await steps.get_by_id(claim_id)
    row = await db.fetch_one("SELECT name FROM organisation WHERE id = $1", claim.hotel_id)
    hotel = str(row["name"]) if row else ""
    for_hotel = news in _TO_HOTEL
    people = (
        await accounts.people_of_organisation(claim.hotel_id, "hotel")
        if for_hotel
        else await _officers(claim, _TO_OFFICE[news][0])
    )
    said = _TO_HOTEL[news] if for_hotel else _TO_OFFICE[news][1]
    route = "claims:hotel_claim" if for_hotel else "claims:officer_claim"
    number = await _count(claim_id, news)
    async with db.transaction():
        for person in people:
            if person.email:
                key = f"{steps.TELL}:{claim.reference}:{news}:{number}:{person.id}"
                await _send(person, claim, said, hotel, route, settings, key)


async def _send(
    person: PersonRow, claim: ClaimHead, said: Text, hotel: str, route: str, settings: Settings, key: str
) -> None:
    month = formats.month(claim.period.first_day, person.locale)
    words = translate(Text(said.msgid, {"hotel": hotel, "month": month}), person.locale)
    address = settings.base_url + urls.path(route, locale=person.locale, reference=claim.reference)
    wording = mail_from_template(
        "claims/mail_news", News(person.name, words, address), person.locale, settings
    )
    await telling.tell(
        wording, topic=Topic.CLAIMS, to=person.email or "", locale=person.locale, dedupe_key=key
    )


async def _officers(claim: ClaimHead, chairs: tuple[Chair, ...]) -> list[PersonRow]:
    seated = await lots.chairs_of(claim.id)
    return [await accounts.get_person(seated[chair]) for chair in chairs if chair in seated]


async def _count(claim_id: int, news: str) -> int:
    """How often this happened to the claim: a second time is told a second time."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM claim_event WHERE claim_id = $1 AND name = $2", claim_id, news
    )
    return int(row["n"]) if row else 0
