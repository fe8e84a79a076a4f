"""Signing checkpoints of the stored log, and the log's own record of the keys it signs with.

A log must never sign two histories. So: one checkpoint a size, only what is committed is signed, and every key
ever used stands in the log itself (`log.key`). Who gets checkpoints by mail is `witnesses`.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.transparency import log
from market.transparency.checkpoint import Checkpoint, sign_checkpoint
from market.transparency.entries import JsonValue
from market.transparency.keys import LogKeys
from market.transparency.notes import Verifier

KEY_KIND = "log.key"


async def sign_if_grown(keys: LogKeys, *, now: datetime) -> log.Signed:
    """The newest checkpoint, made now if the log has grown since the last one."""
    await _introduce(keys, now=now)
    size, root = await log.current_root()
    newest = await log.current_checkpoint()
    if newest is not None and newest.size == size:
        return newest
    note = sign_checkpoint(Checkpoint(keys.origin, size, root), *keys.signers)
    async with db.transaction():
        # Another process may have signed this size meanwhile: the same words, with the same keys.
        await db.execute(
            "INSERT INTO log_checkpoint (size, root, note, at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (size) DO NOTHING",
            size,
            root.hex(),
            note,
            now,
        )
    made = await log.current_checkpoint()
    if made is None:
        raise RuntimeError("the checkpoint was not kept")
    return made


async def covering(index: int, keys: LogKeys, *, now: datetime) -> log.Signed:
    """A checkpoint that holds the entry at `index`: the newest one, or one made for it."""
    newest = await log.current_checkpoint()
    return newest if newest is not None and newest.size > index else await sign_if_grown(keys, now=now)


async def keys_in_log() -> list[Verifier]:
    """Every public key the log says it ever signed with, oldest first."""
    entries = await log.entries_of(KEY_KIND)
    return [Verifier.parse(str(entry.leaf.public["key"])) for entry in entries if entry.leaf.public]


async def _introduce(keys: LogKeys, *, now: datetime) -> None:
    if set(keys.verifiers) <= set(await keys_in_log()):
        return
    async with db.transaction():
        await log.lock()
        known = set(await keys_in_log())
        for verifier in reversed([verifier for verifier in keys.verifiers if verifier not in known]):
            public: dict[str, JsonValue] = {"key": str(verifier)}
            await log.append(KEY_KIND, subject="log", facts=public, public=public, now=now)
