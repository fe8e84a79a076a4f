"""Texts that a host uses again: kept in each language, with words in braces that stand for what differs.

Filling them in is pure. An Indonesian host may write the words in Indonesian; both mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.bookings import words
from market.bookings.queries import BookingView
from market.db.sql import Row, as_json, to_json
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.locales import LOCALES, pick
from market.messaging.rules import LONGEST
from market.values.text import lazy

MOST: Final = 20
LONGEST_TITLE: Final = 60
_BRACED: Final = re.compile(r"\{([^{}\n]{0,40})\}")
# What may stand in braces, in either language, and what it means.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "guest": "guest",
    "tamu": "guest",
    "arrival": "arrival",
    "datang": "arrival",
    "leaving": "leaving",
    "pulang": "leaving",
    "time": "time",
    "jam": "time",
    "listing": "listing",
    "acara": "listing",
    "people": "people",
    "rombongan": "people",
    "host": "host",
    "tuan_rumah": "host",
}


class UnknownWord(Invalid):
    """Something in braces that we cannot fill in."""

    code = "template_word"

    def __init__(self, word: str, field: str) -> None:
        super().__init__(
            message=lazy(
                "We do not know “%(word)s”. You can use: {guest}, {arrival}, {leaving}, {time}, {listing},"
                " {people}, {host}.",
                word=f"{{{word}}}",
            ),
            field=field,
        )


class TooManyTemplates(Refused):
    """A host has all the saved texts it may have."""

    code = "too_many_templates"
    message = lazy("You have %(most)s saved texts. Delete one before you add another.", most=MOST)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A saved text."""

    id: int
    host_id: int
    title: str
    texts: Mapping[str, str]

    def in_language(self, locale: str) -> str:
        """The text in a language, or in the one it was written in."""
        return pick({key: text for key, text in self.texts.items() if text} or {locale: ""}, locale)


def check(texts: Mapping[str, str]) -> None:
    """Raise UnknownWord for something in braces that cannot be filled in."""
    for locale, text in texts.items():
        for word in _BRACED.findall(text):
            if word.strip().lower() not in PLACEHOLDERS:
                raise UnknownWord(word, f"body_{locale}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with everything in braces filled in; what is not known stays as it was written."""

    def known(match: re.Match[str]) -> str:
        return facts.get(PLACEHOLDERS.get(match[1].strip().lower(), ""), match[0])

    return _BRACED.sub(known, text)[:LONGEST]


def facts_of(view: BookingView, locale: str) -> dict[str, str]:
    """What the words in braces stand for in a booking, in the guest's language."""
    booking = view.row
    return {
        "guest": " ".join(booking.guest_name.split()),
        "arrival": formats.day(booking.starts_on, locale),
        "leaving": formats.day(booking.ends_on, locale),
        "time": formats.time(booking.starts_at, locale),
        "listing": words.title(booking, locale),
        "people": words.party(booking.party, locale),
        "host": " ".join(view.host_name.split()),
    }


# Kept ----------------------------------------------------------------------------------------------------
def _phrase(row: Row) -> Phrase:
    return Phrase(row["id"], row["host_id"], row["title"], as_json(row["texts"]))


async def list_of(host_ids: frozenset[int] | set[int]) -> list[Phrase]:
    """The saved texts of these hosts, oldest first."""
    ids = sorted(host_ids)
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1)) or "NULL"
    rows = await db.fetch(
        f"SELECT id, host_id, title, texts FROM message_template WHERE host_id IN ({places}) ORDER BY id",
        *ids,
    )
    return [_phrase(row) for row in rows]


async def get(phrase_id: int, host_ids: frozenset[int] | set[int]) -> Phrase:
    """One of these hosts' saved texts; NotFound for anybody else's."""
    row = await db.fetch_one(
        "SELECT id, host_id, title, texts FROM message_template WHERE id = $1", phrase_id
    )
    if row is None or row["host_id"] not in host_ids:
        raise NotFound
    return _phrase(row)


async def save(
    phrase_id: int | None,
    *,
    host_id: int,
    title: str,
    texts: Mapping[str, str],
    by: int | None,
    now: datetime,
) -> int:
    """Keep a new text or change one of this host's; its id. Raises UnknownWord, TooManyTemplates, NotFound."""
    check(texts)
    kept = to_json({locale: texts.get(locale, "").strip() for locale in LOCALES})
    async with db.transaction():
        if phrase_id is None:
            if len(await list_of({host_id})) >= MOST:
                raise TooManyTemplates
            rows = await db.fetch(
                "INSERT INTO message_template (host_id, title, texts, changed_by, changed_at)"
                " VALUES ($1, $2, $3, $4, $5) RETURNING id",
                host_id,
                title,
                kept,
                by,
                now,
            )
        else:
            rows = await db.fetch(
                "UPDATE message_template SET title = $3, texts = $4, changed_by = $5, changed_at = $6"
                " WHERE id = $1 AND host_id = $2 RETURNING id",
                phrase_id,
                host_id,
                title,
                kept,
                by,
                now,
            )
    if not rows:
        raise NotFound
    return rows[0]["id"]


async def delete(phrase_id: int, host_ids: frozenset[int] | set[int]) -> None:
    """Forget a saved text; messages that were written with it stay. NotFound for anybody else's."""
    found = await get(phrase_id, host_ids)
    await db.execute("DELETE FROM message_template WHERE id = $1", found.id)
