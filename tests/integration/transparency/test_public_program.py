"""The public program, run as a stranger runs it: in a process of its own, against the served log and kept files;
and the command `verify-log` beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from market import clock
from market import db as database
from market.outbox.tools import Tools
from market.settings import Settings
from market.transparency import certificates, checkpoints, log
from market.transparency.keys import LogKeys, write_signer


async def run(*arguments: str, cwd: Path, environ: dict[str, str] | None = None) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.fixture
async def served(app: Starlette, free_port: Callable[[], int]) -> AsyncGenerator[str]:
    """The app behind a real server; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="error", loop="asyncio"))
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def grow(tools: Tools, count: int) -> log.Signed:
    events = [
        log.Event("claim.decided", f"claim:{n}", {"award": n, "h": "é \u2028 😀"}) for n in range(count)
    ]
    async with database.transaction():
        await log.append_many(events, now=clock.now())
    return await checkpoints.sign_if_grown(tools.of(LogKeys), now=clock.now())


async def test_a_stranger_checks_the_served_log(served: str, tools: Tools, tmp_path: Path):
    old = await grow(tools, 3)
    await grow(tools, 300)
    async with httpx.AsyncClient(base_url=served) as client:
        for name, path in (
            ("verify.py", "verify.py"),
            ("key", "key"),
            ("entry", "entry/2"),
            ("proof", "proof/2"),
        ):
            (tmp_path / name).write_bytes((await client.get(f"/log/{path}")).content)
        grown = await client.get(f"/log/consistency/{old.size}/304")
        (tmp_path / "grown").write_text(grown.text)
        (tmp_path / "new").write_text((await client.get("/log/checkpoint")).text)
    (tmp_path / "old").write_text(old.note)
    (tmp_path / "lie").write_text(old.note.replace("\n4\n", "\n5\n"))
    certificate = await certificates.issue(2, keys=tools.of(LogKeys), verify_url="http://x/", now=clock.now())
    (tmp_path / "c.json").write_bytes(certificate)
    changed = json.loads(certificate)
    changed["facts"]["award"] = 10**9
    (tmp_path / "false.json").write_text(json.dumps(changed))

    async def program(*arguments: str) -> tuple[int, str]:
        return await run("-I", "verify.py", *arguments, cwd=tmp_path)

    url = f"{served}/log/"
    assert await program("remote", "key", url) == (
        0,
        "complete: all 304 entries make up the signed checkpoint\n",
    )
    code, said = await program("remote", "key", url, "old")
    assert (code, "the first 4 are those of your checkpoint" in said) == (0, True)
    assert (await program("remote", "key", url, "lie"))[0] == 1
    assert (await program("remote", "key", f"{served}/nothing/"))[0] == 1
    assert (await program("remote", "key", "file:///etc/passwd"))[0] == 1
    assert (await program("inclusion", "key", "entry", "proof"))[0] == 0
    assert (await program("consistency", "key", "old", "new", "grown"))[0] == 0
    code, said = await program("certificate", "key", "c.json")
    assert (code, said.startswith("genuine: entry 2 of 304")) == (0, True)
    code, said = await program("certificate", "key", "false.json")
    assert (code, "does not commit" in said) == (1, True)


async def test_a_stranger_notices_another_history(served: str, tools: Tools, tmp_path: Path):
    """The log is made anew and signed with its own key: only the checkpoint kept outside tells."""
    old = await grow(tools, 5)
    (tmp_path / "old").write_text(old.note)
    (tmp_path / "key").write_text(str(tools.of(LogKeys).verifier))
    async with httpx.AsyncClient(base_url=served) as client:
        (tmp_path / "verify.py").write_bytes((await client.get("/log/verify.py")).content)
    tables = ("log_checkpoint", "log_opening", "log_node", "log_entry")
    for table in tables:
        if database.is_postgres():
            await database.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    if not database.is_postgres():
        for row in await database.fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            await database.execute(f"DROP TRIGGER {row['name']}")
    for table in tables:
        await database.execute(f"DELETE FROM {table}")
    if database.is_postgres():
        await database.execute("ALTER TABLE log_head DISABLE TRIGGER ALL")
    await database.execute("UPDATE log_head SET size = 0, peaks = ''")
    await grow(tools, 7)
    url = f"{served}/log/"
    assert (await run("-I", "verify.py", "remote", "key", url, cwd=tmp_path))[0] == 0
    code, said = await run("-I", "verify.py", "remote", "key", url, "old", cwd=tmp_path)
    assert (code, "do not make up this checkpoint" in said) == (1, True)


async def test_the_command_names_the_first_bad_entry(
    db: str, tools: Tools, settings: Settings, tmp_path: Path
):
    kept = await grow(tools, 9)
    (tmp_path / "kept.txt").write_text(kept.note)
    (tmp_path / "key.txt").write_text(f"{tools.of(LogKeys).verifier}\n")
    environ = {
        "MARKET_DATABASE_URL": db,
        "MARKET_DEMO": "1",
        "MARKET_LOG_KEY": write_signer(tools.of(LogKeys).signers[0]),
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
    }

    async def command(*arguments: str) -> tuple[int, str]:
        return await run("-m", "market", "verify-log", *arguments, cwd=tmp_path, environ=environ)

    code, said = await command("kept.txt", "--key", "key.txt")
    assert (code, "All as it was" in said) == (0, True), said
    assert "No checkpoint from outside" in (await command())[1]
    assert (await command("no-such-file"))[0] == 2
    assert (await command("kept.txt", "--key", "nonsense"))[0] == 2
    code, said = await command(kept.note)
    assert code == 0
    if database.is_postgres():
        await database.execute("ALTER TABLE log_entry DISABLE TRIGGER ALL")
    else:
        await database.execute("DROP TRIGGER log_entry_no_update")
    await database.execute(
        "UPDATE log_entry SET leaf = replace(leaf, 'claim:4', 'claim:5') WHERE position = 4"
    )
    code, said = await command("kept.txt")
    assert code == 1
    assert "BAD log_entry 4: " in said.splitlines()[1]


async def test_a_new_key_is_printed_with_its_public_half(tmp_path: Path):
    environ = {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    code, said = await run("-m", "market", "new-log-key", "benang.test/log", cwd=tmp_path, environ=environ)
    assert code == 0
    assert said.startswith("MARKET_LOG_KEY=PRIVATE+KEY+benang.test/log+")
    assert "Public key, for everybody: benang.test/log+" in said
    assert (await run("-m", "market", "new-log-key", cwd=tmp_path, environ=environ))[0] == 2
    assert (await run("-m", "market", "new-log-key", "two words", cwd=tmp_path, environ=environ))[0] == 2
