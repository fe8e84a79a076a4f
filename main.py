"""`python main.py` serves the marketplace with the worker inside; `main:app` is for any ASGI server."""

from __future__ import annotations

import os
import sys

from market.app.cli import run
from market.app.create import create_app
from market.settings import BadSettings, load

try:
    app = create_app(load(os.environ), with_worker=True)
except BadSettings as error:
    sys.exit("\n".join(["The settings cannot be used:", *(f"  - {p}" for p in error.problems)]))

if __name__ == "__main__":
    sys.exit(run(["web", "--with-worker"]))
