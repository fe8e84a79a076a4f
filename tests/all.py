"""One command that runs what CI runs: `make test`. Stops at the first kind of trouble and says which.

With CI=true nothing may be skipped: a missing browser or database is then a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("types", [str(BIN / "basedpyright"), "--pythonpath", sys.executable, "--level", "error"]),
    ("floors", [str(BIN / "lint-imports"), "--no-cache"]),
)


def _run(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    print(f"== {name}", flush=True)
    done = subprocess.run(command, cwd=ROOT, check=False)
    print(
        f"== {name}: {'ok' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s",
        flush=True,
    )
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    for name, command in CHECKS:
        if not _run(name, command):
            return 1
    if "--only-checks" in arguments:
        return 0
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", "--durations=15"]
    if os.environ.get("CI"):
        pytest.append("--no-skips")
    with _quick_folder() as folder:
        os.environ["TMPDIR"] = folder
        return 0 if _run("tests", pytest) else 1


def _quick_folder() -> tempfile.TemporaryDirectory[str]:
    """Where test databases live: in memory where there is room, since they make and drop a thousand of them."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own inside it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 3 * 1024**3
    return tempfile.TemporaryDirectory(
        prefix="benang-", dir=memory if roomy else None, ignore_cleanup_errors=True
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
