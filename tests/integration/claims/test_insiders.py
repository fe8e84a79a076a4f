"""What one officer alone cannot do, whatever the pages allow: by the commands, and by the database itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from market import clock
from market import db as database
from market.claims import (
    advancing,
    asking,
    chairs,
    claiming_answers,
    claiming_queries,
    conflicts,
    deciding,
    draws,
    lots,
    objecting,
    programme,
    steps,
    undoing,
)
from market.claims.conflicts import ConflictKind
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.rule_versions import R2
from market.claims.states import State
from market.errors import DomainError, Refused
from market.sourcing import standing
from tests import factories
from tests.integration.claims import office

_WORDS = r"(?i)append-only|unique|constraint|check|conflict|four eyes|decree|violates"


async def refuses(sql: str, *values) -> None:
    async with database.transaction():
        with pytest.raises(Exception, match=_WORDS):
            async with database.savepoint():
                await database.execute(sql, *values)


async def test_the_database_refuses_both_steps_to_one_person(db):
    case, _ = await office.make_case()
    await case.drawn()
    claim = await steps.get(case.reference)
    verifier = await case.chair(Chair.VERIFIER)
    draw = (await lots.draws_of(claim.id))[0]
    await refuses(
        "INSERT INTO claim_chair (claim_id, person_id, chair, draw_id, seated_at) VALUES ($1, $2, 'auditor', $3, $4)",
        claim.id,
        verifier,
        draw.id,
        case.now,
    )
    await refuses(
        "INSERT INTO claim_decision (claim_id, kind, chair, person_id, outcome, reasons, note, assessment, award_minor,"
        " log_index, decided_at) VALUES ($1, 'approve', 'approver', $2, 'award', '[]', 'x', '{}', 1, 1, $3)",
        claim.id,
        verifier,
        case.now,
    )
    await refuses("UPDATE claim SET state = 'recommended', decided_award_minor = 1 WHERE id = $1", claim.id)
    await refuses("UPDATE claim SET state = 'effective', decided_award_minor = 1 WHERE id = $1", claim.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim_line SET net_minor = 1",
        "DELETE FROM claim_line",
        "UPDATE claim_event SET reason = 'x'",
        "UPDATE claim_decision SET award_minor = 99",
        "DELETE FROM claim_decision",
        "UPDATE line_decision SET verdict = 'exclude'",
        "UPDATE claim_draw SET candidates = '{}'",
        "UPDATE claim_draw SET seed = 'x'",
        "UPDATE claim_chair SET chair = 'approver'",
        "DELETE FROM claim_chair",
        "UPDATE claim SET tax_principal_minor = 1",
        "UPDATE claim SET snapshot_sha256 = 'x'",
        "DELETE FROM claim",
        "UPDATE claim_sk SET number = 'x'",
        "UPDATE award_certificate SET facts = '{}'",
        "UPDATE rule_version SET body = '{}' WHERE version = 'R1'",
        "UPDATE rule_version SET state = 'withdrawn' WHERE version = 'R1'",
        "DELETE FROM rule_version",
        "UPDATE claim SET state = 'approving'",
    ],
)
async def test_what_is_written_stays(db, statement):
    case, officers = await office.make_case()
    await case.recommended()
    await case.decree(officers[0].id)
    await refuses(statement)


async def test_a_related_officer_is_never_drawn_and_cannot_act(db):
    people = await office.make_officers(4)
    hotel, person = await office.make_hotel(phone="+62 811-222-333"), await factories.make_person()
    await factories.make_member(person, "hotel", hotel.id)
    await office.spread(hotel.id, person.id, 20_000_000)
    await office.spread(hotel.id, person.id, 40_000_000, origin="X")
    await conflicts.declare(
        people[0].id,
        ConflictKind.HOTEL,
        organisation_id=hotel.id,
        note="",
        by=people[0].id,
        secret=office.SECRETS[0],
        now=office.NOW,
    )
    await conflicts.declare(
        people[1].id,
        ConflictKind.PHONE,
        value="0811 222 333",
        note="",
        by=people[1].id,
        secret=office.SECRETS[0],
        now=office.NOW,
    )
    case = office.Case(await office.submit(hotel.id, person.id), hotel, person)
    await case.drawn()
    claim = await steps.get(case.reference)
    related = await conflicts.related_officers(claim.id, office.SECRETS)
    assert related == {people[0].id: ("declared",), people[1].id: ("phone",)}
    assert set((await lots.chairs_of(claim.id)).values()) == {people[2].id, people[3].id}
    with pytest.raises(conflicts.Related):
        await asking.begin_hold(
            case.reference, "other", "x", by=people[0].id, secrets=office.SECRETS, now=case.now
        )
    draw = (await lots.draws_of(claim.id))[0]
    await refuses(
        "INSERT INTO claim_chair (claim_id, person_id, chair, draw_id, seated_at) VALUES ($1, $2, 'auditor', $3, $4)",
        claim.id,
        people[0].id,
        draw.id,
        case.now,
    )


async def test_declaring_late_leaves_the_claim_and_another_officer_is_drawn(db):
    case, _ = await office.make_case()
    await case.verifying()
    verifier = await case.chair(Chair.VERIFIER)
    await conflicts.declare(
        verifier,
        ConflictKind.HOTEL,
        organisation_id=case.hotel.id,
        note="",
        by=verifier,
        secret=office.SECRETS[0],
        now=case.now,
    )
    assert await chairs.leave_related(verifier, secrets=office.SECRETS, now=case.now) == 1
    assert await case.state() is State.CHECKING
    await case.advance()
    assert await case.state() is State.DRAWN
    assert await case.chair(Chair.VERIFIER) != verifier


async def test_only_the_approver_is_drawn_anew_after_the_verification(db):
    case, _ = await office.make_case()
    await case.verified()
    verifier, approver = await case.chair(Chair.VERIFIER), await case.chair(Chair.APPROVER)
    await chairs.give_up(case.reference, person_id=approver, reason="ill", by=approver, now=case.now)
    await case.advance()
    assert await case.state() is State.APPROVING
    assert await case.chair(Chair.VERIFIER) == verifier
    assert await case.chair(Chair.APPROVER) not in {verifier, approver}


async def test_an_auditor_who_leaves_is_replaced(db):
    case, _ = await office.make_case()
    await case.verified()
    await case.approve()
    await case.advance()
    auditor = await case.chair(Chair.AUDITOR)
    await chairs.give_up(case.reference, person_id=auditor, reason="ill", by=auditor, now=case.now)
    await case.advance()
    assert await case.state() is State.AUDITING
    assert await case.chair(Chair.AUDITOR) != auditor
    await case.pass_audit()


async def test_an_audit_that_is_due_waits_for_an_officer_who_may(db):
    """A first claim is always audited; with two officers only, it waits rather than slip past."""
    case, _ = await office.make_case(officers=2)
    await case.verified()
    await case.approve()
    for _ in range(3):
        await case.advance()
        assert await case.state() is State.AUDITING
    [third] = await office.make_officers(1)
    for _ in range(2):
        await case.advance()
    assert await case.chair(Chair.AUDITOR) == third.id
    await case.pass_audit()


async def test_an_award_that_the_draw_passed_by_goes_on_after_a_broken_round(db, monkeypatch):
    """The draw is made in one commit and its consequence follows in another: the next round finds what is missing."""

    async def broken(draw: lots.Draw, now: datetime) -> None:
        """The machine stops here."""

    case, _ = await office.make_case()
    await case.verified()
    await case.approve()
    monkeypatch.setattr(draws, "audit_cause", lambda *_, **__: None)
    with monkeypatch.context() as breaking:
        breaking.setattr(advancing, "_go_on", broken)
        await advancing.everything(office.DESK, now=case.now)
    assert await case.state() is State.AUDITING
    await case.advance()
    assert await case.state() is State.RECOMMENDED


async def test_who_decided_an_origin_does_not_verify(db):
    from market.suppliers.models import OriginDecision, Product, Supplier

    people = await office.make_officers(3)
    hotel, person = await office.make_hotel(), await factories.make_person()
    organisation = await office.Organisation.create(
        kind="supplier", slug="s-1", name="Koperasi", texts={}, created_at=clock.now()
    )
    supplier = await Supplier.create(
        organisation_id=organisation.id,
        code="S-1",
        slug="koperasi",
        kind="cooperative",
        status="published",
        name="Koperasi",
        sole_trader=False,
        area_code="53.02.01",
        kabupaten="53.02",
        island="timor",
        texts={},
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    product = await Product.create(
        supplier_id=supplier.id,
        slug="madu",
        status="offered",
        category="food",
        texts={"id": {"name": "Madu"}},
        unit="kg",
        stated_origin="A",
        judged_as="x",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    for officer in people[:2]:
        await OriginDecision.create(
            product_id=product.id,
            origin="A",
            evidence={},
            about="x",
            decided_by=officer.id,
            office="o",
            decided_on=date(2026, 1, 1),
            expires_on=date(2028, 1, 1),
            created_at=clock.now(),
        )
    await office.buy(hotel.id, person.id, 20_000_000, supplier_id=supplier.id, product_id=product.id)
    await office.spread(hotel.id, person.id, 20_000_000)
    await office.spread(hotel.id, person.id, 20_000_000, origin="X")
    case = office.Case(await office.submit(hotel.id, person.id), hotel, person)
    await case.drawn()
    claim = await steps.get(case.reference)
    assert await conflicts.origin_deciders(claim.id) == {people[1].id}
    assert await case.chair(Chair.VERIFIER) != people[1].id


async def test_nothing_is_undone_after_the_decree(db):
    case, officers = await office.make_case()
    await case.recommended()
    await case.decree(officers[0].id)
    with pytest.raises(undoing.UndoBarred):
        await undoing.propose(case.reference, note="x", by=await case.chair(Chair.APPROVER), now=case.now)
    claim = await steps.get(case.reference)
    decision = await undoing.newest_standing(claim.id)
    assert decision is not None
    await refuses(
        "INSERT INTO claim_undo (claim_id, decision_id, note, proposed_by, proposed_at) VALUES ($1, $2, 'x', $3, $4)",
        claim.id,
        decision.id,
        officers[0].id,
        case.now,
    )


async def test_an_objection_is_decided_by_somebody_outside_the_chain(db):
    case, _ = await office.make_case()
    await case.verified(Outcome.REJECT)
    await case.approve(Outcome.REJECT)
    assert await case.state() is State.REJECTED
    chain = set((await lots.chairs_of((await steps.get(case.reference)).id)).values())
    row = await claiming_queries.get_claim(case.reference, [case.hotel.id])
    assert row is not None
    with pytest.raises(DomainError):
        await claiming_answers.object_to(row, "late", by=case.person.id, now=case.now + timedelta(days=31))
    await claiming_answers.object_to(row, "Not right.", by=case.person.id, now=case.now)
    await case.advance()
    reviewer = await case.chair(Chair.REVIEWER)
    assert reviewer not in chain
    await objecting.decide(
        case.reference,
        Outcome.AWARD,
        upheld=True,
        reasons=[],
        note="They are right.",
        by=reviewer,
        now=case.now,
    )
    assert await case.state() is State.RECOMMENDED
    assert await case.column("decided_award_minor") == 8_000_000


async def test_an_objection_waits_when_nobody_is_outside_the_chain(db):
    case, _ = await office.make_case(officers=2)
    await case.verified(Outcome.REJECT)
    await case.approve(Outcome.REJECT)
    row = await claiming_queries.get_claim(case.reference, [case.hotel.id])
    assert row is not None
    await claiming_answers.object_to(row, "Not right.", by=case.person.id, now=case.now)
    await case.advance()
    assert await case.state() is State.OBJECTED
    third = await factories.make_person()
    await factories.make_member(third, "officer")
    await case.advance()
    assert await case.chair(Chair.REVIEWER) == third.id


async def test_a_hold_and_a_question_stop_decisions_and_give_time_back(db):
    case, _ = await office.make_case()
    await case.checked()
    verifier = await case.chair(Chair.VERIFIER)
    due = (await steps.get(case.reference)).due_at
    await asking.begin_hold(
        case.reference, "site_visit", "Visit", by=verifier, secrets=office.SECRETS, now=case.now
    )
    with pytest.raises(steps.OnHold):
        await case.verify()
    later = case.now + timedelta(days=3)
    await asking.end_hold(case.reference, "", by=verifier, secrets=office.SECRETS, now=later)
    assert (await steps.get(case.reference)).due_at == due + timedelta(days=3)
    question = await asking.ask(case.reference, "Which month?", by=verifier, now=later)
    with pytest.raises(Refused):
        await case.verify()
    row = await claiming_queries.get_claim(case.reference, [case.hotel.id])
    assert row is not None
    answered = later + timedelta(days=1)
    await claiming_answers.answer(row, question, "September.", by=case.person.id, now=answered)
    await asking.take_up_answers(answered)
    assert (await steps.get(case.reference)).due_at == due + timedelta(days=4)
    await case.verify()


async def test_rule_versions_take_two_people_and_stay_once_used(db):
    people = await office.make_officers(2)
    one, two = people[0].id, people[1].id
    await programme.draft(R2, note="", by=one, now=office.NOW)
    await programme.propose("R2", by=one, now=office.NOW)
    today = date(2026, 10, 12)
    with pytest.raises(Refused):
        await programme.make_effective("R2", by=one, today=today, now=office.NOW)
    with pytest.raises(Refused):
        await programme.draft(R2, note="changed", by=two, now=office.NOW)
    await programme.make_effective("R2", by=two, today=today, now=office.NOW)
    assert (await programme.in_force(office.PERIOD)).rule.version == "R1"
    assert (await programme.in_force(office.Period(2027, 1))).rule == R2
    assert await standing.evidence_limit("2026-12") == 5_000_000
    assert await standing.evidence_limit("2027-01") == R2.evidence_limit
    await refuses("UPDATE rule_version SET body = '{}' WHERE version = 'R2'")
    with pytest.raises(Refused):
        await programme.withdraw("R2", by=two)


async def test_a_claim_marks_its_rule_as_used(db):
    await office.make_case()
    assert (await programme.find("R1")).used_at is not None


async def test_two_officers_are_not_enough_for_an_audit_but_for_the_lot(db):
    case, _ = await office.make_case(officers=1)
    await case.advance()
    assert await case.state() is State.CHECKING
    second = await factories.make_person()
    await factories.make_member(second, "officer")
    await case.advance()
    assert await case.state() is State.DRAWN
    assert deciding.OBJECTION_TERM.days == 30
