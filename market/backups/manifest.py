"""What a backup says about itself: a small text, signed with the log's key, that names every part by its hash.

So whoever changes a manifest, or puts another database under it, is found without asking the installation. Which
media belong to it stands in a list that is a part itself: it may be long. No secret is in either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from market.backups.store import Part
from market.sealing import Purpose
from market.transparency.notes import BadNote, Signer, Verifier, open_note, sign_note

FORMAT: Final = "benang-backup/1"
KEPT_APART: Final = {
    "MARKET_SECRET_KEY": "sealed passports, receipts and bank details cannot be read without it",
    "MARKET_LOG_KEY": "the public log goes on under the same key only with it",
    "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET": "`reconcile` asks the provider with them",
}
"""Secrets are in no backup: who finds one must not be able to open what it seals. These must be kept elsewhere."""
_PURPOSE: Final = Purpose("backups")


class BadManifest(ValueError):
    """Not a manifest of this product, or not as it was signed."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The newest migration, how many there are, and a hash over all of them."""

    number: int
    name: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class LogHead:
    """The public log as it was: size, root (hex) and the newest signed checkpoint, empty when there is none yet."""

    size: int
    root: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of the database of a backup, read in the same moment as its copy."""

    schema: Schema
    log: LogHead
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One kept object of the storage."""

    key: str
    part: Part
    modified_at: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup."""

    taken_at: datetime
    product: str
    dialect: str
    database: Part
    media_list: Part
    media_count: int
    media_bytes: int
    facts: Facts
    secret_name: str

    @property
    def name(self) -> str:
        """Its file's name without the ending: sorts by time."""
        return f"benang-{self.taken_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def secret_name(secret: str) -> str:
    """What the installation's secret is called in a manifest; says nothing about the secret."""
    return _PURPOSE.key_name(secret)


def write(manifest: Manifest, signers: Sequence[Signer]) -> str:
    """The manifest as a signed text."""
    facts = manifest.facts
    content = {
        "format": FORMAT,
        "taken_at": manifest.taken_at.astimezone(UTC).isoformat(),
        "product": manifest.product,
        "dialect": manifest.dialect,
        "database": _part_json(manifest.database),
        "media": {
            "list": _part_json(manifest.media_list),
            "files": manifest.media_count,
            "bytes": manifest.media_bytes,
        },
        "schema": {
            "number": facts.schema.number,
            "name": facts.schema.name,
            "count": facts.schema.count,
            "digest": facts.schema.digest,
        },
        "log": {"size": facts.log.size, "root": facts.log.root, "checkpoint": facts.log.checkpoint},
        "rows": facts.counts,
        "secret": manifest.secret_name,
        "kept_apart": KEPT_APART,
    }
    return sign_note(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", *signers)


def read(text: str, trusted: Sequence[Verifier]) -> Manifest:
    """A manifest that a trusted key signed. Raises BadManifest."""
    try:
        signed, _ = open_note(text, trusted)
        found = json.loads(signed)
        if found["format"] != FORMAT:
            raise BadManifest(f"it is written as {found['format']}, and this version reads {FORMAT}")
        return _manifest(found)
    except BadNote as error:
        raise BadManifest(f"it is not as it was signed: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadManifest(f"it cannot be read: {error}") from error


def _manifest(found: dict[str, Any]) -> Manifest:
    schema, log, media = found["schema"], found["log"], found["media"]
    return Manifest(
        taken_at=datetime.fromisoformat(found["taken_at"]),
        product=found["product"],
        dialect=found["dialect"],
        database=_part(found["database"]),
        media_list=_part(media["list"]),
        media_count=int(media["files"]),
        media_bytes=int(media["bytes"]),
        facts=Facts(
            Schema(int(schema["number"]), schema["name"], int(schema["count"]), schema["digest"]),
            LogHead(int(log["size"]), log["root"], log["checkpoint"]),
            {str(table): int(count) for table, count in found["rows"].items()},
        ),
        secret_name=found["secret"],
    )


def _part_json(part: Part) -> dict[str, Any]:
    return {"sha256": part.sha256, "size": part.size}


def _part(found: dict[str, Any]) -> Part:
    return Part(str(found["sha256"]), int(found["size"]))


def write_media(files: Iterable[MediaFile]) -> bytes:
    """The list of media: hash, size, when changed, key; a line each, in the order of keys."""
    lines = (f"{f.part.sha256} {f.part.size} {f.modified_at} {f.key}\n" for f in files)
    return "".join(sorted(lines, key=lambda line: line.rsplit(" ", 1)[1])).encode()


def read_media(data: bytes) -> Iterator[MediaFile]:
    """What `write_media` wrote. Raises BadManifest."""
    for line in data.decode(errors="replace").splitlines():
        try:
            sha256, size, modified_at, key = line.split(" ")
            yield MediaFile(key, Part(sha256, int(size)), modified_at)
        except ValueError as error:
            raise BadManifest("its list of media cannot be read") from error
