"""What happens by itself: signing, covering rows, closing the day, mailing witnesses; and keys that change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import market.app.handlers  # noqa: F401 - registers the jobs
from market import clock
from market import db as database
from market.errors import NotFound
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import BadSettings, Settings
from market.transparency import checkpoints, handlers, log, witnesses
from market.transparency.checkpoint import open_checkpoint
from market.transparency.keys import LogKeys, load_keys, new_signer, read_signer, write_signer
from market.transparency.verify_log import verify
from tests import factories
from tests.tamper import history


async def happen(subject: str = "thing:1") -> log.Entry:
    async with database.transaction():
        return await log.append("test.happened", subject=subject, facts={"n": 1}, now=clock.now())


async def test_a_checkpoint_follows_what_happened(db, tools: Tools):
    await handlers.sign(tools)
    first = await log.current_checkpoint()
    assert first is not None
    assert first.size == 1, "the key introduces itself"
    entry = await happen()
    assert await log.entry_with_proof(entry.index) is None
    await handlers.sign(tools)
    second = await log.current_checkpoint()
    assert second is not None
    assert second.size == 2
    await handlers.sign(tools)
    assert await log.current_checkpoint() == second, "nothing new, nothing signed"
    found = await log.entry_with_proof(entry.index)
    assert found is not None
    found[1].verify(entry.leaf_bytes, tools.of(LogKeys).verifiers)


async def test_a_day_is_closed_once_and_told_to_every_witness(db, tools: Tools):
    operator = await factories.make_person()
    for name in ("one", "two"):
        await witnesses.add(
            name=name, address=f"{name}@example.test", locale="id", by=operator.id, now=clock.now()
        )
    await history.post(1, 3)
    with clock.frozen(datetime(2026, 9, 1, 16, 30, tzinfo=UTC)):  # 00:30 WITA on the 2nd
        await handlers.close_day(tools)
        await handlers.close_day(tools)
        assert [e.subject for e in [(e.leaf) for e in await log.entries_of("log.day")]] == ["day:2026-09-02"]
        assert await database.fetch("SELECT COUNT(*) AS n FROM delivery") == [{"n": 2}]
    with clock.frozen(datetime(2026, 9, 2, 16, 30, tzinfo=UTC)):
        await handlers.close_day(tools)
    await worker.drain(tools)
    newest = await log.current_checkpoint()
    mails = await database.fetch("SELECT recipient, body, state, attachments FROM delivery ORDER BY id DESC")
    assert len(mails) == 4
    assert newest is not None
    assert newest.note.strip() in mails[0]["body"]
    assert f"checkpoint-{newest.size}.txt" in str(mails[0]["attachments"])
    assert {row["state"] for row in mails} == {"sent"}
    listed = await witnesses.list_witnesses()
    assert [(w.mails, w.last_state, w.last_size) for w in listed] == [(2, "sent", newest.size)] * 2
    report = await verify(
        tools.of(LogKeys).verifiers, [open_checkpoint(newest.note, tools.of(LogKeys).verifiers)]
    )
    assert report.faults == ()
    assert report.covered_rows >= 9


async def test_witnesses_come_and_go_in_the_open(db, tools: Tools, settings: Settings):
    operator = await factories.make_person()

    async def add(address: str) -> bool:
        return await witnesses.add(
            name="Court", address=address, locale="en", by=operator.id, now=clock.now()
        )

    assert await add("court@example.test")
    assert not await add("court@example.test")
    (witness,) = await witnesses.list_witnesses()
    keys = tools.of(LogKeys)
    await checkpoints.sign_if_grown(keys, now=clock.now())
    for _ in range(2):  # pressed twice in one minute
        with clock.frozen(datetime(2026, 9, 1, 3, tzinfo=UTC)):
            await witnesses.send_test(witness.id, keys, settings, now=clock.now())
    assert await database.fetch("SELECT COUNT(*) AS n FROM delivery") == [{"n": 1}]
    await witnesses.remove(witness.id, by=operator.id, now=clock.now())
    assert await witnesses.list_witnesses() == []
    assert await database.fetch("SELECT address FROM log_witness") == [{"address": ""}]
    with pytest.raises(NotFound):
        await witnesses.remove(witness.id, by=operator.id, now=clock.now())
    with pytest.raises(NotFound):
        await witnesses.send_test(witness.id, keys, settings, now=clock.now())
    assert await add("court@example.test")
    kinds = [entry.leaf.kind for entry in reversed(await log.newest_entries(9))]
    assert [kind for kind in kinds if kind.startswith("witness")] == [
        "witness.added",
        "witness.removed",
        "witness.added",
    ]
    assert all(b"court@" not in entry.leaf_bytes for entry in await log.newest_entries(9))


async def test_a_new_key_signs_beside_the_old_one(db):
    old, new = new_signer("benang.test/log"), new_signer("benang.test/log")
    await happen()
    await checkpoints.sign_if_grown(LogKeys((old,)), now=clock.now())
    await happen("thing:2")
    both = await checkpoints.sign_if_grown(LogKeys((new, old)), now=clock.now())
    for verifier in (old.verifier, new.verifier):
        open_checkpoint(both.note, [verifier])
    await happen("thing:3")
    await checkpoints.sign_if_grown(LogKeys((new,)), now=clock.now())
    assert await checkpoints.keys_in_log() == [old.verifier, new.verifier]
    report = await verify([new.verifier])
    assert report.faults == ()
    assert report.checkpoints == 3


def test_keys_are_read_back_and_refused(tmp_path, settings: Settings):
    signer = new_signer("benang.test/log")
    text = write_signer(signer)
    assert read_signer(text) == signer
    assert "PRIVATE" not in repr(LogKeys((signer,)))
    for wrong in ("", "PRIVATE+KEY+a+b+c", text[:-6] + "AAAA==", text.replace("benang", "lain")):
        with pytest.raises(ValueError, match=r".+"):
            read_signer(wrong)
    production = replace(settings, demo=False, log_key="")
    with pytest.raises(BadSettings, match="MARKET_LOG_KEY is required"):
        load_keys(production)
    with pytest.raises(BadSettings, match="MARKET_LOG_KEY"):
        load_keys(replace(production, log_key="PRIVATE+KEY+x"))
    other = write_signer(new_signer("other.test/log"))
    with pytest.raises(BadSettings, match="same name"):
        load_keys(replace(production, log_key=text, log_key_old=other))
    assert load_keys(replace(production, log_key=text)).signers == (signer,)


def test_demo_mode_makes_a_key_and_keeps_it(settings: Settings):
    first = load_keys(settings)
    assert load_keys(settings) == first
    assert first.origin == "testserver/log"
    kept = settings.data_dir / "log-key"
    assert kept.stat().st_mode & 0o077 == 0


async def test_covering_waits_for_a_row_that_is_on_its_way(db):
    """A lower number that commits after a higher one must not look like a row put in later."""
    if not database.is_postgres():
        return
    import asyncio

    import asyncpg

    slow = await asyncpg.connect(db)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("INSERT INTO ledger_entry (key, kind, at) VALUES ('slow', 'paid', now())")
    await database.execute("INSERT INTO ledger_entry (key, kind, at) VALUES ('fast', 'paid', now())")
    covering = asyncio.create_task(handlers.digests.seal_all(now=clock.now(), daily=False))
    await asyncio.sleep(0.3)
    assert not covering.done()
    await transaction.commit()
    await slow.close()
    assert await covering == 2
    assert (await verify([history.SIGNER.verifier])).faults == ()


async def test_the_newest_checkpoint_is_made_when_a_certificate_needs_it(db, tools: Tools):
    entry = await happen()
    keys = tools.of(LogKeys)
    signed = await checkpoints.covering(entry.index, keys, now=clock.now())
    assert signed.size > entry.index
    later = clock.now() + timedelta(hours=1)
    assert await checkpoints.covering(entry.index, keys, now=later) == signed
