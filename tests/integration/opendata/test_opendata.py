"""The programme's public pages and files: who is named, what is withheld, and awards that anybody recomputes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import httpx
import pytest

from market import db as database
from market.claims import verifying
from market.claims.deciding import Outcome
from market.claims.draws import SamplePlan, draw_sample, sample_start
from market.claims.lots import Chair
from market.claims.rulings import Verdict
from market.places import areas
from market.suppliers.models import Supplier
from tests import factories
from tests.integration.claims import office
from tests.integration.claims.hotel_making import make_supplier

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("9171031234560001", "081234567890", "0123456789012345")


async def make_suppliers() -> dict[str, Supplier]:
    """A named cooperative, a sole trader who agreed, and six who did not; with numbers nobody may see."""
    private = {"npwp": SECRETS[2], "nib": "1234567890123"}
    found = {
        "coop": await make_supplier("Koperasi Kelor", area="53.02.01", **private),
        "agreed": await make_supplier(
            "Ina Weaver", area="53.02.02", kind="weaver", sole_trader=True, name_consent=True
        ),
    }
    for n in range(5):
        found[f"soe{n}"] = await make_supplier(
            f"Secret Person {n}", area="53.02.01", kind="producer", sole_trader=True, **private
        )
    found["alor"] = await make_supplier("Lonely Person", area="53.05.01", kind="producer", sole_trader=True)
    return found


async def make_award(*, cut: bool = True) -> tuple[office.Case, dict[str, Supplier]]:
    """A claim in effect with purchases from every kind of supplier; one line was cut by the officers."""
    officers = await office.make_officers(6)
    suppliers = await make_suppliers()
    hotel, person = await office.make_hotel(npwp=SECRETS[2]), await factories.make_person(name="Buyer")
    await factories.make_member(person, "hotel", hotel.id)
    for key, supplier in suppliers.items():
        category = "textile" if key == "agreed" else "food"
        await office.buy(
            hotel.id, person.id, 3_000_000, supplier_id=supplier.id, seller=supplier.name, category=category
        )
    await office.buy(hotel.id, person.id, 36_000_000, origin="X", seller="Toko Jauh")
    case = office.Case(await office.submit(hotel.id, person.id), hotel, person)
    await case.checked()
    if cut:
        verifier = await case.chair(Chair.VERIFIER)
        row = await database.fetch_one(
            "SELECT line_id FROM claim_line WHERE supplier_id = $1", suppliers["coop"].id
        )
        ruling = verifying.LineRuling(row["line_id"], Verdict.AMOUNT, "paper_amount", 2_000_000)
        await verifying.rule_lines(case.reference, [ruling], by=verifier, now=case.now)
    await case.verify(Outcome.AWARD)
    await case.approve()
    await case.pass_audit()
    await case.decree(officers[5].id)
    return case, suppliers


def assessed(content: bytes, folder: Path) -> dict:
    """What the command line makes of a file."""
    path = folder / "claim.json"
    path.write_bytes(content)
    done = subprocess.run(  # noqa: PLW1510 - the exit code is what is tested
        [sys.executable, "-m", "market", "assess", str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


async def test_anybody_recomputes_an_award_from_the_public_page(client: httpx.AsyncClient, tmp_path):
    case, _ = await make_award()
    programme = await client.get("/en/programme")
    assert programme.status_code == 200
    assert case.hotel.name in programme.text
    assert "SK 12/2026" in programme.text
    page = await client.get(f"/en/programme/awards/{case.reference}")
    address = f"/data/claims/{case.reference}.json"
    assert address in page.text
    answer = await client.get(address)
    found = assessed(answer.content, tmp_path)
    assert found["award"] == await case.column("decided_award_minor") > 0
    assert found["share"] == await case.column("decided_share") == "23/60"
    assert f"{found['share_shown']}%" in page.text


async def test_a_shared_budget_is_in_the_file(client: httpx.AsyncClient, tmp_path):
    from market.claims import budget

    case, officers = await office.make_case()
    await case.recommended()
    before = assessed((await client.get(f"/data/claims/{case.reference}.json")).content, tmp_path)
    assert before["award"] == 8_000_000
    number = await budget.propose(office.PERIOD, 5_000_001, note="All.", by=officers[4].id, now=case.now)
    await budget.put_into_effect(number, by=officers[5].id, secrets=office.SECRETS, now=case.now)
    await case.decree(officers[5].id)
    after = assessed((await client.get(f"/data/claims/{case.reference}.json")).content, tmp_path)
    assert (after["award"], after["capped_by"]) == (5_000_001, "budget")
    assert await case.column("decided_award_minor") == 5_000_001


async def test_nothing_is_public_before_it_is_decided(client: httpx.AsyncClient):
    case, _ = await office.make_case()
    await case.verified()
    for path in (
        f"/data/claims/{case.reference}.json",
        f"/data/claims/{case.reference}/sample.json",
        f"/en/programme/awards/{case.reference}",
        f"/en/programme/hotels/{case.hotel.slug}",
        "/data/ocds/2026-09.json",
        "/data/purchases/2026-09.csv",
        "/data/ocds/2026-13.json",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert case.hotel.name not in (await client.get("/en/programme")).text
    assert case.hotel.name not in (await client.get("/data/awards.csv")).text


ALL = (
    "/data/awards.csv",
    "/data/spend.csv",
    "/data/draws.json",
    "/data/datapackage.json",
    "/data/purchases/2026-09.csv",
    "/data/ocds/2026-09.json",
    "/en/programme",
    "/en/data",
)


async def test_names_only_of_those_who_may_be_named(client: httpx.AsyncClient):
    case, suppliers = await make_award()
    paths = (*ALL, f"/data/claims/{case.reference}.json", f"/en/programme/awards/{case.reference}")
    for path in paths:
        text = (await client.get(path)).text
        for secret in (*SECRETS, "Secret Person", "Lonely Person", "Toko Jauh", "1234567890123"):
            assert secret not in text, (path, secret)
    package = (await client.get("/data/ocds/2026-09.json")).json()
    names = {party["name"] for release in package["releases"] for party in release["parties"]}
    assert {"Koperasi Kelor", "Ina Weaver", case.hotel.name} <= names
    assert {suppliers[f"soe{n}"].code for n in range(5)} <= names
    rows = list(csv.DictReader(StringIO((await client.get("/data/purchases/2026-09.csv")).text)))
    by_code = {row["supplier"]: row for row in rows}
    assert by_code[suppliers["soe0"].code]["kecamatan"] == areas.get("53.02.01").name
    # The only unnamed sole trader of Alor: not even the kabupaten is told.
    assert by_code[suppliers["alor"].code]["kabupaten"] == ""
    assert by_code[suppliers["coop"].code]["net_idr"] == "2000000"


async def test_small_cells_are_withheld(client: httpx.AsyncClient):
    await make_award()
    rows = list(csv.DictReader(StringIO((await client.get("/data/spend.csv")).text)))
    cells = {(row["kabupaten"], row["category"]): row["suppliers"] for row in rows}
    assert set(cells.values()) <= {"<5 suppliers", *map(str, range(5, 100))}
    assert cells["53.02", "textile"] == "<5 suppliers"
    assert "withheld" in (await client.get("/en/programme")).text


async def test_the_same_data_gives_the_same_bytes(client: httpx.AsyncClient):
    case, _ = await make_award()
    for path in (*ALL[:6], f"/data/claims/{case.reference}.json"):
        first, second = await client.get(path), await client.get(path)
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]
        again = await client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["access-control-allow-origin"] == "*"


async def test_packages_are_ocds(client: httpx.AsyncClient, tmp_path):
    """The required fields and closed lists of OCDS 1.1; the whole schema where a copy of it is at hand."""
    await make_award()
    package = (await client.get("/data/ocds/2026-09.json")).json()
    assert {"uri", "publishedDate", "publisher", "releases", "version"} <= package.keys()
    assert package["version"] == "1.1"
    ids = [release["id"] for release in package["releases"]]
    assert len(ids) == len(set(ids)) == 8
    for release in package["releases"]:
        assert {"ocid", "id", "date", "tag", "initiationType"} <= release.keys()
        assert release["initiationType"] == "tender"
        known = {party["id"] for party in release["parties"]}
        assert release["buyer"]["id"] in known
        for award in release["awards"]:
            assert award["status"] == "active"
            assert {s["id"] for s in award["suppliers"]} <= known
            assert award["value"]["amount"] == sum(i["unit"]["value"]["amount"] for i in award["items"])


async def test_a_sample_is_repeated_from_its_file(client: httpx.AsyncClient):
    """More than thirty counted lines are sampled; the file holds all that is needed to draw them again."""
    officers = await office.make_officers(6)
    hotel, person = await office.make_hotel(), await factories.make_person()
    await factories.make_member(person, "hotel", hotel.id)
    await office.spread(hotel.id, person.id, 40_000_000, parts=40)
    case = office.Case(await office.submit(hotel.id, person.id), hotel, person)
    await case.recommended()
    await case.decree(officers[5].id)
    found = (await client.get(f"/data/claims/{case.reference}/sample.json")).json()
    start = sample_start(found["seed"], case.reference, found["interval"])
    plan = SamplePlan(found["book_value"], found["size"], found["interval"])
    hits = draw_sample(plan, start, [(line, value) for line, value in found["lines"]])
    assert start == found["start"]
    assert [[hit.rupiah, hit.line] for hit in hits] == found["hits"]


async def test_lots_are_repeated_from_their_file(client: httpx.AsyncClient):
    import hashlib

    case, _ = await make_award()
    found = (await client.get("/data/draws.json")).json()["draws"]
    lot = next(draw for draw in found if draw["kind"] == "lot")

    def digest(code: str) -> str:
        return hashlib.sha256(f"{lot['seed']}|{case.reference}|{code}".encode()).hexdigest()

    order = sorted(lot["candidates"]["officers"], key=digest)
    assert order == lot["result"]["order"]


async def test_digits_only_from_three_hundred_lines_over_two_decades(client: httpx.AsyncClient):
    case, _ = await make_award()
    assert "First digits" not in (await client.get("/en/programme")).text
    claim = await database.fetch_one("SELECT id FROM claim WHERE reference = $1", case.reference)
    line = await database.fetch_one("SELECT * FROM claim_line WHERE claim_id = $1 LIMIT 1", claim["id"])
    for n in range(300):
        await database.execute(
            "INSERT INTO purchase_line (document_id, position, hotel_id, seller_key, period, invoice_at,"
            " credit_note, description, category, amount, net_minor) VALUES ($1, $2, $3, 'w:x', '2026-09', $4,"
            " FALSE, 'x', 'food', '1', $5)",
            line["document_id"],
            100 + n,
            case.hotel.id,
            case.now,
            1_000 * (n + 1),
        )
        await database.execute(
            "INSERT INTO claim_line (claim_id, line_id, position, document_id, document_reference, seller_key,"
            " seller_name, category, invoice_at, entered_at, net_minor, credit_note, origin, evidenced, confirmed,"
            " related) VALUES ($1, (SELECT MAX(id) FROM purchase_line), $2, $3, 'D', 'w:x', 'x', 'food', $4, $4,"
            " $5, FALSE, 'X', TRUE, TRUE, FALSE)",
            claim["id"],
            1_000 + n,
            line["document_id"],
            case.now,
            1_000 * (n + 1),
        )
    page = await client.get("/id/programme", headers={"cookie": "x=1"})
    assert 'id="digits-title"' in page.text


@pytest.mark.parametrize(
    "path", ["/en/programme", "/id/programme", "/en/data", "/id/data", "/data/awards.csv"]
)
async def test_an_empty_programme_has_its_pages(client: httpx.AsyncClient, path):
    assert (await client.get(path)).status_code == 200
