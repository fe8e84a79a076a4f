"""Witnesses: outsiders whom every day's checkpoint is mailed to, so that no insider can rewrite what they hold.

Their names are public, their addresses are not; taking one off the list is an entry of the log like putting one
on it. Signing is `checkpoints`; the words of the mail are in templates/transparency/mail_checkpoint.txt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import NotFound
from market.i18n import formats
from market.notifications import service as notifications
from market.notifications.mailer import Attachment
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.transparency import log
from market.transparency.keys import LogKeys
from market.values.dates import WITA

DAILY, TEST = "daily", "test"


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody on the list, and what became of the newest mail to them."""

    id: int
    name: str
    address: str
    locale: str
    added_at: datetime
    mails: int
    last_state: str | None
    last_size: int | None
    last_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """One checkpoint that was put on its way."""

    witness: str
    purpose: str
    size: int
    at: datetime
    state: str | None
    sent_at: datetime | None


async def list_witnesses() -> list[Witness]:
    """Who is on the list, longest first."""
    rows = await db.fetch(
        "SELECT w.id, w.name, w.address, w.locale, w.added_at, d.state, d.sent_at, d.last_error, c.size,"
        " (SELECT COUNT(*) FROM log_witness_mail n WHERE n.witness_id = w.id) AS mails, m.at"
        " FROM log_witness w"
        " LEFT JOIN log_witness_mail m ON m.id ="
        " (SELECT MAX(l.id) FROM log_witness_mail l WHERE l.witness_id = w.id)"
        " LEFT JOIN log_checkpoint c ON c.id = m.checkpoint_id"
        " LEFT JOIN delivery d ON d.dedupe_key = m.dedupe_key"
        " WHERE w.removed_at IS NULL ORDER BY w.id"
    )
    return [_witness(row) for row in rows]


async def list_mails(limit: int) -> list[Mailed]:
    """The last checkpoints that went out, newest first."""
    rows = await db.fetch(
        "SELECT w.name, m.purpose, c.size, m.at, d.state, d.sent_at FROM log_witness_mail m"
        " JOIN log_witness w ON w.id = m.witness_id JOIN log_checkpoint c ON c.id = m.checkpoint_id"
        " LEFT JOIN delivery d ON d.dedupe_key = m.dedupe_key ORDER BY m.id DESC LIMIT $1",
        limit,
    )
    return [
        Mailed(
            row["name"],
            row["purpose"],
            row["size"],
            as_instant(row["at"]),
            row["state"],
            as_instant_or_none(row["sent_at"]),
        )
        for row in rows
    ]


async def public_names() -> list[str]:
    """Names of the witnesses, for everybody."""
    rows = await db.fetch("SELECT name FROM log_witness WHERE removed_at IS NULL ORDER BY id")
    return [row["name"] for row in rows]


async def add(*, name: str, address: str, locale: str, by: int, now: datetime) -> bool:
    """Put somebody on the list; False when that address is on it."""
    async with db.transaction():
        rows = await db.fetch(
            "INSERT INTO log_witness (name, address, locale, added_by, added_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (address) WHERE removed_at IS NULL DO NOTHING RETURNING id",
            name,
            address,
            locale,
            by,
            now,
        )
        if not rows:
            return False
        await _tell("witness.added", rows[0]["id"], name, now=now)
    return True


async def remove(witness_id: int, *, by: int, now: datetime) -> None:
    """Take somebody off the list and forget the address. Raises NotFound."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE log_witness SET removed_at = $1, removed_by = $2, address = ''"
            " WHERE id = $3 AND removed_at IS NULL RETURNING name",
            now,
            by,
            witness_id,
        )
        if not rows:
            raise NotFound
        await _tell("witness.removed", witness_id, rows[0]["name"], now=now)


async def send_daily(day: str, keys: LogKeys, settings: Settings, *, now: datetime) -> int:
    """Mail the newest checkpoint to every witness who has none of this day; how many mails that were."""
    sent = 0
    for witness in await list_witnesses():
        key = f"transparency.daily:{witness.id}:{day}"
        sent += await _mail(witness, DAILY, key, keys, settings, now=now)
    return sent


async def send_test(witness_id: int, keys: LogKeys, settings: Settings, *, now: datetime) -> str:
    """Mail the newest checkpoint to one witness now, at most once a minute; the witness's name."""
    witness = next((w for w in await list_witnesses() if w.id == witness_id), None)
    if witness is None:
        raise NotFound
    key = f"transparency.test:{witness.id}:{now:%Y%m%d%H%M}"
    await _mail(witness, TEST, key, keys, settings, now=now)
    return witness.name


async def _mail(
    witness: Witness, purpose: str, key: str, keys: LogKeys, settings: Settings, *, now: datetime
) -> bool:
    checkpoint = await log.current_checkpoint()
    if checkpoint is None:
        return False
    context = {
        "name": witness.name,
        "test": purpose == TEST,
        "day": formats.day_long(checkpoint.at.astimezone(WITA).date(), witness.locale),
        "size": formats.number(checkpoint.size, witness.locale),
        "root": checkpoint.root.hex(),
        "key": str(keys.verifier),
        "note": checkpoint.note.strip(),
    }
    wording = mail_from_template("transparency/mail_checkpoint", context, witness.locale, settings)
    async with db.transaction():
        rows = await db.fetch(
            "INSERT INTO log_witness_mail (witness_id, checkpoint_id, purpose, dedupe_key, at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
            witness.id,
            checkpoint.id,
            purpose,
            key,
            now,
        )
        if not rows:
            return False
        await notifications.send_wording(
            wording,
            to=witness.address,
            locale=witness.locale,
            dedupe_key=key,
            attachments=[
                Attachment(f"checkpoint-{checkpoint.size}.txt", "text/plain", checkpoint.note.encode())
            ],
        )
    return True


async def _tell(kind: str, witness_id: int, name: str, *, now: datetime) -> None:
    facts = {"name": name}
    await log.append(kind, subject=f"witness:{witness_id}", facts=facts, public=facts, now=now)


def _witness(row: Row) -> Witness:
    return Witness(
        id=row["id"],
        name=row["name"],
        address=row["address"],
        locale=row["locale"],
        added_at=as_instant(row["added_at"]),
        mails=row["mails"],
        last_state=row["state"],
        last_size=row["size"],
        last_at=as_instant_or_none(row["sent_at"] or row["at"]),
        last_error=row["last_error"] or "",
    )
