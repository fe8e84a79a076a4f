"""Recomputing a whole database: everything as stored passes, one changed rupiah anywhere does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from market import db as database
from market.claims import budget, claiming_service, replay, steps, verifying
from market.claims.claiming_answers import object_to
from market.claims.claiming_queries import get_claim
from market.claims.deciding import Outcome
from market.claims.lots import Chair
from market.claims.rulings import Verdict
from tests.integration.claims import office


async def effective() -> tuple[office.Case, list]:
    """A claim in effect in which one line was cut and one does not count."""
    case, officers = await office.make_case(local=24_000_000)
    await case.checked()
    verifier = await case.chair(Chair.VERIFIER)
    claim = await steps.get(case.reference)
    rows = await database.fetch(
        "SELECT line_id FROM claim_line WHERE claim_id = $1 AND origin = 'A' ORDER BY line_id", claim.id
    )
    await verifying.rule_lines(
        case.reference,
        [
            verifying.LineRuling(rows[0]["line_id"], Verdict.AMOUNT, "paper_amount", 5_000_000),
            verifying.LineRuling(rows[1]["line_id"], Verdict.EXCLUDE, "duplicate"),
        ],
        by=verifier,
        now=case.now,
    )
    await case.verify()
    await case.approve()
    await case.pass_audit()
    await case.decree(officers[5].id)
    return case, officers


async def test_a_claim_in_effect_is_recomputed(db):
    case, _ = await effective()
    counts = await replay.everything()
    # 24,000,000 less 1,000,000 less 6,000,000 of 64,000,000 is 26.56 %: 5 % of 80,000,000.
    assert await case.column("decided_award_minor") == 4_000_000
    assert (counts.claims, counts.awards, counts.rupiah) == (1, 1, 4_000_000)
    assert counts.decisions >= 2
    assert counts.draws >= 2


async def test_claims_in_every_state_are_recomputed(db):
    rejected, _ = await office.make_case(local=5_000_000)
    await rejected.verified(Outcome.REJECT)
    await rejected.approve(Outcome.REJECT)
    objected, _ = await office.make_case(officers=0)
    await objected.recommended()
    claim = await get_claim(objected.reference, [objected.hotel.id])
    await object_to(claim, "One line is missing.", by=objected.person.id, now=objected.now)
    await office.make_case(officers=0)
    await claiming_service.open_draft(
        (await office.make_hotel()).id, office.PERIOD, by=objected.person.id, now=office.NOW
    )
    counts = await replay.everything()
    assert (counts.claims, counts.awards) == (3, 0)


async def test_a_shared_budget_is_recomputed(db):
    """G13 in small: what a budget leaves of an award is the award in effect."""
    case, officers = await office.make_case()
    await case.recommended()
    number = await budget.propose(
        office.PERIOD, 5_000_000, note="All there is.", by=officers[4].id, now=case.now
    )
    await budget.put_into_effect(number, by=officers[5].id, secrets=office.SECRETS, now=case.now)
    await case.decree(officers[5].id)
    assert await case.column("decided_award_minor") == 5_000_000
    assert (await replay.everything()).rupiah == 5_000_000


CHANGES = {
    "claim_line": "UPDATE claim_line SET net_minor = net_minor + 1 WHERE position = 3",
    "ruling": "UPDATE line_decision SET net_minor = 5000001 WHERE verdict = 'amount'",
    "decision": "UPDATE claim_decision SET award_minor = 4000001 WHERE kind = 'approve'",
    "claim": "UPDATE claim SET decided_award_minor = 4000001",
    "share": "UPDATE claim SET share = '2/5'",
    "payable": "UPDATE claim SET payable_minor = 5000000",
    "tax": "UPDATE claim SET tax_principal_minor = 80000001",
    "hash": "UPDATE claim SET snapshot_sha256 = 'z' || SUBSTR(snapshot_sha256, 2)",
    "lot": "UPDATE claim_draw SET seed = 'z' || SUBSTR(seed, 2) WHERE kind = 'lot'",
    "rule": "UPDATE rule_version SET body = REPLACE(CAST(body AS TEXT), '25000000', '26000000'){json}",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_one_change_anywhere_is_found(db, what):
    await effective()
    await without_triggers()
    change = CHANGES[what].replace("{json}", "")
    if what == "rule" and is_postgres():
        change = change.replace(
            "REPLACE(CAST(body AS TEXT), '25000000', '26000000')",
            "CAST(REPLACE(CAST(body AS TEXT), '25000000', '26000000') AS JSONB)",
        )
    assert await execute(change)
    with pytest.raises(replay.Difference) as found:
        await replay.everything()
    print(found.value)


async def test_the_command_says_what_it_recomputed_and_fails_on_a_difference(db, tmp_path):
    case, _ = await effective()

    def run() -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "MARKET_DATABASE_URL": db,
            "MARKET_DEMO": "1",
            "MARKET_DATA_DIR": str(tmp_path),
        }
        root = Path(__file__).resolve().parents[3]
        return subprocess.run(  # noqa: PLW1510 - the exit code is what is tested
            [sys.executable, "-m", "market", "replay"], env=environ, cwd=root, capture_output=True, text=True
        )

    good = run()
    assert (good.returncode, good.stderr) == (0, "")
    assert case.reference in good.stdout
    assert "Recomputed 1 claims" in good.stdout
    await without_triggers()
    await execute(CHANGES["claim_line"])
    bad = run()
    assert bad.returncode == 1
    assert f"claim {case.reference}" in bad.stderr


async def without_triggers() -> None:
    """What an administrator of the database could do: take the guards away first."""
    if is_postgres():
        for table in ("claim", "claim_line", "claim_decision", "claim_draw", "line_decision", "rule_version"):
            await execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    for row in await fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        await execute(f"DROP TRIGGER {row['name']}")


async def execute(statement: str) -> int:
    return await database.execute(statement)


async def fetch(statement: str) -> list:
    return await database.fetch(statement)


def is_postgres() -> bool:
    return database.is_postgres()
