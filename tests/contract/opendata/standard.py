"""A copy of the OCDS 1.1 schema in the form that libcoveocds reads, put together without the standard's own site.

Two source packages on PyPI carry it among their fixtures: ocdsmerge the release schemas, ocdskit the package's
wrapper. libcoveocds takes a ZIP of the standard's repository; this makes one. Codelists come from the lists of codes
inside the schema, so closed ones are complete; open ones, where any code is allowed, are empty.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

RELEASE: Final = ("ocdsmerge", "tests/fixtures/release-schema-1__1__4.json")
VERSIONED: Final = ("ocdsmerge", "tests/fixtures/versioned-release-validation-schema-1__1__4.json")
PACKAGE: Final = ("ocdskit", "tests/fixtures/a/release-package-schema-dereferenced.json")
TOP: Final = "standard/"


def write_zip(sources: Path, target: Path) -> None:
    """Make the ZIP from the source packages in a folder. Raises FileNotFoundError, naming what is not there."""
    release, versioned, package = (_read(sources, *place) for place in (RELEASE, VERSIONED, PACKAGE))
    # The wrapper holds a profile's releases; the standard's own belong there, under the id the tool looks for.
    wanted = package["properties"]["releases"]["items"]["id"]
    package["properties"]["releases"]["items"] = {"$ref": wanted}
    release["id"] = wanted
    files = {
        "release-schema.json": json.dumps(release),
        "versioned-release-validation-schema.json": json.dumps(versioned),
        "release-package-schema.json": json.dumps(package),
        **{f"codelists/{name}": text for name, text in _codelists(release).items()},
    }
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(TOP, "")
        for name, text in files.items():
            packed.writestr(f"{TOP}schema/{name}", text)


def _read(sources: Path, package: str, path: str) -> dict[str, Any]:
    for archive in sorted(sources.glob(f"{package}-*.tar.gz")):
        with tarfile.open(archive) as opened:
            member = opened.extractfile(f"{archive.name.removesuffix('.tar.gz')}/{path}")
            if member is not None:
                return json.load(member)
    raise FileNotFoundError(
        f"the OCDS schema is not at hand: no {package}-*.tar.gz in {sources} holds {path}"
    )


def _codelists(schema: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for field in _fields(schema):
        if isinstance(field.get("codelist"), str):
            codes: list[Any] = field.get("enum") or field.get("items", {}).get("enum") or []
            found.setdefault(field["codelist"], set()).update(code for code in codes if code is not None)
    return {name: _table(codes) for name, codes in found.items()}


def _fields(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield cast("Mapping[str, Any]", node)
    if isinstance(node, Mapping | list):
        parts = (
            cast("Mapping[str, Any]", node).values() if isinstance(node, Mapping) else cast("list[Any]", node)
        )
        for part in parts:
            yield from _fields(part)


def _table(codes: set[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([["Code", "Title"], *([code, code] for code in sorted(codes))])
    return written.getvalue()
