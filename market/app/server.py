"""`market.app.server:app`, the ASGI app each server process imports."""

from __future__ import annotations

import gc
import os

from market.app.create import create_app
from market.app.logs import configure_logs
from market.settings import load

_settings = load(os.environ)
configure_logs(_settings.log)
app = create_app(_settings, with_worker=os.environ.get("MARKET_INSIDE_WORKER") == "1")
# What was loaded so far stays for the life of the process: no collection looks at it again.
gc.freeze()
gc.enable()
