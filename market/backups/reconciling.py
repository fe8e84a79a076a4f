"""Comparing our books with the card provider's after a restore, and bringing ours to where the provider's are.

Payments and refunds compare themselves (`payments.rereading`); a booking that is not here any more is made again from
what the provider kept of it (`bookings.remaking`). What cannot be repaired is told to a person and stays a difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import clock
from market.bookings import remaking
from market.bookings.remaking import CannotRemake, Lost
from market.outbox import maintenance
from market.outbox.tools import Tools
from market.payments import queries, rereading
from market.payments.events import Event
from market.payments.port import CardProvider, ProviderState
from market.payments.rereading import Difference, Gap
from market.settings import Settings

_FACTS: Final = (
    Event.SUCCEEDED.value,
    Event.AUTHORISED.value,
    Event.FAILED.value,
    Event.VOIDED.value,
    Event.CAPTURE_FAILED.value,
)
_HEAD: Final = ("booking", "payment", "rupiah", "difference", "outcome")


@dataclass(frozen=True, slots=True)
class Line:
    """One difference and what became of it."""

    difference: Difference
    outcome: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; how many of the differences are still there."""

    lines: tuple[Line, ...]
    remaining: int


async def reconcile(tools: Tools, *, since: datetime, repair: bool) -> Report:
    """Compare everything since then, and with `repair` settle what can be settled. Raises ProviderSilent."""
    provider = tools.of(CardProvider)
    found = await rereading.differences(provider, since)
    if not repair:
        return Report(tuple(Line(one, "") for one in found), len(found))
    why: dict[tuple[str, ...], str] = {}
    for one in found:
        said = await _repair(one, provider, tools.of(Settings).base_url)
        if said:
            why[one.key] = said
    failed = await maintenance.run_now(_FACTS, tools)
    left = {one.key for one in await rereading.differences(provider, since)}
    lines = [
        Line(
            one, "repaired" if one.key not in left else f"needs a person: {why.get(one.key, 'see the alert')}"
        )
        for one in found
    ]
    return Report(tuple(lines), len(left) + len(failed))


async def _repair(difference: Difference, provider: CardProvider, site: str) -> str:
    """Settle one difference; why it could not be, or an empty string."""
    now, asked_by = clock.now(), difference.listed.return_url
    if difference.payment is None and asked_by and not asked_by.startswith(f"{site}/"):
        # Two sites may share an account with the provider: what the other one sold is not ours to make or to close.
        return await _leave(difference, f"another site asked for it ({asked_by.split('?')[0]})")
    match difference.gap:
        case Gap.OPEN_PAGE:
            await provider.close_checkout(difference.listed.found.session_ref)
            return ""
        case Gap.UNKNOWN:
            return await _take_up(difference, provider, now)
        case _:
            await rereading.repair(difference, now)
            return ""


async def _take_up(difference: Difference, provider: CardProvider, now: datetime) -> str:
    """A payment that is not here: its booking is made again, then the payment, then what became of it."""
    listed = difference.listed
    if listed.found.problem:
        return await _leave(difference, f"it belongs to {listed.found.problem}")
    if rereading.given_back(listed.found):
        return await _leave(difference, "a part of it was given back already")
    lost = Lost(
        listed.booking_reference,
        listed.order,
        listed.found.amount.minor,
        provider.methods[0].value,
        listed.email,
        listed.name,
    )
    try:
        await remaking.remake(lost, now=now)
    except CannotRemake as error:
        if listed.found.state is ProviderState.AUTHORISED:
            await provider.void(listed.found.provider_ref, f"{listed.payment_reference}:void")
        return await _leave(difference, f"its booking cannot be made again: {error}")
    await rereading.adopt(listed, method=lost.method, now=now)
    payment = await queries.get_payment(listed.payment_reference)
    await rereading.repair(Difference(Gap.NOT_CAPTURED, listed, payment), now)
    return ""


async def _leave(difference: Difference, why: str) -> str:
    await rereading.tell_person(difference, why)
    return why


def table(report: Report) -> Iterator[str]:
    """The report for a terminal, a difference a line."""
    if not report.lines:
        yield "Our books and the card provider's say the same."
        return
    rows = [_HEAD, *(_row(line) for line in report.lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"{len(report.lines)} differences found, {report.remaining} remain."


def _row(line: Line) -> tuple[str, ...]:
    listed = line.difference.listed
    payment = listed.payment_reference or listed.found.session_ref
    amount = str(line.difference.amount_minor)
    return (
        listed.booking_reference or "?",
        payment,
        amount,
        line.difference.gap.value,
        line.outcome or "found",
    )
