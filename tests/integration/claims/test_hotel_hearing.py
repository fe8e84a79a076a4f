"""What a hotel reads and says about a submitted claim: questions, decisions by line, objections, certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import httpx
from pypdf import PdfReader

from market import clock, db
from market.claims import asking, steps, verifying
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.rulings import Verdict
from market.claims.states import State
from tests.integration.claims import office
from tests.web import follow, post_form, sign_in, submit


def page_of(case: office.Case) -> str:
    return f"/en/hotel/claims/{case.reference}"


async def test_a_question_is_answered_with_its_clock_in_sight(client: httpx.AsyncClient):
    case, _ = await office.make_case()
    await case.verifying()
    verifier = await case.chair(Chair.VERIFIER)
    await asking.ask(case.reference, "Where is nota 12?", by=verifier, now=case.now)
    await sign_in(client, case.person.id)
    with clock.frozen(case.now):
        page = await client.get(page_of(case))
        assert "Where is nota 12?" in page.text
        assert "Please answer by 19 October 2026" in page.text
        empty = await submit(client, page, {"answer": "  "}, action="/questions/")
        assert empty.status_code == 400
        done = await follow(
            client, await submit(client, page, {"answer": "In the red <b>folder</b>."}, action="/questions/")
        )
        assert "In the red &lt;b&gt;folder&lt;/b&gt;." in done.text
        assert "/questions/" not in done.text
        twice = await follow(client, await submit(client, page, {"answer": "Again"}, action="/questions/"))
        assert "answered or closed already" in twice.text
    with clock.frozen(case.now + timedelta(days=1)):
        assert await asking.take_up_answers(clock.now()) == 1


async def test_an_overdue_question_may_still_be_answered(client: httpx.AsyncClient):
    case, _ = await office.make_case()
    await case.verifying()
    await asking.ask(case.reference, "Where?", by=await case.chair(Chair.VERIFIER), now=case.now)
    await sign_in(client, case.person.id)
    with clock.frozen(case.now + timedelta(days=20)):
        page = await client.get(page_of(case))
        assert "Overdue" in page.text
        answer = await submit(client, page, {"answer": "Here."}, action="/questions/")
    assert answer.status_code == 303


async def test_decisions_by_line_are_visible_with_their_reasons(client: httpx.AsyncClient):
    case, _ = await office.make_case(local=24_000_000)
    await case.checked()
    claim = await steps.get(case.reference)
    row = await db.fetch_one("SELECT line_id FROM claim_line WHERE claim_id = $1 AND origin = 'A'", claim.id)
    ruling = verifying.LineRuling(row["line_id"], Verdict.AMOUNT, "paper_amount", 4_000_000, "Sheet 3")
    await verifying.rule_lines(case.reference, [ruling], by=await case.chair(Chair.VERIFIER), now=case.now)
    await case.verify()
    await sign_in(client, case.person.id)
    with clock.frozen(case.now):
        page = (await client.get(page_of(case))).text.replace("\N{NO-BREAK SPACE}", " ")
        lines = await client.get(page_of(case) + "/lines")
    assert "The paper shows a smaller amount. Sheet 3" in page
    assert "Rp 4,000,000" in page
    assert "With the approver" in page
    assert "/objection" not in page
    for officer in await db.fetch("SELECT name FROM person WHERE name LIKE 'Officer%'"):
        assert officer["name"] not in page
    assert lines.text.count("Accepted") == 7


async def test_an_objection_within_its_time_goes_to_somebody_else(client: httpx.AsyncClient):
    case, _ = await office.make_case(local=5_000_000)
    await case.verified(Outcome.REJECT)
    await case.approve(Outcome.REJECT)
    await sign_in(client, case.person.id)
    with clock.frozen(case.now + timedelta(days=30, seconds=1)):
        late = await client.get(page_of(case))
        assert "/objection" not in late.text
    with clock.frozen(case.now + timedelta(days=29)):
        page = await client.get(page_of(case))
        assert "The office rejected this claim." in page.text
        empty = await submit(client, page, {"body": ""}, action="/objection")
        assert empty.status_code == 400
        done = await follow(
            client, await submit(client, page, {"body": "Line 3 was paid."}, action="/objection")
        )
        assert "Line 3 was paid." in done.text
        assert "Objection under review" in done.text
        twice = await follow(client, await submit(client, page, {"body": "Again"}, action="/objection"))
        assert "no decision you can object to now" in twice.text
    assert await case.state() is State.OBJECTED


async def test_the_certificate_is_downloaded_once_there_is_one(client: httpx.AsyncClient):
    case, officers = await office.make_case()
    await case.recommended()
    await sign_in(client, case.person.id)
    with clock.frozen(case.now):
        assert (await client.get(page_of(case) + "/certificate.pdf")).status_code == 404
        await case.decree(officers[5].id)
        page = await client.get(page_of(case))
        assert "/certificate.pdf" in page.text
        assert "SK 12/2026" in page.text
        pdf = await client.get(page_of(case) + "/certificate.pdf")
        facts = await client.get(page_of(case) + "/certificate.json")
    assert "SK 12/2026" in "".join(one.extract_text() for one in PdfReader(BytesIO(pdf.content)).pages)
    assert "8000000" in json.dumps(facts.json())


async def test_what_comes_next_is_said_in_every_state(client: httpx.AsyncClient):
    """From submission to the decree, in both languages, without a word that is not translated."""
    case, officers = await office.make_case()
    await sign_in(client, case.person.id)

    async def look(words: str) -> None:
        with clock.frozen(case.now):
            page = await client.get(page_of(case).replace("/en/", "/id/"))
            assert page.status_code == 200
            assert words in page.text, words

    await look("Klaim Anda sudah di kantor.")
    await case.drawn()
    await look("Petugas sudah diundi")
    await case.verified()
    await look("Petugas kedua memutuskan")
    await case.approve()
    await case.pass_audit()
    await look("Kantor merekomendasikan")
    await case.decree(officers[5].id)
    await look("Insentif berlaku.")
    share = await client.get("/id/hotel/share?period=2026-09")
    assert case.reference in share.text


async def test_another_hotel_s_question_cannot_be_answered(client: httpx.AsyncClient):
    case, _ = await office.make_case()
    await case.verifying()
    question = await asking.ask(case.reference, "Where?", by=await case.chair(Chair.VERIFIER), now=case.now)
    other, _ = await office.make_case(officers=0)
    await sign_in(client, other.person.id)
    with clock.frozen(case.now):
        answer = await post_form(client, "/en/profile", {"answer": "Mine"}, action="")
        token = answer.request.content.decode()
        assert "csrf=" in token
        csrf = dict(part.split("=", 1) for part in token.split("&"))["csrf"]
        path = f"/en/hotel/claims/{other.reference}/questions/{question}"
        stolen = await client.post(path, data={"csrf": csrf, "answer": "Mine"})
    assert stolen.status_code == 404
    row = await db.fetch_one("SELECT answer FROM claim_question")
    assert row["answer"] == ""
