"""The log's signing keys: read from the settings, or made once in demo mode. Nothing here prints a private key.

A private key is written `PRIVATE+KEY+name+id+base64`, as other tools for signed notes write theirs; its name is
the log's name (`benang.example/log`) and never changes while the log lives, however often the key does.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from market.settings import BadSettings, Settings
from market.transparency.notes import ED25519, Signer, Verifier, unbase64

_PREFIX = "PRIVATE+KEY+"
_FILE = "log-key"


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Who signs checkpoints: the present key first, then the one before while people learn the new one."""

    signers: tuple[Signer, ...]

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signers[0].name

    @property
    def verifier(self) -> Verifier:
        """The public half of the present key."""
        return self.signers[0].verifier

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        return tuple(signer.verifier for signer in self.signers)


def new_signer(name: str) -> Signer:
    """A fresh key for the log called `name`."""
    return Signer(name, secrets.token_bytes(32))


def write_signer(signer: Signer) -> str:
    """A private key as MARKET_LOG_KEY takes it. Secret."""
    encoded = base64.b64encode(ED25519 + signer.seed).decode()
    return f"{_PREFIX}{signer.name}+{signer.verifier.key_id.hex()}+{encoded}"


def read_signer(text: str) -> Signer:
    """Read what `write_signer` wrote. Raises ValueError, without repeating the key."""
    name, key_id, encoded = (*text.strip().removeprefix(_PREFIX).split("+", 2), "", "")[:3]
    data = unbase64(encoded)
    if not text.strip().startswith(_PREFIX) or data[:1] != ED25519:
        raise ValueError("a log key starts with PRIVATE+KEY+ and holds an Ed25519 key")
    signer = Signer(name, data[1:])
    if signer.verifier.key_id.hex() != key_id:
        raise ValueError("the log key does not fit its id")
    return signer


def log_name(settings: Settings) -> str:
    """The name a new log gets: its address without the scheme."""
    return f"{urlsplit(settings.base_url).netloc}/log"


def load_keys(settings: Settings) -> LogKeys:
    """The keys of an installation. Raises BadSettings. In demo mode a key is made and kept in the data folder."""
    if not settings.log_key:
        if not settings.demo:
            raise BadSettings(["MARKET_LOG_KEY is required (make one with `python -m market new-log-key`)"])
        return LogKeys((_kept(settings.data_dir / _FILE, log_name(settings)),))
    signers: list[Signer] = []
    for name, text in (("MARKET_LOG_KEY", settings.log_key), ("MARKET_LOG_KEY_OLD", settings.log_key_old)):
        try:
            signers += [read_signer(text)] if text else []
        except ValueError as error:
            raise BadSettings([f"{name}: {error}"]) from None
    if len({signer.name for signer in signers}) > 1:
        raise BadSettings(["MARKET_LOG_KEY_OLD must carry the same name as MARKET_LOG_KEY"])
    return LogKeys(tuple(signers))


def _kept(path: Path, name: str) -> Signer:
    """The key in a file that only we can read, made by whichever process comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(write_signer(new_signer(name)) + "\n")
        try:
            os.link(made, path)  # fails when another process was faster; then its key counts
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return read_signer(path.read_text())
