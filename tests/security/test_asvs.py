"""The checklist names places that exist, and says nothing twice."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_checklist_holds_together():
    with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["item"] for row in rows}) == len(rows) >= 150
    for row in rows:
        assert row["level"] in {"1", "2"}, row
        assert re.fullmatch(r"\d+(\.\d+\.\d+)?", row["item"]), row
        assert row["requirement"], row
        assert row["where"], row
        match row["status"]:
            case "met":
                assert (ROOT / row["where"].partition(";")[0]).exists() or "see docs/" in row["where"], row
            case "gap" | "not applicable":
                assert len(row["where"]) > 5, row
            case other:
                raise AssertionError(other)
