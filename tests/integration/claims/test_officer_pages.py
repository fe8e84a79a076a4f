"""The officers' pages through the application: whose turn it is, what a stale second factor does, whose file opens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock
from market import db as database
from market.claims.lots import Chair
from market.claims.states import State
from market.media.storage import Storage
from tests import factories
from tests.integration.claims import office
from tests.web import forms, sign_in


@pytest.fixture
def frozen():
    with clock.frozen(office.NOW):
        yield


async def send(client, target: str, values: dict[str, str], *, page: str):
    """Post to one of a page's forms with the page's token."""
    found = await client.get(page)
    token = next(form["data"]["csrf"] for form in forms(found.text) if "csrf" in form["data"])
    return await client.post(target, data={**values, "csrf": token})


async def desk_of(client, case, chair: Chair) -> str:
    await sign_in(client, await case.chair(chair))
    return f"/en/officer/claims/{case.reference}"


async def test_queue_shows_own_work_first_and_filters(client, frozen):
    case, _ = await office.make_case()
    await case.drawn()
    await desk_of(client, case, Chair.VERIFIER)
    page = (await client.get("/en/officer/claims")).text
    assert "For me (1)" in page
    assert case.reference in page
    assert case.reference not in (await client.get("/en/officer/claims?view=mine&hotel=elsewhere")).text
    assert case.reference not in (await client.get("/en/officer/claims?view=mine&flagged=yes")).text
    assert case.reference in (await client.get("/en/officer/claims?view=mine&month=2026-09")).text
    for odd in ("view=x&page=99999999999", "month=%00", "hotel=%25&page=-1", "month=2026-99"):
        assert (await client.get(f"/en/officer/claims?{odd}")).status_code == 200


async def test_the_whole_way_through_the_pages(client, frozen):
    case, _ = await office.make_case()
    await case.drawn()
    desk = await desk_of(client, case, Chair.VERIFIER)
    await send(client, f"{desk}/begin", {}, page=desk)
    assert await case.state() is State.VERIFYING
    for task in ("tax_principal", "compliance", "documents"):
        await send(client, f"{desk}/tasks/{task}", {f"state_{task}": "passed"}, page=desk)
    await send(client, f"{desk}/lines/accept", {}, page=desk)
    answer = await send(
        client, f"{desk}/decision", {"step": "verify", "decision_outcome": "award"}, page=desk
    )
    assert answer.status_code in {400, 422}
    assert "Write the reasons" in answer.text
    sent = {"step": "verify", "decision_outcome": "award", "decision_note": "All seen."}
    answer = await send(client, f"{desk}/decision", sent, page=desk)
    assert answer.status_code == 303
    assert await case.state() is State.APPROVING

    await desk_of(client, case, Chair.APPROVER)
    sent = {"step": "approve", "decision_outcome": "award", "decision_note": "Agreed."}
    assert (await send(client, f"{desk}/decision", sent, page=desk)).status_code == 303
    await case.pass_audit()
    sent = {"decree_number": "SK 1/2026", "decree_on": "2026-10-12"}
    assert (await send(client, f"{desk}/decree", sent, page=desk)).status_code == 303
    assert await case.state() is State.EFFECTIVE
    for path, kind in (
        ("certificate", "application/pdf"),
        ("certificate?as=json", "application/json"),
        ("dossier.pdf", "application/pdf"),
    ):
        answer = await client.get(f"{desk}/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith(kind)
        assert "attachment" in answer.headers["content-disposition"]


async def test_somebody_elses_step_is_not_mine(client, frozen):
    case, _ = await office.make_case()
    await case.verifying()
    desk = await desk_of(client, case, Chair.APPROVER)
    sent = {"step": "verify", "decision_outcome": "award", "decision_note": "Mine!"}
    answer = await send(client, f"{desk}/decision", sent, page=desk)
    assert answer.status_code == 403
    assert await case.state() is State.VERIFYING
    assert (await send(client, f"{desk}/lines/accept", {}, page=desk)).status_code == 403


async def test_a_stale_second_factor_decides_nothing(client, frozen):
    case, _ = await office.make_case()
    await case.checked()
    desk = await desk_of(client, case, Chair.VERIFIER)
    with clock.frozen(office.NOW + timedelta(minutes=5, seconds=1)):
        page = await client.get(desk)
        assert "Confirm that it is you" in page.text
        sent = {"step": "verify", "decision_outcome": "award", "decision_note": "All seen."}
        answer = await send(client, f"{desk}/decision", sent, page=desk)
        assert answer.status_code == 303
        assert "/step-up" in answer.headers["location"]
    assert await case.state() is State.VERIFYING


async def test_a_code_in_the_form_is_enough_and_a_wrong_one_keeps_what_was_typed(client, frozen, settings):
    from market.accounts import second_factor

    case, _ = await office.make_case()
    await case.checked()
    verifier = await case.chair(Chair.VERIFIER)
    secret = second_factor.new_secret()
    await database.execute(
        "UPDATE person SET totp_secret = $1 WHERE id = $2",
        second_factor.seal(secret, settings.secrets),
        verifier,
    )
    desk = await desk_of(client, case, Chair.VERIFIER)
    later = office.NOW + timedelta(minutes=10)
    with clock.frozen(later):
        sent = {"step": "verify", "decision_outcome": "award", "decision_note": "All seen carefully."}
        answer = await send(client, f"{desk}/decision", {**sent, "code_decision": "000000"}, page=desk)
        assert answer.status_code in {400, 422}
        assert "All seen carefully." in answer.text
        code = second_factor.TOTP(secret).at(later)
        answer = await send(client, f"{desk}/decision", {**sent, "code_decision": code}, page=desk)
        assert answer.status_code == 303
        assert (await client.get(desk)).status_code == 200
    assert await case.state() is State.APPROVING


async def test_wrong_lines_keep_what_was_typed_and_decide_nothing(client, frozen):
    case, _ = await office.make_case()
    await case.verifying()
    desk = await desk_of(client, case, Chair.VERIFIER)
    rows = await database.fetch("SELECT line_id FROM claim_line ORDER BY position")
    first, second = rows[0]["line_id"], rows[1]["line_id"]
    sent = {
        f"line_{first}": "amount:supplier_amount",
        f"net_{first}": "",
        f"line_{second}": "exclude:duplicate",
    }
    answer = await send(client, f"{desk}/lines", sent, page=desk)
    assert answer.status_code in {400, 422}
    assert "Enter the amount that counts." in answer.text
    assert await database.fetch("SELECT id FROM line_decision") == []
    sent[f"net_{first}"] = "1.000.000"
    assert (await send(client, f"{desk}/lines", sent, page=desk)).status_code == 303
    kept = await database.fetch("SELECT verdict, net_minor FROM line_decision ORDER BY id")
    assert kept == [{"verdict": "amount", "net_minor": 1_000_000}, {"verdict": "exclude", "net_minor": None}]
    odd = {f"line_{first}": "nonsense", "line_999999999": "accept", "line_x": "accept"}
    assert (await send(client, f"{desk}/lines", odd, page=desk)).status_code in {400, 422}


async def test_a_related_officer_does_not_see_the_claim(client, frozen):
    case, people = await office.make_case()
    await case.drawn()
    seated = {await case.chair(Chair.VERIFIER), await case.chair(Chair.APPROVER)}
    outsider = next(person for person in people if person.id not in seated)
    await factories.make_member(outsider, "hotel", case.hotel.id)
    await sign_in(client, outsider.id)
    for path in ("", "/dossier.pdf", "/certificate", "/documents/PROOF1", "/evidence/X/original"):
        assert (await client.get(f"/en/officer/claims/{case.reference}{path}")).status_code == 403
    assert case.reference not in (await client.get("/en/officer/claims?view=office")).text


async def test_foreign_ids_are_not_found(client, frozen):
    case, _ = await office.make_case()
    other, _ = await office.make_case()
    await case.verifying()
    await other.drawn()
    desk = await desk_of(client, case, Chair.VERIFIER)
    for path in (
        "/en/officer/claims/NOBODY99",
        f"{desk}/documents/NONE",
        f"{desk}/evidence/NONE/original",
        "/en/officer/rules/R9",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(f"{desk}/evidence/NONE/else")).status_code == 404
    line = await database.fetch_one(
        "SELECT l.line_id FROM claim_line l JOIN claim c ON c.id = l.claim_id WHERE c.reference = $1 LIMIT 1",
        other.reference,
    )
    assert line is not None
    await send(client, f"{desk}/lines", {f"line_{line['line_id']}": "exclude:duplicate"}, page=desk)
    assert await database.fetch("SELECT id FROM line_decision") == []
    assert (
        await send(
            client, f"{desk}/flags/424242", {"resolution_424242": "explained", "why_424242": "x"}, page=desk
        )
    ).status_code == 404


async def test_evidence_opens_for_officers_of_the_claim_and_is_written_down(client, frozen, tools, settings):
    from market.sourcing import receipts

    case, _ = await office.make_case()
    await case.drawn()
    document = await database.fetch_one("SELECT document_id FROM claim_line LIMIT 1")
    assert document is not None
    reference = await receipts.keep(
        b"%PDF-1.4 evidence",
        "nota.pdf",
        hotel_id=case.hotel.id,
        by=case.person.id,
        now=office.NOW,
        storage=tools.of(Storage),
        installation=settings.secrets,
        document_id=document["document_id"],
    )
    desk = await desk_of(client, case, Chair.VERIFIER)
    for _ in range(2):
        answer = await client.get(f"{desk}/evidence/{reference}/original")
        assert answer.status_code == 200
        assert answer.content == b"%PDF-1.4 evidence"
        assert "attachment" in answer.headers["content-disposition"]
    seen = await database.fetch("SELECT person_id, reason FROM claim_event WHERE name = 'evidence.seen'")
    assert seen == [{"person_id": await case.chair(Chair.VERIFIER), "reason": reference}]


async def test_rules_are_drafted_proposed_and_put_into_force_by_two(client, frozen):
    people = await office.make_officers(2)
    await sign_in(client, people[0].id)
    start = await client.get("/en/officer/rules/draft")
    assert start.status_code == 200
    bad = await send(
        client, "/en/officer/rules/draft", {"version": "R2", "tiers": "x"}, page="/en/officer/rules/draft"
    )
    assert bad.status_code == 422
    from market.claims.officer_pages import rule_form
    from market.claims.rule_versions import R2

    values = rule_form.values_of(R2)
    assert (
        await send(client, "/en/officer/rules/draft", values, page="/en/officer/rules/draft")
    ).status_code == 303
    page = "/en/officer/rules/R2"
    assert "differences to R1" in (await client.get(page)).text
    await send(client, f"{page}/propose", {}, page=page)
    refused = await send(client, f"{page}/force", {}, page=page)
    assert refused.status_code == 409
    await sign_in(client, people[1].id)
    assert (await send(client, f"{page}/force", {}, page=page)).status_code == 303
    assert (await client.get("/en/officer/rules")).status_code == 200


async def test_declarations_and_the_programme_page(client, frozen):
    case, people = await office.make_case()
    await case.recommended()
    await sign_in(client, people[0].id)
    page = "/en/officer/conflicts"
    assert (await send(client, page, {"kind": "hotel"}, page=page)).status_code in {400, 422}
    sent = {"kind": "phone", "value": "0811 000 111", "note": "A cousin"}
    assert (await send(client, page, sent, page=page)).status_code == 303
    assert "A cousin" in (await client.get(page)).text
    kept = await database.fetch_one("SELECT id, key_hash FROM officer_conflict")
    assert kept is not None
    assert "811" not in kept["key_hash"]
    await sign_in(client, people[1].id)
    assert (await send(client, f"{page}/{kept['id']}/end", {}, page=page)).status_code == 404
    programme = "/en/officer/programme"
    assert (
        await send(client, f"{programme}/budget", {"month": "x", "budget": "1"}, page=programme)
    ).status_code in {400, 422}
    sent = {"month": "2026-09", "budget": "5.000.000"}
    assert (await send(client, f"{programme}/budget", sent, page=programme)).status_code == 303
    assert "Rp" in (await client.get(programme)).text
