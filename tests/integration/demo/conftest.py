"""Whoever fills the demo knows the addresses of all pages, as the command line does."""

import pytest

from market.app.routes import routes
from market.web import urls


@pytest.fixture(autouse=True, scope="session")
def addresses() -> None:
    urls.learn(routes())
