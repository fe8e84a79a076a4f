"""The log's pages speak in words: no kind, subject, covered table or open fact is shown by its name for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import market.app.handlers  # noqa: F401 - every package names its entries
from market import clock
from market import db as database
from market.claims import budget
from market.transparency import digests, kinds, log
from tests.integration.claims import office
from tests.integration.opendata.test_opendata import make_award


def names(facts: Mapping[str, Any]) -> set[str]:
    """Names of facts, those inside others too where the outer one has no words of its own."""
    found: set[str] = set()
    for name, value in facts.items():
        found |= names(value) if isinstance(value, Mapping) and name in {"candidates", "result"} else {name}
    return found


async def everything() -> list[log.Entry]:
    await digests.seal_all(now=clock.now(), daily=True)
    return await log.newest_entries(500)


async def test_an_award_s_entries_have_words(db: str):
    await make_award()
    for entry in await everything():
        leaf = entry.leaf
        assert kinds.name_of(leaf.kind) != leaf.kind, leaf.kind
        assert kinds.subject_words(leaf.subject, "en") != leaf.subject, leaf.subject
        unnamed = {name for name in names(leaf.public or {}) if not kinds.is_named(leaf.kind, name)}
        assert not unnamed, (leaf.kind, unnamed)
        for locale in ("id", "en"):
            shown = [text for _, text in kinds.open_facts(leaf.kind, leaf.public, locale)]
            assert not [text for text in shown if text.startswith(("{", "["))], (leaf.kind, shown)


async def test_a_shared_budget_and_an_undone_decision_have_words(db: str):
    case, officers = await office.make_case()
    await case.recommended()
    number = await budget.propose(office.PERIOD, 5_000_001, note="All.", by=officers[4].id, now=case.now)
    await budget.put_into_effect(number, by=officers[5].id, secrets=office.SECRETS, now=case.now)
    said = {
        entry.leaf.kind: kinds.open_facts(entry.leaf.kind, entry.leaf.public, "en")
        for entry in await everything()
    }
    assert ("Budget", "Rp\xa05,000,001") in said["budget.shared"]
    assert dict(said["budget.shared"])["Awards after"] == f"{case.reference}: Rp\xa05,000,001"


async def test_certificates_facts_have_words(db: str):
    case, _ = await make_award(cut=False)
    row = await database.fetch_one("SELECT facts FROM award_certificate")
    assert row
    facts = row["facts"] if isinstance(row["facts"], dict) else json.loads(row["facts"])
    assert not {name for name in facts if not kinds.is_named("award.effective", name)}
    assert ("Hotel", case.hotel.name) in kinds.open_facts("award.effective", facts, "en")
