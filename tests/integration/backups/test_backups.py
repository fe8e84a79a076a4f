"""Backups are whole or not there, damage of every kind is named, and nothing is ever restored over something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from market import clock, db
from market.backups import arguments, manifest, postgres, restoring, store
from market.backups.store import Folder
from market.db.config import connect, disconnect
from market.media.storage import Storage
from market.outbox import maintenance, queue, registry
from market.settings import Settings
from market.transparency import checkpoints, log
from market.transparency.keys import LogKeys, load_keys
from tests import factories
from tests.integration.backups.conftest import Place, count, moved, operate

SEALED = ("evidence/2026/a1.bin", b"\x00sealed bytes\xff" * 40)
PHOTO = ("photos/front.webp", b"RIFF....WEBP" * 50)
COPY = ("photos/again.webp", PHOTO[1])


async def fill(place: Place) -> None:
    """A little of everything: people, files (two with the same bytes), log entries and a checkpoint."""
    await factories.make_listing()
    storage = place.tools.of(Storage)
    for key, data in (SEALED, PHOTO, COPY):
        await storage.put(key, data, "application/octet-stream")
    async with db.transaction():
        for n in range(5):
            await log.append("test.entry", subject=f"a\\b:{n}", facts={"n": n}, now=clock.now())
    await checkpoints.sign_if_grown(place.tools.of(LogKeys), now=clock.now())


async def back_up(place: Place, *more: str) -> Path:
    folder = place.settings.data_dir.parent / "backups"
    before = set(folder.glob("*.backup"))
    assert await operate(place.settings, "backup", str(folder), *more) == 0
    [new] = set(folder.glob("*.backup")) - before
    return new


def read(place: Place, file: Path) -> manifest.Manifest:
    return manifest.read(file.read_text(), load_keys(place.settings).verifiers)


async def test_a_backup_says_what_is_in_it_and_holds_no_secret(
    place: Place, capsys: pytest.CaptureFixture[str]
):
    await fill(place)
    file = await back_up(place)
    said = capsys.readouterr().out
    assert "MARKET_SECRET_KEY" in said
    assert "MARKET_LOG_KEY" in said
    found = read(place, file)
    assert (found.media_count, found.facts.log.size) == (3, 6)
    assert found.facts.counts["listing"] == 1
    assert found.facts.schema.number >= 42
    parts = [path for path in Folder.of(file).root.rglob("*") if path.is_file()]
    assert len([p for p in parts if p.read_bytes() == PHOTO[1]]) == 1
    for secret in (place.settings.secret_key, place.settings.log_key, "sk_test_x"):
        assert not [p for p in parts if secret.encode() in p.read_bytes()]
    assert not [p for p in parts if p.stat().st_mode & 0o077 and p.name != ".lock"]
    assert await operate(place.settings, "backup", "verify", str(file)) == 0
    assert "All as it was" in capsys.readouterr().out
    key = str(load_keys(place.settings).verifiers[0])
    assert await operate(place.settings, "backup", "verify", str(file), "--key", key) == 0


async def test_what_is_known_is_not_copied_again_and_old_backups_go(
    place: Place, capsys: pytest.CaptureFixture[str]
):
    await fill(place)
    first = await back_up(place)
    assert "3 files were new" in capsys.readouterr().out
    await place.tools.of(Storage).put("photos/second.webp", b"another", "image/webp")
    await place.tools.of(Storage).delete(SEALED[0])
    second = await back_up(place, "--keep", "2")
    assert "1 files were new" in capsys.readouterr().out
    assert first.exists()
    third = await back_up(place, "--keep", "1")
    assert "2 older backups were dropped" in capsys.readouterr().out
    assert not first.exists()
    assert not second.exists()
    assert await operate(place.settings, "backup", "verify", str(third)) == 0
    left = [p for p in (third.parent / "parts").rglob("*") if p.is_file()]
    assert len(left) == 4  # database, list, two different files
    assert not [p for p in left if p.read_bytes() == SEALED[1]]


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))


def _edit(file: Path) -> None:
    text = file.read_text()
    assert '"listing": 1' in text
    file.write_text(text.replace('"listing": 1', '"listing": 2'))


Damage = Callable[[Path, Folder, manifest.Manifest], object]
DAMAGE: dict[str, tuple[Damage, str]] = {
    "a byte of the database": (lambda _, f, m: _flip(f.path(m.database)), "the database is not as it was"),
    "the database gone": (lambda _, f, m: f.path(m.database).unlink(), "the database is missing"),
    "a byte of a file": (
        lambda _, f, _m: _flip(f.path(store.Part(_hash(SEALED[1]), len(SEALED[1])))),
        f"the media file {SEALED[0]} is not as it was",
    ),
    "a file gone": (
        lambda _, f, _m: f.path(store.Part(_hash(PHOTO[1]), len(PHOTO[1]))).unlink(),
        "the media file photos/again.webp is missing",
    ),
    "the list cut": (
        lambda _, f, m: f.path(m.media_list).write_bytes(b""),
        "the list of media is not as it was",
    ),
    "the manifest edited": (lambda file, _f, _m: _edit(file), "the manifest is bad"),
    "the manifest cut": (lambda file, _f, _m: file.write_text(file.read_text()[:300]), "the manifest is bad"),
    "no manifest": (lambda file, _f, _m: file.unlink(), "there is no such backup"),
}


def _hash(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


async def test_every_kind_of_damage_is_named(
    place: Place, elsewhere: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    import shutil

    await fill(place)
    file = await back_up(place)
    capsys.readouterr()
    for name, (damage, words) in DAMAGE.items():
        hurt = tmp_path / f"hurt {name}"
        shutil.copytree(file.parent, hurt)
        damage(hurt / file.name, Folder(hurt), read(place, file))
        assert await operate(place.settings, "backup", "verify", str(hurt / file.name)) == 1, name
        assert words in capsys.readouterr().err, name
        assert await operate(place.settings, "restore", str(hurt / file.name), "--into", elsewhere[0]) == 1, (
            name
        )
    assert not Path(elsewhere[0]).exists() or elsewhere[0].startswith("postgres")
    other = await operate(place.settings, "backup", "verify", str(file), "--key", "nobody+00000000+AAAA")
    assert other == 2


async def test_a_signed_manifest_over_another_database_is_found(
    place: Place, capsys: pytest.CaptureFixture[str]
):
    """Somebody with the log's key writes a manifest that fits a database whose log was cut."""
    await fill(place)
    file = await back_up(place)
    found = read(place, file)
    keys = load_keys(place.settings)
    signed = found.facts.log
    for told in (replace(signed, size=4, root="00" * 32), replace(signed, root="11" * 32)):
        forged = _signed_again(file, found, replace(found.facts, log=told), keys)
        assert await operate(place.settings, "backup", "verify", str(forged)) == 1
        assert "log" in capsys.readouterr().err
    later = replace(found.facts, schema=manifest.Schema(9999, "later", 99, "x"))
    forged = _signed_again(file, found, later, keys)
    assert await operate(place.settings, "backup", "verify", str(forged)) == 1
    assert "unknown to this version" in capsys.readouterr().err


def _signed_again(file: Path, found: manifest.Manifest, facts: manifest.Facts, keys: LogKeys) -> Path:
    forged = file.with_name("forged.backup")
    forged.write_text(manifest.write(replace(found, facts=facts), keys.signers))
    return forged


async def test_a_place_that_holds_something_is_left_alone(
    place: Place, elsewhere: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
):
    await fill(place)
    file = await back_up(place)
    into, _ = elsewhere
    if into.startswith("postgres"):
        assert await operate(place.settings, "restore", str(file), "--into", place.settings.database_url) == 2
        assert "already has tables" in capsys.readouterr().err
        # An empty database, and media of somebody.
        assert await operate(place.settings, "restore", str(file), "--into", into) == 2
        assert "storage of media is not empty" in capsys.readouterr().err
        assert await postgres.is_empty(into)
        assert await operate(place.settings, "restore", str(file), "--into", "elsewhere") == 2
        # The true media, where only the database was lost.
        await place.tools.of(Storage).delete(PHOTO[0])
        await disconnect()
        assert await operate(place.settings, "restore", str(file), "--into", into, "--keep-media") == 0
        assert "1 media files put" in capsys.readouterr().out
        return
    full = Path(into)
    full.mkdir()
    (full / "notes.txt").write_text("mine")
    assert await operate(place.settings, "restore", str(file), "--into", into) == 2
    assert "is not empty (notes.txt)" in capsys.readouterr().err
    assert [path.name for path in full.iterdir()] == ["notes.txt"]
    assert await operate(place.settings, "restore", str(file), "--into", "postgres://localhost/x") == 2


async def test_what_comes_back_is_what_was_there_and_sends_nothing(
    place: Place, elsewhere: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
):
    await fill(place)
    person = await factories.make_person()
    from market.accounts import sessions

    await sessions.start_session(person.id)
    async with db.transaction():
        for name in (
            "notifications.send",
            "bookings.tell",
            "payouts.transfer",
            "payments.void",
            "media.forget_files",
        ):
            await queue.add(name, {"n": 1}, dedupe_key=name)
    before = {table: await count(table) for table in ("person", "listing", "log_entry", "slot")}
    file = await back_up(place)
    await disconnect()
    into, names = elsewhere
    settings = moved(place.settings, {**names, "data_dir": place.settings.data_dir.parent / "new"})
    asked = settings if into.startswith("postgres") else place.settings
    assert await operate(asked, "restore", str(file), "--into", into) == 0
    said = capsys.readouterr().out
    assert "Put aside for a person: 1 x notifications.send" in said
    await connect(settings.database_url, 2)
    assert {table: await count(table) for table in before} == before
    assert await count("web_session") == 0
    repair = await maintenance.current()
    assert repair
    assert "Restored from the backup" in repair.reason
    states = {r["handler"]: r["state"] for r in await db.fetch("SELECT handler, state FROM job")}
    assert states == {
        "notifications.send": "parked",
        "bookings.tell": "parked",
        "payouts.transfer": "parked",
        "payments.void": "ready",
        "media.forget_files": "ready",
    }
    for key, data in (SEALED, PHOTO, COPY):
        assert (settings.data_dir / "media" / key).read_bytes() == data
    await disconnect()
    assert await operate(settings, "maintenance", "off", "--release") == 0
    assert "Let go: 3 jobs" in capsys.readouterr().out
    await connect(settings.database_url, 2)
    assert await db.fetch("SELECT 1 AS one FROM job WHERE state = 'parked'") == []
    from market.transparency.verify_log import verify

    assert not (await verify(load_keys(settings).verifiers)).faults


def test_only_what_tells_nobody_twice_goes_on_by_itself():
    """A new kind of job is put aside unless somebody decides here that it may go."""
    may_go = {name for name in registry._handlers if name.startswith(restoring.MAY_GO)}
    assert may_go == {
        "booking.capture_failed",
        "booking.payment_authorised",
        "booking.payment_failed",
        "booking.payment_succeeded",
        "booking.payment_voided",
        "media.forget_files",
        "media.make_variants",
        "payments.alert",
        "payments.capture",
        "payments.send_refund",
        "payments.settle_unknown",
        "payments.void",
    }


async def test_a_backup_taken_while_others_write_is_of_one_moment(place: Place):
    """Each write is a pair of rows that belong together; every copy holds whole pairs."""
    await fill(place)
    stop = asyncio.Event()

    async def write() -> int:
        written = 0
        while not stop.is_set():
            async with db.transaction():
                for half in ("a", "b"):
                    await queue.add("tests.pair", {"half": half}, dedupe_key=f"{written}{half}")
                await log.append("test.entry", subject=f"w:{written}", facts={"n": written}, now=clock.now())
            written += 1
            await asyncio.sleep(0)
        return written

    writing = asyncio.create_task(write())
    files = [await back_up(place) for _ in range(3)]
    stop.set()
    assert await writing > 3
    for file in files:
        assert await operate(place.settings, "backup", "verify", str(file)) == 0
        facts = read(place, file).facts
        pairs = facts.log.size - 6
        assert facts.counts["job"] == 2 * pairs
        assert facts.counts["log_entry"] == facts.log.size
    assert read(place, files[-1]).facts.log.size > read(place, files[0]).facts.log.size


async def test_half_a_backup_is_none(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    await fill(place)

    def no_power(self: Folder, name: str, text: str) -> Path:
        raise OSError("the power went")

    folder = tmp_path / "backups"
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "finish", no_power)
        assert await operate(place.settings, "backup", str(folder)) == 2
    assert list(folder.glob("*.backup")) == []
    with Folder(folder).writing():
        assert await operate(place.settings, "backup", str(folder)) == 2
    assert await operate(place.settings, "backup", str(folder), "--keep", "1") == 0
    [file] = folder.glob("*.backup")
    assert await operate(place.settings, "backup", "verify", str(file)) == 0


async def test_programs_that_are_missing_or_old_are_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    if place.settings.database_url.startswith("sqlite"):
        nothing = moved(place.settings, {"database_url": f"sqlite:///{tmp_path / 'none.db'}"})
        assert await operate(nothing, "backup", str(tmp_path / "b")) == 2
        assert "no database" in capsys.readouterr().err
        return
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await operate(place.settings, "backup", str(tmp_path / "b")) == 2
    assert "pg_dump is not installed" in capsys.readouterr().err
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    assert await operate(place.settings, "backup", str(tmp_path / "b")) == 2
    said = capsys.readouterr().err
    assert "version 9" in said
    assert "or newer" in said
    assert list((tmp_path / "b").glob("*.backup")) == []


def test_moments_are_read_as_wita_unless_they_say_otherwise():
    assert arguments._instant("2026-11-22").isoformat() == "2026-11-21T16:00:00+00:00"
    assert arguments._instant("2026-11-22T12:00+00:00").isoformat() == "2026-11-22T12:00:00+00:00"


def test_a_manifest_names_no_person_and_reads_as_it_was_written(settings: Settings):
    assert json.loads(json.dumps(manifest.KEPT_APART))
    assert manifest.secret_name(settings.secret_key) != manifest.secret_name("x" * 40)
