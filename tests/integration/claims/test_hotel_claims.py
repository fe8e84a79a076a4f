"""A hotel's claim through its pages: opening, stating, documents, checklist, submission, receipt; and nobody else's."""

from __future__ import annotations

import json
import re
from io import BytesIO

import httpx
import pytest
from PIL import Image
from pypdf import PdfReader

from market import clock, db
from market.claims import claiming_documents, snapshot
from market.claims import claiming_queries as queries
from market.media.storage import NoSuchFile, Storage
from market.sourcing import locks
from market.transparency import log
from tests import factories
from tests.integration.claims.hotel_making import IN_OCTOBER, SEPTEMBER, Buyer, make_buyer, put
from tests.unit.claims.builders import make_line, spread
from tests.web import follow, post_form, sign_in, submit

PDF = b"%PDF-1.4\n% a letter\n"
STATED = {
    "total": "100.000.000",
    "out_wages": "35.000.000",
    "out_rent": "5.000.000",
    "tax_principal": "80.000.000",
    "compliant": "yes",
    "arrears": "none",
}


async def claimable(client: httpx.AsyncClient, *, share: int = 20_000_000) -> Buyer:
    """A signed-in hotel with purchases of 60,000,000 in September."""
    buyer = await make_buyer()
    await put(buyer, spread(share) + spread(60_000_000 - share, "X"))
    await sign_in(client, buyer.person.id)
    return buyer


async def open_draft(client: httpx.AsyncClient) -> str:
    answer = await post_form(client, "/en/hotel/claims", {}, action="/hotel/claims")
    assert answer.status_code == 303
    return answer.headers["location"]


async def upload(client: httpx.AsyncClient, draft: str, kind: str, name: str, data: bytes) -> httpx.Response:
    token = re.search(r'name="csrf" value="([^"]+)"', (await client.get(draft)).text)[1]
    return await client.post(
        f"{draft}/documents", data={"csrf": token, "kind": kind}, files={"file": (name, data)}
    )


async def add_letter(client: httpx.AsyncClient, draft: str, kind: str = "compliance") -> httpx.Response:
    return await upload(client, draft, kind, "letter.pdf", PDF)


async def submitted(client: httpx.AsyncClient) -> str:
    """The address of a claim that was just submitted."""
    draft = await open_draft(client)
    await post_form(client, draft, STATED, action=draft)
    await add_letter(client, draft)
    answer = await post_form(client, draft, {"true": "yes"}, action="/submit")
    assert answer.status_code == 303
    return draft


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", page.text.replace("\N{NO-BREAK SPACE}", " "))


async def test_from_draft_to_receipt(client: httpx.AsyncClient, tools):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        draft = await open_draft(client)
        page = await client.get(draft)
        assert "State the month&#39;s purchases by your books" in page.text
        assert "Submit the claim" not in page.text
        saved = await follow(client, await post_form(client, draft, STATED, action=draft))
        assert "They agree. Officers will ask for the page of your books." in words(saved)
        assert (await add_letter(client, draft)).status_code == 303
        assert (await add_letter(client, draft, "books")).status_code == 303
        ready = await client.get(draft)
        assert "They agree, and the page of your books is here." in words(ready)
        done = await follow(client, await submit(client, ready, {"true": "yes"}, action="/submit"))
        assert "Submitted. Your receipt" in done.text
        assert "Rp 8,000,000" in words(done)
        receipt = await client.get(f"{draft}/receipt")
        pdf = await client.get(f"{draft}/receipt.pdf")
    claim = (await queries.list_claims(buyer.hotel.id))[0]
    assert (claim.state, claim.share, claim.award_minor) == ("submitted", "1/3", 8_000_000)
    lines = await snapshot.read(claim.id)
    assert claim.snapshot_sha256 == snapshot.digest(lines) in receipt.text
    assert claim.line_count == len(lines) == 40
    entry = (await log.entries_about(f"claim:{claim.reference}"))[0]
    assert (entry.leaf.kind, entry.leaf.public["lines_sha256"]) == ("claim.submitted", claim.snapshot_sha256)
    assert json.loads(entry.facts_json)["result"]["share"] == "1/3"
    assert entry.leaf_hash_hex in receipt.text
    assert pdf.headers["content-disposition"].startswith("attachment")
    assert claim.reference in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert await locks.is_locked(buyer.hotel.id, "2026-09")


async def test_the_month_is_frozen_and_cannot_be_submitted_twice(client: httpx.AsyncClient):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        draft = await open_draft(client)
        await post_form(client, draft, STATED, action=draft)
        await add_letter(client, draft)
        ready = await client.get(draft)
        first = await submit(client, ready, {"true": "yes"}, action="/submit")
        second = await follow(client, await submit(client, ready, {"true": "yes"}, action="/submit"))
        late = await follow(client, await submit(client, ready, {**STATED, "total": "1"}, action=draft))
    assert first.status_code == 303
    assert "moved on" in second.text
    assert "moved on" in late.text
    claims = await queries.list_claims(buyer.hotel.id)
    assert len(claims) == 1
    assert claims[0].stated.total == 100_000_000
    assert len(await log.entries_about(f"claim:{claims[0].reference}")) == 1


@pytest.mark.parametrize(
    ("total", "within"),
    [
        ("102.040.816", True),  # 2,040,816 of 102,040,816 is just below 2 %
        ("102.040.817", False),
        ("98.039.216", True),
        ("98.039.215", False),
        ("", False),
        ("0", False),
    ],
)
async def test_two_per_cent_may_stay_unexplained(client: httpx.AsyncClient, total, within):
    with clock.frozen(IN_OCTOBER):
        await claimable(client)
        draft = await open_draft(client)
        await post_form(client, draft, {**STATED, "total": total}, action=draft)
        await add_letter(client, draft)
        page = await client.get(draft)
    assert ("Submit the claim" in page.text) is within


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"tax_principal": ""}, "State the tax of the month"),
        ({"compliant": ""}, "Say whether the tax of the last 24 months is paid."),
        ({"compliant": "no"}, "Say whether|Add|weigh|Missing"),
        ({"arrears": ""}, "Say whether there are any."),
        ({"arrears": "open"}, "Explain them in a sentence or two."),
    ],
)
async def test_what_is_missing_keeps_the_claim_back(client: httpx.AsyncClient, change, missing):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        draft = await open_draft(client)
        await post_form(client, draft, {**STATED, **change}, action=draft)
        await add_letter(client, draft)
        page = await client.get(draft)
        assert re.search(missing, page.text)
        assert "Submit the claim" not in page.text
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
        forced = await client.post(f"{draft}/submit", data={"csrf": token, "true": "yes"})
    assert "bn_flash" in forced.headers["set-cookie"]
    assert (await queries.list_claims(buyer.hotel.id))[0].state == "draft"
    assert await log.size() == 0
    assert not await locks.is_locked(buyer.hotel.id, "2026-09")


async def test_the_window_of_the_rule(client: httpx.AsyncClient):
    """September may be claimed from 1 October to the end of 29 November (60 days) in WITA."""
    buyer = await claimable(client)
    for instant, offered in (
        ("2026-09-30T15:59:59", False),
        ("2026-09-30T16:00:00", True),
        ("2026-11-29T15:59:59", True),
        ("2026-11-29T16:00:00", False),
    ):
        with clock.frozen(factories.at(instant)):
            page = await client.get("/en/hotel/claims")
        assert ("Prepare the claim for September 2026" in page.text) is offered, instant
    with clock.frozen(IN_OCTOBER):
        draft = await open_draft(client)
        await post_form(client, draft, STATED, action=draft)
        await add_letter(client, draft)
    with clock.frozen(factories.at("2026-12-01T00:00:00")):
        page = await client.get(draft)
        assert "Closed on 29 November 2026" in page.text
        assert "Submit the claim" not in page.text
    assert (await queries.list_claims(buyer.hotel.id))[0].state == "draft"


async def test_late_papers_need_a_reason(client: httpx.AsyncClient):
    """Entered on the 46th day after the invoice's day, in WITA; the 45th is in time."""
    buyer = await make_buyer()
    day = factories.at("2026-09-10T04:00:00")
    lines = [line._replace(invoice_at=day) for line in spread(60_000_000)]
    await put(buyer, lines[:10], entered_at=factories.at("2026-10-25T15:59:00"))
    await put(buyer, lines[10:], entered_at=factories.at("2026-10-25T16:00:00"))
    await sign_in(client, buyer.person.id)
    with clock.frozen(factories.at("2026-11-03T02:00:00")):
        draft = await open_draft(client)
        await post_form(client, draft, STATED, action=draft)
        await add_letter(client, draft)
        page = await client.get(draft)
        assert "10 papers were entered late. Say why." in page.text
        assert "Submit the claim" not in page.text
        said = await follow(
            client, await submit(client, page, {**STATED, "late_note": "The book was in Soe."}, action=draft)
        )
        assert "your reason goes with the claim" in said.text
        assert "Submit the claim" in said.text


async def test_a_draft_for_each_month_once_and_given_up(client: httpx.AsyncClient):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        page = await client.get("/en/hotel/claims")
        first = await submit(client, page, action="/hotel/claims")
        again = await submit(client, page, action="/hotel/claims")
        assert first.headers["location"] == again.headers["location"]
        gone = await follow(client, await post_form(client, first.headers["location"], action="/withdraw"))
        assert "The draft is given up" in gone.text
        third = await submit(client, gone, action="/hotel/claims")
    assert third.headers["location"] != first.headers["location"]
    assert {c.state for c in await queries.list_claims(buyer.hotel.id)} == {"withdrawn", "draft"}


async def test_amounts_that_cannot_be_read_stay_beside_their_field(client: httpx.AsyncClient):
    with clock.frozen(IN_OCTOBER):
        await claimable(client)
        draft = await open_draft(client)
        page = await post_form(
            client, draft, {**STATED, "total": "ten", "out_rent": "1.5", "arrears": "often"}, action=draft
        )
    assert page.status_code == 400
    assert 'value="ten"' in page.text
    assert set(re.findall(r'id="(\w+)-error"', page.text)) == {"total", "out_rent", "arrears"}


async def test_documents_are_encrypted_checked_and_downloaded(client: httpx.AsyncClient, tools, settings):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        draft = await open_draft(client)

        async def send(data: bytes, name: str) -> httpx.Response:
            return await upload(client, draft, "books", name, data)

        picture = BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "PNG")
        assert (await send(picture.getvalue(), "../../<b>books</b>.png")).status_code == 303
        for bad in (
            b"",
            b"MZ\x90",
            b"<svg onload=alert(1)>",
            picture.getvalue()[:20],
            b"%PDF-" + b"0" * 10**7 * 2,
        ):
            answer = await send(bad, "x.pdf")
            assert answer.status_code in {400, 413}, bad[:10]
        assert (await add_letter(client, draft)).status_code == 303
        claim = (await queries.list_claims(buyer.hotel.id))[0]
        kept = claim.documents
        assert [one.filename for one in kept] == ["b>.png", "letter.pdf"]
        raw = await tools.of(Storage).get(kept[1].storage_key)
        assert PDF not in raw
        assert (
            await claiming_documents.read(kept[1], storage=tools.of(Storage), secrets=settings.secrets) == PDF
        )
        answer = await client.get(f"{draft}/documents/{kept[1].reference}")
        assert answer.content == PDF
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        removed = await submit(client, await client.get(draft), action=f"{kept[0].reference}/remove")
        assert removed.status_code == 303
    assert [one.filename for one in (await queries.list_claims(buyer.hotel.id))[0].documents] == [
        "letter.pdf"
    ]


async def test_documents_outlive_a_rotation_of_secrets(client: httpx.AsyncClient, tools, settings):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        await submitted(client)
        (document,) = (await queries.list_claims(buyer.hotel.id))[0].documents
        rotated = ("another-secret-that-only-tests-know-9876543210", *settings.secrets)
        assert await claiming_documents.rewrap(rotated, now=IN_OCTOBER) == 1
        assert await claiming_documents.rewrap(rotated, now=IN_OCTOBER) == 0
        storage = tools.of(Storage)
        assert await claiming_documents.read(document, storage=storage, secrets=rotated[:1]) == PDF
        with pytest.raises(NoSuchFile):
            await claiming_documents.read(document, storage=storage, secrets=settings.secrets)


async def test_a_claim_of_another_hotel_does_not_exist(client: httpx.AsyncClient):
    with clock.frozen(IN_OCTOBER):
        await claimable(client)
        draft = await submitted(client)
        claim = await db.fetch_one("SELECT documents FROM claim")
        document = (
            json.loads(claim["documents"])[0]["reference"]
            if isinstance(claim["documents"], str)
            else (claim["documents"][0]["reference"])
        )
        stranger = await make_buyer()
        await sign_in(client, stranger.person.id)
        papers = ("/receipt", "/receipt.pdf", "/certificate.pdf", "/certificate.json")
        for path in ("", "/lines", *papers, f"/documents/{document}"):
            assert (await client.get(draft + path)).status_code == 404, path
        page = await client.get("/en/hotel/claims")
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
        for path in ("", "/submit", "/withdraw", "/documents", f"/documents/{document}/remove", "/objection"):
            answer = await client.post(draft + path, data={"csrf": token, "true": "yes", "body": "x"})
            assert answer.status_code == 404, path
        answer = await client.post(f"{draft}/questions/NOBODY99", data={"csrf": token, "answer": "x"})
        assert answer.status_code == 404


async def test_what_counts_is_frozen_whatever_happens_afterwards(client: httpx.AsyncClient):
    with clock.frozen(IN_OCTOBER):
        buyer = await claimable(client)
        draft = await submitted(client)
        await db.execute("UPDATE purchase_line SET origin = 'X', evidenced = FALSE")
        lines = await client.get(f"{draft}/lines")
    assert lines.status_code == 200
    claim = (await queries.list_claims(buyer.hotel.id))[0]
    assert snapshot.digest(await snapshot.read(claim.id)) == claim.snapshot_sha256
    with pytest.raises(Exception, match="append-only"):
        await db.execute("UPDATE claim SET stated_total_minor = 1")


async def test_adjustments_after_the_lock_open_a_correction(client: httpx.AsyncClient):
    """G6: 32 % gave 6,000,000; a credit note of 2,000,000 later makes it 29.16 % and 3,000,000."""
    with clock.frozen(IN_OCTOBER):
        buyer = await make_buyer()
        await put(buyer, spread(16_000_000) + spread(34_000_000, "X"))
        await sign_in(client, buyer.person.id)
        stated = {**STATED, "total": "90.000.000", "tax_principal": "60.000.000"}
        draft = await open_draft(client)
        await post_form(client, draft, stated, action=draft)
        await add_letter(client, draft)
        await post_form(client, draft, {"true": "yes"}, action="/submit")
        first = (await queries.list_claims(buyer.hotel.id))[0]
        assert (first.share, first.award_minor) == ("8/25", 6_000_000)
        refused = await client.get("/en/hotel/claims")
        assert "Correct September" not in refused.text
        await make_effective(first.id)
        await put(buyer, [make_line(2_000_000, credit_note=True)], adjustment=True)
        listed = await client.get("/en/hotel/claims")
        assert "Correct September 2026" in listed.text
        opened = await submit(client, listed, action="/corrections")
        correction = opened.headers["location"]
        page = await client.get(correction)
        assert "Correction for September 2026" in page.text
        await submit(client, page, {**stated, "total": "88.000.000"}, action=correction)
        page = await client.get(correction)
        assert "Submit the claim" in page.text
        done = await follow(client, await submit(client, page, {"true": "yes"}, action="/submit"))
        assert "29.16%" in done.text
    second = (await queries.list_claims(buyer.hotel.id))[0]
    assert (second.is_correction, second.corrects_id, second.rule_id) == (True, first.id, first.rule_id)
    assert (second.award_minor, second.line_count) == (3_000_000, 41)
    assert await queries.adjustments_since(buyer.hotel.id, SEPTEMBER) == 0


async def make_effective(claim_id: int) -> None:
    """Straight to the end, as the database sees it: an approved claim with its decree."""
    person = await factories.make_person()
    now = clock.now()
    await db.execute(
        "INSERT INTO claim_draw (claim_id, kind, round, candidates, seed_source, seed_after, committed_index,"
        " committed_at) VALUES ($1, 'lot', 1, '[]', 'test', 0, 0, $2)",
        claim_id,
        now,
    )
    await db.execute(
        "INSERT INTO claim_chair (claim_id, person_id, chair, draw_id, seated_at) VALUES ($1, $2, 'approver',"
        " (SELECT MAX(id) FROM claim_draw), $3)",
        claim_id,
        person.id,
        now,
    )
    await db.execute(
        "INSERT INTO claim_decision (claim_id, kind, chair, person_id, outcome, reasons, note, assessment,"
        " award_minor, log_index, decided_at) VALUES ($1, 'approve', 'approver', $2, 'award', '[]', 'Fine',"
        " '{}', 6000000, 0, $3)",
        claim_id,
        person.id,
        now,
    )
    await db.execute(
        "UPDATE claim SET decided_award_minor = award_minor, decided_share = share, state = 'recommended'"
        " WHERE id = $1",
        claim_id,
    )
    await db.execute(
        "INSERT INTO claim_sk (claim_id, number, decided_on, recorded_by, recorded_at, log_index)"
        " VALUES ($1, '188/2026', $2, $3, $4, 0)",
        claim_id,
        clock.today(),
        person.id,
        now,
    )
    await db.execute("UPDATE claim SET state = 'effective' WHERE id = $1", claim_id)
