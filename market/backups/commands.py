"""The operators' part of the command line: backup, backup verify, restore, reconcile, maintenance.

Each says what it did and what comes next; problems go to stderr. What may be written after them is `arguments`, the
command line itself `market.app.cli`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final

from market.backups import reconciling, restoring, taking, verifying
from market.backups.facts import NoDatabase
from market.backups.manifest import KEPT_APART, Manifest
from market.backups.postgres import ProgramFailed
from market.backups.restoring import NotEmpty
from market.backups.store import FolderBusy
from market.backups.taking import POSTGRES, SQLITE
from market.db.config import connect, disconnect, is_sqlite
from market.db.migrate import migrate
from market.errors import DomainError
from market.media.storage import Storage
from market.outbox import maintenance
from market.outbox.tools import Tools
from market.settings import BadSettings, Settings
from market.transparency.keys import LogKeys, load_keys
from market.transparency.notes import Verifier

FINE, FOUND, UNUSABLE = 0, 1, 2
OpenTools = Callable[[Settings], AbstractAsyncContextManager[Tools]]
_MEGABYTE: Final = 1_000_000


async def run(config: Settings, options: argparse.Namespace, open_tools: OpenTools) -> int:
    """Run one of `arguments.NAMES`; the process's exit code.

    0: fine. 1: something is wrong with the data. 2: it cannot be done.
    """
    try:
        return await _run(config, options, open_tools)
    except verifying.Damaged as damage:
        return _wrong(f"BAD {damage}", FOUND)
    except (NoDatabase, FolderBusy, NotEmpty, ProgramFailed, DomainError, OSError) as error:
        return _wrong(f"{options.command} did not work: {error}")
    except BadSettings as error:
        return _wrong("\n".join(["The settings cannot be used:", *(f"  - {p}" for p in error.problems)]))


async def _run(config: Settings, options: argparse.Namespace, open_tools: OpenTools) -> int:
    match options.command:
        case "backup":
            return await _backup(config, options, open_tools)
        case "restore":
            return await _restore(config, options, open_tools)
        case "reconcile":
            return await _reconcile(config, options, open_tools)
        case _:
            return await _maintenance(config, options)


async def _backup(config: Settings, options: argparse.Namespace, open_tools: OpenTools) -> int:
    match options.what:
        case ["verify", name]:
            return await _verify(config, Path(name), options.key)
        case [folder] if folder != "verify":
            return await _take(config, Path(folder), options.keep, open_tools)
        case _:
            return _wrong("Say `backup FOLDER`, or `backup verify FILE`.")


async def _take(config: Settings, folder: Path, keep: int | None, open_tools: OpenTools) -> int:
    async with open_tools(config) as tools:
        taken = await taking.take(config, tools.of(Storage), tools.of(LogKeys), folder, keep=keep)
    _say(f"Written: {taken.file}")
    _say(f"  {_contents(taken.manifest)}; {taken.copied} files were new to the folder.")
    if taken.dropped:
        _say(f"  {taken.dropped} older backups were dropped.")
    _say("Not in it, to be kept elsewhere:")
    for name, why in KEPT_APART.items():
        _say(f"  {name}: {why}")
    return FINE


def _contents(found: Manifest) -> str:
    kind = {SQLITE: "SQLite", POSTGRES: "PostgreSQL"}[found.dialect]
    rows = sum(found.facts.counts.values())
    return (
        f"{kind}, {rows} rows, schema {found.facts.schema.number:04}, log of {found.facts.log.size} entries,"
        f" {found.media_count} media files ({found.media_bytes / _MEGABYTE:.1f} MB)"
    )


async def _verify(config: Settings, file: Path, key: str | None) -> int:
    found = await verifying.verify(file, _verifiers(config, key))
    _say(
        f"All as it was written on {found.manifest.taken_at:%Y-%m-%d %H:%M} UTC: {_contents(found.manifest)}."
    )
    return FINE


def _verifiers(config: Settings, key: str | None) -> Sequence[Verifier]:
    if key is None:
        return load_keys(config).verifiers
    text = Path(key).read_text(encoding="utf-8") if "+" not in key else key
    try:
        return [Verifier.parse(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise OSError(f"the key cannot be read: {error}") from None


async def _restore(config: Settings, options: argparse.Namespace, open_tools: OpenTools) -> int:
    found = await verifying.verify(options.file, load_keys(config).verifiers)
    target = _target(config, found.manifest, options.into)
    if target is None:
        wanted = (
            "a new data folder" if found.manifest.dialect == SQLITE else "postgres://… of an empty database"
        )
        return _wrong(f"This backup is of {_contents(found.manifest)}: --into takes {wanted}.")
    await restoring.refuse_unless_empty(found, target, keep_media=options.keep_media)
    async with open_tools(target) as tools:
        storage = tools.of(Storage)
        await restoring.refuse_foreign_media(found, storage, keep_media=options.keep_media)
        result = await restoring.restore(found, target, storage)
    _tell_restored(found.manifest, target, result)
    return FINE


def _target(config: Settings, found: Manifest, into: str) -> Settings | None:
    """The settings of the new place; None when it is not of the backup's kind."""
    as_url = into.startswith(("postgres://", "postgresql://"))
    if as_url != (found.dialect == POSTGRES):
        return None
    if as_url:
        return replace(config, database_url=into)
    folder = Path(into)
    return replace(config, data_dir=folder, database_url=f"sqlite:///{folder / 'benang.db'}")


def _tell_restored(found: Manifest, target: Settings, result: restoring.Restored) -> None:
    taken = found.taken_at.isoformat(timespec="seconds")
    _say(f"Restored: {_contents(found)}, as of {taken}; {result.media} media files put.")
    if result.migrated:
        _say(f"  Migrated: {', '.join(result.migrated)}")
    for handler, count in sorted(result.put_aside.items()):
        _say(f"  Put aside for a person: {count} x {handler}")
    if not result.secret_fits:
        _say(
            "  MARKET_SECRET_KEY is another one than then: what is sealed cannot be opened with it.",
            wrong=True,
        )
    place = (
        f"MARKET_DATA_DIR={target.data_dir}"
        if is_sqlite(target.database_url)
        else "MARKET_DATABASE_URL of the new database"
    )
    _say("The site is shut: guests find a closed door, and no mail, SMS or money leaves. What comes next:")
    _say(f"  1. Start web and worker with {place}.")
    _say(f"  2. python -m market reconcile --since {taken} --repair")
    _say("  3. Look at Operations, Jobs; compare the bank's statement with the payouts since then.")
    _say("  4. python -m market maintenance off")


async def _reconcile(config: Settings, options: argparse.Namespace, open_tools: OpenTools) -> int:
    await migrate(config.database_url)
    await connect(config.database_url, config.pool_size)
    try:
        async with open_tools(config) as tools:
            report = await reconciling.reconcile(tools, since=options.since, repair=options.repair)
    finally:
        await disconnect()
    for line in reconciling.table(report):
        _say(line)
    if report.remaining and not options.repair:
        _say("Nothing was changed. --repair brings our books to where the provider's are.")
    return FOUND if report.remaining else FINE


async def _maintenance(config: Settings, options: argparse.Namespace) -> int:
    await migrate(config.database_url)
    await connect(config.database_url, config.pool_size)
    try:
        if options.how == "on":
            await maintenance.begin(options.reason)
        elif options.how == "off":
            await _open(release=options.release)
        await _tell_standing()
    finally:
        await disconnect()
    return FINE


async def _open(*, release: bool) -> None:
    if release:
        count = await maintenance.release(restoring.PUT_ASIDE)
        _say(f"Let go: {count} jobs that the restore had put aside.")
    for handler, count in (await maintenance.waiting()).items():
        _say(f"  Runs now: {count} x {handler}")
    await maintenance.end()


async def _tell_standing() -> None:
    repair = await maintenance.current()
    if repair is None:
        _say("The site is open.")
    else:
        _say(f"The site is shut since {repair.since.isoformat(timespec='seconds')}: {repair.reason}")
        _say("No job is taken and no duty runs. `python -m market maintenance off` opens it.")


def _say(text: str, *, wrong: bool = False) -> None:
    (sys.stderr if wrong else sys.stdout).write(text + "\n")


def _wrong(text: str, code: int = UNUSABLE) -> int:
    _say(text, wrong=True)
    return code
