"""The log's part of the command line: `verify-log` and `new-log-key`. The command line itself is `market.app.cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from market.settings import Settings
from market.transparency import digests
from market.transparency.checkpoint import Checkpoint, open_checkpoint
from market.transparency.keys import load_keys, new_signer, write_signer
from market.transparency.notes import BadNote, Verifier
from market.transparency.verify_log import Report, verify

_SHOWN = 20
FINE, TAMPERED, UNUSABLE = 0, 1, 2


async def verify_log(settings: Settings, names: Sequence[str], key: str | None) -> int:
    """Check the database against checkpoints from outside and say what was found; the process's exit code."""
    from market.db.config import connect, disconnect  # noqa: PLC0415 - only this command needs the database

    try:
        verifiers = _verifiers(settings, key)
        outside = [open_checkpoint(_text(name), verifiers) for name in names]
    except (BadNote, OSError, UnicodeDecodeError, ValueError) as error:
        _say(f"This cannot be used: {error}", wrong=True)
        return UNUSABLE
    await connect(settings.database_url, settings.pool_size)
    try:
        report = await verify(verifiers, outside)
        waiting = await digests.uncovered()
    finally:
        await disconnect()
    _tell(report, outside)
    if waiting:
        _say(f"Not covered yet: {', '.join(f'{count} of {table}' for table, count in waiting.items())}.")
    return TAMPERED if report.faults else FINE


def new_key(arguments: Sequence[str]) -> int:
    """Print a fresh private key for MARKET_LOG_KEY, and the public key to make known."""
    try:
        (name,) = arguments
        signer = new_signer(name)
    except ValueError:
        _say("Usage: python -m market new-log-key NAME, for example benang.example/log", wrong=True)
        return UNUSABLE
    _say(f"MARKET_LOG_KEY={write_signer(signer)}")
    _say(f"Public key, for everybody: {signer.verifier}")
    return FINE


def _verifiers(settings: Settings, key: str | None) -> list[Verifier]:
    if key is None:
        return list(load_keys(settings).verifiers)
    return [Verifier.parse(line) for line in _text(key).splitlines() if line.strip()]


def _text(name: str) -> str:
    """What a file holds, or standard input for `-`; a text that names no file stands for itself."""
    if name == "-":
        return sys.stdin.read()
    if "\n" not in name and len(name) < 1000 and Path(name).is_file():
        return Path(name).read_text(encoding="utf-8")
    return name


def _tell(report: Report, outside: Sequence[Checkpoint]) -> None:
    _say(
        f"{report.entries} entries, {report.checkpoints} stored checkpoints, {report.covered_rows} covered rows,"
        f" {report.erased} erased."
    )
    if not outside:
        _say(
            "No checkpoint from outside was given: somebody with the log's key could have made everything anew."
        )
    for fault in report.faults[:_SHOWN]:
        _say(f"BAD {fault}", wrong=True)
    if len(report.faults) > _SHOWN:
        _say(f"… and {len(report.faults) - _SHOWN} more", wrong=True)
    if not report.faults:
        kept = ", ".join(str(checkpoint.size) for checkpoint in outside)
        _say(f"All as it was{f', and as the checkpoints of {kept} entries say' if outside else ''}.")


def _say(text: str, *, wrong: bool = False) -> None:
    (sys.stderr if wrong else sys.stdout).write(text + "\n")
