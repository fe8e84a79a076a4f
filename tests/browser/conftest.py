"""One server with demo content and one Chromium for all browser tests; every test gets fresh contexts.

The server keeps its data in SQLite, or in the empty database that MARKET_TEST_BROWSER_DATABASE_URL names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.walking import Site
from tests.browser.world import World, build

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser; without one it is skipped and says so."""
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason="Chromium is not installed (apt-get install chromium)")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(missing)


@dataclass(frozen=True, slots=True)
class _Server:
    process: subprocess.Popen[bytes]
    said: Path

    def wait_until_well(self, address: str) -> None:
        """Until the health page reports a database and a living worker."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{address}/healthz", timeout=5).json()["worker"] == "ok":
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        pytest.fail(f"the server did not start:\n{self.said.read_text()}")


@pytest.fixture(scope="session")
def site(free_port: Callable[[], int]) -> Generator[Site]:
    """The real server with demo content and the worker inside, stopped at the end."""
    # Not under pytest's own temporary folders: another run of the suite may clear those away.
    folder, port = Path(tempfile.mkdtemp(prefix="benang-browser-")), free_port()
    said = folder / "server.log"
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARKET_", "STRIPE_"))
    }
    # All guests of these tests come from one address: more of them than a village's places would be safe with.
    environ |= {"MARKET_DEMO": "1", "MARKET_HOLD_LIMIT": "0"}
    environ |= {"PORT": str(port), "MARKET_DATA_DIR": str(folder / "var")}
    if named := os.environ.get("MARKET_TEST_BROWSER_DATABASE_URL"):
        environ["MARKET_DATABASE_URL"] = named
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "market", "web", "--with-worker"],
            env=environ,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _Server(process, said).wait_until_well(address)
            yield Site(address, folder / "var" / "benang.db")
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """The system's Chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def world(chromium: Browser, site: Site) -> World:
    """Bookings in several states and everybody signed in."""
    return await build(chromium, site)
