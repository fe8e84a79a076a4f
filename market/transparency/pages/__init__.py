"""Pages of the public log: reading it, checking things against it, its files for machines, and its witnesses."""

from __future__ import annotations

from market.transparency.pages import files, reading, verifying, witnessing

routes = [*files.routes, *reading.routes, *verifying.routes, *witnessing.routes]
