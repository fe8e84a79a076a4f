"""Where hosts are paid: bank details that rest 72 hours, are kept sealed, and whose history only grows.

The account number is readable only with the installation's key (two keys while rotating; `reseal` moves the rest
to the newer one). A change is told on the channels that were known before it. Who may enter details, and that
they just proved who they are, is the pages' duty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.fernet import InvalidToken

from market import db
from market.accounts import queries as people
from market.db.sql import Row, as_instant
from market.errors import DomainError
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications import service as notifications
from market.notifications import telling
from market.notifications.addresses import phone_number
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.payouts import rules
from market.payouts.rules import Way
from market.sealing import Purpose
from market.settings import Settings
from market.values.text import lazy

_ACCOUNTS: Final = Purpose("payout accounts")


class Unreadable(DomainError):
    """Sealed with a key this installation does not have (any more)."""

    code = "account_unreadable"
    message = lazy("These bank details cannot be read with the present key. They have to be entered anew.")


@dataclass(frozen=True, slots=True)
class Account:
    """Bank details as far as anybody is shown them."""

    id: int
    organisation_id: int
    way: Way
    bank: str
    masked: str
    entered_by: str
    entered_at: datetime
    usable_from: datetime

    def is_usable(self, now: datetime) -> bool:
        """Whether their rest is over."""
        return self.usable_from <= now


@dataclass(frozen=True, slots=True)
class Details:
    """The account in the clear: for the bank's file and for the provider, nowhere else. `number` may be a
    connected account's name.
    """

    bank: str
    number: str
    holder: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What the notice of a change says."""

    name: str
    host: str
    masked: str
    when: str
    usable: str
    by: str


def _seal(details: Details, keys: Iterable[str]) -> str:
    facts = {"bank": details.bank, "number": details.number, "holder": details.holder}
    return _ACCOUNTS.box(tuple(keys)).encrypt(json.dumps(facts).encode()).decode()


async def enter(
    organisation_id: int,
    details: Details,
    *,
    by: int,
    config: Settings,
    now: datetime,
    way: Way = Way.BANK,
) -> Account:
    """Keep new bank details of a host; they rest 72 hours, and everybody who was reachable before is told."""
    async with db.transaction():
        await keep(organisation_id, details, by=by, keys=config.secrets, now=now, way=way)
        account = (await history(organisation_id))[0]
        await _tell(account, config)
    return account


async def keep(
    organisation_id: int,
    details: Details,
    *,
    by: int,
    keys: tuple[str, ...],
    now: datetime,
    way: Way = Way.BANK,
) -> None:
    """`enter` without telling anybody, for the caller's transaction: only where nobody can be reached yet."""
    rows = await db.fetch(
        "INSERT INTO payout_account (organisation_id, way, bank, masked, entered_by, entered_at, usable_from)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        organisation_id,
        way.value,
        details.bank,
        rules.masked(details.number),
        by,
        now,
        rules.usable_from(now),
    )
    await db.execute(
        "INSERT INTO payout_account_secret (account_id, sealed) VALUES ($1, $2)",
        rows[0]["id"],
        _seal(details, keys),
    )


async def _tell(account: Account, config: Settings) -> None:
    """A stranger's change must not go unseen: mail and SMS to what was known before it."""
    host = await db.fetch_one("SELECT name, phone FROM organisation WHERE id = $1", account.organisation_id)
    members = await people.people_of_organisation(account.organisation_id, "host")
    if host is None:
        return
    phones = {phone_number(host["phone"]): members[0].locale if members else "id"}
    for person in members:
        phones.setdefault(phone_number(person.phone), person.locale)
        if person.email:
            about = _changed(account, host["name"], person.name, person.locale)
            wording = mail_from_template("payouts/mail_account_changed", about, person.locale, config)
            await telling.tell(
                wording,
                topic=Topic.SAFETY,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"payout_account:{account.id}:{person.id}",
            )
    text = lazy(
        "%(brand)s: the bank details for your payouts were changed. Not you? Call us now.", brand=config.brand
    )
    for number, locale in phones.items():
        if number is not None:
            await notifications.send_sms(
                to=number,
                locale=locale,
                text=translate(text, locale),
                dedupe_key=f"payout_account:{account.id}:{number}",
            )


def _changed(account: Account, host: str, name: str, locale: str) -> Changed:
    return Changed(
        name=name,
        host=host,
        masked=f"{account.bank} {account.masked}".strip(),
        when=formats.instant(account.entered_at, locale),
        usable=formats.instant(account.usable_from, locale),
        by=account.entered_by,
    )


_SELECT = (
    "SELECT a.id, a.organisation_id, a.way, a.bank, a.masked, a.entered_at, a.usable_from, p.name AS entered_by"
    " FROM payout_account a JOIN person p ON p.id = a.entered_by"
)


async def history(organisation_id: int) -> list[Account]:
    """A host's bank details, newest first."""
    rows = await db.fetch(f"{_SELECT} WHERE a.organisation_id = $1 ORDER BY a.id DESC", organisation_id)
    return [_account(row) for row in rows]


async def current(organisation_ids: Iterable[int]) -> dict[int, Account]:
    """The newest bank details of each host that has any."""
    ids = sorted(set(organisation_ids))
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"{_SELECT} WHERE a.id IN (SELECT MAX(id) FROM payout_account WHERE organisation_id IN ({places})"
        " GROUP BY organisation_id)",
        *ids,
    )
    return {row["organisation_id"]: _account(row) for row in rows}


def _account(row: Row) -> Account:
    return Account(
        id=row["id"],
        organisation_id=row["organisation_id"],
        way=Way(row["way"]),
        bank=row["bank"],
        masked=row["masked"],
        entered_by=row["entered_by"],
        entered_at=as_instant(row["entered_at"]),
        usable_from=as_instant(row["usable_from"]),
    )


async def reveal(account_ids: Iterable[int], keys: Iterable[str]) -> dict[int, Details]:
    """Accounts in the clear. Raises Unreadable when no key opens one of them."""
    ids = sorted(set(account_ids))
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT account_id, sealed FROM payout_account_secret WHERE account_id IN ({places})", *ids
    )
    box, found = _ACCOUNTS.box(tuple(keys)), dict[int, Details]()
    for row in rows:
        try:
            found[row["account_id"]] = Details(**json.loads(box.decrypt(row["sealed"].encode())))
        except InvalidToken as error:
            raise Unreadable(account=row["account_id"]) from error
    if len(found) != len(ids):
        raise Unreadable
    return found


async def erase(organisation_id: int) -> int:
    """Erase what is sealed of a host's bank details; how many. The last digits stay with the payouts they belong to."""
    return await db.execute(
        "DELETE FROM payout_account_secret WHERE account_id IN"
        " (SELECT id FROM payout_account WHERE organisation_id = $1)",
        organisation_id,
    )


async def reseal(keys: tuple[str, ...]) -> int:
    """Seal with the newest key what an older one sealed; how many. After it the older key can be thrown away."""
    newest, any_key, moved = _ACCOUNTS.box(keys[:1]), _ACCOUNTS.box(keys), 0
    for row in await db.fetch("SELECT account_id, sealed FROM payout_account_secret ORDER BY account_id"):
        token = row["sealed"].encode()
        try:
            newest.decrypt(token)
        except InvalidToken:
            try:
                fresh = any_key.rotate(token).decode()
            except InvalidToken:
                continue
            moved += await db.execute(
                "UPDATE payout_account_secret SET sealed = $2 WHERE account_id = $1 AND sealed = $3",
                row["account_id"],
                fresh,
                row["sealed"],
            )
    return moved
