"""The example of the how-to gives what the page says, and the page names every reason and cap."""

from __future__ import annotations

import json
import re
from pathlib import Path

from market.claims.assess_file import assess_file
from market.claims.awards import CappedBy
from market.claims.lines import Reason

PAGE = (Path(__file__).parents[3] / "docs" / "howto" / "recompute-an-award.md").read_text()


def test_the_example():
    given, expected = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(assess_file(given)) == json.loads(expected)


def test_the_page_names_every_reason_and_cap():
    assert [word for word in (*Reason, *CappedBy) if f"`{word}`" not in PAGE] == []
