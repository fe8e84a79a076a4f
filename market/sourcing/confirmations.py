"""Commands on suppliers' answers: opening questions, taking an answer by any way, silence after seven days.

An answer is only ever added; the newest one holds. It changes the document's standing in the same transaction and
queues the news for the hotel. Letters are `letters`, the marks on new documents `asking`; SMS is a feature above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from market import db
from market.db.sql import Row, as_instant
from market.errors import Invalid, NotFound, Refused
from market.outbox import queue
from market.sourcing import asking, inserting, questions, standing
from market.sourcing.amounts import MOST_MINOR
from market.sourcing.rules import Confirmation
from market.values.ids import token_hash
from market.values.text import lazy

TELL_HOTEL: Final = "sourcing.tell_hotel"
_ANSWERABLE: Final = frozenset(
    {
        Confirmation.ASKED,
        Confirmation.SILENT,
        Confirmation.YES,
        Confirmation.OTHER_AMOUNT,
        Confirmation.NOT_MINE,
    }
)


class Said(StrEnum):
    """What a supplier may say about a purchase."""

    YES = "yes"
    OTHER_AMOUNT = "other_amount"
    NOT_MINE = "not_mine"


class Way(StrEnum):
    WEB = "web"
    LINK = "link"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it comes in. `net_minor` is the supplier's own figure, without VAT; `person_id` is nobody's when
    it came by link or SMS; `agent_id` is the BUMDes or cooperative that answers for the supplier.
    """

    said: Said
    way: Way
    net_minor: int | None = None
    words: str = ""
    person_id: int | None = None
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was opened, with what its letter needs. The secrets are never stored."""

    request_id: int
    document_id: int
    token: str
    code: str


class NotAnswerable(Refused):
    code = "not_answerable"
    message = lazy("This purchase can no longer be answered. Open it again to see how it stands.")


class OwnHotel(Refused):
    code = "own_hotel"
    message = lazy("You buy for this hotel, so somebody else has to answer for the supplier.")


class CodeWrong(Invalid):
    """The reference and digits do not go together, the question is over, or three tries were wrong."""

    code = "code_wrong"
    message = lazy("Reference and code do not go together, or the code is no longer valid.")


# Opening questions ------------------------------------------------------------------------------------------
async def open_questions(supplier_id: int, *, now: datetime, installation: tuple[str, ...]) -> list[Question]:
    """Open a question for each of a supplier's documents that is marked as asked and has none; inside the caller's
    transaction, which writes the letter.
    """
    rows = await db.fetch(
        "SELECT d.id, d.reference FROM purchase_document d WHERE d.supplier_id = $1 AND d.status = 'live'"
        " AND d.confirmation = 'asked' AND NOT EXISTS (SELECT 1 FROM confirmation_request r"
        " WHERE r.document_id = d.id AND r.state = 'open') ORDER BY d.id",
        supplier_id,
    )
    return [await _open(row, supplier_id, now, installation) for row in rows]


async def _open(row: Row, supplier_id: int, now: datetime, installation: tuple[str, ...]) -> Question:
    about, secret = questions.nonce(row["reference"], now), installation[0]
    token, code = questions.token(about, secret), questions.code(about, secret)
    made = await db.fetch(
        "INSERT INTO confirmation_request (document_id, supplier_id, token_hash, code_hash, asked_at, expires_at,"
        " state) VALUES ($1, $2, $3, $4, $5, $6, 'open') RETURNING id",
        row["id"],
        supplier_id,
        token_hash(token),
        questions.code_hash(about, code, secret),
        now,
        now + questions.ANSWER_WITHIN,
    )
    return Question(made[0]["id"], row["id"], token, code)


async def ask_again(document_id: int, *, hotel_id: int, by: int, now: datetime) -> None:
    """Ask a supplier who kept silent once more. Refused while a question is open, or after three."""
    async with db.transaction():
        row = await _document(document_id)
        if row["hotel_id"] != hotel_id:
            raise NotFound
        asked = await db.fetch_one(
            "SELECT COUNT(*) AS n FROM confirmation_request WHERE document_id = $1", document_id
        )
        if row["confirmation"] not in {Confirmation.SILENT, Confirmation.NONE} or row["supplier_id"] is None:
            raise Refused("not_silent", lazy("The supplier has not kept silent about this purchase."))
        if asked is not None and asked["n"] >= questions.MOST_QUESTIONS:
            raise Refused("asked_enough", lazy("The supplier was asked three times. Please talk to them."))
        await db.execute("UPDATE purchase_document SET confirmation = 'none' WHERE id = $1", document_id)
        await asking.ask([document_id], now)
        await inserting.note([document_id], hotel_id=hotel_id, name="asked_again", reason="", by=by, now=now)


# Who is asking ----------------------------------------------------------------------------------------------
async def by_token(token: str) -> Row | None:
    """The question behind a link, open or not."""
    return await db.fetch_one("SELECT * FROM confirmation_request WHERE token_hash = $1", token_hash(token))


async def by_code(reference: str, digits: str, *, now: datetime, installation: tuple[str, ...]) -> str:
    """The link's secret part for somebody who types a reference and its six digits. Raises CodeWrong; the third
    wrong code of a question closes this way to it, the link stays good.
    """
    async with db.transaction():
        lock = " FOR UPDATE OF r" if db.is_postgres() else ""
        row = await db.fetch_one(
            "SELECT r.*, d.reference FROM confirmation_request r JOIN purchase_document d ON d.id = r.document_id"
            f" WHERE d.reference = $1 AND r.state = 'open' AND r.expires_at > $2 ORDER BY r.id DESC LIMIT 1{lock}",
            reference.strip().upper(),
            now,
        )
        about = questions.nonce(row["reference"], as_instant(row["asked_at"])) if row else ""
        good = (
            row is not None
            and row["tries"] < questions.MOST_TRIES
            and questions.is_code(about, digits, row["code_hash"], installation)
        )
        if row is not None and not good:
            # Committed on its own: the refusal below is raised outside, and so does not take the count back.
            await db.execute("UPDATE confirmation_request SET tries = tries + 1 WHERE id = $1", row["id"])
    token = (
        questions.known_token(about, row["token_hash"], installation) if row is not None and good else None
    )
    if token is None:
        raise CodeWrong(field="code")
    return token


# Answers ----------------------------------------------------------------------------------------------------
async def answer(document_id: int, reply: Reply, *, now: datetime, request_id: int | None = None) -> bool:
    """Take a supplier's answer; False when it says nothing new. Whether this person, link or number may speak for
    the supplier was settled before.

    Raises NotAnswerable for a void document, OwnHotel for somebody who buys for the hotel, Invalid for an amount.
    """
    async with db.transaction():
        row = await _document(document_id)
        _check(row, reply)
        if reply.person_id is not None and await _buys_for(row["hotel_id"], reply.person_id):
            raise OwnHotel
        if _says_nothing_new(row, reply):
            return False
        made = await _write(row, reply, request_id, now)
        await db.execute(
            "UPDATE purchase_document SET confirmation = $2, confirmed_net_minor = $3 WHERE id = $1",
            document_id,
            reply.said.value,
            {Said.YES: row["net_minor"], Said.OTHER_AMOUNT: reply.net_minor, Said.NOT_MINE: None}[reply.said],
        )
        await db.execute(
            "UPDATE confirmation_request SET state = 'answered' WHERE document_id = $1 AND state = 'open'",
            document_id,
        )
        await inserting.note(
            [document_id],
            hotel_id=row["hotel_id"],
            name=f"said_{reply.said.value}",
            reason=reply.words,
            by=reply.person_id,
            now=now,
        )
        await standing.refresh([document_id])
        await queue.add(TELL_HOTEL, {"answer": made}, dedupe_key=f"{TELL_HOTEL}:{made}")
    return True


def _check(row: Row, reply: Reply) -> None:
    if row["status"] != "live" or row["kind"] != "purchase" or row["confirmation"] not in _ANSWERABLE:
        raise NotAnswerable
    stated = reply.net_minor
    if (reply.said is Said.OTHER_AMOUNT) != (stated is not None):
        raise Invalid(
            "no_amount", lazy("Write the right amount without VAT, for example 2.400.000."), field="amount"
        )
    if stated is not None and not 0 < stated <= MOST_MINOR:
        raise Invalid(
            "no_amount", lazy("Write the right amount without VAT, for example 2.400.000."), field="amount"
        )
    if stated is not None and stated == row["net_minor"]:
        raise Invalid(
            "same_amount", lazy("This is the amount the hotel logged. Answer yes instead."), field="amount"
        )


def _says_nothing_new(row: Row, reply: Reply) -> bool:
    if row["confirmation"] != reply.said:
        return False
    return reply.said is not Said.OTHER_AMOUNT or row["confirmed_net_minor"] == reply.net_minor


async def _write(row: Row, reply: Reply, request_id: int | None, now: datetime) -> int:
    values: tuple[Any, ...] = (
        row["id"],
        request_id,
        reply.said.value,
        reply.net_minor,
        reply.words,
        reply.way.value,
        reply.person_id,
        reply.agent_id,
        now,
    )
    made = await db.fetch(
        "INSERT INTO confirmation_answer (document_id, request_id, answer, net_minor, words, way, person_id,"
        " agent_id, answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        *values,
    )
    return made[0]["id"]


async def _document(document_id: int) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM purchase_document WHERE id = $1{lock}", document_id)
    if row is None:
        raise NotFound
    return row


async def _buys_for(hotel_id: int, person_id: int) -> bool:
    row = await db.fetch_one(
        "SELECT id FROM membership WHERE organisation_id = $1 AND person_id = $2", hotel_id, person_id
    )
    return row is not None


# Time -------------------------------------------------------------------------------------------------------
async def expire(now: datetime) -> int:
    """Close questions whose seven days are over: nothing was said, and the hotel hears that; how many."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE confirmation_request SET state = 'expired' WHERE state = 'open' AND expires_at <= $1"
            " RETURNING document_id",
            now,
        )
        for row in rows:
            silent = await db.fetch(
                "UPDATE purchase_document SET confirmation = 'silent' WHERE id = $1 AND confirmation = 'asked'"
                " RETURNING hotel_id",
                row["document_id"],
            )
            if silent:
                await inserting.note(
                    [row["document_id"]],
                    hotel_id=silent[0]["hotel_id"],
                    name="silent",
                    reason="",
                    by=None,
                    now=now,
                )
    return len(rows)
