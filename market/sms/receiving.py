"""One message comes in: recognised, carried out, answered and logged, all in one transaction.

Its key is sender, normalised text and service-centre time: the same message delivered twice has one effect and
one reply. Whoever has not agreed, has left, or is nobody we know gets no further than their own choice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from market import db
from market.notifications import consents
from market.notifications.addresses import phone_number
from market.outbox import queue
from market.sms import (
    answering,
    codes,
    grammar,
    nights,
    numbers,
    outgoing,
    reading,
    replies,
    rules,
    supply,
    supply_codes,
    supply_replies,
)
from market.sms.asked import Answer, Asked, Outcome, answer
from market.sms.numbers import State
from market.values.dates import local_day

log = structlog.get_logger()
_ANSWER_WORDS = 3


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a gateway gives it. `sent_at` is when the service centre took it."""

    sender: str
    text: str
    sent_at: datetime
    via: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it; `fresh` is False for a duplicate, and then nothing happened."""

    fresh: bool
    outcome: str = ""
    reply: str = ""


async def receive(incoming: Incoming, *, own: str, now: datetime) -> Receipt:
    """Take one message in. Safe to repeat; `own` is the number hosts write to."""
    text = _clean(incoming.text)
    sender = phone_number(incoming.sender)
    async with db.transaction():
        inbound_id = await _remember(incoming, sender or incoming.sender[:40], text, now)
        if inbound_id is None:
            return Receipt(fresh=False)
        if (
            sender is None or sender == own
        ):  # a short code, letters, or ourselves: no answer, or it never ends
            await _note(inbound_id, None, Outcome.IGNORED)
            return Receipt(fresh=True, outcome=Outcome.IGNORED)
        if isinstance(grammar.parse(text, local_day(now)), grammar.Stop):
            await consents.stop_number(sender, now)
        number = await numbers.find(sender)
        if number is None:
            return await _stranger(inbound_id, sender, text, now)
        asked = Asked(number, text, f"sms.reply:{inbound_id}", now, local_day(now))
        said = await _carry_out(asked)
        await _note(inbound_id, number.id, said.outcome)
        if said.outcome in {Outcome.UNKNOWN, Outcome.CALL}:
            await _for_a_person(inbound_id, asked, said)
        sent = bool(said.text) and await outgoing.reply(
            sender, said.text, locale=number.locale, key=asked.key, now=now, most=rules.MOST_A_DAY
        )
    log.info("SMS in", number=number.id, outcome=said.outcome.value, answered=sent)
    return Receipt(fresh=True, outcome=said.outcome, reply=said.text if sent else "")


def _clean(text: str) -> str:
    """Without NULs and lone surrogates, which break queries; cut to a sensible length."""
    whole = text.replace("\x00", "").encode("utf-8", errors="replace").decode("utf-8")
    return whole.strip()[: rules.LONGEST_TEXT]


def message_key(sender: str, text: str, sent_at: datetime) -> str:
    """What two deliveries of one message have in common."""
    parts = (sender, grammar.plain(text), sent_at.astimezone(UTC).replace(microsecond=0).isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _remember(incoming: Incoming, sender: str, text: str, now: datetime) -> int | None:
    row = await db.fetch_one(
        "INSERT INTO sms_inbound (key, sender, body, via, sent_at, received_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        message_key(sender, text, incoming.sent_at),
        _clean(sender),
        text,
        incoming.via,
        incoming.sent_at.astimezone(UTC),
        now,
    )
    return row["id"] if row else None


async def _note(inbound_id: int, number_id: int | None, outcome: Outcome) -> None:
    await db.execute(
        "UPDATE sms_inbound SET number_id = $2, outcome = $3 WHERE id = $1",
        inbound_id,
        number_id,
        outcome.value,
    )


async def _stranger(inbound_id: int, sender: str, text: str, now: datetime) -> Receipt:
    """A number nobody registered hears so, rarely; what a code means is not told."""
    await _note(inbound_id, None, Outcome.STRANGER)
    command = grammar.parse(text, local_day(now))
    if isinstance(command, grammar.Stop):
        return Receipt(fresh=True, outcome=Outcome.STRANGER)
    code = getattr(command, "code", None)
    words = replies.NOT_REGISTERED.say("id")
    if isinstance(code, str) and (await codes.is_known(code) or await supply_codes.is_known(code)):
        words = replies.NOT_YOURS.say("id", code=code)
    sent = await outgoing.reply(
        sender, words, locale="id", key=f"sms.reply:{inbound_id}", now=now, most=rules.MOST_TO_STRANGERS
    )
    return Receipt(fresh=True, outcome=Outcome.STRANGER, reply=words if sent else "")


# What a registered number may do -------------------------------------------------------------------------
async def _carry_out(asked: Asked) -> Answer:
    command = grammar.parse(asked.text, asked.today)
    match asked.number.state:
        case State.INVITED:
            return await _before_consent(asked, command)
        case State.STOPPED:
            return await _after_leaving(asked, command)
        case State.ACTIVE:
            if await supply.speaks_for_suppliers(asked.number):
                return await _supplier(asked, command)
            return await _active(asked, command)


async def _before_consent(asked: Asked, command: grammar.Command) -> Answer:
    match command:
        case grammar.Accept(code=None) | grammar.Start():
            return await _welcome(asked)
        case grammar.Stop() | grammar.Decline(code=None) | grammar.Cancel(code=None):
            return await _leave(asked)
        case _:
            return answer(asked, replies.SAY_YES_FIRST)


async def _after_leaving(asked: Asked, command: grammar.Command) -> Answer:
    """Only MULAI is heard; everything else is logged and not answered."""
    if isinstance(command, grammar.Start):
        return await _welcome(asked)
    return Answer("", Outcome.IGNORED)


async def _active(asked: Asked, command: grammar.Command) -> Answer:  # noqa: C901, PLR0911, PLR0912 - one case a command
    match command:
        case grammar.Accept(code=None) | grammar.Decline(code=None) | grammar.Cancel(code=None):
            return await _without_code(asked)
        case grammar.Accept():
            return await answering.accept(asked, command)
        case grammar.Decline():
            return await answering.decline(asked, command)
        case grammar.Cancel():
            return await answering.cancel(asked, command)
        case grammar.Unclear():
            return await answering.unclear(asked, command)
        case grammar.Price():
            return answer(asked, replies.HELP)
        case grammar.Close():
            return await nights.close(asked, command)
        case grammar.Reopen():
            return await nights.ask_to_reopen(asked, command)
        case grammar.ReopenByCode():
            return await nights.reopen(asked, command)
        case grammar.BadDates(verb=verb):
            return answer(asked, replies.BAD_DATES, verb=verb)
        case grammar.Schedule():
            return await reading.schedule(asked, command)
        case grammar.Money():
            return await reading.money(asked)
        case grammar.Help():
            return answer(asked, replies.HELP)
        case grammar.CallMe():
            return answer(asked, replies.CALLING, Outcome.CALL)
        case grammar.Stop():
            return await _leave(asked)
        case grammar.Start():
            return answer(asked, replies.WELCOME)
        case grammar.Language(locale=locale):
            return await _speak(asked, locale)
        case grammar.Unknown():
            return await _unknown(asked)


async def _supplier(asked: Asked, command: grammar.Command) -> Answer:
    """A supplier's number: its codes are purchases and requests for a price; nights mean nothing there."""
    match command:
        case grammar.Accept(code=None) | grammar.Decline(code=None) if (
            len(asked.text.split()) > _ANSWER_WORDS
        ):
            return await _unknown(asked)
        case grammar.Accept() | grammar.Decline() | grammar.Cancel() | grammar.Unclear() | grammar.Price():
            return await supply.carry_out(asked, command)
        case grammar.Help():
            return answer(asked, supply_replies.HELP)
        case grammar.Start():
            return answer(asked, supply_replies.WELCOME)
        case grammar.Stop() | grammar.Language() | grammar.CallMe() | grammar.Unknown():
            return await _active(asked, command)
        case _:
            return answer(asked, supply_replies.HELP)


async def _without_code(asked: Asked) -> Answer:
    """`YA` alone. A whole sentence that merely begins so, while nothing waits, is a message for a person."""
    if len(asked.text.split()) > _ANSWER_WORDS and not await answering.list_waiting(asked):
        return await _unknown(asked)
    return await answering.ask_which(asked)


async def _welcome(asked: Asked) -> Answer:
    await numbers.consent(asked.number.id, asked.now)
    supplying = await supply.speaks_for_suppliers(asked.number)
    return answer(asked, supply_replies.WELCOME if supplying else replies.WELCOME, Outcome.DONE)


async def _leave(asked: Asked) -> Answer:
    await numbers.stop(asked.number.id, asked.now)
    return answer(asked, replies.STOPPED, Outcome.DONE)


async def _speak(asked: Asked, locale: str | None) -> Answer:
    if locale is None:
        return answer(asked, replies.LANGUAGES)
    await numbers.speak(asked.number.id, locale)
    return Answer(replies.LANGUAGE_SET.say(locale), Outcome.DONE)


async def _unknown(asked: Asked) -> Answer:
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM sms_inbound WHERE number_id = $1 AND outcome = 'unknown' AND received_at > $2",
        asked.number.id,
        asked.now - rules.UNKNOWN_WINDOW,
    )
    before = int(row["n"]) if row else 0
    if before + 1 >= rules.UNKNOWN_BEFORE_CALL:
        return answer(asked, replies.UNKNOWN_CALLING, Outcome.CALL)
    return answer(asked, replies.UNKNOWN, Outcome.UNKNOWN)


async def _for_a_person(inbound_id: int, asked: Asked, said: Answer) -> None:
    """The text waits on the operators' SMS page; a call is parked among the jobs as well, where staff look."""
    if said.outcome is Outcome.CALL:
        await queue.park(
            "sms.call",
            {"inbound": inbound_id, "number": asked.number.id},
            reason=f"Call {asked.number.host}, {asked.number.number}: {asked.text[:200]}",
            dedupe_key=f"sms.call:{asked.number.id}:{asked.now:%Y%m%d%H}",
        )
