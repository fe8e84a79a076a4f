"""A moment of daylight, so that nothing waits for the morning unless a test wants it to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market import clock
from market.app import handlers as _handlers  # noqa: F401


@pytest.fixture
def now(db: str) -> datetime:
    """Tomorrow at ten in the morning, WITA."""
    return (
        (clock.now() + timedelta(days=1)).astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    )
