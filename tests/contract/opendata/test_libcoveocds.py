"""What the standard's own checker says about our release packages: libcoveocds, as a program beside ours.

`.ci/run` puts the program and the source packages that hold the schema into a folder named by OCDS_TOOLS.
Without that folder these tests are skipped, and with CI=true a skip is a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.opendata.standard import write_zip
from tests.integration.opendata.test_opendata import make_award

TOOLS = os.environ.get("OCDS_TOOLS", "")
pytestmark = pytest.mark.skipif(
    not TOOLS, reason="OCDS_TOOLS names no folder with libcoveocds and the schema (.ci/run makes one)"
)


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("ocds") / "standard.zip"
    write_zip(Path(TOOLS) / "sources", target)
    return target


def errors(package: bytes, standard: Path, folder: Path) -> list[Any]:
    """Everything that libcoveocds calls wrong in a package."""
    path = folder / "package.json"
    path.write_bytes(package)
    program = Path(TOOLS) / "bin" / "libcoveocds"
    done = subprocess.run(  # noqa: PLW1510 - the exit code is what is tested
        [program, "--standard-zip", standard, path],
        capture_output=True,
        text=True,
        # No proxy, no network: everything it needs is in the ZIP.
        env={
            "PATH": os.environ["PATH"],
            "https_proxy": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        },
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return wrong(json.loads(done.stdout))


def wrong(said: Mapping[str, Any]) -> list[Any]:
    """The parts of its report that are errors, and not notes on what is there."""
    assert said["version_used"] == "1.1"
    names = (
        "validation_errors",
        "additional_closed_codelist_values",
        "additional_checks",
        "additional_fields",
    )
    found = [said[name] for name in names if said.get(name)]
    return found + [said[name] for name in ("json_deref_error", "conformance_errors") if said.get(name)]


async def test_the_standards_checker_finds_no_error(
    client: httpx.AsyncClient, standard: Path, tmp_path: Path
):
    await make_award()
    package = await client.get("/data/ocds/2026-09.json")
    assert len(package.json()["releases"]) == 8
    assert errors(package.content, standard, tmp_path) == []


@pytest.mark.parametrize("fault", ["no ocid", "status", "prefix", "unknown field", "date", "same id"])
async def test_it_would_say_so(client: httpx.AsyncClient, standard: Path, tmp_path: Path, fault: str):
    """The check looks where it should: a package spoilt on purpose is reported."""
    await make_award()
    package = (await client.get("/data/ocds/2026-09.json")).json()
    release = package["releases"][0]
    match fault:
        case "no ocid":
            del release["ocid"]
        case "status":
            release["awards"][0]["status"] = "bought"
        case "prefix":
            release["ocid"] = "benang-1"
        case "unknown field":
            release["beneficiary"] = "somebody"
        case "date":
            release["date"] = "1 September 2026"
        case _:
            package["releases"][1] = release
    assert errors(json.dumps(package).encode(), standard, tmp_path)
