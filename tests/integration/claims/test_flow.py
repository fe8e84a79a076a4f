"""A claim from submission to its certificate through the commands, and what nobody may do on the way."""

from __future__ import annotations

import pytest

from market.claims import deciding, lots, steps, undoing, verifying
from market.claims.deciding import Outcome
from market.claims.lots import Chair, DrawKind
from market.claims.states import NotNow, State
from market.errors import DomainError, Refused
from tests.integration.claims import office


async def test_a_claim_goes_from_submission_to_certificate(db):
    case, officers = await office.make_case()
    await case.recommended()
    assert await case.column("decided_award_minor") == 8_000_000
    certificate = await case.decree(officers[5].id)
    assert await case.state() is State.EFFECTIVE
    assert await case.column("payable_minor") == 8_000_000
    assert len(certificate) == 10


async def test_nobody_sits_in_two_chairs(db):
    case, _ = await office.make_case()
    await case.drawn()
    verifier, approver = await case.chair(Chair.VERIFIER), await case.chair(Chair.APPROVER)
    assert verifier != approver
    with pytest.raises(lots.NotYours):
        await verifying.begin(case.reference, by=approver, now=case.now)


async def test_the_lot_can_be_recomputed_from_public_entries(db):
    case, _ = await office.make_case()
    await case.drawn()
    claim = await steps.get(case.reference)
    from market.transparency import log

    entries = {e.leaf.kind: e.leaf.public for e in await log.entries_about(claim.subject)}
    committed, made = entries["draw.committed"], entries["draw.made"]
    result = lots.outcome(DrawKind.LOT, made["seed"], committed["claim"], committed["candidates"])
    assert result == made["result"]
    (draw,) = await lots.draws_of(claim.id)
    assert draw.committed_index < (draw.drawn_index or 0)


async def test_a_step_waits_for_everything_that_is_left_to_do(db):
    case, _ = await office.make_case()
    await case.verifying()
    with pytest.raises(deciding.NotFinished):
        await case.verify()
    with pytest.raises(NotNow):
        await case.approve()


async def test_approver_cannot_decide_something_else_than_was_verified(db):
    case, _ = await office.make_case()
    await case.verified()
    with pytest.raises(Refused):
        await case.approve(Outcome.REJECT)
    await case.approve(Outcome.SEND_BACK)
    assert await case.state() is State.VERIFYING


async def test_nothing_is_undone_while_a_lot_is_drawn(db):
    """An auditor drawn for an approval that is gone would sit beside the one drawn for the next."""
    case, _ = await office.make_case()
    await case.verified()
    await case.approve()
    approver = await case.chair(Chair.APPROVER)
    with pytest.raises(Refused, match="draw_open"):
        await undoing.propose(case.reference, note="Wrong month of tax.", by=approver, now=case.now)
    await case.advance()
    await undoing.propose(case.reference, note="Wrong month of tax.", by=approver, now=case.now)


async def test_undo_needs_a_second_person_and_keeps_the_decision(db):
    case, officers = await office.make_case()
    await case.recommended()
    approver = await case.chair(Chair.APPROVER)
    await undoing.propose(case.reference, note="Wrong month of tax.", by=approver, now=case.now)
    with pytest.raises(DomainError):
        await undoing.agree(case.reference, by=approver, secrets=office.SECRETS, now=case.now)
    other = next(p.id for p in officers if p.id != approver)
    await undoing.agree(case.reference, by=other, secrets=office.SECRETS, now=case.now)
    assert await case.state() is State.AUDITING
    claim = await steps.get(case.reference)
    from market.db import fetch

    assert len(await fetch("SELECT id FROM claim_decision WHERE claim_id = $1", claim.id)) == 3
