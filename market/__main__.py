"""`python -m market …`: see `market.app.cli`."""

from __future__ import annotations

import sys

from market.app.cli import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
