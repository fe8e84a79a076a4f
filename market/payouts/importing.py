"""Reading the bank's results back: every line is one payout; a wrong line is named and costs the others nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market.errors import NotFound
from market.payouts import bank_files, queries, service
from market.payouts.bank_files import Result, Wrong
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class Read:
    """What a result file did. `known` lines said what was known before and changed nothing."""

    paid: int
    bounced: int
    known: int
    wrong: Sequence[Wrong]


async def read_results(batch_reference: str, content: bytes, *, by: int, now: datetime) -> Read:
    """Book every line of a batch's result file. The same file again changes nothing."""
    lines, wrong = bank_files.results(content)
    own = {payout.reference for payout in (await queries.get_batch(batch_reference)).payouts}
    counts = {True: 0, False: 0}
    known = 0
    for line in lines:
        problem = await _book(line, own, content, by, now)
        if isinstance(problem, Wrong):
            wrong.append(problem)
        elif problem:
            counts[line.paid] += 1
        else:
            known += 1
    wrong.sort(key=lambda one: int("".join(c for c in one.cell if c.isdigit())))
    return Read(counts[True], counts[False], known, wrong)


async def _book(line: Result, own: set[str], content: bytes, by: int, now: datetime) -> bool | Wrong:
    """Whether the line was news; or which cell of it is wrong."""

    def at(column: str) -> str:
        return bank_files.result_cell(line, content, column)

    if line.reference not in own:
        return Wrong(at("payout_reference"), lazy("This batch has no payout with this reference."))
    try:
        if line.paid:
            return await service.settle_line(
                line.reference,
                amount_minor=line.amount_minor,
                bank_reference=line.bank_reference,
                now=now,
                by=by,
            )
        return await service.bounce_line(
            line.reference, amount_minor=line.amount_minor, reason=line.reason, now=now, by=by
        )
    except service.WrongAmount as error:
        words = lazy(
            "Another amount was sent: %(amount)s.", amount=f"{error.facts['sent_minor']:,}".replace(",", ".")
        )
        return Wrong(at("amount"), words)
    except service.WrongPayoutState:
        return Wrong(at("status"), lazy("This payout was sent back or never sent, so it cannot be this."))
    except NotFound:
        return Wrong(at("payout_reference"), lazy("This batch has no payout with this reference."))
