"""Commands of payouts: propose a batch, approve it by a second person, and book what the bank says became of it.

One short transaction each. Postings are the ledger's table: approved (payable to in transit), settled (in transit
to the bank), bounced (both reversed); each has a key of its own, so nothing is posted twice. What is due is
`owed`'s answer, files for the bank are `bank_files`, transfers through the card provider are `sending`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from market import db
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.outbox import queue
from market.payments import disputes, ledger
from market.payouts import accounts, owed
from market.payouts.owed import HostDue
from market.payouts.rules import TRANSITIONS, BatchState, LeftOut, PayoutState, Share, Way
from market.values.ids import new_reference
from market.values.text import lazy


class NothingDue(Refused):
    """No host can be paid now."""

    code = "nothing_due"
    message = lazy("Nothing can be paid out at the moment.")


class SamePerson(Refused):
    """Two people must look at money that leaves."""

    code = "same_person"
    message = lazy("You proposed this batch. Another operator has to approve it.")


class BatchDecided(Refused):
    """Somebody was faster."""

    code = "batch_decided"
    message = lazy("This batch has been decided already.")


class WrongPayoutState(Refused):
    """The payout is not where this step begins."""

    code = "wrong_payout_state"
    message = lazy("This payout has been dealt with already.")


class WrongAmount(Invalid):
    """The bank's line names another amount than was sent."""

    code = "wrong_amount"
    message = lazy("The amount is not the one that was sent.")


async def due_payouts(now: datetime) -> list[HostDue]:
    """Hosts that can be paid at `now`, and how much: due, not disputed, not in another batch, bank details usable."""
    return [due for due in await owed.list_due(now) if due.block is None]


async def propose_batch(*, by: int, now: datetime) -> str:
    """Put everything that can be paid into a batch that waits for a second person; its reference.

    Raises NothingDue. The database holds a booking in at most one live payout, so two proposals at once cannot
    both hold it.
    """
    async with db.transaction():
        if db.is_postgres():
            await db.execute("LOCK TABLE payout_batch IN SHARE ROW EXCLUSIVE MODE")
        due = await due_payouts(now)
        if not due:
            raise NothingDue
        reference = f"PB{new_reference(6)}"
        rows = await db.fetch(
            "INSERT INTO payout_batch (reference, state, proposed_by, proposed_at) VALUES ($1, 'proposed', $2, $3)"
            " RETURNING id",
            reference,
            by,
            now,
        )
        for host in due:
            await _add(rows[0]["id"], host, now)
        await _note(rows[0]["id"], "proposed", now, by=by)
    return reference


async def _add(batch_id: int, host: HostDue, now: datetime) -> None:
    if host.account is None:
        raise ValueError("nobody is paid without an account")
    rows = await db.fetch(
        "INSERT INTO payout (reference, batch_id, organisation_id, account_id, way, state, amount_minor,"
        " netted_minor, bank_reference, problem, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7, '', '', $8, $8) RETURNING id",
        f"PO{new_reference(8)}",
        batch_id,
        host.host_id,
        host.account.id,
        host.account.way.value,
        host.amount_minor,
        host.netted_minor,
        now,
    )
    for share in host.shares:
        await db.execute(
            "INSERT INTO payout_item (payout_id, booking_reference, host_minor, guide_minor, netted_minor, live)"
            " VALUES ($1, $2, $3, $4, $5, TRUE)",
            rows[0]["id"],
            share.booking_reference,
            share.host_minor,
            share.guide_minor,
            share.netted_minor,
        )


async def approve_batch(reference: str, *, by: int, now: datetime) -> tuple[int, int]:
    """A second person's yes: the money is in transit. (payouts approved, payouts left out).

    A payout whose facts changed since the proposal (a dispute, other bank details, another amount) is left out and
    says why; its money can be proposed again. Raises SamePerson and BatchDecided.
    """
    async with db.transaction():
        batch = await _lock_batch(reference)
        if batch["state"] != BatchState.PROPOSED:
            raise BatchDecided
        if batch["proposed_by"] == by:
            raise SamePerson
        await db.execute(
            "UPDATE payout_batch SET state = 'approved', approved_by = $2, approved_at = $3 WHERE id = $1",
            batch["id"],
            by,
            now,
        )
        await _note(batch["id"], "approved", now, by=by)
        rows = await db.fetch("SELECT * FROM payout WHERE batch_id = $1 ORDER BY id", batch["id"])
        return await _approve_each(rows, now)


async def _approve_each(rows: Sequence[Row], now: datetime) -> tuple[int, int]:
    newest = await accounts.current(row["organisation_id"] for row in rows)
    approved = 0
    for row in rows:
        shares = await _shares(row["id"])
        account = newest.get(row["organisation_id"])
        if account is None or account.id != row["account_id"] or not account.is_usable(now):
            await _leave_out(row, LeftOut.ACCOUNT.value, now)
        elif problem := await _changed(row, shares):
            await _leave_out(row, problem, now)
        else:
            await _in_transit(row, shares, now)
            approved += 1
    return approved, len(rows) - approved


async def _changed(row: Row, shares: Sequence[Share]) -> str:
    """Why a proposed payout is no longer right; empty when it is."""
    host = row["organisation_id"]
    for share in shares:
        if await disputes.is_frozen(share.booking_reference):
            return f"{LeftOut.DISPUTED.value} {share.booking_reference}"
        now_owed = (
            await ledger.owed(ledger.host_payable(host), share.booking_reference),
            await ledger.owed(ledger.guide_payable(host), share.booking_reference),
        )
        if now_owed != (share.host_minor, share.guide_minor):
            return f"{LeftOut.AMOUNT.value} {share.booking_reference}"
    if row["netted_minor"] > await ledger.balance(ledger.host_receivable(host)):
        return LeftOut.OWES.value
    return ""


async def _in_transit(row: Row, shares: Sequence[Share], now: datetime) -> None:
    for share in shares:
        moves = _moves(row["reference"], row["organisation_id"], share)
        key = f"payout:{row['reference']}:{share.booking_reference}"
        await ledger.post(key, "payout approved", share.booking_reference, moves, now, note=row["reference"])
    await _move(row, PayoutState.IN_TRANSIT, now)
    if row["way"] == Way.STRIPE:
        await queue.add(
            "payouts.transfer",
            {"payout": row["reference"]},
            dedupe_key=f"payouts.transfer:{row['reference']}",
        )


def _moves(reference: str, host_id: int, share: Share) -> list[ledger.Move]:
    """A booking's money on its way out, less what the host owes us."""
    transit, owes = ledger.payout_in_transit(reference), ledger.host_receivable(host_id)
    host, guide = ledger.host_payable(host_id), ledger.guide_payable(host_id)
    from_host = share.netted_from_host
    from_guide = share.netted_minor - from_host
    return [
        (host, owes, from_host),
        (host, transit, share.host_minor - from_host),
        (guide, owes, from_guide),
        (guide, transit, share.guide_minor - from_guide),
    ]


async def _leave_out(row: Row, why: str, now: datetime) -> None:
    await _move(row, PayoutState.DECLINED, now, problem=why)
    await _let_go(row["id"])
    await _note(row["batch_id"], "left_out", now, payout_id=row["id"], note=why)


async def decline_batch(reference: str, *, by: int, now: datetime) -> None:
    """Not like this: nothing is paid, and everything in it can be proposed again. Raises BatchDecided."""
    async with db.transaction():
        batch = await _lock_batch(reference)
        if batch["state"] != BatchState.PROPOSED:
            raise BatchDecided
        await db.execute(
            "UPDATE payout_batch SET state = 'declined', declined_by = $2, declined_at = $3 WHERE id = $1",
            batch["id"],
            by,
            now,
        )
        for row in await db.fetch("SELECT * FROM payout WHERE batch_id = $1 ORDER BY id", batch["id"]):
            await _move(row, PayoutState.DECLINED, now)
            await _let_go(row["id"])
        await _note(batch["id"], "declined", now, by=by)


async def settle_line(
    reference: str, *, amount_minor: int, bank_reference: str, now: datetime, by: int | None = None
) -> bool:
    """The bank paid it: in transit to bank. False when that was known.

    Raises NotFound, WrongAmount, and WrongPayoutState for one that was never sent or came back.
    """
    async with db.transaction():
        row = await _lock(reference, amount_minor)
        state = PayoutState(row["state"])
        if state is PayoutState.PAID:
            return False
        if PayoutState.PAID not in TRANSITIONS[state]:
            raise WrongPayoutState(state=state.value)
        await ledger.post(
            f"payout-settled:{reference}",
            "payout settled",
            "",
            [(ledger.payout_in_transit(reference), _source(row), amount_minor)],
            now,
            note=bank_reference,
        )
        await _move(row, PayoutState.PAID, now, bank_reference=bank_reference)
        await _let_go(row["id"])
        await _note(row["batch_id"], "paid", now, by=by, payout_id=row["id"], note=bank_reference)
        await _tell(reference, "paid")
    return True


async def bounce_line(
    reference: str, *, amount_minor: int, reason: str, now: datetime, by: int | None = None
) -> bool:
    """The bank sent it back, before or after it was booked as paid: both postings are reversed. False when known.

    The money is owed again. Raises NotFound, WrongAmount, and WrongPayoutState for one that was never sent.
    """
    async with db.transaction():
        row = await _lock(reference, amount_minor)
        state = PayoutState(row["state"])
        if state is PayoutState.BOUNCED:
            return False
        if PayoutState.BOUNCED not in TRANSITIONS[state]:
            raise WrongPayoutState(state=state.value)
        if state is PayoutState.PAID:
            back = [(_source(row), ledger.payout_in_transit(reference), amount_minor)]
            await ledger.post(f"payout-returned:{reference}", "payout returned", "", back, now, note=reason)
        for share in await _shares(row["id"]):
            moves = [(c, d, n) for d, c, n in _moves(reference, row["organisation_id"], share)]
            key = f"payout-bounced:{reference}:{share.booking_reference}"
            await ledger.post(key, "payout bounced", share.booking_reference, moves, now, note=reference)
        await _move(row, PayoutState.BOUNCED, now, problem=reason)
        await _let_go(row["id"])
        await _note(row["batch_id"], "bounced", now, by=by, payout_id=row["id"], note=reason)
        await _tell(reference, "bounced")
    return True


def _source(row: Row) -> str:
    return ledger.PSP_AVAILABLE if row["way"] == Way.STRIPE else ledger.BANK


async def note_export(reference: str, *, by: int, now: datetime) -> None:
    """Somebody took the bank's file: account numbers left the system, so it is written down."""
    async with db.transaction():
        batch = await _lock_batch(reference)
        await _note(batch["id"], "exported", now, by=by)


async def _lock_batch(reference: str) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM payout_batch WHERE reference = $1{lock}", reference)
    if row is None:
        raise NotFound
    return row


async def _lock(reference: str, amount_minor: int) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM payout WHERE reference = $1{lock}", reference)
    if row is None:
        raise NotFound
    if row["amount_minor"] != amount_minor:
        raise WrongAmount(sent_minor=row["amount_minor"])
    return row


async def _shares(payout_id: int) -> list[Share]:
    rows = await db.fetch(
        "SELECT booking_reference, host_minor, guide_minor, netted_minor FROM payout_item"
        " WHERE payout_id = $1 ORDER BY id",
        payout_id,
    )
    return [Share(r["booking_reference"], r["host_minor"], r["guide_minor"], r["netted_minor"]) for r in rows]


async def _move(
    row: Row, to: PayoutState, now: datetime, *, bank_reference: str = "", problem: str = ""
) -> None:
    changed = await db.execute(
        "UPDATE payout SET state = $2, updated_at = $3, problem = $4,"
        " bank_reference = CASE WHEN $5 = '' THEN bank_reference ELSE $5 END WHERE id = $1 AND state = $6",
        row["id"],
        to.value,
        now,
        problem,
        bank_reference,
        row["state"],
    )
    if changed != 1:
        raise WrongPayoutState(state=row["state"])


async def _let_go(payout_id: int) -> None:
    """Other payouts may hold these bookings again (the ledger knows what is still open of them)."""
    await db.execute("UPDATE payout_item SET live = FALSE WHERE payout_id = $1", payout_id)


async def _note(
    batch_id: int,
    name: str,
    now: datetime,
    *,
    by: int | None = None,
    payout_id: int | None = None,
    note: str = "",
) -> None:
    await db.execute(
        "INSERT INTO payout_event (batch_id, payout_id, name, person_id, note, at) VALUES ($1, $2, $3, $4, $5, $6)",
        batch_id,
        payout_id,
        name,
        by,
        note,
        now,
    )


async def _tell(reference: str, what: str) -> None:
    await queue.add(
        "payouts.tell", {"payout": reference, "what": what}, dedupe_key=f"payouts.tell:{reference}:{what}"
    )


def total_of(due: Iterable[HostDue]) -> int:
    """What a batch of these would send, in rupiah."""
    return sum(host.amount_minor for host in due)
