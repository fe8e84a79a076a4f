"""A town per test; the ledger sums to zero at the end of each."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from market.payments import ledger
from market.settings import Settings
from tests.integration.payouts.town import Town, build


@pytest.fixture
async def town(db: str, settings: Settings, tools: object) -> AsyncGenerator[Town]:
    yield await build(settings)
    assert await ledger.trial_balance() == 0
